"""Hybrid search of one release: dense and lexical evidence fused, then the year asked about and the language respected.

The one ranking of the product: chat, command line and hit testing all come through `ReleaseIndex.search`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.dates import periods_named
from knowledge.documents import Passage
from knowledge.embeddings import Vectors
from knowledge.errors import NotFound, Unavailable
from knowledge.folding import fold, terms
from knowledge.index.dense import DenseIndex, Part
from knowledge.index.lexical import LexicalIndex

DEPTH = 60  # candidates taken from each side


@dataclass(frozen=True)
class Weights:
    """How evidence is fused; fitted on the project's own questions (`make bench` prints what each side alone reaches).

    Cosines of this embedder live between about 0.75 and 0.95, so they are stretched from `dense_floor` upwards.
    """

    dense: float = 1.0
    asked: float = 0.8
    lexical: float = 1.2
    dense_floor: float = 0.82
    period: float = 0.4
    other_period: float = 0.35


@dataclass(frozen=True)
class Hit:
    """A passage found, with the evidence: `dense` and `asked` are cosines to its text and to its best question form
    (at most so, when not among the nearest), `lexical` the share of the query's telling terms it holds, `score`
    the fusion."""

    passage: Passage
    score: float
    dense: float
    asked: float
    lexical: float
    query: str

    @property
    def matched(self) -> list[str]:
        """The query's terms that stand in the title, heading or text, in the order of the query."""
        text = fold(f"{self.passage.title} {self.passage.heading} {self.passage.text}")
        return list(dict.fromkeys(term for term in terms(self.query) if term in text))


class ReleaseIndex:
    """One release, ready to be searched. Immutable: a publish makes a new one and swaps it in."""

    def __init__(
        self, release: int, passages: Sequence[Passage], dense: DenseIndex | None, weights: Weights = Weights()
    ) -> None:
        self.release = release
        self.passages = list(passages)
        self._position = {passage.id: index for index, passage in enumerate(self.passages)}
        self._lexical = LexicalIndex(self.passages)
        self._dense = dense
        self._weights = weights

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
        lexical = self._lexical.scores(folded)
        by_text, text_floor = self._nearest("texts", vector)
        by_form, form_floor = self._nearest("forms", vector)
        order = np.argsort(-lexical, kind="stable")[:DEPTH]
        candidates = {int(index) for index in order if lexical[index] > 0} | set(by_text) | set(by_form)
        hits = []
        for index in candidates:
            passage = self.passages[index]
            if passage.id not in eligible or (lang is not None and passage.lang != lang):
                continue
            dense = by_text.get(index, text_floor)
            asked = by_form.get(index, form_floor if passage.asked else dense)
            score = self._fused(float(lexical[index]), dense, asked) + self._period_bonus(asked_periods, passage)
            hits.append(Hit(passage, score, dense, asked, float(lexical[index]), folded))
        hits.sort(key=lambda hit: (-hit.score, hit.passage.id))
        return hits[:k]

    def passage(self, passage_id: int) -> Passage:
        """The passage with this id. Raises NotFound."""
        if passage_id not in self._position:
            raise NotFound("There is no such passage in the served release.")
        return self.passages[self._position[passage_id]]

    def weight(self, term: str) -> float:
        """How telling a term is in this release."""
        return self._lexical.weight(term)

    def _nearest(self, part: Part, vector: Vectors | None) -> tuple[dict[int, float], float]:
        """Best cosine by position among the nearest, and what a passage that is not among them can reach at most."""
        if vector is None or self._dense is None:
            return {}, 0.0
        try:
            found = self._dense.search(self.release, part, vector, DEPTH if part == "texts" else 2 * DEPTH)
        except Unavailable:
            return {}, 0.0
        best: dict[int, float] = {}
        for key, cosine in found:
            index = self._position.get(int(key.partition("/")[0]))
            if index is not None:
                best[index] = max(best.get(index, 0.0), cosine)
        return best, found[-1][1] if found else 0.0

    def _fused(self, lexical: float, dense: float, asked: float) -> float:
        weights = self._weights
        stretch = 1.0 / (1.0 - weights.dense_floor)
        return (
            weights.lexical * lexical
            + weights.dense * max(0.0, dense - weights.dense_floor) * stretch
            + weights.asked * max(0.0, asked - weights.dense_floor) * stretch
        )

    def _period_bonus(self, asked: frozenset[str], passage: Passage) -> float:
        """A passage about the year asked about is preferred; one about other years only steps back."""
        if not asked or not passage.periods:
            return 0.0
        shared = asked & passage.periods
        return self._weights.period * len(shared) / len(asked) if shared else -self._weights.other_period
