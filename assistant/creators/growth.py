"""Where a creator's followers have come from and may go: stage, net followers, what coincided, the days to come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from assistant.creators.followers import FollowerDay, FollowerSeries, follower_series
from assistant.creators.forecast import LEAST_DAYS, Milestone, Outlook
from assistant.creators.happenings import Happening
from assistant.creators.metrics import daily, last_day, series
from assistant.creators.milestones import STALE_DAYS, Refusal, milestone_of
from assistant.creators.notable import NotableDay, notable_days
from assistant.creators.stages import Signs, Stage, stage_of
from assistant.creators.tiers import rule_of, tier_of
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import works_between

NET_WINDOWS = (7, 28, 90)
NOTABLE_DAYS = 180
# How far ahead the course itself is told; the dates of milestones reach further.
FORECAST_DAYS = 30


@dataclass(frozen=True)
class ForecastDay:
    """Followers at the end of a day to come: the middle and the 80 % band around it."""

    day: date
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Growth:
    """A creator's course up to `last_day`.

    `tier_rule_zh`/`tier_rule_en` and `stage` say which rule decided. `net[k]` are the net followers of the last k days,
    None when a day of them is missing. Exactly one of `milestone` and `refusal` is there; `forecast`, the next 30 days,
    is empty with fewer than 30 days of data in a row or old ones.
    `followers_counted`: followers are counted up from 0 on the first day, see FollowerSeries.
    """

    creator_id: str
    today: date
    last_day: date | None
    followers: int | None
    followers_counted: bool
    days: tuple[FollowerDay, ...]
    tier: str | None
    tier_en: str | None
    tier_rule_zh: str
    tier_rule_en: str
    stage: Stage | None
    net: dict[int, int | None]
    milestone: Milestone | None
    refusal: Refusal | None
    forecast: tuple[ForecastDay, ...] = ()
    notable: list[NotableDay] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of this creator."""
        return self.last_day is None


def trajectory(warehouse: Warehouse, creator_id: str, today: date, campaigns: Sequence[Happening] = ()) -> Growth:
    """The growth of one creator up to `today`; an empty one for a creator without rows.

    `campaigns` are told beside the changes that they coincide with.
    """
    told = follower_series(warehouse, creator_id, today)
    last = last_day(warehouse, creator_id, today)
    followers = told.latest
    tier = None if followers is None else tier_of(followers)
    net = {width: _net(told, width) for width in NET_WINDOWS}
    changes = _unbroken(told)
    outlook = Outlook(changes) if len(changes) >= LEAST_DAYS else None
    goal = milestone_of(followers, changes, outlook, told.days[-1].day if told.days else today, today)
    rule_zh, rule_en = ("", "") if followers is None else rule_of(followers)
    return Growth(
        creator_id=creator_id,
        today=today,
        last_day=last,
        followers=followers,
        followers_counted=told.is_counted,
        days=told.days,
        tier=tier.zh if tier else None,
        tier_en=tier.en if tier else None,
        tier_rule_zh=rule_zh,
        tier_rule_en=rule_en,
        stage=None if last is None else _stage(warehouse, creator_id, last, told, net[28]),
        net=net,
        milestone=goal if isinstance(goal, Milestone) else None,
        refusal=goal if isinstance(goal, Refusal) else None,
        forecast=_forecast(told, outlook, today),
        notable=[] if last is None else _notable(warehouse, creator_id, last, told, campaigns),
    )


def _forecast(told: FollowerSeries, outlook: Outlook | None, today: date) -> tuple[ForecastDay, ...]:
    followers = told.latest
    if outlook is None or followers is None or (today - told.days[-1].day).days > STALE_DAYS:
        return ()
    start = told.days[-1].day
    return tuple(
        ForecastDay(
            day=start + timedelta(days=ahead),
            low=max(0.0, followers + gain.low),
            middle=max(0.0, followers + gain.middle),
            high=max(0.0, followers + gain.high),
        )
        for ahead, gain in enumerate(outlook.gains(FORECAST_DAYS), 1)
    )


def _net(told: FollowerSeries, width: int) -> int | None:
    changes = _unbroken(told)[-width:]
    return sum(changes) if len(changes) == width else None


def _unbroken(told: FollowerSeries) -> list[int]:
    """The net changes of the days up to the last one, back to the first day that is missing."""
    changes: list[int] = []
    following: date | None = None
    for day in reversed(told.days):
        if day.net is None or (following is not None and (following - day.day).days != 1):
            break
        changes.append(day.net)
        following = day.day
    return changes[::-1]


def _stage(warehouse: Warehouse, creator_id: str, last: date, told: FollowerSeries, net_28: int | None) -> Stage | None:
    works = works_between(warehouse, creator_id, date.min, last)
    plays = series(warehouse, creator_id, last, 28, works=works[:1])["plays"]
    ratio = None
    # Totals of works published in a window are no level of activity: only daily plays are compared.
    if plays.is_daily and plays.earlier and median(plays.earlier) > 0 and 0 in plays.values:
        ratio = plays.values[0] / median(plays.earlier)
    return stage_of(
        Signs(
            days_of_data=len(told.days),
            days_since_work=(last - works[0].published_at.date()).days if works else None,
            followers=told.latest,
            net_28=net_28,
            plays_ratio=ratio,
        )
    )


def _notable(
    warehouse: Warehouse, creator_id: str, last: date, told: FollowerSeries, campaigns: Sequence[Happening]
) -> list[NotableDay]:
    first = last - timedelta(days=NOTABLE_DAYS)
    works = works_between(warehouse, creator_id, first, last)
    plays = daily(warehouse, creator_id, "plays", NOTABLE_DAYS, last)
    net = {day.day: day.net for day in told.days}
    days = [first + timedelta(days=shift) for shift in range(1, NOTABLE_DAYS + 1)]
    return notable_days(works, plays, [(day, net.get(day)) for day in days], last, campaigns)
