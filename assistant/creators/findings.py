"""What a diagnosis says: the steps that are clearly low, what they cost, and what cannot be said yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.creators.catalogue import PLAYS_TO_JUDGE
from assistant.creators.figures import Figure, written
from assistant.creators.funnel import STEPS, FunnelStep, Topic
from assistant.creators.steps import Step

_STEPS = {step.slug: step for step in STEPS}


@dataclass(frozen=True)
class Finding:
    """A step that is clearly below the creator's own usual, in words; `topic` leads to guidance about it.

    The step's `gain` is how many more plays, follows … there would be at the own median with everything else the same.
    """

    topic: Topic
    step: Step
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Unsaid:
    """A step about which nothing is said yet, and why."""

    metric: str
    text_zh: str
    text_en: str


def findings_of(steps: Sequence[Step]) -> list[Finding]:
    """The low steps with the largest gap first; of two steps of one topic only the worse."""
    low = sorted((step for step in steps if step.is_low), key=lambda step: step.gap or 0.0, reverse=True)
    worst: dict[Topic, Step] = {}
    for step in low:
        worst.setdefault(step.topic, step)
    return [_finding(step) for step in worst.values()]


def unsaid_of(steps: Sequence[Step]) -> list[Unsaid]:
    """The rates whose base is known but too small."""
    return [_unsaid(step.figure, _STEPS[step.figure.metric]) for step in steps if _is_thin(step)]


def _is_thin(step: Step) -> bool:
    return step.figure.value is None and step.figure.metric in _STEPS and 0 < step.figure.n < PLAYS_TO_JUDGE


def _unsaid(figure: Figure, step: FunnelStep) -> Unsaid:
    is_shown = step.ratio.below == "show"
    return Unsaid(
        figure.metric,
        f"{figure.title_zh}：只有 {figure.n} 次{'曝光' if is_shown else '播放'}，不足 {PLAYS_TO_JUDGE} 次，还说不了。",
        f"{figure.title_en}: {figure.n} {'impressions' if is_shown else 'plays'}, fewer than {PLAYS_TO_JUDGE}; "
        "too early to say.",
    )


def _finding(step: Step) -> Finding:
    figure = step.figure
    span_zh = span_en = ""
    if step.low is not None and step.high is not None:
        low, high = written(step.low, "percent", "zh"), written(step.high, "percent", "zh")
        span_zh, span_en = f"，95% 区间 {low}–{high}", f", 95% interval {low}–{high}"
    base_zh = f"（n={figure.n:,}{span_zh}）" if figure.unit == "percent" else ""
    base_en = f" (n={figure.n:,}{span_en})" if figure.unit == "percent" else ""
    is_alike = step.alike is not None and step.topic != "reach" and _STEPS[figure.metric].depends_on_length
    whose_zh = "时长相近的" if is_alike else ""
    whose_en = " of like length" if is_alike else ""
    gain_zh, gain_en = _gain(step)
    return Finding(
        step.topic,
        step,
        f"{figure.title_zh} {figure.shown('zh')}{base_zh}，自己{whose_zh} {step.compared} 条作品的中位数是 "
        f"{figure.baseline_shown('zh')}，分位 {figure.percentile:.0f}{gain_zh}。",
        f"{figure.title_en} {figure.shown('en')}{base_en}; the median of {step.compared} own works{whose_en} is "
        f"{figure.baseline_shown('en')}, percentile {figure.percentile:.0f}{gain_en}.",
    )


def _gain(step: Step) -> tuple[str, str]:
    """What there would be more of at the own median; nothing to tell when that is less than one."""
    if step.gain is None or step.gain < 1:
        return "", ""
    gain = round(step.gain)
    if step.topic == "reach":
        return (
            f"；若回到中位数，约多 {written(gain, 'count', 'zh')} 次曝光",
            f"; at the median there would be about {written(gain, 'count', 'en')} more impressions",
        )
    told = _STEPS[step.figure.metric]
    base_zh, base_en = ("曝光", "impressions") if told.ratio.below == "show" else ("播放", "plays")
    return (
        f"；{base_zh}不变、回到中位数的话，约多 {written(gain, 'count', 'zh')} {told.counts_zh}",
        f"; with the same {base_en} and at the median there would be about {written(gain, 'count', 'en')} more "
        f"{told.counts_en}",
    )
