"""The front desk of knowledge: add texts, publish and roll back releases, search what is served.

Invariant: every search runs on one release from beginning to end. A publish or rollback builds the new index beside the
old one, commits one row in SQL, and swaps one reference; until then the old release serves.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Engine

from knowledge.catalog import Added, Catalog, Release
from knowledge.dates import periods_named, years_of
from knowledge.documents import NewRevision, Passage
from knowledge.embeddings import Embedder, EmbeddingStore, Vectors
from knowledge.errors import BadInput, Conflict, NotFound, Unavailable
from knowledge.folding import clean
from knowledge.index.dense import DenseIndex, Part
from knowledge.index.ranking import Hit, ReleaseIndex

LONGEST_QUERY = 400  # characters; what follows in a longer question is not searched for
KEPT_COLLECTIONS = 3  # releases whose dense index stays on disk, so that a rollback needs no rebuilding
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _ReleaseVectors:
    parts: dict[Part, tuple[list[str], Vectors]]
    embedded: int


def _silent(_step: str, _done: int, _total: int) -> None:
    return None


@dataclass(frozen=True)
class Found:
    """What a search saw: the release it ran on, the day it stands for, and the hits, best first."""

    release: int
    day: date
    periods: frozenset[str]
    hits: list[Hit]


@dataclass(frozen=True)
class Published:
    """The outcome of a publish. `findings` are what the gate saw; `waived` says that it was passed with a reason."""

    release: int
    revisions: int
    passages: int
    embedded: int
    findings: list[str] = field(default_factory=list)
    waived: bool = False


class Library:
    """Documents in, cited passages out. Thread-safe; one Library owns a home's index."""

    def __init__(self, engine: Engine, embedder: Embedder, dense: DenseIndex, timezone: ZoneInfo) -> None:
        self.catalog = Catalog(engine)
        self._store = EmbeddingStore(engine, embedder)
        self._dense = dense
        self._timezone = timezone
        self._publishing = threading.Lock()
        self._index: ReleaseIndex | None = None
        self._eligible = lru_cache(maxsize=256)(self._eligible_in_sql)
        self._query_vector = lru_cache(maxsize=4096)(self._embed_query)

    def today(self) -> date:
        """The day it is in the configured time zone."""
        return datetime.now(self._timezone).date()

    def open(self) -> None:
        """Load the served release, rebuilding its dense index when the probe finds it damaged or missing."""
        number = self.catalog.served_release()
        if number is None:
            return
        self._index = self._ready(number)

    @property
    def release(self) -> int | None:
        """The release that is served by this process."""
        return self._index.release if self._index else None

    def load_vectors(self, cache: Path) -> int:
        """Take up vectors that were made beforehand; returns how many were new."""
        return self._store.load_cache(cache)

    def write_vectors(self, cache: Path, extra_queries: Sequence[str] = ()) -> int:
        """Write every vector that serving the present release needs, and those of `extra_queries`, to a file."""
        passages = self._need_index().passages
        forms = [form for passage in passages for form in passage.asked]
        return self._store.write_cache(
            cache, {"passage": [passage.embedded_text for passage in passages], "query": [*forms, *extra_queries]}
        )

    def add(self, revisions: Iterable[NewRevision], author: str) -> list[Added]:
        """Keep revisions as drafts, all or none. They are served after the next publish."""
        return self.catalog.add_all(revisions, author)

    def publish(self, note: str, author: str, waiver: str = "", progress: Progress = _silent) -> Published:
        """Build a candidate of everything served plus all drafts, check it in the shadow, then switch.

        Raises Conflict when there is nothing new, when another publish is running, or when the gate finds faults and
        no `waiver` (a reason, kept in the record) is given. The old release serves until the switch.
        """
        if not self._publishing.acquire(blocking=False):
            raise Conflict("Another publish is running; wait until it has ended.")
        try:
            number = self.catalog.start_candidate(note, author)
            passages = self.catalog.passages(number)
            vectors = self._vectors(passages, progress)
            self._build(number, vectors)
            if not self._is_sound(number, vectors):
                self.catalog.block(number, {"findings": ["index"]})
                raise Unavailable(
                    "The new index does not find its own passages; the old release goes on. Publish again."
                )
            findings = faults(passages)
            report = {"findings": findings}
            if findings and not waiver:
                self.catalog.block(number, report)
                self._dense.drop(number)
                raise Conflict(
                    "The gate stopped this release: " + "; ".join(findings[:5]) + ". Mend it, or waive with a reason."
                )
            self.catalog.serve(number, waiver if findings else "", report)
            self._swap(ReleaseIndex(number, passages, self._dense))
            revisions = len({(passage.slug, passage.revision) for passage in passages})
            return Published(number, revisions, len(passages), vectors.embedded, findings, bool(findings))
        finally:
            self._publishing.release()

    def rollback(self, number: int) -> None:
        """Serve an earlier release again. Raises NotFound or Conflict; the present one serves until the switch."""
        with self._publishing:
            self.catalog.require_release(number)
            index = self._ready(number)
            self.catalog.serve(number)
            self._swap(index)

    def releases(self) -> list[Release]:
        """All releases, newest first."""
        return self.catalog.releases()

    def search(
        self, query: str, k: int = 10, day: date | None = None, lang: str | None = None, vector: Vectors | None = None
    ) -> Found:
        """The passages that answer `query`, best first, from those in force on `day` (default today).

        A year named in the query also admits what was in force in that year; callers mark it as such
        (`Passage.is_in_force`). Raises BadInput for an empty query and NotFound before the first publish.
        """
        text = clean(query).strip()[:LONGEST_QUERY]
        if not text:
            raise BadInput("The question is empty; write what you want to know.")
        index = self._need_index()
        today = self.today()
        asked_day = day or today
        periods = periods_named(text, asked_day)
        eligible = self._eligible(index.release, asked_day, years_of(periods))
        query_vector = self.query_vector(text) if vector is None else vector
        hits = index.search(text, query_vector, eligible, k, lang, periods)
        return Found(index.release, asked_day, periods, hits)

    def query_vector(self, text: str) -> Vectors:
        """The vector of a question; the latest few thousand are remembered."""
        return self._query_vector(text)

    def query_vectors(self, texts: Sequence[str]) -> Vectors:
        """Vectors of many questions, kept in SQL (for exemplars, which are asked for at every start)."""
        return self._store.vectors(texts, "query")

    def term_weight(self, term: str) -> float:
        """How telling a lexical term is in the served release."""
        return self._need_index().weight(term)

    def passages(self) -> list[Passage]:
        """Every passage of the served release."""
        return self._need_index().passages

    def passage(self, passage_id: int) -> Passage:
        """A passage of the served release by its id. Raises NotFound."""
        return self._need_index().passage(passage_id)

    def verify(self) -> list[str]:
        """Sentences about what is wrong with the served release; empty when it is sound."""
        number = self.catalog.served_release()
        if number is None:
            return ["Nothing has been published yet."]
        passages = self.catalog.passages(number)
        complaints = []
        if not passages:
            complaints.append(f"Release {number} holds no passages.")
        if not self._is_sound(number, self._vectors(passages, _silent)):
            complaints.append(
                f"The dense index of release {number} does not find its own passages; "
                "run `heliotrope knowledge rebuild`."
            )
        return complaints

    def rebuild(self, progress: Progress = _silent) -> int:
        """Make the served release's index anew from SQL; returns the number of passages."""
        with self._publishing:
            number = self.catalog.served_release()
            if number is None:
                raise NotFound("Nothing has been published yet; there is nothing to rebuild.")
            passages = self.catalog.passages(number)
            self._build(number, self._vectors(passages, progress))
            self._swap(ReleaseIndex(number, passages, self._dense))
            return len(passages)

    def export(self, folder: Path) -> int:
        """Write the served release as Markdown files with front matter that `knowledge add` reads back; returns
        how many."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = self.catalog.newest_revisions(self._need_index().release)
        for row in rows:
            front: dict[str, Any] = {
                name: getattr(row, name)
                for name in (
                    "slug",
                    "lang",
                    "kind",
                    "title",
                    "source",
                    "source_url",
                    "source_date",
                    "trust",
                    "tier",
                    "category",
                    "effective_from",
                    "expires_on",
                )
                if getattr(row, name)
            }
            head = yaml.safe_dump({**front, **row.attributes}, allow_unicode=True, sort_keys=False)
            text = f"---\n{head}---\n{row.body}\n"
            (folder / f"{row.slug}@{row.effective_from or 'always'}.md").write_text(text, "utf-8")
        return len(rows)

    def _need_index(self) -> ReleaseIndex:
        if self._index is None:
            raise NotFound("Nothing has been published yet; run `heliotrope knowledge publish`.")
        return self._index

    def _swap(self, index: ReleaseIndex) -> None:
        self._index = index
        self._eligible.cache_clear()
        served = [release.number for release in self.catalog.releases() if release.served_at is not None]
        for number in served[KEPT_COLLECTIONS:]:
            if number != index.release:
                self._dense.drop(number)

    def _ready(self, number: int) -> ReleaseIndex:
        """The index of a release, its dense part rebuilt from SQL when the probe finds it damaged or missing."""
        passages = self.catalog.passages(number)
        vectors = self._vectors(passages, _silent)
        if not self._is_sound(number, vectors):
            self._build(number, vectors)
        return ReleaseIndex(number, passages, self._dense)

    def _vectors(self, passages: Sequence[Passage], progress: Progress) -> "_ReleaseVectors":
        """Keys and vectors of the passages and of their question forms; what was never embedded is embedded now."""
        embedded = 0

        def count(done: int, total: int) -> None:
            nonlocal embedded
            embedded += done == total and total
            progress("embedding", done, total)

        forms = [(f"{passage.id}/{number}", form) for passage in passages for number, form in enumerate(passage.asked)]
        texts = self._store.vectors([passage.embedded_text for passage in passages], "passage", count)
        asked = self._store.vectors([form for _, form in forms], "query", count)
        return _ReleaseVectors(
            {"texts": ([str(passage.id) for passage in passages], texts), "forms": ([key for key, _ in forms], asked)},
            embedded,
        )

    def _build(self, number: int, vectors: "_ReleaseVectors") -> None:
        for part, (keys, rows) in vectors.parts.items():
            self._dense.build(number, part, keys, rows)

    def _is_sound(self, number: int, vectors: "_ReleaseVectors") -> bool:
        return all(self._dense.is_sound(number, part, keys, rows) for part, (keys, rows) in vectors.parts.items())

    def _embed_query(self, text: str) -> Vectors:
        return self._store.embed_query(text)

    def _eligible_in_sql(self, release: int, day: date, years: frozenset[int]) -> frozenset[int]:
        return self.catalog.eligible(release, day, years)


def faults(passages: Sequence[Passage]) -> list[str]:
    """What the gate finds wrong in a release by itself, a sentence each."""
    found = []
    for passage in passages:
        if passage.kind == "policy" and passage.provenance.trust == "unverified" and not passage.unpublished:
            found.append(f"“{passage.slug}” presents an unverified source as a policy")
        if passage.kind == "policy" and not passage.provenance.source:
            found.append(f"“{passage.slug}” is a policy without a source")
    return sorted(set(found))
