"""What the house asks of a database."""

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, insert, update
from sqlalchemy.exc import DBAPIError

from assistant.database import program_tables, tables
from knowledge import tables as knowledge_tables


def test_the_migrations_make_the_declared_tables(database: Engine):
    declared = MetaData()
    for metadata in (tables.metadata, knowledge_tables.metadata):
        for table in metadata.tables.values():
            table.to_metadata(declared)
    with database.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), declared)
    told = [one for one in differences if one[0] != "remove_index"]  # an index more does no harm
    assert told == []


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
