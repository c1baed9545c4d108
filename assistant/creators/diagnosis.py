"""Why a work did as it did: the funnel from exposure to follow, each step against the creator's own last works."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

import ibis.expr.types as ir

from assistant.creators.digest import SETTLED, USUAL_WORKS
from assistant.creators.figures import Figure, written
from assistant.creators.funnel import STEPS, FunnelStep, Topic
from assistant.creators.intervals import wilson
from assistant.creators.metrics import percentile_of
from assistant.creators.warehouse import Warehouse, parameter
from assistant.creators.works import Work, works_between
from assistant.errors import NotFound

PLAYS_TO_JUDGE = 100
# With fewer other works there is no "usual" to compare with.
WORKS_TO_COMPARE = 5
# A value counts as low when it falls short of the usual by a tenth and at most a quarter of the creator's own works are
# worse, or by a quarter whatever its place: a weakness that lasts for some weeks is common among the last works.
LOW_PERCENTILE = 25.0
NOTICEABLE_GAP = 0.1
LARGE_GAP = 0.25
# Completion falls with length, so it is compared among works of about the same length when there are enough of them.
DURATION_BUCKETS = (7, 15, 30, 60, 180)
# Totals of works of different age do not compare as to exposure until their plays have mostly come in.
GROWN_DAYS = 7


@dataclass(frozen=True)
class Step:
    """One step of the work's funnel.

    The figure's baseline is the median of `compared` own works, its percentile the share of them below. `low` and
    `high` are the 95 % Wilson interval of a rate. `gap` is how far the value, shrunk towards the median when plays are
    few, falls short of the median as a share of it; 0 or less when it does not.
    """

    topic: Topic
    figure: Figure
    low: float | None
    high: float | None
    compared: int
    gap: float | None
    is_low: bool


@dataclass(frozen=True)
class Finding:
    """A step that is clearly below the creator's own usual, in words; `topic` leads to guidance about it."""

    topic: Topic
    step: Step
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Diagnosis:
    """The funnel of one work. `findings` come with the largest gap first; with a refusal there are none."""

    creator_id: str
    work: Work
    age_hours: float
    steps: list[Step]
    findings: list[Finding] = field(default_factory=list)
    refusal_zh: str = ""
    refusal_en: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether it is too early or there are too few plays to judge."""
        return bool(self.refusal_zh)


def diagnose(warehouse: Warehouse, creator_id: str, work_id: str | None, now: datetime) -> Diagnosis:
    """Diagnose one work, or without `work_id` the latest that is at least 48 hours old.

    `now` is in the platform's local time; numbers that end earlier count with the age they had. Raises NotFound when
    the creator has no such work.
    """
    works = works_between(warehouse, creator_id, date.min, now.date())
    work = _chosen(works, creator_id, work_id, now)
    age = _age(work, now)
    others = _others(works, work, now)
    exposures = _exposures(warehouse, creator_id, work, age)
    refusal = _refusal(work, age)
    steps = [_reach(work, others, exposures, age), *(_step(step, work, others) for step in STEPS)]
    steps = [step for step in steps if step.figure.value is not None]
    low = sorted((step for step in steps if step.is_low), key=lambda step: step.gap or 0.0)
    worst = {step.topic: step for step in low}
    return Diagnosis(
        creator_id=creator_id,
        work=work,
        age_hours=round(age.total_seconds() / 3600, 1),
        steps=steps,
        findings=[] if refusal else [_finding(step) for step in reversed(low) if worst[step.topic] is step],
        refusal_zh=refusal[0] if refusal else "",
        refusal_en=refusal[1] if refusal else "",
    )


def _chosen(works: list[Work], creator_id: str, work_id: str | None, now: datetime) -> Work:
    if work_id is not None:
        found = next((work for work in works if work.work_id == work_id), None)
        if found is None:
            raise NotFound(f"{creator_id} has no work {work_id!r}.")
        return found
    if not works:
        raise NotFound(f"{creator_id} has no works yet; import a file of works first.")
    known = [work for work in works if work.plays is not None] or works
    return next((work for work in known if _age(work, now) >= SETTLED), known[0])


def _age(work: Work, now: datetime) -> timedelta:
    """The age that the work's numbers show."""
    end = now
    if work.through is not None:
        end = min(now, datetime.combine(work.through + timedelta(days=1), datetime.min.time()))
        # A work at rest has no later rows; its numbers are complete all the same.
        if now - end > timedelta(days=GROWN_DAYS):
            end = now
    return max(work.age_at(end), timedelta())


def _others(works: list[Work], work: Work, now: datetime) -> list[Work]:
    """The last works before this one that can be judged; when there are too few, the ones after it as well."""
    fit = [
        other
        for other in works
        if other.work_id != work.work_id and (other.plays or 0) >= PLAYS_TO_JUDGE and _age(other, now) >= SETTLED
    ]
    before = [other for other in fit if other.published_at <= work.published_at][:USUAL_WORKS]
    return before if len(before) >= WORKS_TO_COMPARE else fit[:USUAL_WORKS]


def _refusal(work: Work, age: timedelta) -> tuple[str, str] | None:
    if age < SETTLED:
        hours = int(age.total_seconds() // 3600)
        return (
            f"《{work.title}》的数据只到发布后 {hours} 小时，48 小时内数据还在变化，现在下结论太早。",
            f"The numbers of “{work.title}” reach {hours} hours after publication; before 48 hours they still "
            f"change, so it is too early to judge.",
        )
    if work.plays is None or work.plays < PLAYS_TO_JUDGE:
        plays = "—" if work.plays is None else f"{work.plays:,.0f}"
        return (
            f"《{work.title}》只有 {plays} 次播放，不足 {PLAYS_TO_JUDGE} 次，比率不可靠，不作判断。",
            f"“{work.title}” has {plays} plays, fewer than {PLAYS_TO_JUDGE}; too few to judge its rates.",
        )
    return None


def _step(step: FunnelStep, work: Work, others: list[Work]) -> Step:
    base = work.numbers[step.ratio.below]
    value = step.ratio.value(work.numbers) if base is not None and base >= PLAYS_TO_JUDGE else None
    if step.slug == "completion_rate":
        others = _of_like_length(work, others)
    usual = [rate for rate in (step.ratio.value(other.numbers) for other in others) if rate is not None]
    own = float(median(usual)) if len(usual) >= WORKS_TO_COMPARE else None
    figure = _figure(step.slug, work, value, int(base or 0), own, usual, step)
    if value is None or base is None:
        return Step(step.topic, figure, None, None, len(usual), None, is_low=False)
    interval = wilson(value * base, base)
    low, high = interval or (None, None)
    gap = None if not own else _gap(step, value, base, own)
    return Step(step.topic, figure, low, high, len(usual), gap, _is_low(step, figure, low, high, gap))


def _gap(step: FunnelStep, value: float, base: float, own: float) -> float:
    shrunk = (value * base + own * PLAYS_TO_JUDGE) / (base + PLAYS_TO_JUDGE)
    return (shrunk / own - 1) if step.direction == "lower is better" else (1 - shrunk / own)


def _is_low(step: FunnelStep, figure: Figure, low: float | None, high: float | None, gap: float | None) -> bool:
    """Noticeably below the creator's usual, and not by the luck of few plays: the interval does not hold the median."""
    if figure.baseline is None:
        return False
    if step.direction == "lower is better":
        worse = None if figure.percentile is None else 100 - figure.percentile
        return _is_noticeable(worse, gap) and (low is None or low > figure.baseline)
    return _is_noticeable(figure.percentile, gap) and (high is None or high < figure.baseline)


def _is_noticeable(worse: float | None, gap: float | None) -> bool:
    """`worse` is the share of own works that are worse, 0 to 100."""
    if worse is None or gap is None or gap < NOTICEABLE_GAP:
        return False
    return worse <= LOW_PERCENTILE or gap >= LARGE_GAP


def _of_like_length(work: Work, others: list[Work]) -> list[Work]:
    alike = [other for other in others if _bucket(other) == _bucket(work)]
    return alike if len(alike) >= WORKS_TO_COMPARE else others


def _bucket(work: Work) -> int | None:
    if work.duration_seconds is None:
        return None
    return sum(work.duration_seconds > limit for limit in DURATION_BUCKETS)


def _reach(work: Work, others: list[Work], exposures: dict[str, float], age: timedelta) -> Step:
    """Impressions, compared at the same age where days are known, else only once the work has grown up."""
    shown = exposures.get(work.work_id, work.numbers["show"])
    if work.work_id in exposures:
        usual = [exposures[other.work_id] for other in others if other.work_id in exposures]
    elif age >= timedelta(days=GROWN_DAYS):
        usual = [show for show in (other.numbers["show"] for other in others) if show is not None]
    else:
        usual = []
    own = float(median(usual)) if len(usual) >= WORKS_TO_COMPARE else None
    figure = _figure("impressions", work, shown, int(shown or 0), own, usual, None)
    gap = None if not own or shown is None else 1 - shown / own
    # Impressions scatter widely from work to work, so only their place among the others counts.
    is_low = figure.percentile is not None and figure.percentile <= LOW_PERCENTILE and (gap or 0) >= NOTICEABLE_GAP
    return Step("reach", figure, None, None, len(usual), gap, is_low)


def _figure(
    slug: str, work: Work, value: float | None, n: int, own: float | None, usual: list[float], step: FunnelStep | None
) -> Figure:
    end = work.through.isoformat() if work.through else ""
    return Figure(
        id=f"{slug}@{work.work_id}",
        metric=slug,
        value=value,
        unit="percent" if step else "count",
        window=f"{work.published_at.date().isoformat()}..{end}",
        n=n,
        baseline=own,
        percentile=percentile_of(value, usual) if own is not None else None,
        title_zh=step.title_zh if step else "曝光次数",
        title_en=step.title_en if step else "impressions",
        definition_zh=step.definition_zh if step else "作品被展示的次数；和自己其他作品比时取相同的发布天数。",
        definition_en=step.definition_en if step else "How many times the work was shown; compared at the same age.",
    )


def _finding(step: Step) -> Finding:
    figure = step.figure
    span_zh = span_en = ""
    if step.low is not None and step.high is not None:
        low, high = written(step.low, "percent", "zh"), written(step.high, "percent", "zh")
        span_zh, span_en = f"，95% 区间 {low}–{high}", f", 95% interval {low}–{high}"
    base_zh = f"（n={figure.n:,}{span_zh}）" if figure.unit == "percent" else ""
    base_en = f" (n={figure.n:,}{span_en})" if figure.unit == "percent" else ""
    return Finding(
        step.topic,
        step,
        f"{figure.title_zh} {figure.shown('zh')}{base_zh}，自己 {step.compared} 条作品的中位数是 "
        f"{figure.baseline_shown('zh')}，分位 {figure.percentile:.0f}。",
        f"{figure.title_en} {figure.shown('en')}{base_en}; the median of {step.compared} own works is "
        f"{figure.baseline_shown('en')}, percentile {figure.percentile:.0f}.",
    )


def _exposures(warehouse: Warehouse, creator_id: str, work: Work, age: timedelta) -> dict[str, float]:
    """Impressions of each work up to the age that this one has, where its source tells days."""
    rows = warehouse.prepared_rows(_shown_by_age, creator=creator_id, source=work.source, days=max(age.days, 1))
    shown = {row["work_id"]: float(row["shown"]) for row in rows if row["shown"] is not None}
    return shown if work.work_id in shown else {}


def _shown_by_age(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, source, days. Works whose days begin by publication."""
    numbers = warehouse.work_numbers.filter(
        warehouse.work_numbers.creator_id == parameter("creator"), warehouse.work_numbers.source == parameter("source")
    )
    works = warehouse.works.filter(warehouse.works.creator_id == parameter("creator"))
    rows = numbers.inner_join(works.select("work_id", "published_at"), "work_id")
    rows = rows.mutate(age=rows.day.delta(rows.published_at.cast("date"), unit="day"))
    grouped = rows.group_by("work_id").agg(
        first=rows.age.min(), shown=rows.show.sum(where=rows.age < parameter("days").cast("int64")).cast("float64")
    )
    return grouped.filter(grouped["first"] <= 0).select("work_id", "shown")
