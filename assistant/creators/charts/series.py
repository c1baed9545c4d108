"""Any metric over time: a value a day as a line, or a value a work as dots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

import altair as alt

from assistant.creators.charts.chart import Chart, Table
from assistant.creators.charts.drawing import amounts, days, framed, layer, layered, nothing
from assistant.creators.charts.wording import clean, day_shown, sentences, text_of
from assistant.creators.figures import Language, Unit, written

HEIGHT = 190
# Rates and small numbers are read from zero; a level far from zero would be a flat line there.
_FROM_ZERO_BELOW = 0.5


@dataclass(frozen=True)
class Point:
    """A day's value, or that of a work published then, whose title is `name`. None where there is none."""

    day: date
    value: float | None
    name: str = ""


def series_chart(slug: str, title: str, unit: Unit, points: Sequence[Point], lang: Language) -> Chart:
    """The values of one metric, oldest first. `slug` with its version and window names the chart.

    Days without a value break the line; values of works, which have names, are dots with a line at their median.
    """
    title = clean(title)
    known = [(point, point.value) for point in points if point.value is not None]
    if not known:
        told = f"{title} {text_of('nothing', lang)}"
        return Chart(f"series@{slug}", title, told, _table([], unit, lang), nothing(title, lang))
    last, value = known[-1]
    latest = text_of("series_latest", lang, day=day_shown(last.day, lang), value=written(value, unit, lang))
    return Chart(
        id=f"series@{slug}",
        title=title,
        alt=_alt(title, known, unit, lang),
        table=_table(points, unit, lang),
        spec=framed(_layers(points, known, unit, lang), title, latest, HEIGHT),
    )


def _layers(
    points: Sequence[Point], known: Sequence[tuple[Point, float]], unit: Unit, lang: Language
) -> alt.LayerChart:
    values = [value for _, value in known]
    x = days("day", points[0].day, points[-1].day, lang)
    y = amounts("value", unit, lang, from_zero=min(values) < _FROM_ZERO_BELOW * max(values))
    rows = [_row(point) for point in points]
    told = [_row(point) for point, _ in known]
    if any(point.name for point in points):
        usual = layer([{"value": median(values)}]).mark_rule(style="usual").encode(y=y)
        dots = layer(told).mark_point(style="dot", filled=True).encode(x=x, y=y)
        return layered([usual, dots])
    line = layer(rows).mark_line(style="line", invalid="break-paths-show-domains").encode(x=x, y=y)
    # A day between two without values would be no line at all.
    alone = [_row(point) for point in _alone(points)]
    dots = layer([*alone, told[-1]]).mark_point(style="dot", filled=True).encode(x=x, y=y)
    return layered([line, dots])


def _row(point: Point) -> dict[str, Any]:
    return {"day": point.day.isoformat(), "value": point.value}


def _alone(points: Sequence[Point]) -> list[Point]:
    def is_known(at: int) -> bool:
        return 0 <= at < len(points) and points[at].value is not None

    return [point for at, point in enumerate(points) if is_known(at) and not is_known(at - 1) and not is_known(at + 1)]


def _alt(title: str, known: Sequence[tuple[Point, float]], unit: Unit, lang: Language) -> str:
    values = [value for _, value in known]
    low, high, latest = (written(value, unit, lang) for value in (min(values), max(values), values[-1]))
    told = text_of(
        "series_alt", lang, n=len(known), first=known[0][0].day, last=known[-1][0].day, low=low, high=high, value=latest
    )
    return sentences([f"{title}。" if lang == "zh" else f"{title}.", told], lang)


def _table(points: Sequence[Point], unit: Unit, lang: Language) -> Table:
    has_names = any(point.name for point in points)
    headings = ("day", "work", "value") if has_names else ("day", "value")
    rows = [
        (point.day.isoformat(), *((clean(point.name),) if has_names else ()), written(point.value, unit, lang))
        for point in points
    ]
    return Table(tuple(text_of(f"head_{name}", lang) for name in headings), tuple(rows))
