"""A starter home whose chat model stands behind HTTP, one for all stories about such models."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.bootstrap import Services, open_services
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.model_endpoint import ModelEndpoint, running_model_endpoint

DEADLINE, FIRST = 4.0, 2.5  # seconds; long enough for a loopback answer on a busy machine
SLACK = 60.0  # seconds that a busy machine may take beyond a deadline; nobody who waits on is as quick


@pytest.fixture(scope="session")
def endpoint() -> Iterator[ModelEndpoint]:
    """The endpoint of the first model, which plays what a test asks for."""
    with running_model_endpoint() as running:
        yield running


@pytest.fixture(scope="session")
def second_endpoint() -> Iterator[ModelEndpoint]:
    """The endpoint of the second model."""
    with running_model_endpoint() as running:
        yield running


@pytest.fixture(scope="session")
def modelled(
    new_starter_home: Callable[[], Path],
    embedder: Embedder,
    endpoint: ModelEndpoint,
    second_endpoint: ModelEndpoint,
) -> Iterator[Services]:
    """The services on it; tests use one event loop for all (`loop_scope="session"`), as the models' clients do."""
    settings = Settings(
        home=new_starter_home(),
        chat_model="openai:scripted",
        openai_base_url=endpoint.url,
        openai_api_key="secret-key",
        second_chat_model="openai:second",
        second_base_url=second_endpoint.url,
        model_deadline=DEADLINE,
        first_sentence_deadline=FIRST,
    )
    opened = open_services(settings, embedder=embedder)
    yield opened
    opened.close()


@pytest.fixture
def services(modelled: Services, endpoint: ModelEndpoint, second_endpoint: ModelEndpoint) -> Services:
    """The same, with nothing that failed before; the second model is out of order unless a test says otherwise."""
    for one in modelled.endpoints:
        one.breaker.succeeded()
    endpoint.plays()
    second_endpoint.plays("http 401")
    return modelled
