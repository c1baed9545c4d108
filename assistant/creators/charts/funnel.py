"""A work's funnel against the creator's own usual, each step on the scale of its own median."""

from collections.abc import Sequence
from typing import Any

from assistant.creators.charts.chart import PHONE_WIDTH, Chart, Table
from assistant.creators.charts.drawing import framed, layered, nothing
from assistant.creators.charts.rows import Row, bars, height_of, spans, texts, ticks
from assistant.creators.charts.themes import PLAIN
from assistant.creators.charts.wording import clean, fitted, sentences, text_of, width_of
from assistant.creators.diagnosis import Diagnosis
from assistant.creators.figures import Language, written
from assistant.creators.funnel import STEPS
from assistant.creators.steps import Step

# A bar ends at twice the usual; what is longer says so by its number.
LARGEST = 2.0
_ROOM = PHONE_WIDTH - 28
_LOWER = {step.slug for step in STEPS if step.direction == "lower is better"}


def funnel_chart(diagnosis: Diagnosis, lang: Language) -> Chart:
    """The chart of `diagnose`. A step without a usual to compare with has its number and no bar."""
    title = f"{text_of('funnel_title', lang)}：《{clean(diagnosis.work.title)}》"
    if lang == "en":
        title = f"{text_of('funnel_title', lang)}: “{clean(diagnosis.work.title)}”"
    steps = diagnosis.steps
    id_ = f"funnel@{diagnosis.creator_id}/{diagnosis.work.work_id}"
    if not steps:
        return Chart(id_, title, f"{title} {text_of('nothing', lang)}", _table(steps, lang), nothing(title, lang))
    rows = [_row(place, step, lang, diagnosis.is_refused) for place, step in enumerate(steps)]
    return Chart(id_, title, _alt(title, diagnosis, lang), _table(steps, lang), _spec(rows, title, diagnosis, lang))


def _row(place: int, step: Step, lang: Language, is_refused: bool) -> dict[str, Any]:
    figure = step.figure
    value = figure.shown(lang)
    if figure.baseline is not None:
        value = text_of("funnel_against", lang, value=value, usual=figure.baseline_shown(lang))
    name = figure.title_zh if lang == "zh" else figure.title_en
    if figure.metric in _LOWER:
        name = text_of("funnel_lower", lang, title=name)
    row: dict[str, Any] = {
        "place": place,
        "name": fitted(name, _ROOM - width_of(value, PLAIN) - 10, PLAIN),
        "value": value,
        "is_low": step.is_low and not is_refused,
    }
    if figure.baseline and figure.value is not None:
        row |= {"length": min(figure.value / figure.baseline, LARGEST), "usual": 1.0}
        if step.low is not None and step.high is not None:
            row |= {
                "low": min(step.low / figure.baseline, LARGEST),
                "high": min(step.high / figure.baseline, LARGEST),
            }
    return row


def _spec(rows: Sequence[Row], title: str, diagnosis: Diagnosis, lang: Language) -> dict[str, Any]:
    count = len(rows)
    compared = [row for row in rows if "length" in row]
    tracks = [{**row, "length": LARGEST} for row in compared]
    # What is too early to judge is not drawn as if it were judged.
    plain = "bar-quiet" if diagnosis.is_refused else "bar"
    drawn = layered(
        [
            *bars(tracks, count, "track", LARGEST),
            *bars([row for row in compared if not row["is_low"]], count, plain, LARGEST),
            *bars([row for row in compared if row["is_low"]], count, "bar-low", LARGEST),
            *spans([row for row in compared if "low" in row], count, LARGEST),
            *ticks(compared, count, LARGEST),
            *texts(rows, count),
        ]
    )
    most = max((step.compared for step in diagnosis.steps), default=0)
    below = text_of("funnel_usual", lang, n=most) if compared else text_of("funnel_plain", lang)
    if diagnosis.is_refused:
        below = _refusal(diagnosis, lang)
    return framed(drawn, title, below, height_of(rows))


def _alt(title: str, diagnosis: Diagnosis, lang: Language) -> str:
    if diagnosis.is_refused:
        return sentences([f"{title}。" if lang == "zh" else f"{title}.", _refusal(diagnosis, lang)], lang)
    low = [step.figure.title_zh if lang == "zh" else step.figure.title_en for step in diagnosis.steps if step.is_low]
    names = ("、" if lang == "zh" else ", ").join(low)
    told = text_of("funnel_alt_low", lang, names=names) if low else text_of("funnel_alt_fine", lang)
    return sentences([f"{title}。" if lang == "zh" else f"{title}.", told], lang)


def _refusal(diagnosis: Diagnosis, lang: Language) -> str:
    return clean(diagnosis.refusal_zh if lang == "zh" else diagnosis.refusal_en)


def _table(steps: Sequence[Step], lang: Language) -> Table:
    headings = tuple(text_of(f"head_{name}", lang) for name in ("step", "value", "usual", "interval", "sample"))
    rows = []
    for step in steps:
        figure = step.figure
        has_span = step.low is not None and step.high is not None
        span = f"{written(step.low, 'percent', lang)}–{written(step.high, 'percent', lang)}" if has_span else ""
        name = figure.title_zh if lang == "zh" else figure.title_en
        rows.append((name, figure.shown(lang), figure.baseline_shown(lang), span, f"{figure.n:,}"))
    return Table(headings, tuple(rows))
