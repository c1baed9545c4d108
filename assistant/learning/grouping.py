"""Putting questions that ask the same thing together: each goes to the nearest group, or founds one.

A question once placed stays; so a group keeps its name while questions come, and nothing is ever grouped anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.embeddings import Vectors
from knowledge.folding import fold, terms

EXAMPLES = 6  # of a group that a question is compared with, each worded in its own way
# Fitted on 64 questions of creators in 16 groups, ten orders each: purity 0.997 in 26 groups. Without the shared words
# purity falls to 0.97 at the same number of groups. `tests/assistant/learning/test_grouping.py` holds others to it.
SHARED = 0.1  # what sharing every telling word adds to a cosine
NEAR = 0.91
CANDIDATES = 30  # nearest examples whose groups are looked at closely


@dataclass
class Group:
    """Questions that ask the same thing. `key` is None until it is kept; `examples` are folded texts."""

    key: int | None
    examples: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


class Grouping:
    """Groups known so far. `weight` says how telling a term is."""

    def __init__(self, weight: Callable[[str], float]) -> None:
        self._weight = weight
        self._vectors = np.zeros((0, 0), dtype=np.float32)
        self._owners: list[Group] = []
        self._by_text: dict[str, Group] = {}

    def know(self, key: int, texts: Sequence[str], vectors: Vectors) -> Group:
        """Take up a group that was kept, with its examples and their vectors."""
        group = Group(key)
        for text, vector in zip(texts, vectors, strict=True):
            self._join(group, fold(text), vector)
        return group

    def place(self, question: str, vector_of: Callable[[str], Vectors]) -> tuple[Group, bool]:
        """The question's group, founded when no known one is near enough, and whether it became one of its examples.
        `vector_of` is asked only for a wording that is new."""
        text = fold(question)
        if known := self._by_text.get(text):
            return known, False
        vector = vector_of(question)
        best, likeness = self._nearest(text, vector)
        group = best if best is not None and likeness >= NEAR else Group(None)
        is_example = len(group.examples) < EXAMPLES
        if is_example:
            self._join(group, text, vector)
        self._by_text[text] = group
        return group, is_example

    def _join(self, group: Group, text: str, vector: Vectors) -> None:
        row = len(self._owners)
        if row == len(self._vectors):
            grown = np.zeros((max(64, 2 * row), len(vector)), dtype=np.float32)
            if row:
                grown[:row] = self._vectors
            self._vectors = grown
        self._vectors[row] = vector
        self._owners.append(group)
        group.examples.append(text)
        group.rows.append(row)
        self._by_text[text] = group

    def _nearest(self, text: str, vector: Vectors) -> tuple[Group | None, float]:
        """The nearest group: by the mean likeness of its two nearest examples, so that one stray draws nobody."""
        if not self._owners:
            return None, 0.0
        cosines = self._vectors[: len(self._owners)] @ vector
        nearest = np.argsort(-cosines)[:CANDIDATES]
        candidates = {id(self._owners[row]): self._owners[row] for row in nearest}

        def likeness(group: Group) -> float:
            likenesses = sorted(
                float(cosines[row]) + SHARED * self._overlap(text, example)
                for row, example in zip(group.rows, group.examples, strict=True)
            )
            return float(np.mean(likenesses[-2:]))

        best = max(candidates.values(), key=likeness)
        return best, likeness(best)

    def _overlap(self, one: str, other: str) -> float:
        """The share of telling words that two texts have in common (Dice, by weight), 0 to 1."""
        first, second = frozenset(terms(one)), frozenset(terms(other))
        total = sum(map(self._weight, first)) + sum(map(self._weight, second))
        return 2 * sum(map(self._weight, first & second)) / total if total else 0.0
