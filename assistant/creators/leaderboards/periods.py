"""The periods of leaderboards: days, weeks from Monday, months of the calendar."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

Period = Literal["day", "week", "month"]
PERIODS: tuple[Period, ...] = get_args(Period)


@dataclass(frozen=True)
class Span:
    """One day, week or month, from `first` to `last`, both in it."""

    period: Period
    first: date
    last: date

    @property
    def previous(self) -> "Span":
        """The one before."""
        return span_of(self.period, self.first - timedelta(days=1))


def span_of(period: Period, day: date) -> Span:
    """The day, week or month that `day` is in."""
    if period == "day":
        return Span(period, day, day)
    if period == "week":
        first = day - timedelta(days=day.weekday())
        return Span(period, first, first + timedelta(days=6))
    return Span(period, day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def finished(period: Period, today: date) -> Span:
    """The last one that was over when `today` began."""
    return span_of(period, span_of(period, today).first - timedelta(days=1))


def last_finished(period: Period, today: date, count: int) -> list[Span]:
    """The last `count` that were over when `today` began, the latest first."""
    spans = [finished(period, today)]
    while len(spans) < count:
        spans.append(spans[-1].previous)
    return spans
