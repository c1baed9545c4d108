"""A picture of a dialogue as a phone shows it: what the emulator holds of a chat, as one HTML page without scripts.

`python -m tests.connectors.telegram.transcript FOLDER` plays a short dialogue on the real services and writes the page.
"""

import asyncio
import html
import sys
from pathlib import Path
from typing import Any

from assistant.bootstrap import initialise, open_services
from assistant.settings import Settings
from connectors.telegram.bot import TelegramBot
from tests.telegram_emulator import ME, TOKEN, TelegramEmulator, running_emulator

CREATOR = 101
STYLE = """
body { margin: 0; background: #cfdcc6; font: 15px/1.4 "Liberation Sans", "Noto Sans CJK SC", sans-serif; }
main { width: 390px; box-sizing: border-box; padding: 10px 8px 14px; display: flex; flex-direction: column; gap: 7px; }
header { width: 390px; box-sizing: border-box; padding: 9px 16px; background: #517da2; color: #fff; font-weight: 600; }
.message { max-width: 330px; box-sizing: border-box; padding: 6px 10px 7px; border-radius: 13px; background: #fff;
  white-space: pre-wrap; overflow-wrap: anywhere; align-self: flex-start; box-shadow: 0 1px 1px #0002; }
.mine { background: #e3ffc9; align-self: flex-end; }
.message a { color: #2a79b8; text-decoration: none; }
.message code { color: #b1441b; font-family: "DejaVu Sans Mono", "Noto Sans CJK SC", monospace; font-size: 13.5px; }
.buttons { width: 330px; display: flex; flex-direction: column; gap: 3px; }
.buttons span { background: #00000038; color: #fff; text-align: center; padding: 6px 8px; border-radius: 8px;
  font-size: 14px; font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
"""


def transcript_page(messages: list[dict[str, Any]], title: str) -> str:
    """The chat as a page 390 pixels wide; the bot's markup was checked by the emulator when it took it."""
    shown = "\n".join(_shown(message) for message in messages)
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    return f"<!doctype html>{head}<header>{html.escape(title)}</header><main>{shown}</main>"


def _shown(message: dict[str, Any]) -> str:
    if message["from"]["id"] != ME["id"]:
        return f'<div class="message mine">{html.escape(message["text"])}</div>'
    text = message["source"] if message["html"] else html.escape(message["text"])
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = "".join(f"<span>{html.escape(button['text'])}</span>" for row in rows for button in row)
    return f'<div class="message">{text}</div>' + (f'<div class="buttons">{buttons}</div>' if buttons else "")


async def play(telegram: TelegramEmulator, home: Path) -> None:
    """A creator's first minutes with the bot."""
    services = open_services(
        Settings(home=home, telegram_bot_token=TOKEN, telegram_api_base_url=telegram.address)  # type: ignore[arg-type]
    )
    initialise(services, empty=False, progress=lambda *_: None)
    bot = TelegramBot(services)
    await bot.start()
    said = (
        "/start",
        "2024年光合计划给多少流量？",
        "我的数据怎么样？",
        f"/start {services.accounts.issue_link_code('demo-01')}",
        "/me",
        "快手实名能解绑吗",
    )
    for number, text in enumerate(said, 1):
        await telegram.text(CREATOR, text)
        await telegram.until(lambda wanted=number: len(telegram.messages(CREATOR)) == wanted, seconds=30)
    last = telegram.messages(CREATOR)[1]
    await telegram.press(CREATOR, last["message_id"], "ask:1")
    await telegram.until(lambda: len(telegram.messages(CREATOR)) == len(said) + 1)
    await bot.stop()
    services.close()


async def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with running_emulator() as telegram:
        await play(telegram, folder / "home")
        page = transcript_page(telegram.history(CREATOR), "向光 Heliotrope")
    (folder / "telegram.html").write_text(page, "utf-8")


if __name__ == "__main__":
    asyncio.run(_write(Path(sys.argv[1])))
