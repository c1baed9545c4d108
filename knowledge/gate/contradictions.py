"""Contradictions: two texts in force at the same time that give the same quantity of the same thing differently.

A false alarm stops the staff's work, so a finding blocks only when everything speaks for it: both texts are rules, the
passages are near in meaning, the words around the two numbers agree, neither is narrower than the other, and no other
value differs beside them (千粉 2 个 and 万粉 5 个 are two cases of one rule). What is less sure is a remark or nothing.
`tests/evaluation/contradictions.jsonl` measures it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from knowledge.folding import HAN
from knowledge.gate.agreement import are_equal, are_in_conflict, is_comparable
from knowledge.gate.findings import Finding
from knowledge.gate.neighbours import Pair, Telling
from knowledge.gate.scopes import difference
from knowledge.gate.statements import Statement, statements_of

RULES = {"policy", "program", "faq"}
COMPARED = RULES | {"guide"}  # metrics, templates and topics hold many numbers of one form
# Fitted on the planted set. The words around two numbers agree by at least LIKENESS of 3 (SURE to block), and with the
# nearness of the passages they reach CERTAIN.
LIKENESS, SURE = 0.95, 1.15
CERTAIN, WORDS = 4.1, 0.75
SAID_TOO = 0.6  # share of the best likeness from which an equal value elsewhere in the text answers for it
ONE_FORM = 0.5  # share of equal words from which two sentences are of one form
_GENERAL = re.compile(
    "规则|问答|说明|须知|常见|问题|疑问|公告|通知|办法|细则|规范|指南|条件|要求|标准|要点|管理|活动|规定|总结|介绍|补充|招募|新版?"
    r"|\b(?:questions?|rules?|faq|about|how|what|when|the|and|of|for|to)\b"
)
_TITLED = re.compile(r"《([^》]+)》")
_TOKEN = re.compile(rf"[{HAN}]|[a-z]+")


@dataclass(frozen=True)
class Clash:
    """Two statements that give different values. `likeness` (0 to 3) is how far the words around them agree."""

    one: Statement
    other: Statement
    likeness: float
    is_sure: bool


def contradictions(pairs: Iterable[Pair], telling: Telling) -> list[Finding]:
    """A finding for every pair of passages with numbers that cannot both be right: the clash that is surest."""
    known: dict[int, list[Statement]] = {}

    def read(pair: Pair) -> tuple[list[Statement], list[Statement]]:
        for passage in (pair.one, pair.other):
            if passage.id not in known:
                known[passage.id] = statements_of(passage)
        return known[pair.one.id], known[pair.other.id]

    found = []
    for pair in pairs:
        kinds = {pair.one.kind, pair.other.kind}
        # Within one document numbers of one form are a list of cases far more often than a mistake.
        if pair.one.slug != pair.other.slug and kinds <= COMPARED and kinds & RULES:
            clash = max(_clashes(pair, *read(pair), telling), key=lambda one: (one.is_sure, one.likeness), default=None)
            if clash is not None:
                found.append(_finding(pair, clash))
    return found


def _clashes(pair: Pair, mine: Sequence[Statement], theirs: Sequence[Statement], telling: Telling) -> list[Clash]:
    found = []
    for one in mine:
        other = _counterpart(one, mine, theirs, telling)
        if other is None or not are_in_conflict(one.quantity, other.quantity):
            continue
        likeness = _likeness(one, other, telling)
        if pair.nearness + WORDS * likeness < CERTAIN:
            continue
        if _periods_apart(one, other) or _are_days_of_two(one, other) or _is_parallel(one, other):
            continue
        is_sure = likeness >= SURE and not (
            difference(one.texts, other.texts).is_narrower
            or _is_one_period(one, other)
            or _another_differs(one, other, mine, theirs, telling)
            or not {pair.one.kind, pair.other.kind} <= RULES
        )
        found.append(Clash(one, other, likeness, is_sure))
    return found


def _counterpart(
    one: Statement, mine: Sequence[Statement], theirs: Sequence[Statement], telling: Telling
) -> Statement | None:
    """The statement of the other passage that speaks most of the same; None when the value stands there, or when
    another of one's own statements is nearer to it."""
    rivals = [other for other in theirs if is_comparable(one.quantity, other.quantity)]
    likeness = {other: _likeness(one, other, telling) for other in rivals}
    alike = [
        other for other in rivals if likeness[other] >= LIKENESS and not difference(one.texts, other.texts).is_apart
    ]
    if not alike:
        return None
    best = max(alike, key=likeness.__getitem__)
    bar = SAID_TOO * likeness[best]
    if any(are_equal(one.quantity, other.quantity) and likeness[other] >= bar for other in rivals):
        return None
    own = [other for other in mine if is_comparable(other.quantity, best.quantity)]
    if any(are_equal(other.quantity, best.quantity) for other in own):
        return None
    nearer = max(
        own, key=lambda mine: (not difference(mine.texts, best.texts).is_apart, _likeness(mine, best, telling))
    )
    return best if nearer is one else None


def _likeness(one: Statement, other: Statement, telling: Telling) -> float:
    return (
        telling.share(one.near, other.near)
        + telling.share(one.clause, other.clause)
        + telling.share(one.subject, other.subject)
    )


def _periods_apart(one: Statement, other: Statement) -> bool:
    """Whether they speak of different years, or of different quarters."""
    for is_year in (True, False):
        mine, theirs = ({period for period in s.periods if period.isdigit() is is_year} for s in (one, other))
        if mine and theirs and not mine & theirs:
            return True
    return False


def _is_one_period(one: Statement, other: Statement) -> bool:
    """Whether only one of them is tied to a year, and it is not the year of the other rule."""
    if one.periods and other.periods:
        return False
    return bool(one.periods - other.reading.own_years or other.periods - one.reading.own_years)


def _are_days_of_two(one: Statement, other: Statement) -> bool:
    """Whether the days belong to two documents: the passages name different laws, or each tells the day its own
    document takes effect, and they name no law in common."""
    mine, theirs = (set(_TITLED.findall(statement.reading.whole)) for statement in (one, other))
    if one.quantity.unit != "day" or mine & theirs:
        return False
    return bool(mine and theirs) or all(map(_is_own_day, (one, other)))


def _is_own_day(statement: Statement) -> bool:
    day = statement.reading.passage.effective_from
    return day is not None and statement.quantity.low == day.year * 10000 + day.month * 100 + day.day


def _is_parallel(one: Statement, other: Statement) -> bool:
    """Whether the texts are made alike for two things: 杭州站奖金 and 成都站奖金, 银牌 and 金牌. A name put
    in the place of another is in both texts a word of heading or title that the other text has nowhere."""
    return any(
        _is_name(mine, one, other) and _is_name(theirs, other, one)
        for place in (1, 3)
        for mine, theirs in _replaced(one.texts[place], other.texts[place])
    )


def _is_name(word: str, here: Statement, there: Statement) -> bool:
    return word in f"{here.texts[2]} {here.texts[3]}" and word not in there.reading.whole


def _replaced(one: str, other: str) -> Iterator[tuple[str, str]]:
    """What stands in two sentences of one form at the same place."""
    mine, theirs = (_TOKEN.findall(_GENERAL.sub(" ", text)) for text in (one, other))
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if matcher.ratio() < ONE_FORM:
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "replace":
            yield _text(mine[a:b]), _text(theirs[c:d])


def _text(tokens: Sequence[str]) -> str:
    return (" " if tokens[0].isascii() else "").join(tokens)


def _another_differs(
    one: Statement, other: Statement, mine: Sequence[Statement], theirs: Sequence[Statement], telling: Telling
) -> bool:
    """Whether beside the two numbers, in their sentences, another pair of like numbers differs."""
    return any(
        is_comparable(near.quantity, far.quantity)
        and are_in_conflict(near.quantity, far.quantity)
        and telling.share(near.clause, far.clause) >= 0.5
        for near in mine
        if near is not one and near.sentence_at == one.sentence_at
        for far in theirs
        if far is not other and far.sentence_at == other.sentence_at
    )


def _finding(pair: Pair, clash: Clash) -> Finding:
    mine, theirs = clash.one.reading.passage, clash.other.reading.passage
    quotes = [clash.one.quote, clash.other.quote]
    return Finding(
        "contradiction",
        clash.is_sure,
        mine.slug,
        f"“{mine.slug}” says “{quotes[0]}” where “{theirs.slug}” says “{quotes[1]}”.",
        f"“{mine.slug}”写“{quotes[0]}”，而“{theirs.slug}”写“{quotes[1]}”。",
        (mine.id, theirs.id),
        {
            "other": theirs.slug,
            "quotes": quotes,
            "likeness": round(clash.likeness, 2),
            "nearness": round(pair.nearness, 2),
        },
    )
