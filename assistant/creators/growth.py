"""Where a creator's followers have come from and may go: stage, net followers, next milestone or why there is none."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from assistant.creators.followers import FollowerDay, FollowerSeries, follower_series
from assistant.creators.forecast import (
    LEAST_DAYS,
    LONG_DAYS,
    PAST_DAYS,
    SHORT_HORIZON_DAYS,
    Milestone,
    arrival_days,
    backtest,
    date_after,
    horizon_of,
)
from assistant.creators.metrics import daily, last_day, series
from assistant.creators.notable import NotableDay, notable_days
from assistant.creators.stages import Signs, Stage, stage_of
from assistant.creators.tiers import next_tier, tier_of
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import works_between

NET_WINDOWS = (7, 28, 90)
NOTABLE_DAYS = 180
# At 0 or fewer net followers over so many days the present pace leads nowhere, whatever the weeks before brought.
PACE_DAYS = 28
# A forecast from older data would give days that may have passed.
STALE_DAYS = 28


@dataclass(frozen=True)
class Refusal:
    """Why something is not said, as a sentence for the creator."""

    zh: str
    en: str


@dataclass(frozen=True)
class Growth:
    """A creator's course up to `last_day`.

    `net[k]` are the net followers of the last k days, None when a day of them is missing. Exactly one of `milestone`
    and `refusal` is there. `followers_counted`: followers are counted up from 0 on the first day, see FollowerSeries.
    """

    creator_id: str
    today: date
    last_day: date | None
    followers: int | None
    followers_counted: bool
    days: tuple[FollowerDay, ...]
    tier: str | None
    tier_en: str | None
    stage: Stage | None
    net: dict[int, int | None]
    milestone: Milestone | None
    refusal: Refusal | None
    notable: list[NotableDay] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of this creator."""
        return self.last_day is None


def trajectory(warehouse: Warehouse, creator_id: str, today: date) -> Growth:
    """The growth of one creator up to `today`; an empty one for a creator without rows."""
    told = follower_series(warehouse, creator_id, today)
    last = last_day(warehouse, creator_id, today)
    followers = told.latest
    tier = None if followers is None else tier_of(followers)
    net = {width: _net(told, width) for width in NET_WINDOWS}
    outlook = _milestone(told, creator_id, today)
    return Growth(
        creator_id=creator_id,
        today=today,
        last_day=last,
        followers=followers,
        followers_counted=told.is_counted,
        days=told.days,
        tier=tier.zh if tier else None,
        tier_en=tier.en if tier else None,
        stage=None if last is None else _stage(warehouse, creator_id, last, told, net[28]),
        net=net,
        milestone=outlook if isinstance(outlook, Milestone) else None,
        refusal=outlook if isinstance(outlook, Refusal) else None,
        notable=[] if last is None else _notable(warehouse, creator_id, last, told),
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


def _milestone(told: FollowerSeries, creator_id: str, today: date) -> Milestone | Refusal:
    changes = _unbroken(told)
    followers = told.latest
    horizon = horizon_of(len(changes))
    if followers is None or not horizon:
        return Refusal(
            f"连续的粉丝数据只有 {len(changes)} 天，不足 {LEAST_DAYS} 天，不预测到达日期。",
            f"There are {len(changes)} consecutive days of follower data, fewer than {LEAST_DAYS}: no forecast.",
        )
    start = told.days[-1].day
    if (today - start).days > STALE_DAYS:
        return Refusal(
            f"粉丝数据只到 {start}，已过去 {(today - start).days} 天；更新数据后再预测。",
            f"The follower data end on {start}, {(today - start).days} days ago; import newer ones for a forecast.",
        )
    target = next_tier(followers)
    if target is None:
        return Refusal(
            "已在最高的粉丝层级，没有下一个层级。", "This is the highest follower tier; there is no next one."
        )
    for recent in (changes[-PACE_DAYS:], changes[-PAST_DAYS:]):
        if sum(recent) <= 0:
            return Refusal(
                f"近 {len(recent)} 天净增粉为 {sum(recent):,}，按当前速度到不了{target.zh}（{target.floor:,}）。",
                f"Net followers of the last {len(recent)} days are {sum(recent):,}: "
                f"this pace does not lead to {target.floor:,}.",
            )
    early, middle, late = arrival_days(changes, target.floor - followers, horizon, creator_id)
    if middle is None:
        return _too_far(len(changes), horizon, target.floor)
    return Milestone(
        target=target.floor,
        title_zh=target.zh,
        title_en=target.en,
        early=date_after(start, early),
        middle=date_after(start, middle),
        late=date_after(start, late),
        horizon_days=horizon,
        days_used=min(len(changes), PAST_DAYS),
        backtest=backtest(changes, creator_id),
    )


def _too_far(days: int, horizon: int, target: int) -> Refusal:
    if horizon == SHORT_HORIZON_DAYS:
        return Refusal(
            f"按近况半年内多半到不了 {target:,} 粉丝；连续数据只有 {days} 天，不足 {LONG_DAYS} 天，不预测半年以后。",
            f"At this pace {target:,} followers are not likely within six months; with {days} days of data (fewer than "
            f"{LONG_DAYS}) nothing is said beyond that.",
        )
    return Refusal(
        f"按近况两年内多半到不了 {target:,} 粉丝，再远不预测。",
        f"At this pace {target:,} followers are not likely within two years; nothing is forecast beyond that.",
    )


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


def _notable(warehouse: Warehouse, creator_id: str, last: date, told: FollowerSeries) -> list[NotableDay]:
    works = works_between(warehouse, creator_id, last - timedelta(days=NOTABLE_DAYS), last)
    plays = daily(warehouse, creator_id, "plays", NOTABLE_DAYS, last)
    net = {day.day: day.net for day in told.days if day.net is not None}
    return notable_days(works, plays, net, last)
