"""Grounding: a sentence is shown only when its figures stand in the evidence and its claims can be cited.

Invariant: no figure and no address reaches a creator that is in no offered passage and no computed result. Sentences
are checked one by one, before display, for every model alike; what a configured model writes must besides share the
words of what it cites, cite what is in force, name no other creator, and repeat nothing of its instructions.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.agent import claims
from assistant.agent.answers import Basis, Citation
from assistant.agent.comparing import Told, compared, days_of, figures_of, text_of
from assistant.agent.evidence import Turn
from assistant.agent.notation import MARK, addresses_in, figures_in, parts, without_days
from assistant.errors import ModelFailed
from knowledge.documents import Passage
from knowledge.folding import HAN, fold, terms

SENTENCE = re.compile(
    r"[^。！？!?\n]*?(?:[。！？!?]+[”’」』）)\"]*|\.(?=(?:[ ]?\[\d{1,2}\])*\s+[A-Z“\"])|\n+)(?:[ ]?\[\d{1,2}\])*"
)
LIKENESS = 0.45  # share of a sentence's terms that a passage must hold to be taken as its source
CITED = 0.3  # the same for what the sentence cites itself: a model may put it in other words
RUN, REPEATED = 8, 0.6  # characters that are taken for repeated, and the share of a sentence that may not be
# Characters of a creator's name that is looked for in a sentence: shorter ones stand inside ordinary words.
SHORTEST_NAME, LONGEST_NAME = 2, 16
_YEAR = re.compile(r"20\d\d")
_IS_HAN = re.compile(f"[{HAN}]")


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

    `attaches` is for a configured model: the gate cites where it left a mark out, or cited a passage that does not say
    so; the extractive model cites by itself. `labels` may stand alone on a line (they tell what a paragraph rests on).
    `instructions` are what no answer may repeat.
    """

    def __init__(self, turn: Turn, attaches: bool, labels: Sequence[str] = (), instructions: str = "") -> None:
        self._turn = turn
        self._attaches = attaches
        self._labels = {fold(label) for label in labels}
        self._instructions = instructions
        self._shown: dict[int, Citation] = {}
        self._kept: Told | None = None
        self.dropped = 0

    @property
    def citations(self) -> list[Citation]:
        """The citations used so far, in the order of their numbers."""
        return list(self._shown.values())

    def strange_pieces(self, sentence: str) -> set[str]:
        """The pieces of a sentence that may be names of creators, for they stand nowhere in what may be told."""
        bare, told = _without_marks(sentence), self._told.text
        strange: set[str] = set()
        for start in range(len(bare) - SHORTEST_NAME + 1):
            lengths = range(SHORTEST_NAME, min(LONGEST_NAME, len(bare) - start) + 1)
            if bare[start : start + lengths[-1]] in told:
                continue
            # What begins with a strange piece is strange.
            known = bisect_left(lengths, True, key=lambda length: bare[start : start + length] not in told)
            strange.update(bare[start : start + length] for length in lengths[known:])
        return strange

    def check(self, sentence: str, names: frozenset[str] = frozenset()) -> Shown | None:
        """The sentence as it may be shown, or None when it must not be; `names` are those of creators among its
        `strange_pieces`. Raises ModelFailed when it gives away the instructions: nothing of such an answer is worth
        showing."""
        bare = _without_marks(sentence)
        if not bare or fold(sentence.strip()) in self._labels:
            return Shown(sentence, "note") if not MARK.search(sentence) else None
        marks = [
            number for number in map(int, MARK.findall(sentence)) if 1 <= number <= len(self._turn.evidence.passages)
        ]
        figures = figures_in(sentence) and figures_in(without_days(sentence, self._days()))
        shown_under = self._grounds(sentence, names, figures, marks)
        if shown_under is None:
            self.dropped += 1
            return None
        return Shown(self._renumbered(sentence, shown_under), self._basis(shown_under, figures, sentence))

    def _grounds(
        self, sentence: str, names: frozenset[str], figures: frozenset[str], marks: list[int]
    ) -> list[int] | None:
        """The marks under which a sentence may be shown; None when it must not be."""
        if not figures <= self._told.figures or self._has_strange_address(sentence):
            return None
        if not self._attaches:
            return marks
        if claims.leaks(sentence, self._instructions, self._told.folded):
            raise ModelFailed("it gives away its instructions")
        if claims.has_markup(sentence) or self._names_others(names):
            return None
        if claims.misnames(sentence, figures, self._told.parts):
            return None
        return self._cited(sentence, figures, marks)

    def _cited(self, sentence: str, figures: frozenset[str], marks: list[int]) -> list[int] | None:
        """The marks that the sentence is shown with: its own when what they point to says so, else those of the passage
        that does; none for what was computed and for a courtesy. None when it rests on nothing."""
        own = [mark for mark in marks if self._may_cite(mark, sentence)]
        if own and self._is_said_by(sentence, figures, own):
            return own
        if self._repeats_question(sentence):
            return None
        source = self._source_of(sentence, figures)
        if source is not None:
            return [source]
        if self._is_computed(figures) or not marks and self._resembles_computed(sentence):
            return []
        return None if marks or figures or claims.claims(MARK.sub("", sentence)) else []

    def _repeats_question(self, sentence: str) -> bool:
        """Whether most of a sentence was said by who asks and by nothing that may be told: a model that repeats, or
        does what a message orders it to say. What it can cite by itself is no such sentence."""
        said, asked, known = _bare(sentence), _bare(self._turn.question), self._told.unspaced
        repeated = [False] * len(said)
        for start in range(len(said) - RUN + 1):
            run = said[start : start + RUN]
            if run in asked and run not in known:
                repeated[start : start + RUN] = [True] * RUN
        return sum(repeated) >= REPEATED * len(said) > 0

    def _may_cite(self, mark: int, sentence: str) -> bool:
        """Whether a passage is in force on the day of the answer, or of a year that the question or sentence names."""
        passage = self._turn.evidence.passages[mark - 1]
        if passage.is_in_force(self._turn.day):
            return True
        years = {str(year) for year, _, _ in days_of(passage) if year} | set(passage.periods)
        return bool(years & (self._turn.found.periods | set(_YEAR.findall(sentence))))

    def _is_said_by(self, sentence: str, figures: frozenset[str], marks: list[int]) -> bool:
        """Whether the passages under these marks, with what was computed, hold the figures, and enough of the words
        where both are in one language."""
        passages = [self._turn.evidence.passages[mark - 1] for mark in marks]
        known = [one.figures for one in self._told.computed] + [figures_of(passage) for passage in passages]
        if not figures <= frozenset().union(*known):
            return False
        if not self._repeats(sentence, passages):
            return False
        is_chinese = _IS_HAN.search(sentence) is not None
        if any(passage.lang != ("zh" if is_chinese else "en") for passage in passages):
            return True
        words = set(terms(fold(MARK.sub("", sentence))))
        return len(words & set().union(*(compared(one).terms for one in passages))) >= CITED * len(words)

    def _repeats(self, sentence: str, passages: Sequence[Passage]) -> bool:
        """Whether the words that change everything (关闭, 免费, 下个月 …) stand in these passages or in what was
        computed."""
        texts = [*map(compared, passages), *self._told.computed]
        return all(any(word in text.folded for text in texts) for word in claims.strong_words(sentence))

    def _names_others(self, names: frozenset[str]) -> bool:
        """Whether there is one among these names of creators that is neither the one's who asks nor in what may be
        told."""
        creator = self._turn.creator
        own = {creator.name, creator.id} if creator is not None else set()
        known = self._told.folded + fold(self._turn.question)
        return any(fold(name) not in known for name in names - own)

    @property
    def _told(self) -> Told:
        """Everything that may be told, made anew when there is more."""
        if self._kept is None or self._kept.size != Told.size_of(self._turn.evidence):
            self._kept = Told.of(self._turn.evidence)
        return self._kept

    def _has_strange_address(self, sentence: str) -> bool:
        addresses = addresses_in(sentence)
        if not addresses:
            return False
        evidence = self._turn.evidence
        offered = (
            f"{text_of(passage)} {passage.provenance.source} {passage.provenance.url}" for passage in evidence.passages
        )
        known = (*offered, *evidence.computed, *evidence.said)
        return not addresses <= {found for text in known for found in addresses_in(text)}

    def _days(self) -> set[tuple[int, int, int]]:
        """The days that may be named as days: today, the day asked about, and those of the passages. Their numbers
        are not figures: the 23rd of a month supports no reward of 23 yuan."""
        turn = self._turn
        return {parts(turn.day), parts(turn.today), *self._told.days}

    def _is_computed(self, figures: frozenset[str]) -> bool:
        return bool(figures) and any(figures <= one.figures for one in self._told.computed)

    def _resembles_computed(self, sentence: str) -> bool:
        """Whether most words of a sentence stand in one computed text."""
        words = set(terms(fold(sentence)))
        shares = (len(words & one.terms) / (len(words) or 1) for one in self._told.computed)
        return max(shares, default=0.0) >= LIKENESS

    def _source_of(self, sentence: str, figures: frozenset[str]) -> int | None:
        words = set(terms(fold(MARK.sub("", sentence))))
        best, likeness = None, LIKENESS
        for number, passage in enumerate(self._turn.evidence.passages, 1):
            is_source = figures <= figures_of(passage) and self._may_cite(number, sentence)
            if is_source and self._repeats(sentence, [passage]):
                shared = len(words & compared(passage).terms) / (len(words) or 1)
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

    def _basis(self, marks: list[int], figures: frozenset[str], sentence: str) -> Basis:
        if marks:
            return self._shown[marks[0]].basis
        is_data = self._is_computed(figures) or self._attaches and self._resembles_computed(sentence)
        return "data" if is_data else "note"


def _without_marks(sentence: str) -> str:
    """A sentence without its citation marks and the signs of a list or heading."""
    return MARK.sub("", sentence).strip(" -*•\n\t#")


def _bare(text: str) -> str:
    return "".join(MARK.sub("", fold(text)).split())
