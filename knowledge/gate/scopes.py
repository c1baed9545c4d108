"""What a statement is about, as far as single words tell: the audience, the platform, the stage, the named program."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from knowledge.folding import HAN

_TITLED = re.compile(r"《([^》]{2,60})》")
_IN_TITLES = re.compile(r"\(.*?\)|中华人民共和国")
_NAMED = re.compile(
    rf"([{HAN}]{{2}})(计划|活动|挑战|训练营|大赛|榜单|比赛|之星|优创|大会|推荐官|专项|公约|条例)"
)
# 本次活动, 激励计划: these words before a program's kind give it no name.
_NO_NAME = re.compile(
    "本次|这个|该|此|参加|参与|激励|扶持|创作|官方|相关|报名|热门|营销|平台|推广|专属|各类|线上|线下|期间"
)


@dataclass(frozen=True)
class Groups:
    """Words that part what a rule is about (`scopes.yaml`). `meaning` takes a group and a word to the first word of
    its line; `narrowing` names the groups in which a word narrows a rule, unless it is `ordinary`."""

    patterns: Mapping[str, re.Pattern[str]]
    meaning: Mapping[tuple[str, str], str]
    narrowing: frozenset[str]
    ordinary: frozenset[str]


@dataclass(frozen=True)
class Difference:
    """Whether two statements are apart (about different things), or one is narrower than the other."""

    is_apart: bool
    is_narrower: bool


@cache
def groups() -> Groups:
    """The groups of `scopes.yaml`, read once."""
    raw = yaml.safe_load((Path(__file__).parent / "scopes.yaml").read_text("utf-8"))
    lines = {**raw["narrowing"], **raw["roles"]}
    meaning = {(group, word): words[0] for group, some in lines.items() for words in some for word in words}
    patterns = {group: _one_of([word for words in some for word in words]) for group, some in lines.items()}
    return Groups(patterns, meaning, frozenset(raw["narrowing"]), frozenset(raw["ordinary"]))


def difference(one: Sequence[str], other: Sequence[str]) -> Difference:
    """Compare two statements. Each is given as its folded texts from near to far: clause, sentence, heading, title;
    the nearest text that names something of a group counts for it. A title names what a document is about, not whom
    a statement is narrowed to."""
    mine, theirs = ([_named_in(text) for text in texts] for texts in (one, other))
    for kind in ("《》", "name"):
        some, others = _nearest(kind, mine), _nearest(kind, theirs)
        if some and others and not any(a in b or b in a for a in some for b in others):
            return Difference(True, False)
    known = groups()
    narrower = False
    for group in known.patterns:
        some, others = _nearest(group, mine), _nearest(group, theirs)
        if some and others and not some & others:
            return Difference(True, False)
        if group in known.narrowing:
            narrower |= bool(_nearest(group, mine[:-1]) - known.ordinary) != bool(
                _nearest(group, theirs[:-1]) - known.ordinary
            )
    return Difference(False, narrower)


def _nearest(group: str, named: Sequence[Mapping[str, frozenset[str]]]) -> frozenset[str]:
    return next((some[group] for some in named if group in some), frozenset())


@lru_cache(maxsize=16384)
def _named_in(text: str) -> Mapping[str, frozenset[str]]:
    """What a text names of each group; titles in 《》 without what stands in brackets, and named programs besides."""
    known = groups()
    bare = _TITLED.sub(" ", text)
    found = {
        group: frozenset(known.meaning[group, word] for word in pattern.findall(bare))
        for group, pattern in known.patterns.items()
    }
    found["《》"] = frozenset(_IN_TITLES.sub("", title) for title in _TITLED.findall(text))
    found["name"] = frozenset(before + kind for before, kind in _NAMED.findall(text) if not _NO_NAME.search(before))
    return {group: some for group, some in found.items() if some}


def _one_of(words: Sequence[str]) -> re.Pattern[str]:
    """A pattern that finds the words; an English one stands for its plural and its other forms too."""
    ordered = sorted(words, key=len, reverse=True)
    english = "|".join(word for word in ordered if word.isascii())
    han = "|".join(word for word in ordered if not word.isascii())
    return re.compile(rf"{han or '(?!)'}|(?<![a-z])(?:{english or '(?!)'})(?=(?:s|es|d|ing)?(?![a-z]))")
