"""Lexical search: BM25 over character bigrams of Han text and whole Latin words, and phrases that stand word for word.

BM25 is written out because every publish indexes a release anew: with the terms of unchanged passages taken over,
20,000 passages take 0.4 s here and 2.3 s in bm25s, which counts each passage again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Passage
from knowledge.folding import fold, terms
from knowledge.index.synonyms import Thesaurus

K1, B = 1.2, 0.6
SYNONYM_SHARE = 0.7  # of what the word itself would have counted

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class _Read:
    """A passage as read once for all releases: its folded text, and its terms (by number, each once) with counts."""

    text: str
    terms: NDArray[np.int32]
    counts: Scores
    length: int


class LexicalIndex:
    """BM25 over a fixed list of passages; positions in the list are what search returns. Derived, kept in memory.

    Passages never change under their id, so `before`, the index of another release, saves reading those it holds.
    """

    def __init__(self, passages: Sequence[Passage], before: "LexicalIndex | None" = None) -> None:
        self._numbers: dict[str, int] = dict(before._numbers) if before else {}
        known: dict[int, _Read] = before._read if before else {}
        self._read: dict[int, _Read] = {one.id: known.get(one.id) or self._reading(one) for one in passages}
        self._texts = [self._read[one.id].text for one in passages]
        self._index([self._read[one.id] for one in passages], [one.is_vouched for one in passages])

    def scores(self, folded_query: str, thesaurus: Thesaurus) -> Scores:
        """A score for every passage, divided by what a passage saying exactly the query's words would reach: about
        0 to 1. A synonym counts where it is worth more than what the passage holds of the word itself, and never more
        than that word would."""
        query = terms(folded_query)
        found = self._sum(query)
        for expansion in thesaurus.expansions(folded_query):
            most, literal = self._total(expansion.said), self._sum(expansion.said)
            best = literal
            for word in expansion.meant:
                best = np.maximum(best, self._sum(word) * (SYNONYM_SHARE * min(1.0, most / self._total(word))))
            found += best - literal
        return found / (self._total(query) or 1.0)

    def weight(self, term: str) -> float:
        """How telling a term is in this release (inverse document frequency)."""
        number = self._numbers.get(term)
        return self._unseen if number is None else float(self._weights[number])

    def holding(self, phrase: str) -> list[int]:
        """The passages in which a folded phrase stands word for word."""
        parts = terms(phrase)
        # A word at the phrase's edge may be part of a longer one in a text; what is inside, and Han pairs, may not.
        whole = {*parts[1:-1], *(part for part in parts if len(part) == 2 and part[0] >= "㐀")}
        places = min((self._places(part) for part in whole), key=len, default=range(len(self._texts)))
        return [int(place) for place in places if phrase in self._texts[place]]

    def _reading(self, passage: Passage) -> _Read:
        text = fold(_searched(passage))
        found = terms(text)
        counted = Counter(self._numbers.setdefault(term, len(self._numbers)) for term in found)
        return _Read(
            text,
            np.fromiter(counted.keys(), np.int32, len(counted)),
            np.fromiter(counted.values(), np.float32, len(counted)),
            len(found),
        )

    def _index(self, read: Sequence[_Read], vouched: Sequence[bool]) -> None:
        """What each term is worth in each passage that holds it: for term n the stretch `_starts[n]:_starts[n + 1]`.

        How telling a term is, and how long a passage usually is, is learnt from what somebody vouches for: talk that
        repeats a question must not make its words common.
        """
        learnt = np.asarray(vouched, np.bool_) if any(vouched) else np.ones(len(read), np.bool_)
        size = int(learnt.sum())
        numbers = np.concatenate([one.terms for one in read]) if read else np.empty(0, np.int32)
        counts = np.concatenate([one.counts for one in read]) if read else np.empty(0, np.float32)
        holders = np.repeat(np.arange(len(read), dtype=np.int32), [len(one.terms) for one in read])
        lengths = np.asarray([one.length for one in read], dtype=np.float32)
        frequency = np.bincount(numbers[learnt[holders]], minlength=len(self._numbers))
        self._weights = np.log1p((size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self._unseen = float(np.log1p((size + 0.5) / 0.5))
        damping = K1 * (1 - B + B * lengths / (lengths[learnt].mean() or 1.0)) if size else lengths
        worth = self._weights[numbers] * counts / (counts + damping[holders])
        order = np.argsort(numbers, kind="stable")
        self._holders, self._worth = holders[order], worth[order]
        held = np.bincount(numbers, minlength=len(self._numbers))
        self._starts = np.concatenate([[0], np.cumsum(held)])

    def _stretch(self, term: str) -> slice:
        number = self._numbers.get(term)
        return slice(0) if number is None else slice(self._starts[number], self._starts[number + 1])

    def _places(self, term: str) -> NDArray[np.int32]:
        """The passages that hold a term."""
        return self._holders[self._stretch(term)]

    def _sum(self, words: Sequence[str]) -> Scores:
        found = np.zeros(len(self._texts), dtype=np.float32)
        for word in words:
            stretch = self._stretch(word)
            found[self._holders[stretch]] += self._worth[stretch]  # a passage stands in a stretch once
        return found

    def _total(self, words: Sequence[str]) -> float:
        return sum(self.weight(word) for word in words)


def _searched(passage: Passage) -> str:
    """The text a passage is found by; title and heading count, and the question forms that staff gave it."""
    return "\n".join((passage.title, passage.heading, passage.text, *passage.asked))
