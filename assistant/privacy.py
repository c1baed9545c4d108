"""What is kept about whoever asks: to be seen, taken along and deleted.

Invariant: every row of the assistant's tables that names a creator, or hangs on one that does, belongs to that creator,
so a table that is added later is covered without being listed here. What belongs to others is never read or touched.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, or_, select, update

from assistant.creators import layout
from assistant.creators.warehouse import Warehouse
from assistant.database import program_tables
from assistant.database.engine import reading
from assistant.database.learning_tables import gap_questions, gaps
from assistant.database.schema import metadata
from assistant.database.tables import chat_links, threads
from assistant.errors import NotAllowed, NotFound
from assistant.identity import DEMONSTRATION, Caller
from assistant.masking import masked
from knowledge.audit import record

Scope = Literal["creator", "visitor", "conversation"]
# Written by the staff about what every release is asked; a creator's id there tells as whom.
_STAFFS = ("golden_questions",)
# Money that was promised and paid is accounted for, whoever it went to; it is shown and given out, and stays.
_BOOKS = (program_tables.reward_ledger.name,)
_NAMES_CREATOR = ("creator_id", "creator")
_SECRET = "_hash"
TELEGRAM = "telegram"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Person:
    """Whom rows belong to: a creator's id, the owners of threads (chats that were linked later began as themselves),
    and the Telegram chats that speak for the creator."""

    creator: str | None
    owners: tuple[str, ...]
    chats: tuple[int, ...] = ()


class Privacy:
    """Shows, exports and deletes. Deleting is for good; of a gap only the number of its questions stays, and the audit
    trail keeps that it happened."""

    def __init__(self, engine: Engine, warehouse: Warehouse) -> None:
        self._engine = engine
        self._warehouse = warehouse

    def scope(self, caller: Caller) -> Scope:
        """What this caller may see and delete at once.

        A demonstration account is shared by everybody who tries it, and an address by everybody behind it: there, each
        conversation is its own (`forget_thread`).
        """
        if caller.creator is not None:
            return "conversation" if DEMONSTRATION in caller.capabilities else "creator"
        is_alone = {TELEGRAM: caller.address.isdigit(), "widget": not caller.address.endswith("/server")}
        return "visitor" if is_alone.get(caller.channel, False) else "conversation"

    def summary(self, caller: Caller) -> dict[str, int]:
        """How many rows of each kind are kept about the caller; empty for a caller to whom only conversations belong.

        Keys are table names; of the warehouse `works`, `work_numbers` and `creator_days`.
        """
        if self.scope(caller) == "conversation":
            return {}
        with reading(self._engine).begin() as connection:
            person = _person(connection, caller)
            counts = {
                table.name: connection.scalar(select(func.count()).select_from(table).where(condition)) or 0
                for table, condition in _owned(person)
            }
        counts.update({name: len(rows) for name, rows in self._numbers(person.creator).items()})
        return {name: count for name, count in counts.items() if count}

    def export(self, caller: Caller) -> dict[str, Any]:
        """Everything kept about the caller, as JSON: rows by table name. Hashes of codes and keys are left out.

        Raises NotAllowed for a caller to whom only conversations belong.
        """
        self._require_person(caller)
        with reading(self._engine).begin() as connection:
            person = _person(connection, caller)
            kept = {
                table.name: [_plain(row._mapping) for row in connection.execute(select(table).where(condition))]
                for table, condition in _owned(person)
            }
        kept.update({name: [_plain(row) for row in rows] for name, rows in self._numbers(person.creator).items()})
        return {
            "creator": person.creator,
            "exported_at": _now().isoformat() + "Z",
            "kept": {name: rows for name, rows in sorted(kept.items()) if rows},
        }

    def forget(self, caller: Caller, actor: str = "") -> dict[str, int]:
        """Delete everything kept about the caller but the books of rewards; returns the rows deleted by table.

        Numbers go first, the account last: what an interruption leaves over can be deleted by asking again. Raises
        NotAllowed for a caller to whom only conversations belong.
        """
        self._require_person(caller)
        deleted: dict[str, int] = {}
        if caller.creator is not None:
            deleted.update(self._warehouse.forget(caller.creator))
        with self._engine.begin() as connection:
            person = _person(connection, caller)
            owned = [(table, condition) for table, condition in _owned(person) if table.name not in _BOOKS]
            _keep_number_of_questions(connection, next(where for table, where in owned if table is gap_questions))
            for table, condition in owned:
                deleted[table.name] = connection.execute(delete(table).where(condition)).rowcount
            deleted = {name: count for name, count in deleted.items() if count}
            record(connection, actor or caller.owner, "creator.forgotten", caller.owner, rows=deleted)
        log.info("everything kept about %s was deleted, as asked", caller.owner)
        return deleted

    def forget_thread(self, caller: Caller, thread: str) -> None:
        """Delete one of the caller's own conversations. Raises NotFound for any other."""
        with self._engine.begin() as connection:
            owner = connection.scalar(select(threads.c.owner).where(threads.c.id == thread).with_for_update())
            if owner is None or owner != caller.owner:
                raise NotFound("There is no such conversation.")
            parts = [(threads, threads.c.id == thread)]
            owned = list(_hanging_on(dict(parts)))
            _keep_number_of_questions(connection, next(where for table, where in owned if table is gap_questions))
            for table, condition in owned:
                connection.execute(delete(table).where(condition))

    def _require_person(self, caller: Caller) -> None:
        if self.scope(caller) == "conversation":
            raise NotAllowed(
                "Several people ask from here as one, so only single conversations can be shown and deleted: "
                "GET or DELETE /api/v1/threads/THREAD."
            )

    def _numbers(self, creator: str | None) -> dict[str, list[dict[str, Any]]]:
        if creator is None:
            return {}
        tables = {name: layout.table(name) for name in layout.STORED}
        return {name: self._warehouse.rows(table.filter(table.creator_id == creator)) for name, table in tables.items()}


def _person(connection: Connection, caller: Caller) -> Person:
    if caller.creator is None:
        return Person(None, (caller.owner,), (int(caller.address),) if caller.channel == TELEGRAM else ())
    query = select(chat_links.c.channel, chat_links.c.account).where(chat_links.c.creator_id == caller.creator)
    links = connection.execute(query).all()
    chats = tuple(int(one.account) for one in links if one.channel == TELEGRAM and one.account.isdigit())
    return Person(caller.creator, (caller.owner, *(f"{one.channel}:{one.account}" for one in links)), chats)


def _owned(person: Person) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """The tables with rows of a person and which rows those are, what hangs on others before what it hangs on."""
    named: dict[Table, ColumnElement[bool]] = {threads: threads.c.owner.in_(person.owners)}
    for table in metadata.tables.values():
        if table.name in _STAFFS:
            continue
        conditions = [named[table]] if table in named else []
        if person.creator is not None:
            conditions += [table.c[name] == person.creator for name in _NAMES_CREATOR if name in table.c]
            if table.name == "creators":
                conditions.append(table.c.id == person.creator)
            elif "owner" in table.c and table is not threads:
                conditions.append(table.c.owner == person.creator)
        if person.chats and table.name.startswith(f"{TELEGRAM}_") and "chat_id" in table.c:
            # What is still to be done with an update or a message ends as it began.
            is_done = [table.c.done_at.is_not(None)] if "done_at" in table.c else []
            conditions.append(_all([table.c.chat_id.in_(person.chats), *is_done]))
        if conditions:
            named[table] = or_(*conditions)
    yield from _hanging_on(named)


def _hanging_on(named: dict[Table, ColumnElement[bool]]) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """`named` with the rows that refer to theirs, and to those, in the order in which they can be deleted."""
    found: dict[Table, ColumnElement[bool]] = {}
    for table in metadata.sorted_tables:  # what is referred to comes first
        conditions = [named[table]] if table in named else []
        for key in table.foreign_keys:
            parent = key.column.table
            if parent in found and parent is not table:
                conditions.append(key.parent.in_(select(key.column).where(found[parent])))
        if conditions:
            found[table] = or_(*conditions)
    yield from reversed(found.items())


def _all(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = whole & condition
    return whole


def _keep_number_of_questions(connection: Connection, theirs: ColumnElement[bool]) -> None:
    """Before questions go: their gaps keep how many they were, and the wordings without whose they are."""
    mine = select(gap_questions.c.gap_id, func.count().label("many")).where(theirs, gap_questions.c.gap_id.is_not(None))
    ids = set(connection.scalars(select(gap_questions.c.turn_id).where(theirs)))
    for gap_id, many in connection.execute(mine.group_by(gap_questions.c.gap_id)).all():
        gap = connection.execute(select(gaps).where(gaps.c.id == gap_id).with_for_update()).one()
        examples = [
            {**one, "text": masked(one["text"]), "turn": ""} if one["turn"] in ids else one for one in gap.examples
        ]
        question = masked(gap.question) if examples != gap.examples else gap.question
        values = {"forgotten": gap.forgotten + many, "examples": examples, "question": question}
        connection.execute(update(gaps).where(gaps.c.id == gap_id).values(values))


def _plain(row: Any) -> dict[str, Any]:
    """A row as JSON: days and moments as ISO 8601, without hashes of secrets."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in dict(row).items()
        if not name.endswith(_SECRET)
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
