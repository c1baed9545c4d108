"""Small libraries on temporary folders, with an embedder that needs no model."""

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine

from knowledge.embeddings import Embedder
from knowledge.index.dense import DenseIndex
from knowledge.library import Library
from knowledge.tables import metadata
from tests.fakes import HashEmbedder

OpenLibrary = Callable[..., Library]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite file with the tables of knowledge."""
    opened = create_engine(f"sqlite:///{tmp_path / 'knowledge.db'}")
    metadata.create_all(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def dense(tmp_path: Path) -> DenseIndex:
    """The dense index that `library` uses, for tests that damage it."""
    return DenseIndex(tmp_path / "chroma")


@pytest.fixture
def open_library(engine: Engine, dense: DenseIndex) -> OpenLibrary:
    """Opens a library on the same database and index again, as a new process would."""

    def opened(embedder: Embedder | None = None) -> Library:
        library = Library(engine, embedder or HashEmbedder(), dense, ZoneInfo("Asia/Shanghai"))
        library.open()
        return library

    return opened


@pytest.fixture
def library(open_library: OpenLibrary) -> Library:
    """A library in which nothing has been published."""
    return open_library()
