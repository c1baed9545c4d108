"""Reading conversations back, newest first, a page at a time. A thread is read by its owner only."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, bindparam, func, or_, select

from assistant.database.learning_tables import feedback
from assistant.database.tables import threads, turns
from assistant.errors import BadInput, NotFound
from assistant.identity import Caller

LONGEST_TITLE = 80  # characters of a thread's first question


@dataclass(frozen=True)
class Page:
    """Some of a list, and the cursor of what follows; None at its end. A cursor is handed back as it was given."""

    items: list[dict[str, Any]]
    following: str | None


def read_threads(connection: Connection, caller: Caller, limit: int, cursor: str | None = None) -> Page:
    """The caller's own threads, the one that was used last first:
    `{"thread", "title" (its first question), "turns", "asked_at" (its last question)}`. Raises BadInput for a cursor
    that was never given."""
    last, first = func.max(turns.c.asked_at), func.min(turns.c.asked_at)
    query = (
        select(threads.c.id, last.label("last"), first.label("first"), func.count().label("turns"))
        .join_from(threads, turns)
        .where(threads.c.owner == caller.owner)
        .group_by(threads.c.id)
        .order_by(last.desc(), threads.c.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.having(_before(cursor, last, threads.c.id))
    rows = connection.execute(query).all()
    shown = rows[:limit]
    titles = _titles(connection, [(row.id, row.first) for row in shown])
    items = [
        {"thread": row.id, "title": titles[row.id], "turns": row.turns, "asked_at": row.last.isoformat()}
        for row in shown
    ]
    return Page(items, _cursor(shown[-1].last, shown[-1].id) if len(rows) > limit else None)


def read_turns(
    connection: Connection, caller: Caller, thread: str, limit: int | None = None, cursor: str | None = None
) -> Page:
    """The last turns of the caller's own thread, or those before `cursor`, oldest first:
    `{"question", "asked_at", "reply", "verdict"}`; without a limit all of them. Raises NotFound for a thread that is
    not theirs, BadInput for a cursor that was never given."""
    if connection.scalar(select(threads.c.owner).where(threads.c.id == thread)) != caller.owner:
        raise NotFound("There is no such conversation.")
    columns = (turns.c.id, turns.c.question, turns.c.asked_at, turns.c.reply, feedback.c.verdict)
    query = select(*columns).outerjoin_from(turns, feedback).where(turns.c.thread_id == thread)
    if cursor is not None:
        query = query.where(_before(cursor, turns.c.asked_at, turns.c.id))
    if limit is not None:
        query = query.limit(limit + 1)
    rows = connection.execute(query.order_by(turns.c.asked_at.desc(), turns.c.id.desc())).all()
    shown = rows if limit is None else rows[:limit]
    items = [
        {"question": row.question, "asked_at": row.asked_at.isoformat(), "reply": row.reply, "verdict": row.verdict}
        for row in reversed(shown)
    ]
    return Page(items, _cursor(shown[-1].asked_at, shown[-1].id) if len(rows) > len(shown) else None)


def asked_in(
    connection: Connection, caller: Caller, thread: str, *columns: Column[Any], limit: int | None = None
) -> Sequence[Row[Any]]:
    """These columns of the turns in the caller's own thread in which something was asked, newest first; none for a
    thread that is not theirs. An answer of staff stands in a thread without a question."""
    return connection.execute(_asked(columns, limit), {"thread": thread, "owner": caller.owner}).all()


@cache
def _asked(columns: tuple[Column[Any], ...], limit: int | None) -> Select[Any]:
    """The statement of `asked_in`: building it takes twice as long as running it, and every message asks."""
    query = select(*columns).join_from(turns, threads)
    query = query.where(threads.c.id == bindparam("thread"), threads.c.owner == bindparam("owner"))
    return query.where(turns.c.question != "").order_by(turns.c.asked_at.desc()).limit(limit)


def _titles(connection: Connection, firsts: list[tuple[str, datetime]]) -> dict[str, str]:
    """The first question of each of these threads."""
    wanted = or_(*(and_(turns.c.thread_id == thread, turns.c.asked_at == first) for thread, first in firsts))
    query = select(turns.c.thread_id, turns.c.question).where(wanted).order_by(turns.c.id.desc())
    rows = connection.execute(query) if firsts else ()  # of two at the same moment the lesser id counts
    return {row.thread_id: " ".join(row.question.split())[:LONGEST_TITLE] for row in rows}


def _before(cursor: str, moment: ColumnElement[Any], key: ColumnElement[Any]) -> ColumnElement[bool]:
    """What comes after the cursor's entry when the newest stand first."""
    try:
        written, _, name = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("utf-8").partition(" ")
        at = datetime.fromisoformat(written)
    except (ValueError, binascii.Error) as error:
        raise BadInput("This cursor was not given by an earlier page; begin with the first one.") from error
    if at.tzinfo is not None or "\0" in name:
        raise BadInput("This cursor was not given by an earlier page; begin with the first one.")
    return or_(moment < at, and_(moment == at, key < name))


def _cursor(moment: datetime, key: str) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {key}".encode()).decode("ascii")
