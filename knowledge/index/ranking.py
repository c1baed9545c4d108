"""Hybrid search of one release: dense and lexical evidence fused, then the year asked about and the language respected.

The one ranking of the product: chat, command line and hit testing all come through `ReleaseIndex.search`.
"""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.dates import periods_named
from knowledge.documents import Passage
from knowledge.embeddings import Vectors
from knowledge.errors import NotFound, Unavailable
from knowledge.folding import fold, terms
from knowledge.index.dense import DenseIndex, Part
from knowledge.index.lexical import LexicalIndex
from knowledge.index.synonyms import Groups, Thesaurus

DEPTH = 60  # candidates taken from each side
# When fewer of the nearest may be shown (others expired or speak another language), more are asked for, up to MOST.
ENOUGH, MOST = 10, 1000
_EDGES = " \t\n.,:;?!~…—·、。\"'()[]<>“”‘’「」『』《》〈〉【】"
_QUOTED = re.compile(r"[“「『《\"]([^“”「」『』《》\"]{2,40})[”」』》\"]")
# In which one part is searched while the caller's thread searches the other; one for all releases.
_beside = ThreadPoolExecutor(16, "forms")
Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """How evidence is fused; fitted on the project's own questions (`make bench` prints what each side alone reaches).

    Cosines of this embedder live between about 0.75 and 0.95, so they are stretched from `dense_floor` upwards. `exact`
    is more than vectors can give: words that stand in one passage only, just as they were asked, decide.
    """

    dense: float = 1.0
    asked: float = 0.8
    lexical: float = 1.2
    exact: float = 2.0
    dense_floor: float = 0.82
    # Of the score of the best that somebody vouches for, the most that what nobody vouches for can reach: it is there
    # to be found, and never the answer, for repeating a question is easy.
    unverified: float = 0.5
    period: float = 0.4
    other_period: float = 0.35


@dataclass(frozen=True)
class Hit:
    """A passage found, with the evidence: `dense` and `asked` are cosines to its text and to its best question form
    (at most so, when not among the nearest), `lexical` the share of the query's telling terms it holds, `exact` one
    divided by how many passages hold the query (or what it puts in quotes) word for word as this one does, `score` the
    fusion."""

    passage: Passage
    score: float
    dense: float
    asked: float
    lexical: float
    query: str
    exact: float = 0.0

    @property
    def matched(self) -> list[str]:
        """The query's terms that stand in the title, heading or text, in the order of the query."""
        text = fold(f"{self.passage.title} {self.passage.heading} {self.passage.text}")
        return list(dict.fromkeys(term for term in terms(self.query) if term in text))


class ReleaseIndex:
    """One release, ready to be searched. Immutable: a publish makes a new one and swaps it in.

    `synonyms` are groups of words that mean the same; `before`, the index of another release, saves reading again the
    passages that both hold.
    """

    def __init__(
        self,
        release: int,
        passages: Sequence[Passage],
        dense: DenseIndex | None,
        weights: Weights = Weights(),
        synonyms: Groups = (),
        before: "ReleaseIndex | None" = None,
    ) -> None:
        self.release = release
        self.passages = list(passages)
        self._position = {passage.id: index for index, passage in enumerate(self.passages)}
        self._lexical: LexicalIndex = LexicalIndex(self.passages, before._lexical if before else None)
        self._thesaurus = Thesaurus(synonyms)
        self._dense = dense
        self._weights = weights
        self._ids = np.fromiter((one.id for one in passages), np.int64, len(self.passages))
        self._vouched: Mask = np.fromiter((one.is_vouched for one in passages), np.bool_, len(self.passages))
        self._has_forms: Mask = np.fromiter((bool(one.asked) for one in passages), np.bool_, len(self.passages))
        self._usable = lru_cache(maxsize=64)(self._mask)

    def with_synonyms(self, synonyms: Groups) -> "ReleaseIndex":
        """The same index with other synonyms; costs nothing."""
        other = copy.copy(self)
        other._thesaurus = Thesaurus(synonyms)
        return other

    def search(
        self,
        query: str,
        vector: Vectors | None,
        eligible: frozenset[int],
        k: int,
        lang: str | None = None,
        periods: frozenset[str] | None = None,
    ) -> list[Hit]:
        """The `k` best eligible passages, best first.

        `vector` is the query's; None searches by words alone. `lang` keeps to passages
        of one language; `periods` are the years and quarters asked about (read from the query when None).
        """
        folded = fold(query)
        asked_periods = periods_named(query) if periods is None else periods
        usable = self._usable(eligible, lang)
        vouched = usable & self._vouched
        leading = vouched if vouched.any() else usable
        # Chroma lets go of the interpreter's lock: both parts are searched at once, each a millisecond.
        forms = _beside.submit(self._nearest, "forms", vector, usable, leading)
        by_text, text_floor = self._nearest("texts", vector, usable, leading)
        lexical = self._lexical.scores(folded, self._thesaurus)
        exact = self._exact(folded, leading)
        by_form, form_floor = forms.result()
        found = {*_highest(lexical, leading), *_highest(lexical, usable), *by_text, *by_form, *exact}
        places = np.fromiter(found, np.intp, len(found))
        dense = _evidence(found, by_text, text_floor)
        asked = np.where(self._has_forms[places], _evidence(found, by_form, form_floor), dense)
        words, phrases = lexical[places].astype(np.float64), _evidence(found, exact, 0.0)
        scores = self._fused(words, phrases, dense, asked)
        if asked_periods:
            scores += [self._period_bonus(asked_periods, self.passages[place]) for place in found]
        scores = self._stepping_back(scores, self._vouched[places])
        best = np.lexsort((self._ids[places], -scores))[:k]
        columns = (column[best].tolist() for column in (places, scores, dense, asked, words, phrases))
        return [
            Hit(self.passages[place], score, text, form, word, folded, phrase)
            for place, score, text, form, word, phrase in zip(*columns, strict=True)
        ]

    def passage(self, passage_id: int) -> Passage:
        """The passage with this id. Raises NotFound."""
        if passage_id not in self._position:
            raise NotFound("There is no such passage in the served release.")
        return self.passages[self._position[passage_id]]

    def weight(self, term: str) -> float:
        """How telling a term is in this release."""
        return self._lexical.weight(term)

    def _stepping_back(self, scores: Scores, vouched: Mask) -> Scores:
        """The same scores, those of what nobody vouches for behind the best that somebody does."""
        if vouched.all() or not vouched.any():
            return scores
        return np.where(vouched, scores, np.minimum(scores, scores[vouched].max()) * self._weights.unverified)

    def _mask(self, eligible: frozenset[int], lang: str | None) -> Mask:
        return np.fromiter(
            (one.id in eligible and (lang is None or one.lang == lang) for one in self.passages),
            np.bool_,
            len(self.passages),
        )

    def _exact(self, folded: str, usable: Mask) -> dict[int, float]:
        """By position, what holding the whole query or a quotation in it word for word is worth: all when one passage
        does, half when two do."""
        best: dict[int, float] = {}
        for phrase in {folded.strip(), folded.strip(_EDGES)}:
            places = [place for place in self._lexical.holding(phrase) if usable[place]] if len(phrase) > 1 else []
            if len(places) <= DEPTH:
                best.update((place, max(best.get(place, 0.0), 1 / len(places))) for place in places)
        return best

    def _nearest(
        self, part: Part, vector: Vectors | None, usable: Mask, leading: Mask
    ) -> tuple[dict[int, float], float]:
        """Best cosine by position among the nearest, enough of them `leading`, and what a passage that is not among
        them can reach at most."""
        if vector is None or self._dense is None:
            return {}, 0.0
        count = DEPTH if part == "texts" else 2 * DEPTH
        while True:
            try:
                found = self._dense.search(self.release, part, vector, count)
            except Unavailable:
                return {}, 0.0
            best: dict[int, float] = {}
            for key, cosine in found:
                index = self._position.get(int(key.partition("/")[0]))
                if index is not None and usable[index]:
                    best.setdefault(index, cosine)
            if sum(map(leading.__getitem__, best)) >= ENOUGH or len(found) < count or count >= MOST:
                return best, found[-1][1] if found else 0.0
            count *= 4

    def _fused(self, lexical: Scores, exact: Scores, dense: Scores, asked: Scores) -> Scores:
        weights = self._weights
        stretch = 1.0 / (1.0 - weights.dense_floor)
        return (
            weights.lexical * lexical
            + weights.exact * exact
            + weights.dense * np.maximum(0.0, dense - weights.dense_floor) * stretch
            + weights.asked * np.maximum(0.0, asked - weights.dense_floor) * stretch
        )

    def _period_bonus(self, asked: frozenset[str], passage: Passage) -> float:
        """A passage about the year asked about is preferred; one about other years only steps back."""
        if not asked or not passage.periods:
            return 0.0
        shared = asked & passage.periods
        return self._weights.period * len(shared) / len(asked) if shared else -self._weights.other_period


def _evidence(places: Iterable[int], known: Mapping[int, float], other: float) -> Scores:
    """What is known of each place, `other` for one of which nothing is."""
    return np.array([known.get(place, other) for place in places], np.float64)


def _highest(scores: NDArray[np.float32], usable: Mask) -> list[int]:
    """Positions of the highest scores above nothing."""
    found = np.flatnonzero((scores > 0) & usable)
    if len(found) > DEPTH:
        found = found[np.argpartition(-scores[found], DEPTH)[:DEPTH]]
    return [int(index) for index in found]
