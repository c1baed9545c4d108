"""Dense search: Chroma collections of releases. Chroma is an index, never the truth; SQL holds every vector."""

import contextlib
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.models.Collection import Collection
from chromadb.api.types import QueryResult
from chromadb.config import Settings
from chromadb.errors import NotFoundError

from knowledge.embeddings import Vectors
from knowledge.errors import Unavailable
from knowledge.index import guard
from knowledge.index.server import ChromaServer

log = logging.getLogger(__name__)
WRITE_BATCH = 2000
# A release that differs from its base by more than this share of it gets a collection of its own.
MOST_CHANGED = 0.25
# The probe asks for sampled vectors; a sound index finds nearly all of them (fresh collections miss 0 to 7 of 3,000).
PROBES, PROBE_FLOOR = 40, 0.9


Part = Literal["texts", "forms"]
PARTS: tuple[Part, ...] = ("texts", "forms")


@dataclass(frozen=True)
class _Opened:
    """A collection as it was when opened. `base` names the one that it adds to, `dead` counts the keys there that its
    release has not."""

    collection: Collection
    size: int
    base: str
    dead: int


class DenseIndex:
    """Nearest vectors of a release, in two parts: passages' texts (keys such as `12`) and the question forms
    that they answer (`12/3`, the passage's third). Apart, because forms are nearer to any question than texts are.

    A part is one collection, or a small one beside the whole collection of an earlier release, its base. A collection
    is written once: upserting into an old one would cost recall. A base never has a base itself.

    A folder that is damaged is emptied; one that cannot be used at all leaves an index that only raises Unavailable.
    `failure` is what the index last failed with, empty when it is well. A server that failed is left alone, so that no
    question waits for it, until `reconnect` finds it well.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self._open: dict[str, _Opened] = {}
        self._folder = None if url else folder
        self._server = ChromaServer(url) if url else None
        self.failure = ""
        self._opened_client = None
        if self._server is None:
            self._opened_client = self._opened(folder)
        else:
            self.reconnect()

    @property
    def is_shared(self) -> bool:
        """Whether it stands on a server, where other processes may read and write the same collections."""
        return self._server is not None

    def reconnect(self) -> bool:
        """Whether the server answers now; what it has kept of the collections is for the caller to find out."""
        if self._server is None:
            return False
        try:
            self._opened_client = self._server.connect()
        except Unavailable as error:
            self.failure = str(error)
            return False
        self._open.clear()
        return True

    def trust(self) -> None:
        """Ask it again from now on: the caller has found it well."""
        self.failure = ""

    def start_anew(self) -> bool:
        """Empty a folder of our own, for what is in it cannot be mended; returns whether that was possible."""
        if self._folder is None:
            return False
        self._open.clear()
        if self._opened_client is not None:
            with contextlib.suppress(Exception):  # Chroma raises its native code's errors as many unrelated classes
                self._opened_client.close()  # type: ignore[attr-defined]  # its interface lacks what every client has
        try:
            guard.discard(self._folder)
        except OSError:
            return False
        self._opened_client = self._opened(self._folder)
        return self._opened_client is not None

    def seal(self) -> None:
        """Keep that the files are sound as they are now, so that the next start need not try them out."""
        if self._folder is not None:
            guard.seal(self._folder)

    @property
    def _client(self) -> ClientAPI:
        if self._opened_client is None:
            raise Unavailable(self.failure)
        return self._opened_client

    def _opened(self, folder: Path) -> ClientAPI | None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not guard.is_safe(folder):
                guard.discard(folder)
            return chromadb.PersistentClient(str(folder), settings=_settings())
        except Exception as error:  # the same many classes
            log.exception("The index in %s cannot be used; questions are searched for by their words", folder)
            reason = getattr(error, "strerror", None) or type(error).__name__
            self.failure = f"The index folder {folder} cannot be used ({reason}); mend its rights or disk and restart."
            return None

    def build(
        self, release: int, part: Part, keys: Sequence[str], vectors: Vectors, base: int | None = None
    ) -> None:
        """Write a part of a release anew; what the release `base` (or its base) holds already is not written again.

        A key stands for the same vector in every release. Without a base, or where too much differs from it, everything
        is written. Raises Unavailable when it cannot be.
        """
        try:
            self._build(_name(release, part), part, keys, vectors, base)
        except Unavailable:
            raise
        except Exception as error:  # the same many classes
            self.failure = "The index cannot be written; is there room on its disk?"
            if self._server is not None:
                self.failure = str(self._server.unavailable())
            raise Unavailable(self.failure) from error

    def _build(self, name: str, part: Part, keys: Sequence[str], vectors: Vectors, base: int | None) -> None:
        self._drop(name)
        ground, held = ("", frozenset()) if base is None else self._ground(_name(base, part))
        fresh = [index for index, key in enumerate(keys) if key not in held]
        dead = len(held) - (len(keys) - len(fresh))
        metadata = None
        if held and len(fresh) + dead <= MOST_CHANGED * len(held):
            metadata = {"base": ground, "dead": dead}
        else:
            fresh = list(range(len(keys)))
        collection = self._client.create_collection(
            name,
            configuration={"hnsw": {"space": "ip", "ef_search": 200, "ef_construction": 200}},
            metadata=metadata,
            embedding_function=None,
        )
        for start in range(0, len(fresh), WRITE_BATCH):
            some = fresh[start : start + WRITE_BATCH]
            collection.add(ids=[keys[index] for index in some], embeddings=vectors[some])
        self._open.pop(name, None)  # a search may have opened it half-written
        self.failure = ""

    def is_sound(self, release: int, part: Part, keys: Sequence[str], vectors: Vectors) -> bool:
        """Whether sampled vectors are found under their own keys, in the release's collection and in its base;
        `count()` stays right even when nothing is findable."""
        try:
            name = _name(release, part)
            base = self._collection(name).base
            held = self._keys(base) if base else frozenset()
            places = {name: [index for index, key in enumerate(keys) if key not in held]}
            if base:
                places[base] = [index for index, key in enumerate(keys) if key in held]
            return all(self._finds(name, keys, vectors, indexes) for name, indexes in places.items())
        except Unavailable:
            return False

    def search(self, release: int, part: Part, vector: Vectors, count: int) -> list[tuple[str, float]]:
        """The nearest keys with their cosine similarity, best first: at least `count` if there are so many, and among
        them perhaps keys of the base that the release has not. Raises Unavailable when the index cannot answer."""
        if self._server is not None and self.failure:
            raise Unavailable(self.failure)
        try:
            hits = self._searched(release, part, vector, count)
        except Unavailable as error:
            self.failure = str(error)
            raise
        self.failure = ""
        return hits

    def _searched(self, release: int, part: Part, vector: Vectors, count: int) -> list[tuple[str, float]]:
        own = self._collection(_name(release, part))
        (hits,) = self._query(_name(release, part), vector[None], count) if own.size else ([],)
        if own.base:
            (more,) = self._query(own.base, vector[None], count + min(own.dead, count))
            hits = sorted(hits + more, key=lambda hit: -hit[1])
        return hits

    def drop(self, *releases: int) -> None:
        """Forget releases' collections where there are any, but not one that a release left builds on; they can be
        rebuilt from SQL."""
        doomed = {_name(release, part) for release in releases for part in PARTS}
        with contextlib.suppress(Exception):  # the same many classes; what cannot be listed cannot be dropped either
            left = self._client.list_collections()
            needed = {(one.metadata or {}).get("base") for one in left if one.name not in doomed}
            for one in left:
                if one.name in doomed - needed:
                    self._drop(one.name)

    def _ground(self, name: str) -> tuple[str, frozenset[str]]:
        """The whole collection that the one of this name is or adds to, and its keys; none when either is gone."""
        try:
            ground = self._collection(name).base or name
            return ground, self._keys(ground)
        except Unavailable:
            return "", frozenset()

    def _keys(self, name: str) -> frozenset[str]:
        collection = self._collection(name).collection
        try:
            return frozenset(collection.get(include=[])["ids"])
        except Exception as error:  # Chroma raises its native code's errors as many unrelated classes
            self._open.pop(name, None)
            raise self._unavailable() from error

    def _finds(self, name: str, keys: Sequence[str], vectors: Vectors, indexes: Sequence[int]) -> bool:
        chosen = random.Random(name).sample(indexes, min(PROBES, len(indexes)))
        if not chosen:
            return True
        found = 0
        for index, hits in zip(chosen, self._query(name, vectors[chosen], 5), strict=True):
            # Two may say the very same.
            found += keys[index] in dict(hits) or max((cosine for _, cosine in hits), default=0.0) > 0.999
        return found >= PROBE_FLOOR * len(chosen)

    def _query(self, name: str, vectors: Vectors, count: int) -> list[list[tuple[str, float]]]:
        """The nearest keys of one collection for each vector, with their cosines, best first. Raises Unavailable."""
        asked = np.asarray(vectors, dtype=np.float32)

        def answered() -> QueryResult:
            return self._collection(name).collection.query(
                query_embeddings=asked, n_results=count, include=["distances"]
            )

        try:
            try:
                answer = answered()
            except NotFoundError:  # another process has made it anew
                self._open.pop(name, None)
                answer = answered()
        except Exception as error:  # the same many classes
            self._open.pop(name, None)
            raise self._unavailable() from error
        found = zip(answer["ids"], answer["distances"] or [], strict=True)
        return [
            [(key, 1.0 - float(distance)) for key, distance in zip(ids, distances, strict=True)]
            for ids, distances in found
        ]

    def _collection(self, name: str) -> _Opened:
        """The collection of that name; asking Chroma for it costs as much as a query, so it is asked for once. Raises
        Unavailable."""
        if name not in self._open:
            try:
                collection = self._client.get_collection(name, embedding_function=None)
                about = collection.metadata or {}
                opened = _Opened(collection, collection.count(), str(about.get("base", "")), int(about.get("dead", 0)))
            except Exception as error:  # the same many classes
                raise self._unavailable() from error
            self._open[name] = opened
        return self._open[name]

    def _unavailable(self) -> Unavailable:
        if self._server is not None:
            return self._server.unavailable()
        return Unavailable("The dense index does not answer; `heliotrope knowledge rebuild` makes it anew.")

    def _drop(self, name: str) -> None:
        self._open.pop(name, None)
        with contextlib.suppress(Exception):  # the same many classes, here for a collection that is not there
            self._client.delete_collection(name)


def _settings() -> Settings:
    return Settings(anonymized_telemetry=False)


def _name(release: int, part: Part) -> str:
    return f"release-{release}-{part}"
