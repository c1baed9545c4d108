"""Quantities that a text states, with unit, bound and place: what two texts about the same thing may not tell
differently.

Units of one kind are brought to one (hours and days to seconds), so that 48 小时 and 2 天 are equal. What only
looks like a quantity of the subject (years, articles of a law, steps, sizes such as 720×1280) is passed over.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from knowledge.figures import days_in, value_of
from knowledge.gate import units

_CLAUSE_END = re.compile(r"[。;!?\n|]|,(?!\d{3})|(?<!\d),|:(?!\d)|(?<!\d):|\.(?=\s|$)")  # folded: half-width
_SENTENCE_END = re.compile(r"[。!?\n]|\.(?=\s|$)")
_REACH = 6  # characters before a number in which its bound stands
_THRESHOLDS = {"follower", "age"}  # a bare number of these means "from"


@dataclass(frozen=True)
class Quantity:
    """A value with its unit at `[start, end)` of a folded text.

    `low` and `high` differ for a range. A day is year × 10000 + month × 100 + day, 0 for what is not named. `bound` is
    `min`, `max` or empty; `per` is the base the value is counted by, as value and unit (`每千次` is 1000 times).
    """

    low: float
    high: float
    unit: str
    start: int
    end: int
    bound: str = ""
    is_loose: bool = False
    per: tuple[float, str] | None = None

    @property
    def is_range(self) -> bool:
        """Whether it names two ends."""
        return self.low != self.high


def quantities_in(folded: str) -> list[Quantity]:
    """The quantities of a folded text in the order of their places."""
    found = [*_days(folded), *_clocks(folded), *_shares(folded)]
    taken = [(one.start, one.end) for one in found] + [match.span() for match in units.NO_QUANTITY.finditer(folded)]
    found += _numbers(folded, taken)
    joined = _joined(sorted(found, key=lambda one: one.start), folded)
    return [_bounded(one, folded) for one in _with_bases(joined, folded) if one.unit]


def clause_of(folded: str, quantity: Quantity) -> tuple[int, int]:
    """The place of the clause that holds a quantity."""
    return _between(_CLAUSE_END, folded, quantity)


def sentence_of(folded: str, quantity: Quantity) -> tuple[int, int]:
    """The place of the sentence that holds a quantity."""
    return _between(_SENTENCE_END, folded, quantity)


def _between(ends: re.Pattern[str], folded: str, quantity: Quantity) -> tuple[int, int]:
    marks = _marks(ends, folded)
    following = bisect_left(marks, (quantity.end, 0))
    before = bisect_right(marks, (quantity.start, 0)) - 1
    return marks[before][1] if before >= 0 else 0, marks[following][0] if following < len(marks) else len(folded)


@lru_cache(maxsize=64)
def _marks(ends: re.Pattern[str], folded: str) -> list[tuple[int, int]]:
    """Where the clauses or sentences of a text end, in order."""
    return [match.span() for match in ends.finditer(folded)]


def _days(folded: str) -> Iterator[Quantity]:
    for named in days_in(folded):
        value = named.year * 10000 + named.month * 100 + named.day
        yield Quantity(value, value, "day" if named.day else "", named.start, named.end)


def _clocks(folded: str) -> Iterator[Quantity]:
    if "点" not in folded and ":" not in folded:
        return
    for match in units.CLOCK.finditer(folded):
        if match["digital"]:
            hours, minutes = map(int, match["digital"].split(":"))
        else:
            hours, minutes = int(value_of(match["hour"])), 30 if match["half"] else 0
        if hours < 12 and match["part"] in ("下午", "晚上", "晚"):
            hours += 12
        yield Quantity(hours * 60 + minutes, hours * 60 + minutes, "clock", match.start(), match.end())


def _shares(folded: str) -> Iterator[Quantity]:
    for match in units.SHARE.finditer(folded):
        value = value_of(match["value"])
        yield Quantity(value, value, "%", match.start(), match.end())


def _numbers(folded: str, taken: list[tuple[int, int]]) -> Iterator[Quantity]:
    for match in units.NUMBER_WITH_UNIT.finditer(folded):
        start = match.start()
        if any(start < end and begin < match.end() for begin, end in taken):
            continue
        written = match["digits"] or match["han"] or match["english"]
        value = value_of(written + (match["scale"] or ""))
        unit, factor = _unit(match, folded)
        end = match.end("noun") if match["noun"] and unit else match.end()
        if unit in ("person", "piece") and written == "一":
            continue  # 一个, 一名: an article, not a count
        yield Quantity(value * factor, value * factor, unit, start, end)


def _unit(match: re.Match[str], folded: str) -> tuple[str, float]:
    if match["money"]:
        return "yuan", 1.0
    unit, factor, written = "", 1.0, match.lastgroup or ""
    if written == "noun":
        unit = _singular(match["noun"])
    elif written.startswith("u"):
        unit, _, factor = units.UNITS[int(written[1:])]
    if unit in ("", "person", "piece"):
        before = folded[max(0, match.start() - 10) : match.start()]
        for measure, noun in units.MEASURES:
            if noun.search(before):
                return measure, 1.0
    return unit, factor


def _singular(noun: str) -> str:
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


def _joined(found: list[Quantity], folded: str) -> list[Quantity]:
    """Two ends that a range names become one quantity: 1–3 天, 16 至 18 周岁, 20万元以上 100万元以下."""
    joined: list[Quantity] = []
    for one in found:
        last = joined[-1] if joined else None
        between = folded[last.end : one.start] if last else ""
        is_joined = units.TO.fullmatch(between) or units.LAWFUL_RANGE.fullmatch(between)
        if last and last.unit in ("", one.unit) and is_joined:
            joined[-1] = replace(one, low=_lower(last, one), start=last.start)
        else:
            joined.append(one)
    return joined


def _lower(first: Quantity, second: Quantity) -> float:
    """The lower end; without a unit of its own it shares the scale of the upper one (1–3万, 2-5 小时)."""
    if first.unit or not first.low:
        return first.low
    scale = 1.0
    for _, _, factor in units.UNITS:
        if second.high / factor >= 1 and factor > scale and second.unit == "duration" and not second.high % factor:
            scale = factor
    return first.low * scale


def _with_bases(found: list[Quantity], folded: str) -> list[Quantity]:
    """每千次播放 2 元 is one quantity, counted by 1000 times; a base that counts nothing stays a quantity."""
    kept = list(found)
    for base in found:
        if not units.BASE.search(folded[max(0, base.start - 6) : base.start]) or not base.unit:
            continue
        first, last = clause_of(folded, base)
        others = [one for one in kept if one is not base and one.unit and first <= one.start < last and not one.per]
        if others:
            counted = min(others, key=lambda one: (one.start < base.start, abs(one.start - base.start)))
            kept[kept.index(counted)] = replace(counted, per=(base.high, base.unit))
            kept.remove(base)
    return kept


def _bounded(one: Quantity, folded: str) -> Quantity:
    before, after = folded[max(0, one.start - _REACH * (2 if one.unit.isascii() else 1)) : one.start], folded[one.end :]
    first, last = sentence_of(folded, one)
    is_loose = bool(units.LOOSE.search(before) or units.LOOSE.match(after[:3]))
    bound = ""
    if units.AT_MOST_BEFORE.search(before) or units.AT_MOST_AFTER.match(after):
        bound = "max"
        if units.BELOW.search(before + after[:3]) and units.DENIED.search(folded[one.end : last]):
            bound = "min"  # 未满 16 岁不得…: what is denied below is allowed from there on
    elif units.AT_LEAST_BEFORE.search(before) or units.AT_LEAST_AFTER.match(after) or one.unit in _THRESHOLDS:
        bound = "min"
    return replace(one, bound=bound, is_loose=is_loose)
