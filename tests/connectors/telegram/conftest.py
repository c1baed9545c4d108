"""A bot that talks to the emulator over HTTP, with real accounts and a scripted assistant in place of the real one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, func, select

from assistant.agent.answers import Citation, Event, Reply
from assistant.bootstrap import CHART_FONTS, Services
from assistant.creators.accounts import Accounts, Creator
from assistant.creators.charts.painting import Painter
from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.database.engine import _tune_sqlite, reading
from assistant.database.schema import metadata
from assistant.database.telegram_tables import telegram_outbox, telegram_updates
from assistant.identity import Caller
from assistant.learning.feedback import Feedback
from assistant.privacy import Privacy
from assistant.programs.campaigns.images import Pictures
from assistant.programs.jobs import Jobs
from assistant.programs.notices.service import Notices
from assistant.settings import Settings
from connectors.telegram.bot import TelegramBot
from connectors.telegram.pace import Pace
from knowledge.documents import Passage, Provenance
from tests.telegram_emulator import TOKEN, TelegramEmulator, running_emulator

REPLY = Reply(
    text="**政策与事实**\n\n2024 年光合计划给 100亿 流量。[1]",
    grounded=True,
    refused=False,
    citations=(),
    figures=(),
    charts=(),
    suggestions=(),
    release=1,
    model="scripted",
    thread="",
    answer_id="a1" * 16,
    lang="zh",
)


def citation(
    n: int = 1,
    title: str = "2024 快手光合创作者大会",
    url: str = "https://cncin.net/a?b=1&c=2",
    held: tuple[date | None, date | None] | None = None,
) -> Citation:
    """A source as the assistant gives it. `held` is the period of a text that is not in force; None: it is."""
    effective_from, expires_on = held or (None, None)
    passage = Passage(
        id=n,
        slug=f"document-{n}",
        revision=1,
        lang="zh",
        kind="program",
        title=title,
        heading=f"第 {n} 节",
        text="……",
        asked=(),
        unpublished=False,
        rumour=False,
        provenance=Provenance("中国创新网", url, "2024-09-04", "press"),
        effective_from=effective_from,
        expires_on=expires_on,
        attributes={},
        text_hash="0" * 64,
    )
    return Citation(n, passage, in_force=held is None)


@dataclass
class ScriptedAssistant:
    """Answers every question with `reply`, after `seconds`, the `gate` and `pieces` that are `pause` seconds apart, and
    remembers who asked what in which thread."""

    reply_with: Reply = REPLY
    seconds: float = 0.0
    pieces: Sequence[str] = ()
    pause: float = 0.0
    failure: Exception | None = None
    is_echo: bool = False
    gate: asyncio.Event | None = None  # nothing is answered before it is open
    asked: list[tuple[Caller, str | None, str]] = field(default_factory=list)

    async def reply(
        self, caller: Caller, thread: str | None, text: str, as_of: date | None = None
    ) -> AsyncIterator[Event]:
        self.asked.append((caller, thread, text))
        await asyncio.sleep(self.seconds)
        if self.gate is not None:
            await self.gate.wait()
        if self.failure:
            raise self.failure
        for piece in self.pieces:
            yield Event("sentence", {"text": piece, "basis": "note"})
            await asyncio.sleep(self.pause)
        said = text if self.is_echo else self.reply_with.text
        reply = replace(self.reply_with, thread=thread or "new", text=said)
        yield Event("done", reply.as_dict(), reply)

    @property
    def questions(self) -> Sequence[str]:
        return [text for _, _, text in self.asked]


@dataclass
class Learning:
    """What of learning a bot needs."""

    feedback: Feedback


@dataclass
class House:
    """The services that a bot needs."""

    settings: Settings
    engine: Engine
    accounts: Accounts
    assistant: ScriptedAssistant
    warehouse: Warehouse
    painter: Painter
    learning: Learning
    privacy: Privacy
    notices: Notices
    pictures: Pictures


def unfinished(house: House | Services) -> int:
    """How many updates were received and not yet answered."""
    query = select(func.count()).select_from(telegram_updates).where(telegram_updates.c.done_at.is_(None))
    with reading(house.engine).begin() as connection:
        return connection.scalar(query) or 0


async def all_finished(house: House | Services, seconds: float = 60) -> None:
    """Wait until no update is left."""
    async with asyncio.timeout(seconds):
        while unfinished(house):
            await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse in which nobody has numbers."""
    opened = open_warehouse("", tmp_path_factory.mktemp("warehouse"))
    yield opened
    opened.close()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    async with running_emulator() as emulator:
        yield emulator


@pytest.fixture
def house(telegram: TelegramEmulator, tmp_path: Path, warehouse: Warehouse) -> House:
    return house_at(tmp_path, telegram.address, warehouse)


def house_at(home: Path, address: str, warehouse: Warehouse) -> House:
    """A house on a folder, whose bot talks to the emulator at `address`."""
    engine = create_engine(f"sqlite:///{home / 'heliotrope.db'}")
    _tune_sqlite(engine)
    metadata.create_all(engine)
    settings = Settings(home=home, telegram_bot_token=TOKEN, telegram_api_base_url=address)
    accounts = Accounts(engine)
    if accounts.find("demo-01") is None:
        accounts.add(Creator("demo-01", "林小满", "快手", "美食", "growing", synthetic=True))
        accounts.add(Creator("demo-02", "周远", "快手", "科技", "growing", synthetic=True))
    notices = Notices.over(engine, Jobs(settings.sql_url, home, settings.timezone), ZoneInfo(settings.timezone))
    return House(
        settings, engine, accounts, ScriptedAssistant(), warehouse, Painter(CHART_FONTS), Learning(Feedback(engine)),
        Privacy(engine, warehouse), notices, Pictures(engine, home / "pictures"),
    )  # fmt: skip


BotMaker = Callable[[], TelegramBot]


@pytest.fixture
async def new_bot(house: House) -> AsyncIterator[BotMaker]:
    """Makes bots that do not wait between messages; all are stopped at the end."""
    made: list[TelegramBot] = []

    def make() -> TelegramBot:
        made.append(TelegramBot(house, pace=Pace(private=0, group=0, overall=0)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for bot in made:
        await bot.stop(drain_seconds=0)


@pytest.fixture
async def bot(new_bot: BotMaker) -> TelegramBot:
    """A bot at work."""
    started = new_bot()
    await started.start()
    return started


@pytest.fixture
async def guide(telegram: TelegramEmulator, starter: Services) -> AsyncIterator[Services]:
    """The real services, with a bot at work that does not wait between messages."""
    at_emulator = {"telegram_bot_token": SecretStr(TOKEN), "telegram_api_base_url": telegram.address}
    services = replace(starter, settings=starter.settings.model_copy(update=at_emulator))
    started = TelegramBot(services, pace=Pace(private=0, group=0, overall=0))
    await started.start()
    yield services
    await started.stop(drain_seconds=0)
    with services.engine.begin() as connection:  # the emulator of the next test counts its updates anew
        connection.execute(telegram_updates.delete())
        connection.execute(telegram_outbox.delete())


async def linked(services: Services, chat: int, creator: str) -> None:
    """Link the person of a private chat to a creator, as /start CODE does."""
    code = await asyncio.to_thread(services.accounts.issue_link_code, creator)
    await asyncio.to_thread(services.accounts.redeem_link_code, code, "telegram", str(chat))
