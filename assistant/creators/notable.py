"""Days on which something happened and a number changed at about the same time. That is never called a cause."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import log
from statistics import fmean, median

from assistant.creators.digest import median_plays
from assistant.creators.figures import written
from assistant.creators.works import Work

GAP_DAYS = 7
GAP_FACTOR = 3
FAR_ABOVE = 5.0
# Five times a handful of plays is nothing to speak of.
LEAST_USUAL_PLAYS = 100
SHOWN_WORKS = 5
# A work is compared with at most 30 settled ones published before it, and with no fewer than 5.
COMPARED_AT_LEAST = 5
# Plays count as changed when the usual day of 28 is 1.6 times that of the 28 before, or less than the inverse. Shorter
# stretches would report the ordinary luck of whoever posts twice a week.
CHANGE_DAYS = 28
CHANGE_FACTOR = 1.6
_NOT_A_CAUSE_ZH = "两件事时间上一致，不能说明谁引起谁。"
_NOT_A_CAUSE_EN = "The two coincide; that does not show that one caused the other."


@dataclass(frozen=True)
class NotableDay:
    """What happened (`kind`: posting_gap, far_above_usual or plays_changed) and what was different then."""

    day: date
    kind: str
    text_zh: str
    text_en: str
    work_id: str | None = None


def notable_days(
    works: list[Work], plays: list[tuple[date, float | None]], net: dict[date, int], last: date
) -> list[NotableDay]:
    """The posting gaps, the works far above the usual and the changes of level, oldest first.

    `works` newest first; `plays` a day each, oldest first; `net` the daily net followers; `last` the last day of data.
    """
    daily = {day: value for day, value in plays if value is not None}
    found = [*_gaps(works, daily, last), *_far_above(works, net), *_changes(works, plays)]
    return sorted(found, key=lambda one: one.day)


def _gaps(works: list[Work], daily: dict[date, float], last: date) -> list[NotableDay]:
    days = sorted({work.published_at.date() for work in works})
    if len(days) < 4:
        return []
    usual = median((later - earlier).days for earlier, later in zip(days, days[1:], strict=False))
    found = []
    for earlier, later in zip(days, [*days[1:], last + timedelta(days=1)], strict=True):
        first = earlier + timedelta(days=1)
        silent = (later - first).days
        if silent < max(GAP_DAYS, GAP_FACTOR * usual):
            continue
        before = _mean(daily, earlier - timedelta(days=13), earlier)
        # The works published last still bring plays for some days, so the end of the gap is looked at.
        during = _mean(daily, earlier + timedelta(days=1 + silent // 2), later - timedelta(days=1))
        if before is None or during is None:
            continue
        found.append(
            NotableDay(
                first,
                "posting_gap",
                f"{first} 起断更 {silent} 天；日均播放从断更前两周的 {_zh(before)} 变为断更后半段的 "
                f"{_zh(during)}。{_NOT_A_CAUSE_ZH}",
                f"Nothing was published for {silent} days from {first}; plays a day went from {_en(before)} in the two "
                f"weeks before to {_en(during)} in the second half of the gap. {_NOT_A_CAUSE_EN}",
            )
        )
    return found


def _far_above(works: list[Work], net: dict[date, int]) -> list[NotableDay]:
    """The works with the largest multiples of what was usual before them."""
    found: list[tuple[float, NotableDay]] = []
    for place, work in enumerate(works):
        earlier = [other for other in works[place + 1 :] if other.plays is not None]
        usual = median_plays(earlier, work.published_at) if len(earlier) >= COMPARED_AT_LEAST else None
        if usual is None or usual < LEAST_USUAL_PLAYS or work.plays is None or work.plays < FAR_ABOVE * usual:
            continue
        day = work.published_at.date()
        before = [net[one] for one in _days(day - timedelta(days=7), day - timedelta(days=1)) if one in net]
        after = [net[one] for one in _days(day, day + timedelta(days=6)) if one in net]
        change_zh = change_en = ""
        if len(before) == 7 and len(after) == 7:
            change_zh = f"；净增粉前 7 天 {sum(before):,}，当天起 7 天 {sum(after):,}。{_NOT_A_CAUSE_ZH}"
            change_en = (
                f"; net followers were {sum(before):,} in the 7 days before, {sum(after):,} in the 7 days from then. "
                f"{_NOT_A_CAUSE_EN}"
            )
        multiple = work.plays / usual
        told = NotableDay(
            day,
            "far_above_usual",
            f"{day} 发布的《{work.title}》播放 {_zh(work.plays)}，是此前中位数的 {multiple:.1f} 倍{change_zh or '。'}",
            f"“{work.title}”, published on {day}, has {_en(work.plays)} plays, {multiple:.1f} times the median "
            f"before it{change_en or '.'}",
            work.work_id,
        )
        found.append((multiple, told))
    return [told for _, told in sorted(found, key=lambda one: one[0], reverse=True)[:SHOWN_WORKS]]


def _changes(works: list[Work], plays: list[tuple[date, float | None]]) -> list[NotableDay]:
    values = [value for _, value in plays]
    scores: dict[int, float] = {}
    for index in range(CHANGE_DAYS, len(plays) - CHANGE_DAYS + 1):
        before, after = values[index - CHANGE_DAYS : index], values[index : index + CHANGE_DAYS]
        known_before, known_after = ([v for v in side if v is not None] for side in (before, after))
        if len(known_before) == len(known_after) == CHANGE_DAYS and min(sum(known_before), sum(known_after)) > 0:
            # Medians of logs: one work that went far above the usual is not a change of level.
            level = median(log(1 + v) for v in known_after) - median(log(1 + v) for v in known_before)
            scores[index] = level
    found = []
    for index, level in scores.items():
        near = [abs(scores.get(other, 0.0)) for other in range(index - CHANGE_DAYS, index + CHANGE_DAYS + 1)]
        if abs(level) >= log(CHANGE_FACTOR) and abs(level) == max(near):
            found.append(_change(works, plays, index))
    # Equal scores on neighbouring days are one change.
    return [one for place, one in enumerate(found) if not place or (one.day - found[place - 1].day).days > CHANGE_DAYS]


def _change(works: list[Work], plays: list[tuple[date, float | None]], index: int) -> NotableDay:
    day = plays[index][0]
    before = fmean(value or 0.0 for _, value in plays[index - CHANGE_DAYS : index])
    after = fmean(value or 0.0 for _, value in plays[index : index + CHANGE_DAYS])
    published = [(work.published_at.date() - day).days for work in works]
    posts_before = sum(-CHANGE_DAYS <= shift < 0 for shift in published)
    posts_after = sum(0 <= shift < CHANGE_DAYS for shift in published)
    return NotableDay(
        day,
        "plays_changed",
        f"{day} 前后，日均播放从 {_zh(before)} 变为 {_zh(after)}；"
        f"前后 {CHANGE_DAYS} 天发布数为 {posts_before} 条和 {posts_after} 条。"
        f"{_NOT_A_CAUSE_ZH}",
        f"Around {day} plays a day went from {_en(before)} to {_en(after)}; {posts_before} works were published in the "
        f"{CHANGE_DAYS} days before and {posts_after} in the {CHANGE_DAYS} days from then. {_NOT_A_CAUSE_EN}",
    )


def _mean(daily: dict[date, float], first: date, last: date) -> float | None:
    values = [daily[day] for day in _days(first, last) if day in daily]
    return fmean(values) if values else None


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=shift) for shift in range((last - first).days + 1)]


def _zh(value: float) -> str:
    return written(value, "count", "zh")


def _en(value: float) -> str:
    return written(value, "count", "en")
