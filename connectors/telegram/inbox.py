"""The durable intake: what Telegram handed over, and whether it has been answered."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update
from telegram import Update

from assistant.database.engine import beside, upsert
from assistant.database.telegram_tables import telegram_updates as table

# Telegram itself keeps an update for a day at most, so an id cannot come again after this.
REMEMBERED = timedelta(days=7)
# How long an update belongs to the process that took it up, unless that says again that it is alive.
LEASE = timedelta(minutes=2)


class Inbox:
    """The updates of one bot in SQL.

    An update is written here before Telegram is told that it arrived, and it is finished only after its answer was
    sent: whatever stops in between, it is neither lost nor taken twice. Once finished, only its number stays.
    """

    def __init__(self, engine: Engine, bot: int) -> None:
        self._engine = engine
        self._bot = bot

    def keep(self, updates: Sequence[Update]) -> list[Update]:
        """Write down all of them in one transaction; returns those that were not known yet, in the given order."""
        now = _now()
        rows = [
            {
                "bot": self._bot,
                "update_id": one.update_id,
                "chat_id": one.effective_chat.id if one.effective_chat else None,
                "payload": _payload(one),
                "received_at": now,
                "leased_until": now + LEASE,
            }
            for one in sorted(updates, key=lambda one: one.update_id)
        ]
        with beside(self._engine).begin() as connection:
            insert = upsert(connection, table).values(rows).on_conflict_do_nothing()
            kept = connection.scalars(insert.returning(table.c.update_id))
            new = set(kept)
        return [one for one in updates if one.update_id in new]

    def unfinished(self, is_alone: bool = True) -> list[tuple[Update, int]]:
        """What was received and not answered, oldest first, with how often it was taken up again; the caller's now.

        Without `is_alone` what another living process answers for is left to it.
        """
        now = _now()
        mine = [table.c.bot == self._bot, table.c.done_at.is_(None)]
        if not is_alone:
            mine.append(table.c.leased_until.is_(None) | (table.c.leased_until < now))
        query = select(table.c.update_id, table.c.payload, table.c.taken_up).where(*mine)
        with self._engine.begin() as connection:
            rows = connection.execute(query.order_by(table.c.received_at, table.c.update_id)).all()
            self._lease(connection, [row.update_id for row in rows], now)
        return [(Update.de_json(row.payload, None), row.taken_up) for row in rows]

    def hold(self, update_ids: Sequence[int]) -> None:
        """This process is alive and still answers for these."""
        with beside(self._engine).begin() as connection:
            self._lease(connection, update_ids, _now())

    def _lease(self, connection: Connection, update_ids: Sequence[int], now: datetime) -> None:
        if update_ids:
            these = update(table).where(table.c.bot == self._bot, table.c.update_id.in_(update_ids))
            connection.execute(these.values(leased_until=now + LEASE))

    def take_up(self, update_id: int) -> None:
        """An update that an earlier process left unfinished is tried once more."""
        this = (table.c.bot == self._bot, table.c.update_id == update_id)
        with self._engine.begin() as connection:
            connection.execute(update(table).where(*this).values(taken_up=table.c.taken_up + 1))

    def finish(self, update_id: int) -> None:
        """The answer to this update was sent, or none is due. What it said is dropped."""
        this = (table.c.bot == self._bot, table.c.update_id == update_id)
        with beside(self._engine).begin() as connection:
            connection.execute(update(table).where(*this).values(done_at=_now(), payload={}))

    def forget_old(self) -> None:
        """Remove finished updates that Telegram cannot deliver again."""
        old = (table.c.bot == self._bot, table.c.done_at < _now() - REMEMBERED)
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(*old))


def _payload(update: Update) -> dict[str, Any]:
    """The update as plain JSON. The library leaves a datetime where a message is too old to be shown."""
    return json.loads(json.dumps(update.to_dict(), default=lambda value: int(value.timestamp())))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
