"""Which passages of a release stand near enough to be compared, and which of their terms tell something."""

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Passage
from knowledge.embeddings import Vectors
from knowledge.folding import fold, terms

MOST = 10  # neighbours looked at for each new passage
SAMPLE = 500  # passages from which "usual" is learnt
UNUSUAL = 1.85  # standard deviations above the usual cosine from which two passages count as near
_BLOCK = 512
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ies|es|s|ed|ing)$")


@dataclass(frozen=True)
class Pair:
    """Two passages of one language that hold at the same time; `one` is new. `nearness` is their cosine in standard
    deviations above the mean of the release: cosines of different models cannot be compared, these can."""

    one: Passage
    other: Passage
    nearness: float


def near_pairs(passages: Sequence[Passage], new: Set[int], vectors: Vectors) -> list[Pair]:
    """The nearest passages of each new one, every pair once. `vectors` are unit rows in the order of `passages`."""
    found: list[Pair] = []
    for lang in sorted({passage.lang for passage in passages}):
        places = np.array([place for place, passage in enumerate(passages) if passage.lang == lang])
        fresh = np.array([place for place in places if passages[place].id in new], dtype=int)
        if len(fresh) and len(places) > 1:
            found.extend(_near(passages, new, vectors, places, fresh))
    return found


def _near(
    passages: Sequence[Passage], new: Set[int], vectors: Vectors, places: NDArray[np.int_], fresh: NDArray[np.int_]
) -> list[Pair]:
    rows = vectors[places]
    mean, deviation = _usual(rows)
    found = []
    for start in range(0, len(fresh), _BLOCK):
        block = fresh[start : start + _BLOCK]
        nearness = (vectors[block] @ rows.T - mean) / deviation
        for row, place in enumerate(block):
            near = np.flatnonzero(nearness[row] >= UNUSUAL)
            if len(near) > MOST + 1:
                near = near[np.argpartition(nearness[row, near], -MOST - 1)[-MOST - 1 :]]
            one = passages[place]
            for column in near:
                other = passages[places[column]]
                is_second_look = other.id in new and other.id <= one.id
                if not is_second_look and _hold_together(one, other):
                    found.append(Pair(one, other, float(nearness[row, column])))
    return found


def _usual(rows: Vectors) -> tuple[float, float]:
    """Mean and standard deviation of the cosines between passages, from a sample; a handful has no usual one."""
    sample = rows[:: max(1, len(rows) // SAMPLE)][:SAMPLE]
    if len(sample) < 30:
        return 0.0, 0.1
    cosines = (sample @ sample.T)[np.triu_indices(len(sample), 1)]
    return float(cosines.mean()), float(cosines.std()) or 1.0


def _hold_together(one: Passage, other: Passage) -> bool:
    """Whether there is a day on which both are in force, for an audience that both address."""
    starts = [day for day in (one.effective_from, other.effective_from) if day]
    ends = [day for day in (one.expires_on, other.expires_on) if day]
    if starts and ends and max(starts) >= min(ends):
        return False
    return all(
        not mine or not theirs or mine == theirs
        for mine, theirs in (
            (one.audience.tier, other.audience.tier),
            (one.audience.category, other.audience.category),
        )
    )


class Telling:
    """How telling a term is among the passages of a release (inverse document frequency, from a sample)."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        sample = passages[:: max(1, len(passages) // SAMPLE)]
        count = Counter(term for one in sample for term in words_of(fold(f"{one.title} {one.heading} {one.text}")))
        self._weights = {term: log((len(sample) + 1) / (times + 0.5)) for term, times in count.items()}
        self._unseen = log(2 * (len(sample) + 1))
        self._sums: dict[frozenset[str], float] = {}

    def share(self, one: frozenset[str], other: frozenset[str]) -> float:
        """The telling part that the smaller of two sets of terms has in common with the larger, 0 to 1."""
        smaller = min(self._sum(one), self._sum(other))
        return self._weight(one & other) / smaller if smaller else 0.0

    def _sum(self, some: frozenset[str]) -> float:
        known = self._sums.get(some)
        if known is None:
            known = self._sums[some] = self._weight(some)
        return known

    def _weight(self, some: frozenset[str]) -> float:
        return sum(self._weights.get(term, self._unseen) for term in some)


@lru_cache(maxsize=32768)
def words_of(folded: str) -> frozenset[str]:
    """The lexical terms of a folded text, English words without their endings."""
    return frozenset(_ENDING.sub("", term) if term.isascii() else term for term in terms(folded))
