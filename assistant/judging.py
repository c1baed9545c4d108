"""What a finished answer is worth, beside what it must say: citations that contain the claim, figures that are in what
is cited, and what the configured model took for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.agent.answers import Citation, Reply
from assistant.agent.comparing import days_of, text_of
from assistant.agent.grounding import sentences
from assistant.agent.notation import MARK, figures_in, without_days
from assistant.creators.figures import Language, written
from assistant.questions import Question
from knowledge.folding import fold, terms

LIKENESS = 0.3  # share of a sentence's terms that what it cites must hold, where both are in one language


@dataclass(frozen=True)
class Measures:
    """Counts over one answer, or over many. `figures` are those of answers from published texts; the figures of a
    creator's own numbers are held against computations, not texts."""

    cited_sentences: int = 0
    cited_rightly: int = 0
    figures: int = 0
    figures_grounded: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def citation_correctness(self) -> float | None:
        """Of the sentences with a citation, the share that the cited passage contains."""
        return self.cited_rightly / self.cited_sentences if self.cited_sentences else None

    @property
    def figure_grounding(self) -> float | None:
        """Of the figures, the share that stands in what the answer cites."""
        return self.figures_grounded / self.figures if self.figures else None


def summed(measures: Iterable[Measures]) -> Measures:
    """The counts of many answers."""
    rows = list(measures)
    return Measures(*(sum(column) for column in zip(*(vars(one).values() for one in rows), strict=True)))


def measured(reply: Reply, question: str) -> Measures:
    """The counts of one answer. Figures that the question itself put up are not the answer's."""
    by_number = {citation.n: citation for citation in reply.citations}
    cited = right = 0
    for sentence in sentences(reply.text):
        marked = [by_number[n] for n in map(int, MARK.findall(sentence)) if n in by_number]
        if MARK.search(sentence):
            cited += 1
            right += bool(marked) and _is_contained(sentence, marked)
    told: frozenset[str] = frozenset()
    if not reply.figures:
        told = figures_in(without_days(reply.text, _days_of(reply.citations))) - figures_in(question)
    known = frozenset().union(*(figures_in(_text_of(citation)) for citation in reply.citations))
    usage = reply.usage
    taken = (usage.get(name, 0) for name in ("calls", "input_tokens", "output_tokens"))
    return Measures(cited, right, len(told), len(told & known), *taken)


def missing_figures(question: Question, reply: Reply) -> list[str]:
    """The metrics whose values a question asks for and the answer does not have, or has and does not tell."""
    faults = []
    lang: Language = "en" if reply.lang == "en" else "zh"
    for slug in question.figures:
        figure = next((one for one in reply.figures if one.metric == slug and one.value is not None), None)
        if figure is None:
            faults.append(f"has no figure of {slug}")
        elif not figures_in(value := written(figure.value, figure.unit, lang)) <= figures_in(reply.text):
            faults.append(f"does not tell {slug} ({value})")
    return faults


def _is_contained(sentence: str, marked: list[Citation]) -> bool:
    text = " ".join(map(_text_of, marked))
    figures = figures_in(without_days(sentence, _days_of(marked)))
    if not figures <= figures_in(text):
        return False
    is_chinese = any("㐀" <= character <= "鿿" for character in sentence)
    if any((citation.passage.lang == "zh") != is_chinese for citation in marked):
        return True
    words = set(terms(fold(MARK.sub("", sentence))))
    return len(words & set(terms(fold(text)))) >= LIKENESS * len(words)


def _text_of(citation: Citation) -> str:
    passage = citation.passage
    return f"{text_of(passage)} {passage.provenance.date}"


def _days_of(citations: Iterable[Citation]) -> set[tuple[int, int, int]]:
    return set().union(*(days_of(citation.passage) for citation in citations))
