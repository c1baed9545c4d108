"""Charts made of rows: a name and a value above a bar, one row under the other."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from assistant.creators.charts.drawing import layer

ROW_HEIGHT = 44
# The text of a row stands above its bar.
_TEXT_UP, _BAR_DOWN, BAR = -9, 9, 11

Row = Mapping[str, Any]


def height_of(rows: Sequence[Row]) -> int:
    """The height that so many rows take."""
    return ROW_HEIGHT * len(rows)


def texts(rows: Sequence[Row], count: int) -> list[alt.Chart]:
    """The `name` of each row at the left and its `value` at the right; `is_mine` makes both stand out."""
    parts = []
    for is_mine, suffix in ((False, ""), (True, "-mine")):
        some = [row for row in rows if bool(row.get("is_mine")) is is_mine]
        if some:
            name = layer(some).mark_text(style=f"name{suffix}", yOffset=_TEXT_UP)
            value = layer(some).mark_text(style=f"value{suffix}", yOffset=_TEXT_UP)
            parts.append(name.encode(x=alt.value(0), y=_place(count), text="name:N"))
            parts.append(value.encode(x=alt.value("width"), y=_place(count), text="value:N"))
    return parts


def bars(rows: Sequence[Row], count: int, style: str, largest: float) -> list[alt.Chart]:
    """Bars from 0 to each row's `length`, on a scale that ends at `largest`."""
    if not rows:
        return []
    bar = layer(rows).mark_bar(style=style, height=BAR, yOffset=_BAR_DOWN)
    return [bar.encode(x=length("length", largest), y=_place(count))]


def spans(rows: Sequence[Row], count: int, largest: float) -> list[alt.Chart]:
    """A thin line from each row's `low` to its `high`."""
    if not rows:
        return []
    span = layer(rows).mark_rule(style="span", yOffset=_BAR_DOWN, y2Offset=_BAR_DOWN)
    return [span.encode(x=length("low", largest), x2="high:Q", y=_place(count))]


def ticks(rows: Sequence[Row], count: int, largest: float) -> list[alt.Chart]:
    """A short upright line at each row's `usual`."""
    if not rows:
        return []
    tick = layer(rows).mark_tick(style="usual", orient="vertical", size=BAR + 10, yOffset=_BAR_DOWN)
    return [tick.encode(x=length("usual", largest), y=_place(count))]


def length(field: str, largest: float) -> alt.X:
    """The horizontal scale of all rows; it has no axis, the values stand beside their names."""
    scale = alt.Scale(domain=[0, largest], nice=False, clamp=True)
    return alt.X(field, type="quantitative", scale=scale, axis=None)


def _place(count: int) -> alt.Y:
    """Rows by their `place`, from 0 at the top to `count` − 1."""
    scale = alt.Scale(domain=list(range(count)), paddingInner=0, paddingOuter=0)
    return alt.Y("place", type="ordinal", scale=scale, axis=None)
