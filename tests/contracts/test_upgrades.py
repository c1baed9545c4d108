"""Upgrades with data in place: a database of the first release, used under every later one, then brought to today's.

At every revision each table that is new or has changed gets a row; all of them have to be there at the end, as they
were.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    select,
)

from assistant.database.engine import MIGRATIONS, migrate, newest_revision, open_database
from assistant.database.schema import metadata
from assistant.programs.notices.wishes import WishBook
from knowledge.tables import metadata as knowledge_metadata
from tests.contracts.conftest import KINDS

# Values that a migration reads, where any value of the type will not do.
MEANT: dict[tuple[str, str], Callable[[int], Any]] = {
    ("chat_links", "channel"): lambda _: "telegram",
    ("chat_links", "account"): str,
    ("telegram_chats", "chat_id"): lambda number: number,
    ("telegram_chats", "muted"): lambda _: ["policy", "campaign"],
    ("program_budgets", "spent"): lambda _: 0,
}
# A chat is worth something only where it is linked to a creator.
WITH = {"telegram_chats": "chat_links"}
Row = dict[str, Any]


def revisions() -> list[str]:
    """All revisions, the first one first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def value(column: Column[Any], number: int) -> Any:
    """Something that fits the column and differs for each number."""
    if (column.table.name, column.name) in MEANT:
        return MEANT[column.table.name, column.name](number)
    for foreign in column.foreign_keys:
        return value(foreign.column, number)
    kind = column.type
    if isinstance(kind, JSON):
        return [number]
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, DateTime):
        return datetime(2026, 1, 1, 8, number)
    if isinstance(kind, Date):
        return date(2026, 1, number + 1)
    if isinstance(kind, Integer | Float):
        return number
    if isinstance(kind, LargeBinary):
        return bytes([number])
    return f"{column.name} {number}"[-(getattr(kind, "length", None) or 100) :]


class Used:
    """A database that is used under every revision. `rows` are what was written, by table, with the columns of then."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.rows: dict[str, list[Row]] = {}
        self._seen: dict[str, frozenset[str]] = {}

    def use(self, number: int) -> None:
        """Write a row into every table that is not as it was at the last call, parents before their children."""
        there = MetaData()
        there.reflect(self.engine)
        changed = {
            table.name
            for table in there.sorted_tables
            if table.name != "alembic_version" and self._seen.get(table.name) != frozenset(table.columns.keys())
        }
        children_first = there.sorted_tables[::-1]
        for table in sorted(children_first, key=lambda one: one.name not in WITH):
            if table.name in changed:  # its row needs its parents' of the same number
                changed |= {WITH.get(table.name, table.name)}
                changed |= {foreign.column.table.name for foreign in table.foreign_keys}
        with self.engine.begin() as connection:
            for table in there.sorted_tables:
                if table.name in changed:
                    row = {column.name: value(column, number) for column in table.columns}
                    connection.execute(table.insert().values(row))
                    self.rows.setdefault(table.name, []).append(row)
        self._seen = {table.name: frozenset(table.columns.keys()) for table in there.sorted_tables}


@pytest.fixture(scope="module", params=KINDS)
def used(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    """A database that has come all the way, on each kind of engine."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('upgrades')}/heliotrope.db"
    else:
        address = request.getfixturevalue("postgres")()
    first, *later = revisions()
    engine = open_database(address, first)
    used = Used(engine)
    used.use(1)
    for number, revision in enumerate(later, 2):
        migrate(engine, revision)
        used.use(number)
    yield used
    engine.dispose()


def declared() -> list[Table]:
    """The tables as the code of today knows them."""
    return [*metadata.tables.values(), *knowledge_metadata.tables.values()]


def test_the_newest_revision_is_the_one_that_all_lead_to() -> None:
    assert newest_revision() == revisions()[-1]


def test_every_row_of_every_revision_is_there_and_as_it_was(used: Used) -> None:
    assert {table.name for table in declared()} <= set(used.rows)
    with used.engine.connect() as connection:
        for table in declared():
            kept = [dict(row) for row in connection.execute(select(table)).mappings()]
            for row in used.rows[table.name]:
                now = {name: written for name, written in row.items() if name in table.columns}
                assert any(one | now == one for one in kept), (table.name, now, kept)
            if table.name != "notice_wishes":  # the only table that an upgrade adds to
                assert len(kept) == len(used.rows[table.name]), table.name


def test_what_a_chat_had_switched_off_stays_off(used: Used) -> None:
    chats = [row["chat_id"] for row in used.rows["telegram_chats"] if "muted" in row]
    wishes = WishBook(used.engine)
    with used.engine.connect() as connection:
        link = metadata.tables["chat_links"]
        linked = select(link.c.creator_id).where(link.c.account.in_([str(chat) for chat in chats]))
        creators = list(connection.scalars(linked))
    assert creators
    for creator in creators:
        assert set(wishes.of(creator).muted) == {"rule", "campaign"}
