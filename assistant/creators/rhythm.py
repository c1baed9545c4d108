"""发布节奏: how often a creator publishes, and on which days and hours works did better, by reach and by quality.

A best day is easily read into chance: of seven days one always comes first. So a cell is named only when it has enough
works and its advantage is rare among shuffles of the same works over the same cells.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Literal

import numpy as np

from assistant.creators.digest import SETTLED
from assistant.creators.works import Work

LOOKED_BACK_DAYS = 180
# Reach is a work's plays over the median of so many works around it, so that a growing account's later works do not
# make the days of later works look better.
NEAREST = 30
LEAST_WORKS = 20
# A cell with fewer works is shown without a verdict.
LEAST_IN_A_CELL = 5
LEAST_PLAYS = 100
SHUFFLES = 2_000
# Four comparisons are made (two ways to divide, two measures); together they err in 5 % of creators without a best day.
CHANCE = 0.05 / 4
HOURS_IN_A_BLOCK = 3
_SEED = 2022
_DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Division = Literal["weekday", "hour"]
Measure = Literal["reach", "quality"]


@dataclass(frozen=True)
class Cell:
    """The works of one weekday or block of hours: how many, and the median of their multiples of the usual; None with
    fewer than five."""

    name_zh: str
    name_en: str
    works: int
    multiple: float | None


@dataclass(frozen=True)
class Comparison:
    """One measure by weekday or by hour. `best` is the cell that stands out, None when none does; `chance` the share of
    shuffles in which one stands out as much; None when fewer than two cells have enough works."""

    division: Division
    measure: Measure
    cells: tuple[Cell, ...]
    best: Cell | None
    chance: float | None
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Rhythm:
    """How a creator publishes. Of the last 28 days: `works_a_week`; of the last 180: `works`, the median days between
    two days of posting, the longest silence in days. `comparisons` is empty with fewer than 20 works that can be
    compared, and `refusal_zh`/`refusal_en` then say so."""

    first: date
    last: date
    works: int
    works_a_week: float
    median_gap_days: float | None
    longest_silence_days: int
    comparisons: tuple[Comparison, ...] = ()
    refusal_zh: str = ""
    refusal_en: str = ""


def rhythm_of(works: Sequence[Work], last: date) -> Rhythm | None:
    """The rhythm of a creator with these works (any order) up to `last`, the last day of data; None without works.

    Works younger than 48 hours count for the rhythm and are not compared. Reach compares plays; quality the engagement
    rate, or where a source does not tell that, the completion rate, of works with 100 plays or more.
    """
    first = last - timedelta(days=LOOKED_BACK_DAYS - 1)
    inside = sorted((one for one in works if first <= one.published_at.date() <= last), key=_published)
    if not inside:
        return None
    days = sorted({one.published_at.date() for one in inside})
    gaps = [(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)]
    recent = sum((last - one.published_at.date()).days < 28 for one in inside)
    now = datetime.combine(last + timedelta(days=1), time())
    settled = [one for one in inside if one.age_at(now) >= SETTLED and one.plays is not None]
    is_refused = len(settled) < LEAST_WORKS
    few_zh = f"近 {LOOKED_BACK_DAYS} 天可比的作品只有 {len(settled)} 条，不足 {LEAST_WORKS} 条，"
    few_en = f"Only {len(settled)} works of {LOOKED_BACK_DAYS} days can be compared, fewer than {LEAST_WORKS}: "
    return Rhythm(
        first=first,
        last=last,
        works=len(inside),
        works_a_week=recent / 4,
        median_gap_days=float(median(gaps)) if gaps else None,
        longest_silence_days=max([*(gap - 1 for gap in gaps), (last - days[-1]).days]),
        comparisons=() if is_refused else tuple(_comparisons(settled)),
        refusal_zh=few_zh + "不说哪天哪个时段更好。" if is_refused else "",
        refusal_en=few_en + "nothing is said about better days or hours." if is_refused else "",
    )


def _published(work: Work) -> datetime:
    return work.published_at


def _comparisons(works: Sequence[Work]) -> list[Comparison]:
    quality = _quality_of(works)
    measures: list[tuple[Measure, list[tuple[Work, float]]]] = [
        ("reach", _multiples([(one, one.plays) for one in works])),
        ("quality", _multiples([(one, quality(one)) for one in works if (one.plays or 0) >= LEAST_PLAYS])),
    ]
    found = []
    for measure, values in measures:
        found.append(_compared("weekday", measure, [(one.published_at.weekday(), value) for one, value in values]))
        # A time of exactly midnight means that only the day is known.
        timed = [(one, value) for one, value in values if one.published_at.time() != time()]
        by_hour = [(one.published_at.hour // HOURS_IN_A_BLOCK, value) for one, value in timed]
        found.append(_compared("hour", measure, by_hour))
    return found


def _quality_of(works: Sequence[Work]) -> Callable[[Work], float | None]:
    slug = "engagement_rate" if any(one.rate("engagement_rate") is not None for one in works) else "completion_rate"
    return lambda work: work.rate(slug)


def _multiples(values: Sequence[tuple[Work, float | None]]) -> list[tuple[Work, float]]:
    """Each known value over the median of the thirty nearest in time."""
    known = [(work, value) for work, value in values if value is not None]
    found = []
    for at, (work, value) in enumerate(known):
        start = max(0, min(at - NEAREST // 2, len(known) - NEAREST - 1))
        around = [other for place, (_, other) in enumerate(known[start : start + NEAREST + 1], start) if place != at]
        usual = median(around) if around else 0.0
        if usual > 0:
            found.append((work, value / usual))
    return found


def _compared(division: Division, measure: Measure, values: Sequence[tuple[int, float]]) -> Comparison:
    keys = sorted({key for key, _ in values})
    grouped = {key: [value for other, value in values if other == key] for key in keys}
    cells = {key: _cell(division, key, some) for key, some in grouped.items()}
    enough = [key for key in keys if cells[key].multiple is not None]
    best, chance = None, None
    if len(enough) >= 2:
        top, chance = _stands_out([(enough.index(key), value) for key, value in values if key in enough], len(enough))
        best = cells[enough[top]] if chance < CHANCE else None
    zh, en = _told(division, measure, cells, best, chance, len(enough))
    return Comparison(division, measure, tuple(cells.values()), best, chance, zh, en)


def _cell(division: Division, key: int, values: Sequence[float]) -> Cell:
    start, end = key * HOURS_IN_A_BLOCK, (key + 1) * HOURS_IN_A_BLOCK
    is_day = division == "weekday"
    multiple = float(median(values)) if len(values) >= LEAST_IN_A_CELL else None
    name_zh = _DAYS_ZH[key] if is_day else f"{start}–{end} 点"
    name_en = _DAYS_EN[key] if is_day else f"{start:02d}:00–{end:02d}:00"
    return Cell(name_zh, name_en, len(values), multiple)


def _stands_out(values: Sequence[tuple[int, float]], cells: int) -> tuple[int, float]:
    """The cell with the highest standardised mean rank, and the share of shuffles whose highest is as high."""
    key = np.array([cell for cell, _ in values])
    order = np.array([value for _, value in values]).argsort(kind="stable").argsort()
    ranks = (order - order.mean()) / max(float(order.std()), 1e-12)
    member = np.array([key == cell for cell in range(cells)], dtype=float)
    scale = np.sqrt(member.sum(axis=1))
    scores = member @ ranks / scale
    chance = np.random.default_rng(_SEED)
    shuffled = chance.permuted(np.tile(ranks, (SHUFFLES, 1)), axis=1)
    highest = (shuffled @ member.T / scale).max(axis=1)
    return int(scores.argmax()), float((1 + (highest >= scores.max() - 1e-12).sum()) / (1 + SHUFFLES))


def _told(
    division: Division,
    measure: Measure,
    cells: dict[int, Cell],
    best: Cell | None,
    chance: float | None,
    enough: int,
) -> tuple[str, str]:
    what_zh, what_en = ("播放", "reach (plays)") if measure == "reach" else ("互动质量", "quality (engagement)")
    by_zh, by_en = ("星期", "weekday") if division == "weekday" else ("时段", "hour")
    if chance is None:
        least = LEAST_IN_A_CELL
        few_zh = f"至少有 {least} 条作品的{by_zh}只有 {enough} 个" if enough else f"没有一个{by_zh}有 {least} 条作品"
        few_en = f"only {enough} {'has' if enough == 1 else 'have'}" if enough else "none has"
        return (
            f"{what_zh}按{by_zh}：{few_zh}，比不出来。",
            f"{what_en} by {by_en}: {few_en} {least} works or more, too few to compare.",
        )
    if best is None:
        return (
            f"{what_zh}按{by_zh}：看不出哪个更好，差别像是偶然（随机打乱有 {chance:.0%} 也这么大）。",
            f"{what_en} by {by_en}: none is clearly better; {chance:.0%} of random shuffles differ as much.",
        )
    share = f"{best.multiple:.2f}"
    return (
        f"{what_zh}按{by_zh}：{best.name_zh}发布的 {best.works} 条，中位数是平常的 {share} 倍；"
        f"随机打乱只有 {chance:.1%} 差这么多。",
        f"{what_en} by {by_en}: the {best.works} works of {best.name_en} are at {share} times the usual (median); only "
        f"{chance:.1%} of random shuffles differ as much.",
    )
