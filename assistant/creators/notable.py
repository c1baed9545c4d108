"""Days on which something happened and a number changed at about the same time. That is never called a cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, expm1, floor, log1p
from statistics import fmean, median
from typing import Literal

from assistant.creators.changes import change_points, outliers
from assistant.creators.figures import written
from assistant.creators.happenings import Happening, posting_gaps, works_far_above
from assistant.creators.works import Work

NotableKind = Literal["posting_gap", "far_above_usual", "plays_changed", "net_changed", "plays_unusual", "net_unusual"]

# Both sides of a change are told by the mean of up to so many days.
TOLD_DAYS = 28
# A smaller change of plays is too little to speak of, however certain it is.
CHANGE_FACTOR = 1.25
# What happened within so many days of a change, or of a single day, is told with it.
NEAR_CHANGE_DAYS = 10
NEAR_DAY_DAYS = 2
TOLD_WITH_A_CHANGE = 3
# Right after a change every day is unusual for the days before it.
SETTLING_DAYS = 21
SHOWN_UNUSUAL = 3
# Days that differ by less than this from a very even past are not unusual: a share of plays, a number of followers.
_LEAST_LOG_DEVIATION = 0.15
_LEAST_NET_DEVIATION = 3.0
_NOT_A_CAUSE_ZH = "两件事时间上一致，不能说明谁引起谁。"
_NOT_A_CAUSE_EN = "The two coincide; that does not show that one caused the other."
_TITLES = {"plays": ("播放", "plays"), "net": ("净增粉", "net followers")}

Metric = Literal["plays", "net"]
Daily = Sequence[tuple[date, float | None]]


@dataclass(frozen=True)
class NotableDay:
    """What was different from `day` on, and what happened at about the same time (`coincided`).

    `is_rise` says of a change of level which way it went.
    """

    day: date
    kind: NotableKind
    text_zh: str
    text_en: str
    work_id: str | None = None
    coincided: tuple[Happening, ...] = ()
    is_rise: bool | None = None


def notable_days(
    works: Sequence[Work], plays: Daily, net: Daily, last: date, campaigns: Sequence[Happening] = ()
) -> list[NotableDay]:
    """Posting gaps, works far above the usual, changes of level and unusual days, oldest first.

    `works` newest first; `plays` and `net` (daily net followers) a day each, oldest first; `last` the last day of data;
    `campaigns` what else the creator took part in.
    """
    gaps, hits = posting_gaps(works, last), works_far_above(works)
    happenings = [*gaps, *hits, *campaigns]
    changes = [*_changes("plays", plays, works, happenings), *_changes("net", net, works, happenings)]
    unusual = [
        *_unusual("plays", plays, happenings),
        *_unusual("net", net, happenings),
    ]
    told = [one.day for one in changes] + [hit.first for hit in hits]
    fresh = [one for one in unusual if not any(-2 <= (one.day - day).days <= SETTLING_DAYS for day in told)]
    found = [
        *(one for gap in gaps for one in _gap(gap, plays)),
        *(_far_above(hit, net) for hit in hits),
        *changes,
        *fresh[-SHOWN_UNUSUAL:],
    ]
    return sorted(found, key=lambda one: one.day)


def _gap(gap: Happening, plays: Daily) -> list[NotableDay]:
    known = {day: value for day, value in plays if value is not None}
    before = _mean(known, gap.first - timedelta(days=14), gap.first - timedelta(days=1))
    # The works published last still bring plays for some days, so the end of the gap is looked at.
    silent = (gap.last - gap.first).days + 1
    during = _mean(known, gap.first + timedelta(days=silent // 2), gap.last)
    if before is None or during is None:
        return []
    return [
        NotableDay(
            gap.first,
            "posting_gap",
            f"{gap.first} 起断更 {silent} 天；日均播放从断更前两周的 {_zh(before)} 变为断更后半段的 {_zh(during)}。"
            f"{_NOT_A_CAUSE_ZH}",
            f"Nothing was published for {silent} days from {gap.first}; plays a day went from {_en(before)} in the two "
            f"weeks before to {_en(during)} in the second half of the gap. {_NOT_A_CAUSE_EN}",
        )
    ]


def _far_above(hit: Happening, net: Daily) -> NotableDay:
    known = {day: value for day, value in net if value is not None}
    week = timedelta(days=6)
    eve = hit.first - timedelta(days=1)
    before = [known[day] for day in _days(eve - week, eve) if day in known]
    after = [known[day] for day in _days(hit.first, hit.first + week) if day in known]
    text_zh, text_en = f"{hit.name_zh}。", f"{hit.name_en}."
    if len(before) == len(after) == 7:
        text_zh = (
            f"{hit.name_zh}；净增粉前 7 天 {sum(before):,.0f}，当天起 7 天 {sum(after):,.0f}。{_NOT_A_CAUSE_ZH}"
        )
        text_en = (
            f"{hit.name_en}; net followers were {sum(before):,.0f} in the 7 days before, {sum(after):,.0f} in the 7 "
            f"days from then. {_NOT_A_CAUSE_EN}"
        )
    return NotableDay(hit.first, "far_above_usual", text_zh, text_en, hit.work_id)


def _changes(metric: Metric, daily: Daily, works: Sequence[Work], happenings: Sequence[Happening]) -> list[NotableDay]:
    values = [value for _, value in daily]
    places = change_points(values)
    title_zh, title_en = _TITLES[metric]
    found = []
    for start, place, end in zip([0, *places], places, [*places[1:], len(values)], strict=False):
        before = [one for one in values[max(start, place - TOLD_DAYS) : place] if one is not None]
        after = [one for one in values[place : min(end, place + TOLD_DAYS)] if one is not None]
        low, high = sorted((median(before), median(after)))
        if metric == "plays" and high < CHANGE_FACTOR * low:
            continue
        day = daily[place][0]
        near = tuple(one for one in happenings if one.is_near(day, NEAR_CHANGE_DAYS))[:TOLD_WITH_A_CHANGE]
        with_zh, with_en = _coincided(near) if near else _nothing_known(works, day)
        found.append(
            NotableDay(
                day,
                "plays_changed" if metric == "plays" else "net_changed",
                f"{day} 前后，日均{title_zh}从 {_zh(fmean(before))} 变为 {_zh(fmean(after))}。{with_zh}",
                f"Around {day} {title_en} a day went from {_en(fmean(before))} to {_en(fmean(after))}. {with_en}",
                coincided=near,
                is_rise=median(after) > median(before),
            )
        )
    return found


def _nothing_known(works: Sequence[Work], day: date) -> tuple[str, str]:
    if not works:
        return "没有作品数据，不知道同时发生了什么。", "No works are known, so what else happened is not known either."
    published = [(work.published_at.date() - day).days for work in works]
    before = sum(-TOLD_DAYS <= shift < 0 for shift in published)
    after = sum(0 <= shift < TOLD_DAYS for shift in published)
    return (
        f"前后 {TOLD_DAYS} 天各发布 {before} 条和 {after} 条；没有已知的断更、爆款或活动与它同时，原因不明。",
        f"{before} works were published in the {TOLD_DAYS} days before and {after} in the {TOLD_DAYS} days from then; "
        "no gap, outstanding work or campaign is known at that time, so the reason is not known.",
    )


def _coincided(near: Sequence[Happening]) -> tuple[str, str]:
    return (
        f"同一时间：{'；'.join(one.name_zh for one in near)}。时间上一致，不能说明谁引起谁。",
        f"At about the same time: {'; '.join(one.name_en for one in near)}. That does not show "
        "that one caused the other.",
    )


def _unusual(metric: Metric, daily: Daily, happenings: Sequence[Happening]) -> list[NotableDay]:
    """Days outside the expected band; of several in a row only the first. Plays are judged by their multiples."""
    title_zh, title_en = _TITLES[metric]
    values = [value for _, value in daily]
    if metric == "plays":
        scaled = outliers([None if value is None else log1p(value) for value in values], _LEAST_LOG_DEVIATION)
        bands = {one.place: (max(expm1(one.low), 0.0), expm1(one.high)) for one in scaled}
    else:
        bands = {one.place: (one.low, one.high) for one in outliers(values, _LEAST_NET_DEVIATION)}
    found = []
    for place, (low, high) in bands.items():
        day, value = daily[place]
        if value is None or place - 1 in bands:
            continue
        if ceil(low) <= floor(high):  # the whole numbers within it, so that the day's own is not written as one
            low, high = ceil(low), floor(high)
        near = tuple(other for other in happenings if other.is_near(day, NEAR_DAY_DAYS))
        with_zh, with_en = _coincided(near) if near else ("", "")
        found.append(
            NotableDay(
                day,
                "plays_unusual" if metric == "plays" else "net_unusual",
                f"{day} 的{title_zh} {_zh(value)} 不在前 28 天的预期区间 {_zh(low)} 到 {_zh(high)} 之内。{with_zh}",
                f"The {title_en} of {day}, {_en(value)}, are outside the band of {_en(low)} to {_en(high)} that the 28 "
                f"days before made likely. {with_en}".strip(),
                coincided=near,
            )
        )
    return found


def _mean(daily: dict[date, float], first: date, last: date) -> float | None:
    values = [daily[day] for day in _days(first, last) if day in daily]
    return fmean(values) if values else None


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=shift) for shift in range((last - first).days + 1)]


def _zh(value: float) -> str:
    return written(_whole(value), "count", "zh")


def _en(value: float) -> str:
    return written(_whole(value), "count", "en")


def _whole(value: float) -> float:
    """Without a fraction, and 0 for what would be written -0."""
    return round(value) if abs(value) >= 0.5 else 0
