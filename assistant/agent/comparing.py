"""Texts of the evidence in the forms in which sentences are held against them.

Those of a passage are remembered: the same passages are offered again and again. Those of what was computed for a
creator are not; they are nobody else's.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from itertools import chain

from assistant.agent import claims
from assistant.agent.evidence import Evidence
from assistant.agent.notation import day_of, figures_in, parts
from knowledge.documents import Passage
from knowledge.folding import fold, terms

REMEMBERED = 4096  # texts of passages
Part = tuple[str, frozenset[str]]  # a sentence or line, folded, and its figures


@dataclass(frozen=True)
class Compared:
    """A text folded, its terms and its figures."""

    folded: str
    terms: frozenset[str]
    figures: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Compared":
        """The forms of a text."""
        folded = fold(text)
        return cls(folded, frozenset(terms(folded)), figures_in(text))


@dataclass(frozen=True)
class Told:
    """Everything that the evidence of a turn allows to be told: as it is and folded, its figures, its sentences and
    lines, the forms of what was computed, and the days of its passages. `size` is that of the evidence, which only
    grows."""

    size: tuple[int, int, int]
    text: str
    folded: str
    figures: frozenset[str]
    parts: tuple[Part, ...]
    computed: tuple[Compared, ...]
    days: frozenset[tuple[int, int, int]]

    @classmethod
    def of(cls, evidence: Evidence) -> "Told":
        """What the evidence allows now."""
        passages = [compared(passage) for passage in evidence.passages]
        computed = tuple(map(Compared.of, evidence.computed))
        said = [fold(text) for text in evidence.said]
        figures = [figures_of(passage) for passage in evidence.passages] + [one.figures for one in computed]
        parts = [parts_of(passage) for passage in evidence.passages] + [parts_in(text) for text in evidence.computed]
        return cls(
            cls.size_of(evidence),
            "\n".join([*map(text_of, evidence.passages), *evidence.computed, *evidence.said]),
            "\n".join([*(one.folded for one in passages), *(one.folded for one in computed), *said]),
            frozenset().union(*figures, *map(figures_in, evidence.said)),
            tuple(chain.from_iterable(parts)),
            computed,
            frozenset().union(*map(days_of, evidence.passages)),
        )

    @cached_property
    def unspaced(self) -> str:
        """All of it folded, without white space."""
        return "".join(self.folded.split())

    @staticmethod
    def size_of(evidence: Evidence) -> tuple[int, int, int]:
        """How much evidence there is."""
        return len(evidence.passages), len(evidence.computed), len(evidence.said)


def text_of(passage: Passage) -> str:
    """What of a passage may be told."""
    return f"{passage.title} {passage.heading} {passage.text}"


def compared(passage: Passage) -> Compared:
    """The forms of what may be told of a passage."""
    return _compared(text_of(passage))


def figures_of(passage: Passage) -> frozenset[str]:
    """The figures of a passage; the years in which it holds may be told, too."""
    return compared(passage).figures | {str(year) for year, _, _ in days_of(passage) if year}


def days_of(passage: Passage) -> set[tuple[int, int, int]]:
    """The days that a passage may be told with: when it came into force, until when it held, and that of its source."""
    last = passage.expires_on - timedelta(days=1) if passage.expires_on else None
    held = {parts(day) for day in (passage.effective_from, passage.expires_on, last) if day}
    return held | ({day_of(passage.provenance.date)} if passage.provenance.date else set())


def parts_in(text: str) -> tuple[Part, ...]:
    """The sentences and lines of a text."""
    return tuple((part, figures_in(part)) for part in claims.segments_of(text))


def parts_of(passage: Passage) -> tuple[Part, ...]:
    """The sentences and lines of a passage."""
    return _parts(f"{passage.heading} {passage.text}")


@lru_cache(maxsize=REMEMBERED)
def _compared(text: str) -> Compared:
    return Compared.of(text)


@lru_cache(maxsize=REMEMBERED)
def _parts(text: str) -> tuple[Part, ...]:
    return parts_in(text)
