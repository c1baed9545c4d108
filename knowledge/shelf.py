"""One release, open for reading: whoever answers holds one shelf from beginning to end, so no answer mixes releases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from knowledge.dates import periods_named, years_of
from knowledge.documents import Audience, Passage
from knowledge.embeddings import Vectors
from knowledge.errors import BadInput, Unavailable
from knowledge.folding import clean
from knowledge.index.ranking import Hit, ReleaseIndex

LONGEST_QUERY = 400  # characters; what follows in a longer question is not searched for
EVERYBODY = Audience()
Eligible = Callable[[int, date | None, frozenset[int], Audience], frozenset[int]]


@dataclass(frozen=True)
class Found:
    """What a search saw: the release it ran on, the day it stands for, and the hits, best first."""

    release: int
    day: date
    periods: frozenset[str]
    hits: list[Hit]


class Shelf:
    """Reads one release. Immutable and thread-safe; a publish or rollback puts up another shelf."""

    def __init__(
        self,
        index: ReleaseIndex,
        eligible: Eligible,
        query_vector: Callable[[str], Vectors],
        today: Callable[[], date],
    ) -> None:
        self.index = index
        self.release = index.release
        self.query_vector = query_vector
        self._today = today
        self._eligible = lru_cache(maxsize=32)(eligible)

    def search(
        self,
        query: str,
        k: int = 10,
        day: date | None = None,
        lang: str | None = None,
        vector: Vectors | None = None,
        audience: Audience = EVERYBODY,
    ) -> Found:
        """The passages that answer `query`, best first, from those in force on `day` (default today) for `audience`.

        A year named in the query also admits what was in force in that year; callers mark it as such
        (`Passage.is_in_force`). Without a vector, for the embedder fails, the words alone are searched for. Raises
        BadInput for an empty query.
        """
        text = clean(query).strip()[:LONGEST_QUERY]
        if not text:
            raise BadInput("The question is empty; write what you want to know.")
        asked_day = day or self._today()
        periods = periods_named(text, asked_day)
        eligible = self._eligible(self.release, asked_day, years_of(periods), audience)
        query_vector = self.vector_or_none(text) if vector is None else vector
        hits = self.index.search(text, query_vector, eligible, k, lang, periods)
        return Found(self.release, asked_day, periods, hits)

    def vector_or_none(self, text: str) -> Vectors | None:
        """The vector of a question; None while the embedder fails."""
        try:
            return self.query_vector(text)
        except Unavailable:
            return None

    @cached_property
    def addresses_some(self) -> bool:
        """Whether any text is for some creators only, so that it matters who asks."""
        return any(passage.audience != EVERYBODY for passage in self.passages)

    def next_from(self, slug: str, day: date) -> date | None:
        """The first day after `day` on which another text of this document comes into force, or None."""
        return min((start for start in self._starts.get(slug, ()) if start > day), default=None)

    @cached_property
    def _starts(self) -> dict[str, set[date]]:
        starts: dict[str, set[date]] = {}
        for passage in self.passages:
            if passage.effective_from is not None:
                starts.setdefault(passage.slug, set()).add(passage.effective_from)
        return starts

    def in_force(self, day: date) -> list[Passage]:
        """The passages that hold on a day, in the order of their documents."""
        eligible = self._eligible(self.release, day, frozenset(), EVERYBODY)
        return [passage for passage in self.passages if passage.id in eligible]

    @property
    def passages(self) -> list[Passage]:
        """Every passage of the release, whatever its period."""
        return self.index.passages

    def passage(self, passage_id: int) -> Passage:
        """A passage of the release by its id. Raises NotFound."""
        return self.index.passage(passage_id)

    def term_weight(self, term: str) -> float:
        """How telling a lexical term is in this release."""
        return self.index.weight(term)
