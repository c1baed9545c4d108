"""What the charts are put together from: layers of marks, an axis of days, and the frame with title and size."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt

from assistant.creators.charts.chart import PHONE_WIDTH
from assistant.creators.charts.themes import LARGE, PLAIN
from assistant.creators.charts.wording import label_expression, lines_of, text_of
from assistant.creators.figures import Language, Unit

# What the sides of a picture take of its width.
_MARGINS = 28
_DAY_FORMATS: dict[Language, str] = {"zh": "%-m月%-d日", "en": "%b %-d"}
_MONTH_FORMATS: dict[Language, str] = {"zh": "%-m月", "en": "%b"}
# From so many days on the axis names months.
_MONTHS_FROM = 75
_NAMED_DAYS = 4

Rows = Sequence[Mapping[str, Any]]


def layered(parts: Iterable[alt.Chart]) -> alt.LayerChart:
    """The parts on top of each other, the first at the bottom."""
    return alt.LayerChart(layer=list(parts))


def layer(rows: Rows) -> alt.Chart:
    """A layer on its own rows; days are written as 2026-11-23."""
    return alt.Chart(alt.Data(values=[dict(row) for row in rows]))


def days(field: str, first: date, last: date, lang: Language) -> alt.X:
    """The horizontal axis from `first` to `last`. They are days of the calendar, so no time zone may move them."""
    span = (last - first).days
    by_month = span >= _MONTHS_FROM
    # Left to itself the axis names a day twice when there are few, and two of sixty.
    named = [first + timedelta(days=round(span * part / _NAMED_DAYS)) for part in range(_NAMED_DAYS + 1)]
    axis = alt.Axis(
        format=(_MONTH_FORMATS if by_month else _DAY_FORMATS)[lang],
        values=alt.Undefined if by_month else sorted({day.isoformat() for day in named}),
        tickCount="month" if by_month else alt.Undefined,
        grid=False,
        title=None,
        labelOverlap="greedy",
        labelFlush=not by_month,
    )
    # One day alone stands in the middle.
    room = timedelta(days=1 if span == 0 else 0)
    domain = [(first - room).isoformat(), (last + room).isoformat()]
    return alt.X(field, type="temporal", scale=alt.Scale(type="utc", domain=domain, nice=False), axis=axis)


def amounts(field: str, unit: Unit, lang: Language, from_zero: bool) -> alt.Y:
    """The vertical axis of a number in `unit`."""
    axis = alt.Axis(labelExpr=label_expression(unit, lang), tickCount=4, title=None)
    return alt.Y(field, type="quantitative", scale=alt.Scale(zero=from_zero, nice=True), axis=axis)


def framed(drawn: alt.LayerChart | alt.Chart, title: str, subtitle: str, height: int) -> dict[str, Any]:
    """The whole specification, drawn for a phone: nothing is wider than the picture."""
    room = PHONE_WIDTH - _MARGINS
    lines = lines_of(title, room, LARGE, 2)
    below = lines_of(subtitle, room, PLAIN, 6) if subtitle else []
    whole = drawn.properties(
        title=alt.TitleParams(text=lines, subtitle=below) if below else alt.TitleParams(text=lines),
        width=PHONE_WIDTH,
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    # Checking the specification against its schema takes longer than drawing it; the tests do that.
    spec: dict[str, Any] = whole.to_dict(validate=False)
    spec.pop("config", None)
    return spec


def nothing(title: str, lang: Language) -> dict[str, Any]:
    """The specification of a chart that has no data: its title and a line that says so."""
    words = layer([{"text": text_of("nothing", lang)}]).mark_text(style="quiet").encode(text="text:N")
    return framed(words, title, "", 140)
