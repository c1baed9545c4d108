"""A bot in a process of its own that is killed in the middle of its work, and started again.

`python -m tests.connectors.telegram.killing 20` kills twenty times with ten questions in flight and counts.
"""

import asyncio
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.connectors.telegram.conftest import all_finished, house_at
from tests.telegram_emulator import TelegramEmulator, running_emulator

CHATS = range(101, 111)
PATIENCE = 120.0  # seconds, for a process to start on a busy machine
# Forked from a process that has imported the bot once, so that a kill costs no start-up.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.connectors.telegram.conftest", "connectors.telegram.bot"])


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


def serve(home: Path, address: str) -> None:
    """The bot alone, until the process ends; it answers every question with the question."""
    asyncio.run(_serve(home, address))


async def _serve(home: Path, address: str) -> None:
    from connectors.telegram.bot import TelegramBot
    from connectors.telegram.pace import Pace

    house = house_at(home, address, None)  # type: ignore[arg-type]
    house.assistant.is_echo, house.assistant.seconds = True, 0.02
    await TelegramBot(house, pace=Pace(private=0, group=0, overall=0.005)).start()  # type: ignore[arg-type]
    await asyncio.Event().wait()


@asynccontextmanager
async def _running(home: Path, address: str) -> AsyncIterator[None]:
    """A bot in a process that is killed in the end, whatever it does."""
    process = PROCESSES.Process(target=serve, args=(home, address))
    process.start()
    try:
        yield
    finally:
        process.kill()
        await asyncio.to_thread(process.join)


async def _count(kills: int) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        async with running_emulator() as telegram:
            await killed(telegram, Path(home), kills, random.Random())
            asked = [f"问题{number}" for number in range(kills)]
            wrong = {chat: telegram.texts(chat) for chat in CHATS if telegram.texts(chat) != asked}
    answers = len(CHATS) * kills
    seconds = time.monotonic() - started
    print(f"{kills} kills, {answers} questions, {seconds:.0f} s; chats with one lost or doubled: {len(wrong)}")
    for chat, texts in wrong.items():
        print(chat, [text for text in asked if text not in texts], [text for text in texts if texts.count(text) > 1])


if __name__ == "__main__":
    asyncio.run(_count(int(sys.argv[1])))
