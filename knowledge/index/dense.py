"""Dense search: one Chroma collection a release. Chroma is an index, never the truth; SQL holds every vector."""

import contextlib
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import chromadb
import numpy as np
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings
from chromadb.errors import ChromaError

from knowledge.embeddings import Vectors
from knowledge.errors import Misconfigured, Unavailable

WRITE_BATCH = 2000
# The probe asks for sampled vectors; a sound index finds nearly all of them (fresh collections miss 0 to 7 of 3,000).
PROBES, PROBE_FLOOR = 40, 0.9


Part = Literal["texts", "forms"]
PARTS: tuple[Part, ...] = ("texts", "forms")


class DenseIndex:
    """Nearest vectors of a release, in two collections: passages' texts (keys such as `12`) and the question forms
    that they answer (`12/3`, the passage's third). Apart, because forms are nearer to any question than texts are."""

    def __init__(self, folder: Path, url: str = "") -> None:
        settings = Settings(anonymized_telemetry=False)
        self._open: dict[str, Collection] = {}
        try:
            if url:
                host, _, port = url.split("://", 1)[-1].rstrip("/").partition(":")
                self._client = chromadb.HttpClient(
                    host=host, port=int(port or 8000), ssl=url.startswith("https"), settings=settings
                )
            else:
                folder.mkdir(parents=True, exist_ok=True)
                self._client = chromadb.PersistentClient(str(folder), settings=settings)
        except (ValueError, ChromaError, OSError) as error:
            raise Misconfigured(f"The Chroma index cannot be opened: {error}") from error

    def build(self, release: int, part: Part, keys: Sequence[str], vectors: Vectors) -> None:
        """A fresh collection for a part of a release; upserting into an old one would cost recall."""
        self._drop(_name(release, part))
        collection = self._client.create_collection(
            _name(release, part),
            configuration={"hnsw": {"space": "ip", "ef_search": 200, "ef_construction": 200}},
            embedding_function=None,
        )
        for start in range(0, len(keys), WRITE_BATCH):
            stop = start + WRITE_BATCH
            collection.add(ids=list(keys[start:stop]), embeddings=vectors[start:stop])

    def is_sound(self, release: int, part: Part, keys: Sequence[str], vectors: Vectors) -> bool:
        """Whether sampled vectors are found under their own keys; `count()` stays right even when nothing is
        findable."""
        chosen = random.Random(release).sample(range(len(keys)), min(PROBES, len(keys)))
        found = 0
        try:
            for index in chosen:
                hits = dict(self.search(release, part, vectors[index], 5))
                found += keys[index] in hits or max(hits.values(), default=0.0) > 0.999  # two may say the very same
        except Unavailable:
            return False
        return found >= PROBE_FLOOR * len(chosen)

    def search(self, release: int, part: Part, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """The nearest keys with their cosine similarity, best first. Raises Unavailable when the index cannot
        answer."""
        try:
            answer = self._collection(_name(release, part)).query(
                query_embeddings=np.asarray([vector], dtype=np.float32), n_results=count, include=["distances"]
            )
        except Exception as error:  # Chroma raises its native code's errors as many unrelated classes
            raise Unavailable(
                "The dense index does not answer; `heliotrope knowledge rebuild` makes it anew."
            ) from error
        distances = answer["distances"] or [[]]
        return [(key, 1.0 - float(distance)) for key, distance in zip(answer["ids"][0], distances[0], strict=True)]

    def drop(self, release: int) -> None:
        """Forget a release's collections if there are any; they can be rebuilt from SQL."""
        for part in PARTS:
            self._drop(_name(release, part))

    def _collection(self, name: str) -> Collection:
        """The collection of that name; asking Chroma for it costs as much as a query, so it is asked for once."""
        if name not in self._open:
            self._open[name] = self._client.get_collection(name, embedding_function=None)
        return self._open[name]

    def _drop(self, name: str) -> None:
        self._open.pop(name, None)
        with contextlib.suppress(Exception):  # the same many classes, here for a collection that is not there
            self._client.delete_collection(name)


def _name(release: int, part: Part) -> str:
    return f"release-{release}-{part}"
