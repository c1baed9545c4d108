"""The front desk of knowledge: add texts, check and publish releases, roll back, search what is served.

Invariant: every search runs on one release from beginning to end. A publish or rollback builds the new index beside the
old one, commits one row in SQL, and swaps one reference; until then the old release serves.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from knowledge.audit import Trail
from knowledge.catalog import Added, Catalog
from knowledge.documents import NewRevision, Passage
from knowledge.embeddings import Embedder, EmbeddingStore, Vectors
from knowledge.errors import Conflict, NotFound, Said, Unavailable
from knowledge.export import write_folder
from knowledge.gate.checks import check_release
from knowledge.gate.findings import Finding, Report
from knowledge.gate.links import Check as LinkCheck
from knowledge.index.dense import DenseIndex
from knowledge.index.making import IndexMaker, Progress, ReleaseVectors, silent
from knowledge.index.ranking import ReleaseIndex
from knowledge.question_vectors import QuestionVectors
from knowledge.releases import Releases
from knowledge.shelf import Found, Shelf
from knowledge.synonyms import Synonyms
from knowledge.transactions import alone

log = logging.getLogger(__name__)
KEPT_COLLECTIONS = 3  # releases whose dense index stays on disk, so that a rollback needs no rebuilding
KEPT_SHELVES = 3  # releases that stay in memory, so that a rollback takes no time
CHECKING = Said("Another check is running; wait until it has ended.")
# Asks questions of the served release (None before the first) and of a candidate.
Examiner = Callable[[Shelf | None, Shelf], tuple[list[Finding], dict[str, Any]]]


@dataclass(frozen=True)
class Checked:
    """A candidate that the gate has judged."""

    release: int
    revisions: int
    passages: int
    report: Report

    @property
    def is_green(self) -> bool:
        """Whether it may be served without a waiver."""
        return not self.report.blocking


class Library:
    """Documents in, cited passages out. Thread-safe; one Library owns a home's index."""

    def __init__(self, engine: Engine, embedder: Embedder, dense: DenseIndex, timezone: ZoneInfo) -> None:
        self.catalog = Catalog(engine)
        self.releases = Releases(engine)
        self.trail = Trail(engine)
        self.synonyms = Synonyms(engine)
        self._engine = engine
        self._store = EmbeddingStore(engine, embedder)
        self._dense = dense
        self._maker = IndexMaker(self._store, dense)
        self._timezone = timezone
        self._checking = threading.Lock()  # held for minutes; a rollback never waits for it
        self._switching = threading.RLock()
        self._shelf: Shelf | None = None
        self._kept: OrderedDict[int, Shelf] = OrderedDict()
        self._words: list[Any] = []  # the synonyms that the shelves in memory know
        self._query_vector = QuestionVectors(self._store.embed_query)

    def today(self) -> date:
        """The day it is in the configured time zone."""
        return datetime.now(self._timezone).date()

    def open(self) -> None:
        """Load the served release, rebuilding its dense index when the probe finds it damaged or missing."""
        self._words = list(self.synonyms.groups().values())
        number = self.releases.served()
        if number is not None:
            self._shelf = self._opened(number)

    def follow(self) -> bool:
        """Serve what another process on the same database has published or rolled back to meanwhile, and know its
        synonyms; returns whether anything changed. The present release serves until the other is open."""
        number = self.releases.served()
        has_other_words = list(self.synonyms.groups().values()) != self._words
        if number is not None and number != self.release:
            shelf = self.shelf_of(number)
            with self._switching:
                self._put_up(shelf)
        elif not has_other_words:
            return False
        if has_other_words:
            self._respell()
        return True

    def regain_index(self) -> bool:
        """Ask a Chroma server again that has failed, and give it anew what it has lost; returns whether it is well
        again. Until then questions are searched for by their words."""
        if not (self._dense.failure and self._dense.reconnect()):
            return False
        number = self.release
        if number is not None:
            vectors = self._maker.vectors(self.releases.passages(number))
            if not self._maker.is_sound(number, vectors):
                self._mend(number, vectors)
        self._dense.trust()
        return True

    @property
    def release(self) -> int | None:
        """The release that is served by this process."""
        return self._shelf.release if self._shelf else None

    @property
    def embedder_failure(self) -> str:
        """Why questions are searched for by their words alone; empty when the embedder is well."""
        return self._query_vector.failure

    @property
    def index_failure(self) -> str:
        """Why the dense index finds nothing; empty when it is well."""
        return self._dense.failure

    @property
    def shelf(self) -> Shelf:
        """The served release, for reading. Hold it for the length of an answer. Raises NotFound before the first
        publish."""
        if self._shelf is None:
            raise NotFound("Nothing has been published yet; run `heliotrope knowledge publish`.")
        return self._shelf

    def shelf_of(self, number: int) -> Shelf:
        """Any release that was checked, open for reading; opening an old one takes seconds. Raises NotFound."""
        kept = self._kept.get(number)
        if kept is not None:
            return kept
        with self._switching:
            if self.releases.find(number).state == "candidate":
                raise NotFound("Release {number} is still being built.", number=number)
            return self._opened(number)

    def search(self, query: str, k: int = 10, day: date | None = None, lang: str | None = None) -> Found:
        """Search the served release; see `Shelf.search`."""
        return self.shelf.search(query, k, day, lang)

    def query_vectors(self, texts: Sequence[str]) -> Vectors:
        """Vectors of many questions, kept in SQL (for exemplars, which are asked for at every start)."""
        return self._store.vectors(texts, "query")

    def load_embedder(self) -> None:
        """Load the embedder in the house, which a start does without and the first question would wait for."""
        self._store.load()

    def load_vectors(self, cache: Path) -> int:
        """Take up vectors that were made beforehand; returns how many were new."""
        return self._store.load_cache(cache)

    def write_vectors(self, cache: Path, extra_queries: Sequence[str] = ()) -> int:
        """Write every vector that serving the present release needs, and those of `extra_queries`, to a file."""
        passages = self.shelf.passages
        forms = [form for passage in passages for form in passage.asked]
        return self._store.write_cache(
            cache, {"passage": [passage.embedded_text for passage in passages], "query": [*forms, *extra_queries]}
        )

    def add(self, revisions: Iterable[NewRevision], author: str) -> list[Added]:
        """Keep revisions as drafts, all or none. They are served after the next publish."""
        return self.catalog.add(revisions, author)

    def add_synonyms(self, words: Sequence[str], author: str) -> int:
        """Keep a group of words that mean the same; searches know it from now on. Raises BadInput."""
        group = self.synonyms.add(words, author)
        self._respell()
        return group

    def remove_synonyms(self, group: int, author: str) -> None:
        """Forget a group; searches forget it from now on."""
        self.synonyms.remove(group, author)
        self._respell()

    def check(
        self,
        note: str,
        author: str,
        examine: Examiner | None = None,
        progress: Progress = silent,
        check_link: LinkCheck | None = None,
    ) -> Checked:
        """Build a candidate of everything served plus all drafts, in the shadow, and let the gate judge it; links are
        looked up only with a `check_link`.

        Raises Conflict when there is nothing new or when another check is running, Unavailable when the
        candidate's index does not find its own passages. What is served does not change.
        """
        if not self._checking.acquire(blocking=False):
            raise Conflict(CHECKING)
        try:
            with alone(self._engine, "check of a release") as is_alone:
                if not is_alone:
                    raise Conflict(CHECKING)
                try:
                    return self._checked(note, author, examine, progress, check_link)
                except BaseException:
                    self.releases.abandon()
                    raise
        finally:
            self._checking.release()

    def publish(self, number: int, publisher: str, waiver: str = "") -> None:
        """Serve a checked candidate; `waiver` is the reason to serve one that the gate stopped.

        Raises NotFound or Conflict (see `Releases.serve`); the present release serves until the switch.
        """
        shelf = self.shelf_of(number)
        with self._switching:
            self.releases.serve(number, publisher, waiver)
            self._put_up(shelf)

    def rollback(self, number: int, publisher: str, reason: str = "") -> None:
        """Serve an earlier release again. Raises NotFound or Conflict; the present one serves until the switch."""
        if self.releases.find(number).served_at is None:
            raise Conflict("Release {number} was never served, so it cannot be rolled back to.", number=number)
        shelf = self.shelf_of(number)
        with self._switching:
            self.releases.return_to(number, publisher, reason)
            self._put_up(shelf)

    def verify(self) -> list[str]:
        """Sentences about what is wrong with the served release; empty when it is sound."""
        number = self.releases.served()
        if number is None:
            return ["Nothing has been published yet."]
        passages = self.releases.passages(number)
        complaints = []
        if not passages:
            complaints.append(f"Release {number} holds no passages.")
        if not self._maker.is_sound(number, self._maker.vectors(passages)):
            complaints.append(
                f"The dense index of release {number} does not find its own passages; "
                "run `heliotrope knowledge rebuild`."
            )
        return complaints

    def rebuild(self, progress: Progress = silent) -> int:
        """Make the served release's index anew from SQL; returns the number of passages."""
        with self._switching:
            number = self.releases.served()
            if number is None:
                raise NotFound("Nothing has been published yet; there is nothing to rebuild.")
            passages = self.releases.passages(number)
            self._kept.clear()
            self._mend(number, self._maker.vectors(passages, progress), anew=True)
            self._put_up(self._shelved(number, passages))
            return len(passages)

    def export(self, folder: Path) -> int:
        """Write the served release as Markdown files that `knowledge add` reads back; returns how many."""
        return write_folder(self.catalog.held_by(self.shelf.release), folder)

    def _checked(
        self, note: str, author: str, examine: Examiner | None, progress: Progress, check_link: LinkCheck | None
    ) -> Checked:
        number = self.releases.start(note, author)
        passages = self.releases.passages(number)
        vectors = self._maker.vectors(passages, progress)
        self._maker.make(number, vectors, self._base_of(number))
        if self._maker.is_sound(number, vectors):
            self._dense.seal()
        else:
            self._dense.drop(number)
            raise Unavailable("The new index does not find its own passages; the old release goes on. Check again.")
        shelf = self._shelved(number, passages)
        report = self._judged(shelf, vectors, examine, progress, check_link)
        self.releases.judge(number, not report.blocking, report.as_dict(), author)
        self._keep(shelf)
        return Checked(number, len({(one.slug, one.revision) for one in passages}), len(passages), report)

    def _judged(
        self,
        shelf: Shelf,
        vectors: ReleaseVectors,
        examine: Examiner | None,
        progress: Progress,
        check_link: LinkCheck | None,
    ) -> Report:
        """What the gate finds in a candidate. A passage is new when the release served now has it not."""
        before = {passage.id for passage in self._shelf.passages} if self._shelf else set()
        new = frozenset(passage.id for passage in shelf.passages) - before
        removed = before - {passage.id for passage in shelf.passages}
        progress("checking", 0, 1)
        findings = check_release(
            shelf.passages,
            new,
            [passage for passage in (self._shelf.passages if self._shelf else ()) if passage.id in removed],
            vectors.texts,
            self.releases.spans(shelf.release),
            self.today(),
            check_link,
        )
        examined: dict[str, Any] = {}
        if examine is not None:
            more, examined = examine(self._shelf, shelf)
            findings += more
        progress("checking", 1, 1)
        return Report(findings, len(new), vectors.embedded, examined)

    def _put_up(self, shelf: Shelf) -> None:
        self._keep(shelf)
        self._shelf = shelf
        releases = self.releases.all()
        served = [release.number for release in releases if release.served_at is not None]
        # A candidate may be under way in another thread; its collections are being written.
        kept = {*served[:KEPT_COLLECTIONS], *self._kept, *(one.number for one in releases if one.state == "candidate")}
        self._dense.drop(*(release.number for release in releases if release.number not in kept))

    def _respell(self) -> None:
        """Read the synonyms anew for every release that is in memory."""
        with self._switching:
            self._words = groups = list(self.synonyms.groups().values())
            for number, shelf in self._kept.items():
                self._kept[number] = self._on_shelf(shelf.index.with_synonyms(groups))
            self._shelf = self._kept.get(self.release) if self.release is not None else None

    def _keep(self, shelf: Shelf) -> None:
        with self._switching:
            self._kept[shelf.release] = shelf
            self._kept.move_to_end(shelf.release)
            while len(self._kept) > KEPT_SHELVES:
                oldest = next(number for number in self._kept if number != self.release)
                del self._kept[oldest]

    def _opened(self, number: int) -> Shelf:
        """The shelf of a release, its dense index rebuilt from SQL when the probe finds it damaged or missing."""
        passages = self.releases.passages(number)
        vectors = self._maker.vectors(passages)
        try:
            if not self._maker.is_sound(number, vectors):
                self._mend(number, vectors)
            self._dense.seal()
        except Unavailable:
            log.exception("Release %s is searched by words alone: its dense index can be neither used nor made", number)
        shelf = self._shelved(number, passages)
        self._keep(shelf)
        return shelf

    def _mend(self, number: int, vectors: ReleaseVectors, anew: bool = False) -> None:
        if not self._dense.is_shared:
            # Where the others' indexes are lost with it, they are made anew when they are asked for.
            self._maker.mend(number, vectors, self._base_of(number), self._kept.clear)
            return
        with alone(self._engine, "index", wait=True):  # another process may have made it on the same server
            if anew or not self._maker.is_sound(number, vectors):
                self._maker.make(number, vectors, self._base_of(number))

    def _base_of(self, number: int) -> int | None:
        return self.release if number != self.release else None

    def _shelved(self, number: int, passages: Sequence[Passage]) -> Shelf:
        before = self._shelf.index if self._shelf else None
        index = ReleaseIndex(number, passages, self._dense, synonyms=self._words, before=before)
        return self._on_shelf(index)

    def _on_shelf(self, index: ReleaseIndex) -> Shelf:
        return Shelf(index, self.releases.eligible, self._query_vector, self.today)
