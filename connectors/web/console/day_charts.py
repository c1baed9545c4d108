"""The charts of a day: answers by hour, and how long they took."""

from collections.abc import Callable
from typing import Any

import altair as alt

from assistant.creators.charts.chart import Chart, Table
from assistant.creators.charts.drawing import framed, layer, layered
from assistant.telemetry.days import Day

HEIGHT = 170
BAR = 9  # CSS pixels that a bar is wide
NAMED_HOURS = [0, 4, 8, 12, 16, 20, 23]
Text = Callable[..., str]


def answers_chart(day: Day, text: Text) -> Chart:
    """A bar an hour, of answers and, above them, refusals."""
    rows = [
        {"hour": one.hour, "answered": one.answered, "all": one.answered + one.refused}
        for one in day.hours
        if one.answered + one.refused
    ]
    most = max((row["all"] for row in rows), default=0)
    y = alt.Y("answered", type="quantitative", scale=alt.Scale(domain=[0, max(most, 4)], nice=True), axis=_counts())
    answered = layer(rows).mark_bar(style="bar", width=BAR).encode(x=_hours(), y=y)
    refused = (
        layer(rows).mark_bar(style="bar-quiet", width=BAR).encode(x=_hours(), y=alt.Y("all:Q"), y2=alt.Y2("answered"))
    )
    busiest = max(day.hours, key=lambda one: one.answered + one.refused)
    said = text(
        "answers_alt",
        answers=day.answers,
        refused=day.refused,
        hour=busiest.hour,
        most=busiest.answered + busiest.refused,
    )
    return Chart(
        id=f"answers@{day.day}",
        title=text("answers_title"),
        alt=said if day.answers else text("nothing"),
        table=Table(
            (text("hour"), text("answered"), text("refused")),
            tuple(
                (_clock(one.hour), str(one.answered), str(one.refused))
                for one in day.hours
                if one.answered + one.refused
            ),
        ),
        spec=framed(layered([refused, answered]), text("answers_title"), text("answers_key"), HEIGHT),
    )


def speed_chart(day: Day, text: Text) -> Chart:
    """Within how many milliseconds half and 95 % of an hour's answers were finished."""
    known = [one for one in day.hours if one.median_ms is not None and one.p95_ms is not None]
    rows: list[dict[str, Any]] = [{"hour": one.hour, "median": one.median_ms, "p95": one.p95_ms} for one in known]
    axis = alt.Axis(
        tickCount=4, title=None, labelExpr="datum.value < 1000 ? datum.value + ' ms' : datum.value / 1000 + ' s'"
    )
    parts = []
    for field, style in (("p95", "ahead"), ("median", "line")):
        y = alt.Y(field, type="quantitative", scale=alt.Scale(zero=True, nice=True), axis=axis)
        parts.append(layer(rows).mark_line(style=style).encode(x=_hours(), y=y))
        parts.append(layer(rows).mark_point(style="dot", filled=True).encode(x=_hours(), y=y))
    said = text("speed_alt", median=_ms(day.median_ms), p95=_ms(day.p95_ms)) if known else text("nothing")
    return Chart(
        id=f"speed@{day.day}",
        title=text("speed_title"),
        alt=said,
        table=Table(
            (text("hour"), text("median"), text("p95")),
            tuple((_clock(one.hour), _ms(one.median_ms), _ms(one.p95_ms)) for one in known),
        ),
        spec=framed(layered(parts), text("speed_title"), text("speed_key"), HEIGHT),
    )


def _hours() -> alt.X:
    axis = alt.Axis(values=NAMED_HOURS, title=None, grid=False, labelExpr="datum.value + ':00'")
    return alt.X("hour", type="quantitative", scale=alt.Scale(domain=[-0.5, 23.5], nice=False), axis=axis)


def _counts() -> alt.Axis:
    return alt.Axis(tickCount=4, tickMinStep=1, format="d", title=None)


def _clock(hour: int) -> str:
    return f"{hour:02}:00"


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f} ms"
