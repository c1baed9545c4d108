"""Why followers come more slowly than they used to: the likeliest reasons, each resting on a computed figure.

Follows that works bring are works × plays a work × follow rate. The factors of the last 28 days are held against the
creator's own median of the earlier windows of 28 days; the one that fell most explains most of the fall. That is
arithmetic about what changed, not a proof of what caused it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import log
from statistics import median

from assistant.creators.figures import Figure, written
from assistant.creators.happenings import posting_gaps
from assistant.creators.metrics import EARLIER_WINDOWS, WORK_WINDOW_DAYS, Series, last_day, series
from assistant.creators.steps import NOTICEABLE_GAP
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import Work, works_between

MOST = 3
LEAST_WINDOWS = 3  # fewer earlier windows make no usual
DENSER = 1.5  # times the usual number of works …
THINNER = 0.75  # … with this share of the usual plays a work
# What is looked at: metric to the topic of the guidance that addresses it.
FACTORS = {"posting_frequency": "reach", "median_plays_per_work": "reach", "follow_rate": "profile_follow"}
SIGNS = {"short_play_rate_3s": "hook_3s", "completion_rate": "completion_duration", "ctr": "cover_ctr"}


@dataclass(frozen=True)
class Reason:
    """One factor that fell short of the creator's own usual. The figure's baseline is that usual; `weight` is the
    natural logarithm of how many times smaller the factor is. `do`: what a plan says to do about it (see PlanStep)."""

    topic: str
    do: str
    figure: Figure
    weight: float
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Reasons:
    """Net followers of the last 28 days beside the own median of earlier windows, and what fell, the most first."""

    net: Figure | None
    usual_net: float | None
    windows: int
    found: list[Reason]

    @property
    def is_slower(self) -> bool:
        """Whether fewer followers came than usual."""
        if self.net is None or self.net.value is None or self.usual_net is None:
            return False
        return self.net.value < self.usual_net


def reasons_of(warehouse: Warehouse, creator: str, today: date) -> Reasons:
    """The reasons for one creator up to `today`; none without three earlier windows to compare with."""
    end = last_day(warehouse, creator, today)
    if end is None:
        return Reasons(None, None, 0, [])
    start = end - timedelta(days=WORK_WINDOW_DAYS - 1)
    works = works_between(warehouse, creator, end - timedelta(days=WORK_WINDOW_DAYS * (EARLIER_WINDOWS + 1)), end)
    every = series(warehouse, creator, end, WORK_WINDOW_DAYS, works=works)
    net = every["net_followers"]
    usual = {slug: float(median(one.earlier)) for slug, one in every.items() if len(one.earlier) >= LEAST_WINDOWS}
    found = _silence(works, every, usual, start, end) or _denser(every, usual, start, end)
    taken = {reason.figure.metric for reason in found}
    fallen = [
        reason
        for slug, topic in {**FACTORS, **SIGNS}.items()
        if slug not in taken and (reason := _fallen(every[slug], usual.get(slug), topic, start, end)) is not None
    ]
    found += sorted(fallen, key=lambda one: (one.figure.metric in SIGNS, -one.weight))
    return Reasons(net.figure(start, end), usual.get("net_followers"), len(net.earlier), _one_a_topic(found)[:MOST])


def _fallen(one: Series, usual: float | None, topic: str, start: date, end: date) -> Reason | None:
    figure = replace(one.figure(start, end), baseline=usual)
    if figure.value is None or figure.n < one.metric.minimum_base or not usual or usual <= 0:
        return None
    is_inverse = one.metric.direction == "lower is better"
    share = usual / figure.value if is_inverse and figure.value else figure.value / usual
    if share > 1 - NOTICEABLE_GAP:
        return None
    change = abs(figure.value - usual) / usual
    low_zh, low_en = ("高了", "higher") if is_inverse else ("低了", "lower")
    base_zh, base_en = _base(figure)
    return Reason(
        topic,
        "rhythm" if figure.metric == "posting_frequency" else topic,
        figure,
        -log(max(share, 1e-6)),
        f"{figure.title_zh}近 28 天是 {figure.shown('zh')}（{base_zh}），比你自己此前 {len(one.earlier)} 段的中位数 "
        f"{figure.baseline_shown('zh')} {low_zh} {change:.0%}。",
        f"{figure.title_en}: {figure.shown('en')} in the last 28 days ({base_en}), {change:.0%} {low_en} than "
        f"{figure.baseline_shown('en')}, your own median of {len(one.earlier)} earlier windows.",
    )


def _silence(
    works: list[Work], every: Mapping[str, Series], usual: Mapping[str, float], start: date, end: date
) -> list[Reason]:
    """A silence of at least a week that reaches into the window."""
    recent = [gap for gap in posting_gaps(works, end) if gap.last >= start]
    if not recent:
        return []
    gap = max(recent, key=lambda one: (one.last - one.first).days)
    days = (gap.last - gap.first).days + 1
    figure = replace(every["posting_frequency"].figure(start, end), baseline=usual.get("posting_frequency"))
    return [
        Reason(
            "reach",
            "rhythm",
            figure,
            1.0,
            f"{gap.first} 到 {gap.last} 断更了 {days} 天；近 28 天发布频率是 {figure.shown('zh')}。",
            f"Nothing was published from {gap.first} to {gap.last} ({days} days); posting frequency of the last 28 "
            f"days is {figure.shown('en')}.",
        )
    ]


def _denser(every: Mapping[str, Series], usual: Mapping[str, float], start: date, end: date) -> list[Reason]:
    """Many more works than usual, each with far fewer plays."""
    pace, plays = (every[slug].figure(start, end) for slug in ("posting_frequency", "median_plays_per_work"))
    usual_pace, usual_plays = usual.get("posting_frequency"), usual.get("median_plays_per_work")
    if not usual_pace or not usual_plays or pace.value is None or plays.value is None:
        return []
    if pace.value < DENSER * usual_pace or plays.value > THINNER * usual_plays:
        return []
    pace_zh, pace_en = written(usual_pace, "per_week", "zh"), written(usual_pace, "per_week", "en")
    plays_zh, plays_en = written(usual_plays, "count", "zh"), written(usual_plays, "count", "en")
    return [
        Reason(
            "reach",
            "slower",
            replace(plays, baseline=usual_plays),
            log(usual_plays / plays.value),
            f"发得密了，每条的播放少了：发布频率从平时的{pace_zh}到{pace.shown('zh')}，条均播放（中位数）从 {plays_zh} "
            f"到 {plays.shown('zh')}（n={plays.n}）。",
            f"More works with fewer plays each: {pace.shown('en')} instead of {pace_en}, and a median of "
            f"{plays.shown('en')} plays a work instead of {plays_en} (n={plays.n}).",
        )
    ]


def _one_a_topic(found: list[Reason]) -> list[Reason]:
    kept: dict[str, Reason] = {}
    for reason in found:
        kept.setdefault(reason.topic, reason)
    return list(kept.values())


def _base(figure: Figure) -> tuple[str, str]:
    """What the value rests on, in words."""
    if figure.unit == "percent":
        return f"n={figure.n:,}", f"n={figure.n:,}"
    return f"{figure.n} 条作品", f"{figure.n} works"
