"""What the house asks of a database."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, insert, select, update
from sqlalchemy.exc import DBAPIError

from assistant.database import engine, program_tables, schema
from assistant.database.engine import open_database, reading
from assistant.database.tables import creators
from assistant.errors import Unavailable
from assistant.refusals import sentences
from assistant.sites.registry import Site, Sites
from assistant.sites.visits import Allowance, Visit
from knowledge import tables as knowledge_tables


def test_the_migrations_make_the_declared_tables(database: Engine):
    declared = MetaData()
    for metadata in (schema.metadata, knowledge_tables.metadata):
        for table in metadata.tables.values():
            table.to_metadata(declared)
    with database.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), declared)
    told = [one for one in differences if one[0] != "remove_index"]  # an index more does no harm
    assert told == []


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("act", ["change", "remove"])
def test_the_ledger_is_append_only(database: Engine, act: str):
    ledger = program_tables.reward_ledger
    row = {
        "key": "k", "entry": "awarded", "award": "1:0:cash", "program": "p", "version": 1, "enrolment": 1, "step": 0,
        "creator_id": "mei", "kind": "cash", "amount": 100, "label": "", "actor": "", "reason": "",
    }  # fmt: skip
    with database.begin() as connection:
        connection.execute(insert(ledger).values(row | {"at": datetime(2026, 11, 28)}))
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(update(ledger).values(amount=1) if act == "change" else ledger.delete())


def _new_creator(database: Engine) -> None:
    row = {"id": "mei", "name": "0", "platform": "kuaishou", "category": "", "created_at": datetime(2026, 11, 28)}
    with database.begin() as connection:
        connection.execute(insert(creators).values(**row))


def test_what_is_read_and_then_written_is_never_lost(database: Engine) -> None:
    _new_creator(database)

    def count_one(_: int) -> None:
        with database.begin() as connection:
            seen = int(connection.scalar(select(creators.c.name)) or 0)
            connection.execute(update(creators).values(name=str(seen + 1)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count_one, range(80)))
    with reading(database).begin() as connection:
        assert connection.scalar(select(creators.c.name)) == "80"


def test_a_reader_sees_the_database_as_it_was_and_waits_for_nobody(database: Engine) -> None:
    _new_creator(database)
    with reading(database).begin() as reader:
        assert reader.scalar(select(creators.c.name)) == "0"
        with database.begin() as writer:
            writer.execute(update(creators).values(name="1"))
            assert reader.scalar(select(creators.c.name)) == "0"
        assert reader.scalar(select(creators.c.name)) == "0"


def test_a_site_never_gives_more_questions_than_its_day_has(database: Engine) -> None:
    site = Site("shop", "Shop", ("https://shop.example",), daily_questions=10)
    Sites(database).add(site, "admin")
    allowance = Allowance(database)
    visit = Visit(site, "someone", None, "", 0)
    with ThreadPoolExecutor(8) as threads:
        granted = list(threads.map(lambda _: allowance.take(visit, date(2026, 11, 28)), range(40)))
    assert sum(granted) == 10


def test_a_full_disk_and_a_server_that_goes_away_are_told_by_postgresql(postgres: Callable[[], str]):
    opened = open_database(postgres())
    with pytest.raises(Unavailable, match="does not answer"), opened.begin() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    with opened.begin() as connection:
        assert connection.scalar(select(1)) == 1  # the next one comes through
    with pytest.raises(Unavailable, match="is full, so nothing was written; make room"), opened.begin() as connection:
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$")
    opened.dispose()


def test_what_the_database_refuses_is_said_in_chinese_too():
    said = {*engine._REFUSALS.values(), engine.GONE}
    assert said <= sentences().keys()


def test_upserts_name_their_key_in_words_that_both_engines_take():
    """Only SQLite takes the key as the first argument; PostgreSQL means a constraint there."""
    sources = [path for room in ("assistant", "knowledge", "connectors") for path in (ROOT / room).rglob("*.py")]
    calls = [call for path in sources for call in re.findall(r"on_conflict_do_\w+\(.", path.read_text("utf-8"))]
    assert calls
    assert [call for call in calls if not call.endswith((")", "i"))] == []
