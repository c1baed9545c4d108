"""One step of a work's funnel against the creator's other works: how it compares, how sure that is, what it costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from assistant.creators.catalogue import PLAYS_TO_JUDGE
from assistant.creators.figures import Figure
from assistant.creators.funnel import FunnelStep, Topic
from assistant.creators.intervals import wilson
from assistant.creators.metrics import percentile_of
from assistant.creators.works import Work

# With fewer other works there is no "usual" to compare with.
WORKS_TO_COMPARE = 5
# A value counts as low when it falls short of the usual by a tenth and at most a quarter of the creator's own works are
# worse, or by a quarter whatever its place: a weakness that lasts for some weeks is common among the last works.
LOW_PERCENTILE = 25.0
NOTICEABLE_GAP = 0.1
LARGE_GAP = 0.25
DURATION_BUCKETS = (7, 15, 30, 60, 180)

Numbers = Mapping[str, float | None]


@dataclass(frozen=True)
class Compared:
    """A work and its numbers at the age at which works are compared."""

    work: Work
    numbers: Numbers


@dataclass(frozen=True)
class Comparison:
    """The value among `n` own works: their median, and the share of them below it, 0 to 100."""

    n: int
    median: float
    percentile: float | None


@dataclass(frozen=True)
class Step:
    """One step of the work's funnel.

    `own` compares with the creator's last works at the same age, `alike` with those of them of about the same length;
    None with fewer than five. The figure's baseline and percentile are those of the comparison that judges: `alike`
    where the rate depends on length, else `own`; `compared` is how many works that are.
    `low` and `high` are the 95 % Wilson interval of a rate. `shrunk` is the value drawn towards the baseline as far as
    plays are few; `gap` is how far it falls short of the baseline as a share of it (0 or less when it does not), and
    `gain` how many more there would be at the baseline.
    """

    topic: Topic
    figure: Figure
    low: float | None
    high: float | None
    own: Comparison | None
    alike: Comparison | None
    compared: int
    shrunk: float | None
    gap: float | None
    gain: float | None
    is_low: bool


def step_of(step: FunnelStep, target: Compared, others: Sequence[Compared]) -> Step:
    """A rate of the work against the same rate of the others; without a value where plays are too few."""
    base = target.numbers.get(step.ratio.below)
    value = step.value(target.numbers) if base is not None and base >= PLAYS_TO_JUDGE else None
    own = _comparison(value, [step.value(other.numbers) for other in others])
    alike = _comparison(value, [step.value(other.numbers) for other in _of_like_length(target, others)])
    judge = alike or own if step.depends_on_length else own
    figure = _figure(step.slug, target.work, value, int(base or 0), judge, step)
    if value is None or base is None:
        return Step(step.topic, figure, None, None, own, alike, judge.n if judge else 0, None, None, None, is_low=False)
    low, high = wilson(value * base, base) or (None, None)
    shrunk = gap = gain = None
    if judge is not None and judge.median:
        shrunk = (value * base + judge.median * PLAYS_TO_JUDGE) / (base + PLAYS_TO_JUDGE)
        short = shrunk - judge.median if step.direction == "lower is better" else judge.median - shrunk
        gap, gain = short / judge.median, max(short * base, 0.0)
    is_low = judge is not None and _is_low(step, judge, low, high, gap)
    return Step(step.topic, figure, low, high, own, alike, judge.n if judge else 0, shrunk, gap, gain, is_low)


def reach_of(target: Compared, others: Sequence[Compared], is_comparable: bool) -> Step:
    """Impressions against those of the others; `is_comparable` says whether they are of the same age."""
    shown = target.numbers.get("show")
    rest = others if is_comparable else []
    own = _comparison(shown, [other.numbers.get("show") for other in rest])
    alike = _comparison(shown, [other.numbers.get("show") for other in _of_like_length(target, rest)])
    figure = _figure("impressions", target.work, shown, int(shown or 0), own, None)
    gap = 1 - shown / own.median if own and own.median and shown is not None else None
    gain = max(own.median - shown, 0.0) if own and shown is not None else None
    # Impressions scatter widely from work to work, so only their place among the others counts.
    is_last = figure.percentile is not None and figure.percentile <= LOW_PERCENTILE
    is_low = is_last and (gap or 0) >= NOTICEABLE_GAP
    return Step("reach", figure, None, None, own, alike, own.n if own else 0, shown, gap, gain, is_low)


def bucket(work: Work) -> int | None:
    """Which of the lengths up to 7, 15, 30, 60, 180 seconds and longer the work has; None when it is not known."""
    if work.duration_seconds is None:
        return None
    return sum(work.duration_seconds > limit for limit in DURATION_BUCKETS)


def _of_like_length(target: Compared, others: Sequence[Compared]) -> list[Compared]:
    length = bucket(target.work)
    return [] if length is None else [other for other in others if bucket(other.work) == length]


def _comparison(value: float | None, values: Sequence[float | None]) -> Comparison | None:
    known = [one for one in values if one is not None]
    if len(known) < WORKS_TO_COMPARE:
        return None
    return Comparison(len(known), float(median(known)), percentile_of(value, known))


def _is_low(step: FunnelStep, judge: Comparison, low: float | None, high: float | None, gap: float | None) -> bool:
    """Noticeably below the creator's usual, and not by the luck of few plays: the interval does not hold the median."""
    if judge.percentile is None or gap is None or gap < NOTICEABLE_GAP:
        return False
    lower_is_better = step.direction == "lower is better"
    worse = 100 - judge.percentile if lower_is_better else judge.percentile
    if worse > LOW_PERCENTILE and gap < LARGE_GAP:
        return False
    if lower_is_better:
        return low is None or low > judge.median
    return high is None or high < judge.median


def _figure(
    slug: str, work: Work, value: float | None, n: int, judge: Comparison | None, step: FunnelStep | None
) -> Figure:
    end = work.through.isoformat() if work.through else ""
    return Figure(
        id=f"{slug}@{work.work_id}",
        metric=slug,
        value=value,
        unit="percent" if step else "count",
        window=f"{work.published_at.date().isoformat()}..{end}",
        n=n,
        baseline=judge.median if judge else None,
        percentile=judge.percentile if judge else None,
        title_zh=step.title_zh if step else "曝光次数",
        title_en=step.title_en if step else "impressions",
        definition_zh=step.definition_zh if step else "作品被展示的次数；和自己其他作品比时取相同的发布天数。",
        definition_en=step.definition_en if step else "How many times the work was shown; compared at the same age.",
    )
