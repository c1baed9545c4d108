"""Real services on temporary folders: a warehouse, accounts in SQLite, and one warehouse full of invented creators."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from assistant.creators.accounts import Accounts
from assistant.creators.demonstration import demonstration_creators
from assistant.creators.warehouse import Batch, Warehouse, open_warehouse
from assistant.database import schema

TODAY = date(2026, 11, 23)
IMPORTED = datetime(2026, 11, 23, 8)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = open_warehouse("", tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    engine = create_engine(f"sqlite:///{tmp_path}/accounts.db")
    schema.metadata.create_all(engine)
    return Accounts(engine)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """All twelve invented creators with data up to the day before TODAY. Read only."""
    opened = open_warehouse("", tmp_path_factory.mktemp("demonstration"))
    _, works, numbers, days = demonstration_creators(TODAY)
    opened.store(Batch(works, numbers, days), IMPORTED)
    yield opened
    opened.close()
