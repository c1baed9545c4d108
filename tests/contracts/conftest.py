"""Every database the product keeps its truth in: SQLite, and a real PostgreSQL from a wheel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from assistant.database.engine import open_database
from tests.contracts.servers import running_clickhouse

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Gives addresses of new, empty databases of one PostgreSQL server, which this test process starts for itself."""
    from deploy.postgres import running_postgres

    # Not in pytest's own folder, which is closed to the account that the server runs under when tests run as root.
    with TemporaryDirectory(prefix="heliotrope-postgres-") as folder, running_postgres(Path(folder)) as server:
        yield server.new_database


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[Callable[[], str]]:
    """Gives addresses of new, empty databases of one ClickHouse engine, which this test process starts for itself."""
    with running_clickhouse() as address:
        yield lambda: f"{address}/t{uuid4().hex}"


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path}/heliotrope.db")
    else:
        engine = open_database(request.getfixturevalue("postgres")())
    yield engine
    engine.dispose()


def warehouse_address(request: pytest.FixtureRequest) -> str:
    """The address of an empty warehouse of the kind that is asked for."""
    if request.param == "duckdb":
        return ""
    server = {"postgresql": "postgres", "clickhouse": "clickhouse"}[request.param]
    return str(request.getfixturevalue(server)()).replace("+psycopg", "")
