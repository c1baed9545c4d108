"""What goes out to the chats, part by part, so that a stop in the middle neither loses a part nor says it twice.

Each part is noted as begun in the instant in which its request leaves, and a part that was begun is not begun again:
what left arrives. A request that comes back refused or broken is noted as not begun and tried again by `delivery`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, create_engine, delete, event, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from assistant.database.engine import beside, reading, upsert
from assistant.database.telegram_tables import telegram_outbox as table
from connectors.telegram.parts import Part

# As long as the inbox remembers an update, its answer is known to have been sent.
REMEMBERED = timedelta(days=7)
# How long a message belongs to the process that took it up.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Kept:
    """An answer on its way. `parts` is None while it is still being made; `begun` of them have left; `grows` is the
    message that shows it growing, which its first part replaces."""

    chat: int
    parts: Sequence[Part] | None
    begun: int
    grows: int | None
    is_done: bool


class Outbox:
    """The outgoing messages of one bot in SQL, each under the name of what it answers. Done, only the name stays."""

    def __init__(self, engine: Engine, bot: int) -> None:
        self._engine = engine
        self._bot = bot
        self._hasty = _hasty(engine) if engine.dialect.name == "sqlite" else None

    def find(self, name: str) -> Kept | None:
        """What is kept under a name."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(select(table).where(*self._named(name))).first()
        if row is None:
            return None
        parts = None if row.parts is None else [Part.of(part) for part in row.parts]
        return Kept(row.chat_id, parts, row.begun, row.grows, row.done_at is not None)

    def put(self, name: str, chat: int, parts: Sequence[Part]) -> None:
        """Keep an answer before any of it leaves."""
        self._keep(name, chat, parts=[part.as_dict() for part in parts])

    def offer(self, waiting: Sequence[tuple[str, int, Sequence[Part]]]) -> None:
        """Keep messages (name, chat, parts) that `lease` gives out; a name that is known already stays as it is."""
        now = _now()
        rows = [
            {"bot": self._bot, "name": name, "chat_id": chat, "begun": 0, "sent": 0, "created_at": now,
             "parts": [part.as_dict() for part in parts]}
            for name, chat, parts in waiting
        ]  # fmt: skip
        if rows:
            with beside(self._engine).begin() as connection:
                connection.execute(upsert(connection, table).values(rows).on_conflict_do_nothing())

    def waiting(self, prefix: str) -> int:
        """How many messages whose name begins so are not sent yet."""
        query = select(func.count()).select_from(table).where(*self._open(prefix))
        with reading(self._engine).begin() as connection:
            return connection.scalar(query) or 0

    def lease(self, prefix: str, most: int) -> list[tuple[str, int]]:
        """Names and chats of messages that nobody sends now, the oldest first; they are the caller's for LEASE."""
        now = _now()
        free = (table.c.leased_until.is_(None)) | (table.c.leased_until < now)
        query = select(table.c.name, table.c.chat_id).where(*self._open(prefix), free)
        with self._engine.begin() as connection:
            found = connection.execute(query.order_by(table.c.created_at, table.c.name).limit(most)).all()
            names = [row.name for row in found]
            leased = update(table).where(table.c.bot == self._bot, table.c.name.in_(names))
            if names:
                connection.execute(leased.values(leased_until=now + LEASE))
        return [(row.name, row.chat_id) for row in found]

    def release(self, name: str) -> None:
        """Somebody else may send it now."""
        self._note(name, leased_until=None)

    def release_all(self) -> None:
        """Whatever an earlier process had taken up is free: there is no other process."""
        with beside(self._engine).begin() as connection:
            connection.execute(update(table).where(table.c.bot == self._bot).values(leased_until=None))

    def grow(self, name: str, chat: int, message: int) -> None:
        """Keep which message shows the answer while it is being made."""
        self._keep(name, chat, grows=message)

    def begin(self, name: str, number: int) -> None:
        """Part `number`, counted from 0, leaves now."""
        self._note(name, begun=number + 1)

    def begin_at_once(self, name: str, number: int) -> bool:
        """The same without waiting, for the event loop itself; False when it cannot be noted at once.

        A thread would be back some milliseconds later, and a kill within them would lose the part.
        """
        if self._hasty is None:
            return False
        try:
            with self._hasty.begin() as connection:
                connection.execute(update(table).where(*self._named(name)).values(begun=number + 1))
        except OperationalError:  # somebody else writes
            return False
        return True

    def close(self) -> None:
        """Let go of the connection of its own."""
        if self._hasty is not None:
            self._hasty.dispose()

    def withdraw(self, name: str, number: int) -> None:
        """Part `number` did not arrive."""
        self._note(name, begun=number)

    def confirm(self, name: str, number: int) -> None:
        """Telegram took part `number`."""
        self._note(name, sent=number + 1)

    def finish(self, name: str) -> None:
        """All of it was sent, or cannot be. What it said is dropped."""
        self._note(name, parts=None, done_at=_now())

    def forget_old(self) -> None:
        """Remove the names of what was sent long ago."""
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(table.c.bot == self._bot, table.c.done_at < _now() - REMEMBERED))

    def _note(self, name: str, **values: Any) -> None:
        with beside(self._engine).begin() as connection:
            connection.execute(update(table).where(*self._named(name)).values(values))

    def _keep(self, name: str, chat: int, **values: Any) -> None:
        fresh = {"bot": self._bot, "name": name, "chat_id": chat, "begun": 0, "sent": 0, "created_at": _now()}
        keys = [table.c.bot, table.c.name]
        with beside(self._engine).begin() as connection:
            insert = upsert(connection, table).values({**fresh, **values})
            connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=values))

    def _open(self, prefix: str) -> tuple[ColumnElement[bool], ...]:
        return table.c.bot == self._bot, table.c.name.startswith(prefix, autoescape=True), table.c.done_at.is_(None)

    def _named(self, name: str) -> tuple[Any, Any]:
        return table.c.bot == self._bot, table.c.name == name


def _hasty(engine: Engine) -> Engine:
    """One connection to the same SQLite file that takes a tenth of a millisecond to write, or fails at once."""
    hasty = create_engine(
        engine.url, poolclass=StaticPool, connect_args={"timeout": 0, "check_same_thread": False}
    )

    @event.listens_for(hasty, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return hasty


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
