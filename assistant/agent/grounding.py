"""Grounding: a sentence is shown only when its figures stand in the evidence and its claims can be cited.

Invariant: no figure reaches a creator that is in no offered passage and no computed result. Sentences are checked
one by one, before display, for every model alike.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from assistant.agent.answers import Basis, Citation
from assistant.agent.evidence import Turn
from knowledge.documents import Passage
from knowledge.folding import fold, terms

MARK = re.compile(r"\s*\[(\d{1,2})\]")
SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?]+[”’」』）)\"]*|\.(?=\s+[A-Z“\"])|\n+)(?:[ ]?\[\d{1,2}\])*")
LIKENESS = 0.45  # share of a sentence's terms that a passage must hold to be taken as its source
_SCALES = {
    "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7,
    "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
    "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_FIGURE = re.compile(
    r"(?<![a-z\d.])(\d[\d,]*(?:\.\d+)?)\s*(万亿|千万|百万|十万|千亿|百亿|十亿|亿|万|千|百|%|％|thousand|million|billion|trillion|k|m|b)?(?![a-z\d])"
)
_SPELLED = re.compile(
    r"[一二两三四五六七八九十百千]+(?:万亿|亿|万)|[二三四五六七八九]?十[一二三四五六七八九]?(?=[条种个次天岁%])"
)
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_RULE_WORDS = re.compile(
    "必须|不得|禁止|规定|政策|规则|官方|奖励|补贴|门槛|资格|要求|处罚|封禁|算法|权重|must|prohibit|polic|rule|official|reward|threshold|eligib"
)


@lru_cache(maxsize=8192)
def figures_in(text: str) -> frozenset[str]:
    """The figures of a text in one notation: `10亿`, `十亿` and `1 billion` are all `1000000000`, `22.1%` is
    `22.1%`."""
    folded = MARK.sub("", fold(text))
    found = set()
    for number, unit in _FIGURE.findall(folded):
        value = float(number.replace(",", ""))
        found.add(_plain(value) + "%" if unit in ("%", "％") else _plain(value * _SCALES.get(unit, 1.0)))
    found.update(_plain(_spelled(match)) for match in _SPELLED.findall(folded))
    return frozenset(found)


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _spelled(text: str) -> float:
    total, section, digit, scale = 0.0, 0.0, 0.0, 1.0
    for unit in ("万亿", "亿", "万"):
        if text.endswith(unit):
            text, scale = text.removesuffix(unit), _SCALES[unit]
            break
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
    total = section + digit
    return (total or 1) * scale


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

    `attaches` makes it cite for a model that left a mark out; the extractive model cites by itself.
    """

    def __init__(self, turn: Turn, attaches: bool) -> None:
        self._turn = turn
        self._attaches = attaches
        self._shown: dict[int, Citation] = {}
        self.dropped = 0

    @property
    def citations(self) -> list[Citation]:
        """The citations used so far, in the order of their numbers."""
        return list(self._shown.values())

    def check(self, sentence: str) -> Shown | None:
        """The sentence as it may be shown, or None when it must not be."""
        if not MARK.sub("", sentence).strip(" -*•\n\t#"):
            return Shown(sentence, "note") if not MARK.search(sentence) else None
        marks = [
            number for number in map(int, MARK.findall(sentence)) if 1 <= number <= len(self._turn.evidence.passages)
        ]
        figures = figures_in(sentence)
        if not self._supported(figures):
            self.dropped += 1
            return None
        if not marks and self._attaches:
            source = self._source_of(sentence, figures)
            if source is not None:
                marks = [source]
            elif not self._is_computed(figures) and (figures or _RULE_WORDS.search(fold(sentence))):
                self.dropped += 1
                return None
        return Shown(self._renumbered(sentence, marks), self._basis(marks, figures))

    def _supported(self, figures: frozenset[str]) -> bool:
        return figures <= self._evidence_figures()

    def _evidence_figures(self) -> set[str]:
        evidence = self._turn.evidence
        known: set[str] = set()
        known |= figures_in(self._turn.day.isoformat().replace("-", " "))
        for passage in evidence.passages:
            known |= _figures_of(passage)
        for text in evidence.computed:
            known |= figures_in(text)
        return known

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
    return figures_in(f"{passage.title} {passage.heading} {passage.text} {passage.provenance.date} {_days(passage)}")


def _days(passage: Passage) -> str:
    last = passage.expires_on - timedelta(days=1) if passage.expires_on else None
    days = (passage.effective_from, passage.expires_on, last)
    return " ".join(day.isoformat() for day in days if day).replace("-", " ")
