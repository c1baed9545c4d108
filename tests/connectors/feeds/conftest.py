"""A real warehouse on a temporary folder, and the public files where they are at hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.database.engine import open_database

SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = open_warehouse("", tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path}/feeds.db")
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public files beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the public files of ../shared/data are not here")
    return SHARED
