"""The creator at a glance: the last 28 days against the 28 before, the last ten works against the usual one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from assistant.creators.days import extent_of
from assistant.creators.figures import Figure
from assistant.creators.followers import follower_series
from assistant.creators.metrics import EARLIER_WINDOWS, Metric, series, series_of
from assistant.creators.tiers import tier_of
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import Work, works_between

WINDOW_DAYS = 28
SHOWN_WORKS = 10
USUAL_WORKS = 30
# Before that age a work's plays are still coming in.
SETTLED = timedelta(hours=48)


@dataclass(frozen=True)
class WorkLine:
    """One work since publication. `multiple` is its plays over the median of the creator's own settled works; None
    for what is not known and, as to the multiple, for a work younger than 48 hours."""

    work_id: str
    title: str
    published_at: datetime
    duration_seconds: float | None
    plays: float | None
    completion_rate: float | None
    short_play_rate_3s: float | None
    engagement_rate: float | None
    follow_rate: float | None
    multiple: float | None
    is_settled: bool


@dataclass(frozen=True)
class Digest:
    """A creator's present state. Figures have the 28 days before as their baseline and, as percentile, their place
    among the creator's own earlier windows of 28 days; `own_medians` are the medians of those windows.

    `followers_counted`: only daily changes are known and followers are counted up from 0 on the first day.
    """

    creator_id: str
    today: date
    first_day: date | None = None
    last_day: date | None = None
    days_of_data: int = 0
    stale_days: int = 0
    followers: int | None = None
    followers_counted: bool = False
    tier: str | None = None
    tier_en: str | None = None
    figures: list[Figure] = field(default_factory=list)
    own_medians: dict[str, float] = field(default_factory=dict)
    works: list[WorkLine] = field(default_factory=list)
    median_plays: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of this creator."""
        return self.last_day is None

    def figure(self, slug: str) -> Figure | None:
        """The figure of one metric; None when the digest is empty or there is no such metric."""
        return next((figure for figure in self.figures if figure.metric == slug), None)


def digest_of(warehouse: Warehouse, creator_id: str, today: date, custom: Sequence[Metric] = ()) -> Digest:
    """The digest of one creator. The window ends on the last day of data, at most `today`; `stale_days` is its age.

    The figures of `custom` metrics stand behind those of the catalogue. A creator without rows gives an empty digest.
    """
    extent = extent_of(warehouse, creator_id, today)
    last = extent.last_day
    if last is None:
        return Digest(creator_id, today)
    start = last - timedelta(days=WINDOW_DAYS - 1)
    # Numbers of the day itself are in, so a work's age is taken at the end of the last day.
    now = datetime.combine(last + timedelta(days=1), datetime.min.time())
    works = works_between(warehouse, creator_id, last - timedelta(days=WINDOW_DAYS * (EARLIER_WINDOWS + 1) - 1), last)
    every = series(warehouse, creator_id, last, WINDOW_DAYS, works=works)
    every |= {metric.name: series_of(warehouse, creator_id, metric, last, WINDOW_DAYS) for metric in custom}
    usual = median_plays(works, now)
    followers, counted = _followers(warehouse, creator_id, today)
    tier = None if followers is None else tier_of(followers)
    return Digest(
        creator_id=creator_id,
        today=today,
        first_day=extent.first_day,
        last_day=last,
        days_of_data=extent.days,
        stale_days=(today - last).days,
        followers=followers,
        followers_counted=counted,
        tier=tier.zh if tier else None,
        tier_en=tier.en if tier else None,
        figures=[one.figure(start, last) for one in every.values()],
        own_medians={slug: median(one.earlier) for slug, one in every.items() if one.earlier},
        works=[_line(work, usual, now) for work in works[:SHOWN_WORKS]],
        median_plays=usual,
    )


def median_plays(works: list[Work], now: datetime) -> float | None:
    """The median plays of the first 30 of `works` (newest first) that are at least 48 hours old; None without any."""
    settled = [work.plays for work in works if work.plays is not None and work.age_at(now) >= SETTLED]
    return float(median(settled[:USUAL_WORKS])) if settled else None


def _line(work: Work, usual: float | None, now: datetime) -> WorkLine:
    is_settled = work.age_at(now) >= SETTLED
    return WorkLine(
        work_id=work.work_id,
        title=work.title,
        published_at=work.published_at,
        duration_seconds=work.duration_seconds,
        plays=work.plays,
        completion_rate=work.rate("completion_rate"),
        short_play_rate_3s=work.rate("short_play_rate_3s"),
        engagement_rate=work.rate("engagement_rate"),
        follow_rate=work.rate("follow_rate"),
        multiple=work.plays / usual if is_settled and usual and work.plays is not None else None,
        is_settled=is_settled,
    )


def _followers(warehouse: Warehouse, creator: str, today: date) -> tuple[int | None, bool]:
    told = follower_series(warehouse, creator, today)
    return told.latest, told.is_counted
