"""Statements: each quantity of a passage with the words that tell what it is a quantity of."""

import re
from dataclasses import dataclass
from functools import cached_property

from knowledge.dates import periods_named
from knowledge.documents import Passage
from knowledge.folding import fold
from knowledge.gate.neighbours import words_of
from knowledge.gate.quantities import Quantity, clause_of, quantities_in, sentence_of

# What a text repeats only to deny it, tells of the past, or gives as an example is no statement of its own.
_HEARSAY = re.compile(
    "网传|网上|流传|谣言|误传|误标|不可采信|没有官方|有人说|自媒体称"
    "|rumou?r|claims? (?:online|that|such)|no official|circulat"
)
_PAST = re.compile("此前|以前|原来|原先|曾经|曾为|旧版|previously|formerly|used to")
_EXAMPLE = re.compile("例如|比如|举例|for example|for instance|such as")
_BESIDE = {"zh": (14, 10), "en": (45, 35)}  # characters before and after a number whose words say what it counts


@dataclass(frozen=True)
class Reading:
    """A passage as read: folded, and once more with its numbers blanked, so that values never make texts alike."""

    passage: Passage
    heading: str
    title: str
    text: str
    blanked: str

    @cached_property
    def whole(self) -> str:
        """Title, heading and text in one."""
        return f"{self.title} {self.heading} {self.text}"

    @cached_property
    def own_years(self) -> frozenset[str]:
        """The years of a rule's issue and effect: 2021 in 《…办法》（2021 年） names the rule, not what it is about."""
        if self.passage.kind != "policy":
            return frozenset()
        start = self.passage.effective_from
        return frozenset({self.passage.provenance.date[:4], str(start.year) if start else ""} - {""})


@dataclass(frozen=True, eq=False)  # one at a place; compared by identity
class Statement:
    """A quantity at its place in a passage; the properties are the words around it, from near to far."""

    reading: Reading
    quantity: Quantity
    clause_at: tuple[int, int]
    sentence_at: tuple[int, int]

    @cached_property
    def texts(self) -> tuple[str, str, str, str]:
        """Clause, sentence so far, heading and title, numbers blanked."""
        (start, end), read = self.clause_at, self.reading
        return read.blanked[start:end], read.blanked[self.sentence_at[0] : end], read.heading, read.title

    @cached_property
    def quote(self) -> str:
        """The clause with its numbers."""
        return self.reading.text[slice(*self.clause_at)].strip()

    @cached_property
    def near(self) -> frozenset[str]:
        """The terms beside the number."""
        first, last = self.sentence_at
        before, after = _BESIDE.get(self.reading.passage.lang, _BESIDE["zh"])
        start, end, text = self.quantity.start, self.quantity.end, self.reading.blanked
        return words_of(text[max(first, start - before) : start] + "\n" + text[end : min(last, end + after)])

    @cached_property
    def clause(self) -> frozenset[str]:
        """The terms of the clause."""
        return words_of(self.texts[0])

    @cached_property
    def subject(self) -> frozenset[str]:
        """The terms of sentence, heading and title."""
        return words_of(f"{self.reading.blanked[slice(*self.sentence_at)]}\n{self.texts[2]}\n{self.texts[3]}")

    @cached_property
    def periods(self) -> frozenset[str]:
        """The years and quarters it is about, without those of the rule itself."""
        first, last = self.sentence_at
        around = f"{self.reading.text[first : self.quantity.start]} {self.reading.text[self.quantity.end : last]}"
        named = periods_named(around) or periods_named(self.texts[2]) or periods_named(self.texts[3])
        return named - self.reading.own_years


def statements_of(passage: Passage) -> list[Statement]:
    """What a passage states in numbers. A text that says that nothing is published, or names a rumour, states none."""
    if passage.unpublished or passage.rumour:
        return []
    folded = fold(passage.text)
    quantities = quantities_in(folded)
    if not quantities:
        return []
    reading = Reading(passage, fold(passage.heading), fold(passage.title), folded, _blanked(folded, quantities))
    found = []
    for one in quantities:
        first, last = sentence_of(folded, one)
        sentence = folded[first:last]
        if not (_HEARSAY.search(sentence) or _PAST.search(sentence) or _EXAMPLE.search(folded[first : one.start])):
            found.append(Statement(reading, one, clause_of(folded, one), (first, last)))
    return found


def _blanked(folded: str, quantities: list[Quantity]) -> str:
    for one in quantities:
        folded = folded[: one.start] + " " * (one.end - one.start) + folded[one.end :]
    return folded
