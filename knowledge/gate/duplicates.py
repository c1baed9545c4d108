"""Near duplicates: two documents that say (almost) the same, so that only one of them will be kept up to date."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

from knowledge.documents import Passage
from knowledge.figures import figures_in
from knowledge.folding import fold
from knowledge.gate.findings import Finding
from knowledge.gate.neighbours import Pair, words_of

NEAR = 3.5  # nearness of passages (see Pair) from which they may say the same
ALIKE = 0.85  # share of their words that two texts have in common
SHORTEST = 20  # characters; shorter texts are alike by chance


def near_duplicates(pairs: Iterable[Pair]) -> list[Finding]:
    """A remark for every two documents with passages of the same figures and nearly the same words."""
    words = cache(lambda text: words_of(fold(text)))
    shared: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.nearness >= NEAR and pair.one.slug != pair.other.slug and _say_the_same(pair.one, pair.other, words):
            shared[pair.one.slug, pair.other.slug].append(pair)
    return [
        Finding(
            "duplicate",
            False,
            mine,
            f"“{mine}” and “{theirs}” say nearly the same in {len(found)} passage(s); keep one and link to it.",
            f"“{mine}”与“{theirs}”有 {len(found)} 段内容几乎相同；请只保留一处，并从另一处链接过去。",
            tuple(passage.id for pair in found for passage in (pair.one, pair.other)),
            {"other": theirs, "texts": [found[0].one.text, found[0].other.text]},
        )
        for (mine, theirs), found in shared.items()
    ]


def _say_the_same(one: Passage, other: Passage, words: Callable[[str], frozenset[str]]) -> bool:
    if one.text_hash == other.text_hash:
        return True
    shorter, longer = sorted((len(one.text), len(other.text)))
    if shorter < SHORTEST or shorter < 0.7 * longer:
        return False
    if not _overlap(frozenset(one.text), frozenset(other.text)):  # characters are quicker to count than words
        return False
    if not _overlap(words(one.text), words(other.text)):
        return False
    return figures_in(one.text) == figures_in(other.text)


def _overlap(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    return len(mine & theirs) >= ALIKE * len(mine | theirs)
