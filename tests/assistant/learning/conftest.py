"""A house for tests that learn: starter knowledge, the extractive model, and somebody who asks."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from assistant.agent.answers import Reply
from assistant.bootstrap import Services, open_services
from assistant.database.learning_tables import gaps, passage_uses
from assistant.database.schema import metadata
from assistant.database.tables import turns
from assistant.identity import Caller, Channel
from assistant.settings import Settings
from knowledge.embeddings import Embedder

ADDRESS = "203.0.113.77"  # of whoever asks; it must turn up nowhere
Ask = Callable[..., Awaitable[Reply]]


@pytest.fixture
def services(new_starter_home: Callable[[], Path], embedder: Embedder) -> Iterator[Services]:
    """Services that may be published to."""
    opened = open_services(Settings(home=new_starter_home()), embedder=embedder)
    yield opened
    opened.close()


def where_nothing_was_asked(starter: Services) -> Services:
    """The house that all tests share, without what others asked in it; for tests that do not publish."""
    with starter.engine.begin() as connection:
        tables = reversed(metadata.sorted_tables)
        about_turns = [one for one in tables if any(key.column.table is turns for key in one.foreign_keys)]
        for table in (*about_turns, gaps, passage_uses, turns):
            connection.execute(delete(table))
    return starter


@pytest.fixture
def ask(services: Services) -> Ask:
    """Asks as somebody unknown, or as a creator; every question in a thread of its own."""

    async def asked(text: str, creator: str | None = None, channel: Channel = "web") -> Reply:
        return await services.assistant.answer(Caller(channel, creator, ADDRESS), None, text)

    return asked
