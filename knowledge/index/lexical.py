"""Lexical search: BM25 over character bigrams of Han text and whole Latin words."""

from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Passage
from knowledge.folding import fold, terms

K1, B = 1.2, 0.6


class LexicalIndex:
    """BM25 over a fixed list of passages; positions in the list are what search returns. Derived, kept in memory."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._tokens = [terms(fold(_searched(passage))) for passage in passages]
        self._model = bm25s.BM25(method="lucene", k1=K1, b=B)
        self._model.index(self._tokens or [[""]], show_progress=False)
        self._size = len(passages)
        frequency: dict[str, int] = {}
        for tokens in self._tokens:
            for token in set(tokens):
                frequency[token] = frequency.get(token, 0) + 1
        self._weights = {
            token: float(np.log1p((self._size - count + 0.5) / (count + 0.5))) for token, count in frequency.items()
        }
        self._unseen = float(np.log1p((self._size + 0.5) / 0.5))

    def scores(self, folded_query: str) -> NDArray[np.float32]:
        """A score for every passage, divided by what a passage saying exactly the query's words would reach: about
        0 to 1."""
        query = terms(folded_query)
        known = [token for token in query if token in self._weights]
        if not known or not self._size:
            return np.zeros(self._size, dtype=np.float32)
        raw = np.asarray(self._model.get_scores(known), dtype=np.float32)[: self._size]
        return raw / (sum(self.weight(token) for token in query) or 1.0)

    def weight(self, term: str) -> float:
        """How telling a term is in this release (inverse document frequency)."""
        return self._weights.get(term, self._unseen)


def _searched(passage: Passage) -> str:
    """The text a passage is found by; title and heading count, and the question forms that staff gave it."""
    return "\n".join((passage.title, passage.heading, passage.text, *passage.asked))
