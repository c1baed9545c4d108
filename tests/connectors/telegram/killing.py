"""A bot in a process of its own that is killed in the middle of its work, and started again.

`python -m tests.connectors.telegram.killing 20` kills twenty times with ten questions in flight and counts.
"""

import asyncio
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.connectors.telegram.conftest import all_finished, house_at
from tests.telegram_emulator import TelegramEmulator, running_emulator

CHATS = range(101, 111)
PATIENCE = 120.0  # seconds, for a process to start on a busy machine
ROOT = Path(__file__).parents[3]


async def killed(telegram: TelegramEmulator, home: Path, kills: int, chance: random.Random) -> None:
    """Ten chats ask once before each kill, which comes at some moment while their answers are made and sent."""
    for number in range(kills):
        async with _running(home, telegram.address):
            before = len(telegram.called("sendMessage"))
            for chat in CHATS:
                await telegram.text(chat, f"问题{number}")
            moment = before + chance.randrange(len(CHATS))
            await telegram.until(lambda moment=moment: len(telegram.called("sendMessage")) > moment, PATIENCE)
            await asyncio.sleep(chance.random() * 0.02)
    async with _running(home, telegram.address):
        await telegram.until(lambda: not telegram._queue, PATIENCE)
        await all_finished(house_at(home, telegram.address, None), PATIENCE)  # type: ignore[arg-type]


async def serve(home: Path, address: str) -> None:
    """The bot alone, until the process ends; it answers every question with the question."""
    from connectors.telegram.bot import TelegramBot
    from connectors.telegram.pace import Pace

    house = house_at(home, address, None)  # type: ignore[arg-type]
    house.assistant.is_echo, house.assistant.seconds = True, 0.02
    await TelegramBot(house, pace=Pace(private=0, group=0, overall=0.005)).start()  # type: ignore[arg-type]
    await asyncio.Event().wait()


@asynccontextmanager
async def _running(home: Path, address: str) -> AsyncIterator[None]:
    """A bot in a process that is killed in the end, whatever it does."""
    module = "tests.connectors.telegram.killing"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, "serve", str(home), address, cwd=ROOT)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _count(kills: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        async with running_emulator() as telegram:
            await killed(telegram, Path(home), kills, random.Random())
            asked = [f"问题{number}" for number in range(kills)]
            wrong = {chat: telegram.texts(chat) for chat in CHATS if telegram.texts(chat) != asked}
    answers = len(CHATS) * kills
    print(f"{kills} kills, {answers} questions; chats whose answers are not each there once and in order: {len(wrong)}")
    for chat, texts in wrong.items():
        print(chat, [text for text in asked if text not in texts], [text for text in texts if texts.count(text) > 1])


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(Path(sys.argv[2]), sys.argv[3]))
    else:
        asyncio.run(_count(int(sys.argv[1])))
