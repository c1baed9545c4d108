"""Choosing what to quote: which passages answer a question, and which of their sentences."""

import re
from collections.abc import Sequence

from assistant.agent.evidence import Turn
from assistant.agent.notation import figures_in
from assistant.agent.reading import Reader, covers_period
from knowledge.documents import Passage
from knowledge.folding import fold, terms
from knowledge.index.ranking import Hit
from knowledge.shelf import Shelf

RIVAL = 0.75  # share of the best score from which a passage that fits the question better may take its place
NEAR = 0.9  # share of the best score from which a further passage is quoted too
DEFINITE = {"money", "amount", "address", "time", "place"}  # asked for one thing: the passage that holds it is enough
MOST_QUOTED = 3
WHOLE = 260  # characters up to which a passage is quoted whole
SAME_SUBJECT = 0.6  # share of the shorter heading's terms that two passages about the same have in common
TRUST = {"unverified": 0, "third_party": 1, "press": 2, "official": 3}
_SENTENCE = re.compile(r"[^。！？!?\n]+(?:[。！？!?]+[”’」』）)]*)?|\n+")
_ENGLISH_SENTENCE = re.compile(r"[^\n]+?(?:[.!?](?=\s+[A-Z“\"(])|(?=\n)|$)|\n+")


def chosen(turn: Turn, reader: Reader) -> list[Hit]:
    """The hits to quote, the answer first: one that speaks of the period asked about and holds what is asked for is
    preferred among near equals; the others follow only when they are nearly as good. Asked about no year, a document
    that has published something is not answered by the year for which it has nothing."""
    hits = trusted(turn.found.hits)
    if not hits:
        return []
    rivals = [hit for hit in hits[:MOST_QUOTED] if hit.score >= RIVAL * hits[0].score]

    def fitness(hit: Hit) -> tuple[bool, bool]:
        return (
            covers_period(hit.passage, turn.found.periods),
            reader.holds_what_is_asked(hit.passage, turn.reading.asks),
        )

    first = max(rivals, key=fitness)  # max keeps the first of equals
    if first.passage.unpublished and first.passage.periods and not turn.found.periods:
        same = [hit for hit in rivals if hit.passage.slug == first.passage.slug and not hit.passage.unpublished]
        first = same[0] if same else first
    if first.passage.unpublished or (DEFINITE & set(turn.reading.asks) and all(fitness(first))):
        return [first]
    rest = [
        hit
        for hit in rivals
        if hit is not first
        and hit.score >= NEAR * first.score
        and not hit.passage.unpublished
        and fitness(hit) >= fitness(first)
        and hit.passage.text != first.passage.text
    ]
    return [first, *rest]


def trusted(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those that a better source contradicts: one about the same, of the same period, with other
    figures. What says that nothing is published stands by itself."""
    return [hit for hit in hits if not any(_outranks(other.passage, hit.passage) for other in hits)]


def _outranks(one: Passage, other: Passage) -> bool:
    is_statement = other.unpublished or other.rumour or one.unpublished
    if is_statement or TRUST[one.provenance.trust] <= TRUST[other.provenance.trust]:
        return False
    if one.lang != other.lang or one.slug == other.slug or one.periods != other.periods:
        return False
    first, second = set(terms(fold(one.heading))), set(terms(fold(other.heading)))
    is_same = len(first & second) >= SAME_SUBJECT * max(1, min(len(first), len(second)))
    return is_same and not figures_in(other.text) <= figures_in(f"{one.heading} {one.text}")


def quoted(passage: Passage, question: str, shelf: Shelf, most: int | None = None) -> str:
    """A passage whole when it is short, else its first sentence and those nearest to the question, in their order.

    `most` limits the number of sentences.
    """
    if len(passage.text) <= WHOLE and most is None:
        return passage.text
    pattern = _ENGLISH_SENTENCE if passage.lang == "en" else _SENTENCE
    parts = [part for part in pattern.findall(passage.text) if part.strip()]
    wanted = set(terms(fold(question)))

    def nearness(part: str) -> float:
        return sum(shelf.term_weight(term) for term in wanted & set(terms(fold(part))))

    count = most or 4
    best = sorted(range(len(parts)), key=lambda index: (-nearness(parts[index]), index))[:count]
    kept = sorted({0, *best} if most is None else best)
    joiner = " " if passage.lang == "en" else ""
    return joiner.join(
        parts[index].strip() if not parts[index].startswith(("-", "|")) else "\n" + parts[index] for index in kept
    )


def contradicted(question: str, passages: Sequence[Passage]) -> list[str]:
    """The figures put up in a question, as written there, that none of the passages holds. Years do not count."""
    published = (
        set().union(*(figures_in(f"{passage.heading} {passage.text}") for passage in passages)) if passages else set()
    )
    written = re.findall(
        r"(?:(?<![QqＱ])\d[\d,.]*\s*(?:万亿|[千百十]?[亿万]|%|billion|million)?|[一二两三四五六七八九十百千]+[亿万])",
        question,
    )
    found = []
    for figure in dict.fromkeys(text.strip() for text in written):
        values = figures_in(figure)
        if values and not values & published and not re.fullmatch(r"(20)?\d\d", figure):
            found.append(figure)
    return found
