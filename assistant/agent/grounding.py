"""Grounding: a sentence is shown only when its figures stand in the evidence and its claims can be cited.

Invariant: no figure and no address reaches a creator that is in no offered passage and no computed result. Sentences
are checked one by one, before display, for every model alike.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from assistant.agent.answers import Basis, Citation
from assistant.agent.evidence import Turn
from assistant.agent.notation import MARK, addresses_in, day_of, figures_in, parts, without_days
from knowledge.documents import Passage
from knowledge.folding import fold, terms

SENTENCE = re.compile(
    r"[^。！？!?\n]*?(?:[。！？!?]+[”’」』）)\"]*|\.(?=(?:[ ]?\[\d{1,2}\])*\s+[A-Z“\"])|\n+)(?:[ ]?\[\d{1,2}\])*"
)
LIKENESS = 0.45  # share of a sentence's terms that a passage must hold to be taken as its source
_RULE_WORDS = re.compile(
    "必须|不得|禁止|规定|政策|规则|官方|奖励|补贴|门槛|资格|要求|处罚|封禁|算法|权重|must|prohibit|polic|rule|official|reward|threshold|eligib"
)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a finished text, line breaks kept at their ends; joined they are the text again."""
    end = 0
    for match in SENTENCE.finditer(text):
        if match.end() > end:
            yield text[end : match.end()]
            end = match.end()
    if text[end:]:
        yield text[end:]


@dataclass(frozen=True)
class Shown:
    """A sentence that passed, with its marks renumbered in the order of first use."""

    text: str
    basis: Basis


class Gate:
    """Checks the sentences of one answer in order. `citations` are those used so far, numbered as shown.

    `attaches` makes it cite for a model that left a mark out, or cited a passage without the sentence's figures; the
    extractive model cites by itself. `labels` may stand alone on a line (they tell what a paragraph rests on).
    """

    def __init__(self, turn: Turn, attaches: bool, labels: Sequence[str] = ()) -> None:
        self._turn = turn
        self._attaches = attaches
        self._labels = {fold(label) for label in labels}
        self._shown: dict[int, Citation] = {}
        self.dropped = 0

    @property
    def citations(self) -> list[Citation]:
        """The citations used so far, in the order of their numbers."""
        return list(self._shown.values())

    def check(self, sentence: str) -> Shown | None:
        """The sentence as it may be shown, or None when it must not be."""
        bare = MARK.sub("", sentence).strip(" -*•\n\t#")
        if not bare or fold(sentence.strip()) in self._labels:
            return Shown(sentence, "note") if not MARK.search(sentence) else None
        marks = [
            number for number in map(int, MARK.findall(sentence)) if 1 <= number <= len(self._turn.evidence.passages)
        ]
        figures = figures_in(sentence) and figures_in(without_days(sentence, self._days()))
        if not figures <= self._evidence_figures() or self._has_strange_address(sentence):
            self.dropped += 1
            return None
        if self._attaches and not self._is_cited(figures, marks):
            source = self._source_of(sentence, figures)
            if source is not None:
                marks = [source]
            elif marks or not self._is_computed(figures) and (figures or _RULE_WORDS.search(fold(sentence))):
                self.dropped += 1
                return None
        return Shown(self._renumbered(sentence, marks), self._basis(marks, figures))

    def _is_cited(self, figures: frozenset[str], marks: list[int]) -> bool:
        """Whether the passages under these marks, with what was computed, hold the figures."""
        known = {figure for text in self._turn.evidence.computed for figure in figures_in(text)}
        for mark in marks:
            known |= _figures_of(self._turn.evidence.passages[mark - 1])
        return bool(marks) and figures <= known

    def _evidence_figures(self) -> set[str]:
        evidence = self._turn.evidence
        known: set[str] = set()
        for passage in evidence.passages:
            known |= _figures_of(passage)
        for text in (*evidence.computed, *evidence.said):
            known |= figures_in(text)
        return known

    def _has_strange_address(self, sentence: str) -> bool:
        addresses = addresses_in(sentence)
        if not addresses:
            return False
        evidence = self._turn.evidence
        offered = (
            f"{passage.title} {passage.heading} {passage.text} {passage.provenance.source} {passage.provenance.url}"
            for passage in evidence.passages
        )
        known = (*offered, *evidence.computed, *evidence.said)
        return not addresses <= {found for text in known for found in addresses_in(text)}

    def _days(self) -> set[tuple[int, int, int]]:
        """The days that may be named as days: today, the day asked about, and those of the passages. Their numbers
        are not figures: the 23rd of a month supports no reward of 23 yuan."""
        turn = self._turn
        days = {parts(turn.day), parts(turn.today)}
        return days.union(*(_days_of(passage) for passage in turn.evidence.passages))

    def _is_computed(self, figures: frozenset[str]) -> bool:
        return bool(figures) and any(figures <= figures_in(text) for text in self._turn.evidence.computed)

    def _source_of(self, sentence: str, figures: frozenset[str]) -> int | None:
        words = set(terms(fold(MARK.sub("", sentence))))
        best, likeness = None, LIKENESS
        for number, passage in enumerate(self._turn.evidence.passages, 1):
            if figures <= _figures_of(passage):
                shared = len(words & set(terms(fold(f"{passage.heading} {passage.text}")))) / (len(words) or 1)
                if shared >= likeness:
                    best, likeness = number, shared
        return best

    def _renumbered(self, sentence: str, marks: list[int]) -> str:
        bare = MARK.sub("", sentence)
        if not marks:
            return bare
        shown = "".join(f"[{self._number(mark)}]" for mark in dict.fromkeys(marks))
        body = bare.rstrip("\n")
        return body + " " * (body[-1:].isascii()) + shown + bare[len(body) :]

    def _number(self, offered: int) -> int:
        if offered not in self._shown:
            passage = self._turn.evidence.passages[offered - 1]
            self._shown[offered] = Citation(len(self._shown) + 1, passage, passage.is_in_force(self._turn.day))
        return self._shown[offered].n

    def _basis(self, marks: list[int], figures: frozenset[str]) -> Basis:
        if marks:
            return self._shown[marks[0]].basis
        return "data" if self._is_computed(figures) else "note"


def _figures_of(passage: Passage) -> frozenset[str]:
    years = " ".join(str(year) for year, _, _ in _days_of(passage))
    return figures_in(f"{passage.title} {passage.heading} {passage.text} {years}")


def _days_of(passage: Passage) -> set[tuple[int, int, int]]:
    last = passage.expires_on - timedelta(days=1) if passage.expires_on else None
    held = {parts(day) for day in (passage.effective_from, passage.expires_on, last) if day}
    return held | ({day_of(passage.provenance.date)} if passage.provenance.date else set())
