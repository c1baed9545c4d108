"""Pictures of dialogues as a phone shows them: what the emulator holds of a chat, as HTML pages without scripts.

`python -m tests.connectors.telegram.transcript FOLDER` plays ten dialogues on the real services and writes a page and a
picture of each, 390 pixels wide; it needs the browser that `make browser` fetches.
"""

import asyncio
import base64
import html
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from assistant.bootstrap import Services, initialise, open_services
from assistant.creators.accounts import Creator
from assistant.programs.notices.notice import Message, Post
from assistant.settings import Settings
from connectors.telegram.bot import TelegramBot
from connectors.telegram.pace import Pace
from connectors.telegram.texts import load_texts
from tests.telegram_emulator import ME, TOKEN, TelegramEmulator, running_emulator

WIDTH = 390
STYLE = """
body { margin: 0; background: #cfdcc6; font: 15px/1.42 "Noto Sans SC", "Liberation Sans", sans-serif; }
main { width: 390px; box-sizing: border-box; padding: 10px 8px 14px; display: flex; flex-direction: column; gap: 7px; }
header { width: 390px; box-sizing: border-box; padding: 9px 16px; background: #517da2; color: #fff; font-weight: 600; }
.message { max-width: 336px; box-sizing: border-box; padding: 6px 10px 7px; border-radius: 13px; background: #fff;
  white-space: pre-wrap; overflow-wrap: anywhere; align-self: flex-start; box-shadow: 0 1px 1px #0002; }
.mine { background: #e3ffc9; align-self: flex-end; }
.message a { color: #2a79b8; text-decoration: none; }
.message code { color: #b1441b; font-family: "DejaVu Sans Mono", "Noto Sans SC", monospace; font-size: 13.5px; }
.message img { display: block; width: 336px; margin: -6px -10px 6px; border-radius: 13px 13px 0 0; }
.who { display: block; color: #a0522d; font-size: 13px; font-weight: 600; }
.quote { display: block; border-left: 3px solid #517da2; padding-left: 7px; margin-bottom: 3px; color: #666;
  font-size: 13px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.note { align-self: center; background: #0006; color: #fff; border-radius: 11px; padding: 3px 11px; font-size: 13px; }
.file::before { content: "📄 "; }
.buttons { width: 336px; display: flex; flex-direction: column; gap: 3px; }
.buttons div { display: flex; gap: 3px; }
.buttons span { flex: 1; background: #00000047; color: #fff; text-align: center; padding: 6px 8px; border-radius: 8px;
  font-size: 14px; font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
"""


def transcript_page(messages: list[dict[str, Any]], title: str, fonts: Path | None = None) -> str:
    """The chat as a page; the bot's markup was checked by the emulator when it took it."""
    shown = "\n".join(_shown(message) for message in messages)
    face = f'@font-face {{ font-family: "Noto Sans SC"; src: url("{fonts.as_uri()}"); }}' if fonts else ""
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{face}{STYLE}</style>'
    return f"<!doctype html>{head}<header>{html.escape(title)}</header><main>{shown}</main>"


def _shown(message: dict[str, Any]) -> str:
    if message["from"]["id"] != ME["id"]:
        return _said(message)
    if "content" in message:
        return f'<div class="message file">{html.escape(message["document"]["file_name"])}</div>'
    text = message["source"] if message["html"] else html.escape(message["text"])
    picture = ""
    if "photo" in message:
        picture = f'<img src="data:image/png;base64,{base64.b64encode(message["photo"]).decode()}">'
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = "".join(
        "<div>" + "".join(f"<span>{html.escape(button['text'])}</span>" for button in row) + "</div>" for row in rows
    )
    shown = f'<div class="message">{_quoted(message)}{picture}{text}</div>'
    return shown + (f'<div class="buttons">{buttons}</div>' if buttons else "")


def _said(message: dict[str, Any]) -> str:
    if "note" in message:
        return f'<div class="note">{html.escape(message["note"])}</div>'
    who = "" if message["chat"]["id"] > 0 else f'<span class="who">{html.escape(message["from"]["first_name"])}</span>'
    if "document" in message:
        return f'<div class="message mine file">{html.escape(message["document"]["file_name"])}</div>'
    text = message.get("text") or ("🎤 0:03" if "voice" in message else "")
    side = "mine" if message["chat"]["id"] > 0 else ""
    return f'<div class="message {side}">{who}{html.escape(text)}</div>'


def _quoted(message: dict[str, Any]) -> str:
    return f'<span class="quote">{html.escape(message["answers"])}</span>' if message.get("answers") else ""


@dataclass
class Stage:
    """A chat in which a dialogue is played."""

    telegram: TelegramEmulator
    services: Services
    chat: int
    language: str = "zh-hans"

    async def says(self, text: str, **also: Any) -> None:
        """Somebody writes, and waits until the bot is done with it."""
        await self._done(self.telegram.text(self.chat, text, language=self.language, **also))

    async def presses(self, label: str, is_told: bool = False) -> None:
        """Somebody presses the newest button with this label; `is_told` where nothing else in the chat shows it. What
        shows as a note for a moment stays in the page."""
        known = len(self.telegram.called("answerCallbackQuery"))
        if is_told:
            self.telegram.note(self.chat, f"▸ {label}")
        await self._done(self.telegram.press_label(self.chat, label))
        for answer in self.telegram.called("answerCallbackQuery")[known:]:
            if answer.get("text"):
                self.telegram.note(self.chat, answer["text"])

    async def sends(self, name: str, content: bytes) -> None:
        """Somebody sends a file."""
        await self._done(self.telegram.upload(self.chat, name, content))

    async def is_linked_to(self, creator: str) -> None:
        """Without a word: the person is linked to a creator."""
        code = self.services.accounts.issue_link_code(creator)
        self.services.accounts.redeem_link_code(code, "telegram", str(self.chat))

    async def _done(self, act: Awaitable[int]) -> None:
        number = await act
        for _ in range(1500):
            await asyncio.sleep(0.02)
            if self.telegram.is_quiet(number) and not _open(self.services):
                return
        raise TimeoutError("the bot did not finish")


def _open(services: Services) -> int:
    from tests.connectors.telegram.conftest import unfinished

    return unfinished(services)


async def first_contact(stage: Stage) -> None:
    await stage.says("/start")
    await stage.presses("2024年")
    await stage.presses("👍")


async def linking(stage: Stage) -> None:
    await stage.says("我的数据怎么样？")
    await stage.says("/start ABCD2345")
    await stage.says(f"/start {stage.services.accounts.issue_link_code('demo-01')}")
    await stage.says("/me")


async def growth(stage: Stage) -> None:
    await stage.is_linked_to("demo-03")
    await stage.says("/growth")
    await stage.says("多久能到一万粉？")


async def diagnosis(stage: Stage) -> None:
    await stage.is_linked_to("demo-02")
    await stage.says("/diagnose")
    await stage.presses("下一页")
    await stage.presses(stage.telegram.labels(stage.chat)[0])


async def plan(stage: Stage) -> None:
    await stage.is_linked_to("demo-01")
    await stage.says("/plan")


async def ideas(stage: Stage) -> None:
    await stage.is_linked_to("demo-01")
    await stage.says("/ideas")
    await stage.says("给我一个探店脚本")


async def file_import(stage: Stage) -> None:
    stage.services.accounts.add(Creator("xiaoyu", "小雨爱做饭", "快手", "美食"))
    await stage.is_linked_to("xiaoyu")
    today = stage.services.library.today()
    rows = [
        f"k{work},第{work}道家常菜,{today - timedelta(days=24 - work)},{today - timedelta(days=day)},"
        f"{9000 + 700 * work},{1200 + 130 * work + 7 * day},{60 + 3 * work},{4 + work}"
        for work in range(1, 9)
        for day in range(2, 15)
    ]
    content = "\n".join(["work_id,title,published_at,day,show,play,like,follow", *rows, "k9,坏的一行,昨天,x,1,1,1,1"])
    await stage.sends("快手作品数据_11月.csv", content.encode())
    await stage.presses("导入", is_told=True)


async def notices(stage: Stage) -> None:
    await stage.is_linked_to("demo-04")
    stage.services.notices.wishes.change("demo-04", {"quiet_from": 0, "quiet_until": 0})
    body = "播放 34,210，比上周多 12%。\n净增粉 86，完播率 31.4%（n=9）。\n\n最好的一条是《周末露营，这样带锅》。"
    message = Message("上周小结", body, "https://example.com/reports/47")
    stage.services.notices.outbox.post([Post("demo-04", "report", "transcript", message)])
    await asyncio.to_thread(stage.services.notices.deliverer.drain)
    await stage.telegram.until(lambda: stage.telegram.messages(stage.chat))
    await stage.presses("不再收“成长周报”", is_told=True)
    await stage.says("/notify")


async def group(stage: Stage) -> None:
    await stage.says("有人知道光合计划 2024 年给多少流量吗", user=501)
    await stage.says("@emulated_bot 2024年光合计划给多少流量？", user=502)
    await stage.says("/me@emulated_bot", user=502)


async def english(stage: Stage) -> None:
    await stage.is_linked_to("demo-06")
    await stage.says("/language")
    await stage.presses("English")
    await stage.says("What is completion rate and how is mine?")
    await stage.says("/privacy")


DIALOGUES: dict[str, tuple[Callable[[Stage], Awaitable[None]], int, str]] = {
    "01-first-contact": (first_contact, 301, "zh-hans"),
    "02-linking": (linking, 302, "zh-hans"),
    "03-growth": (growth, 303, "zh-hans"),
    "04-diagnosis": (diagnosis, 304, "zh-hans"),
    "05-plan": (plan, 305, "zh-hans"),
    "06-ideas": (ideas, 306, "zh-hans"),
    "07-file": (file_import, 307, "zh-hans"),
    "08-notices": (notices, 308, "zh-hans"),
    "09-group": (group, -3001, "zh-hans"),
    "10-english": (english, 310, "en"),
}


async def play(telegram: TelegramEmulator, home: Path) -> None:
    """All dialogues, one after the other."""
    settings = Settings(home=home, telegram_bot_token=TOKEN, telegram_api_base_url=telegram.address)  # type: ignore[arg-type]
    services = open_services(settings)
    initialise(services, empty=False, progress=lambda *_: None)
    bot = TelegramBot(services, pace=Pace(private=0, group=0, overall=0))
    await bot.start()
    for dialogue, chat, language in DIALOGUES.values():
        await dialogue(Stage(telegram, services, chat, language))
    await bot.stop()
    services.close()


async def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with running_emulator() as telegram:
        await play(telegram, folder / "home")
        fonts = Path("node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf").absolute()
        for name, (_, chat, _) in DIALOGUES.items():
            title = "向光 Heliotrope" if chat > 0 else "快手创作者交流群"
            (folder / f"{name}.html").write_text(transcript_page(telegram.history(chat), title, fonts), "utf-8")


def _photograph(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 300}, device_scale_factor=2)
        for name in DIALOGUES:
            page.goto((folder / f"{name}.html").absolute().as_uri())
            page.screenshot(path=folder / f"{name}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    load_texts()
    asyncio.run(_write(Path(sys.argv[1])))
    _photograph(Path(sys.argv[1]))
