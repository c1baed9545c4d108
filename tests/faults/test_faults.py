"""What stands under the house fails; the chat goes on from what is published, and nothing is to be mended after."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import event

from assistant.bootstrap import Services, open_services
from assistant.database.engine import BUSY, FULL
from assistant.identity import Caller
from assistant.settings import Settings
from knowledge import question_vectors
from knowledge.embeddings import Embedder
from knowledge.errors import Unavailable
from tests.faults.embedding_endpoint import FAILURES, EmbeddingEndpoint, embedding_endpoint
from tests.faults.serving import held_database
from tests.knowledge.texts import revision

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUESTION = "2024 年光合计划给多少流量？"


@pytest.fixture(scope="module")
def endpoint(embedder: Embedder) -> Iterator[EmbeddingEndpoint]:
    with embedding_endpoint(embedder) as opened:
        yield opened


@pytest.fixture(scope="module")
def services(new_starter_home: Callable[[], Path], endpoint: EmbeddingEndpoint) -> Iterator[Services]:
    opened = open_services(Settings(home=new_starter_home()), embedder=endpoint)
    yield opened
    opened.close()


def unwell(services: Services) -> list[str]:
    return [part.name for part in services.telemetry.condition.parts() if not part.is_well]


async def answered(services: Services, question: str = QUESTION) -> str:
    """The thread of an answer, which is right and cites what it says."""
    reply = await services.assistant.answer(Caller("web"), None, question)
    assert not reply.refused
    assert "100亿" in reply.text
    assert [citation.passage.slug for citation in reply.citations] == ["guanghe-plan"]
    return reply.thread


@pytest.mark.parametrize("failure", FAILURES)
async def test_chat_goes_on_by_words_while_the_embeddings_endpoint_fails(
    services: Services, endpoint: EmbeddingEndpoint, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question_vectors, "REST_SECONDS", 60.0)
    monkeypatch.setattr("knowledge.embeddings.QUESTION_SECONDS", 0.5)
    monkeypatch.setattr("knowledge.embeddings.BATCH_SECONDS", 0.1)
    endpoint.mode, question = failure, QUESTION + "？" * FAILURES.index(failure)
    await answered(services, question)
    assert unwell(services) == ["embedder"]
    asked = endpoint.asked
    await answered(services, f"请问{question}")
    assert endpoint.asked == asked, "an endpoint that failed is left alone for a while"

    served = services.library.release
    services.library.add([revision("new", f"## 新规定\n{failure} 时写的。", title="新")], "editor")
    with pytest.raises(Unavailable, match="embedd"):
        services.library.check("", "editor")
    assert services.library.release == served

    endpoint.mode = "well"
    monkeypatch.setattr("knowledge.embeddings.QUESTION_SECONDS", 60.0)
    services.library._query_vector._rests_until = 0.0  # the rest is over
    await answered(services, f"想知道{question}")
    assert unwell(services) == []


async def test_a_start_while_the_endpoint_fails_serves_what_is_published(
    new_starter_home: Callable[[], Path], endpoint: EmbeddingEndpoint
) -> None:
    endpoint.mode = "500"
    home = new_starter_home()
    begun = open_services(Settings(home=home), embedder=endpoint)
    try:
        await answered(begun)
    finally:
        begun.close()
        endpoint.mode = "well"


async def test_a_database_held_by_another_process_delays_what_is_kept_and_nothing_else(services: Services) -> None:
    caller, ended, is_told_while_held = Caller("web"), None, False
    with ExitStack() as held:
        held.enter_context(held_database(services.settings.home))
        async for happening in services.assistant.reply(caller, None, QUESTION):
            if happening.kind == "sentence" and not is_told_while_held:
                is_told_while_held = True
                held.close()
            ended = happening.reply or ended
    assert is_told_while_held
    assert ended is not None
    assert len(services.assistant.history(caller, ended.thread)) == 1


async def test_what_cannot_be_written_is_refused_with_a_sentence_and_chat_goes_on(services: Services) -> None:
    limited = {"pragma": ""}

    def limit(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute(limited["pragma"])

    event.listen(services.engine, "checkout", limit)
    path = services.settings.home / "heliotrope.db"
    long = "\n\n".join(f"## 第 {part} 节\n{os.urandom(900).hex()}" for part in range(120))
    try:
        limited["pragma"] = "PRAGMA max_page_count=1"  # the file may not grow: what SQLite meets on a full disk
        with pytest.raises(Unavailable, match=FULL):
            services.library.add([revision("long", long, title="长")], "editor")
        for _ in range(30):  # until no room is left in its pages either
            await answered(services, QUESTION)
        limited["pragma"] = "PRAGMA busy_timeout=50"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(Unavailable, match=BUSY):
                services.library.add([revision("late", "## 晚\n晚了。", title="晚")], "editor")
            await answered(services)
    finally:
        limited["pragma"] = "PRAGMA max_page_count=4294967294"
        with services.engine.begin():
            pass
        event.remove(services.engine, "checkout", limit)
    services.engine.dispose()
    assert services.library.verify() == []
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    services.library.add([revision("late", "## 晚\n晚了。", title="晚")], "editor")
