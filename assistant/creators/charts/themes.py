"""Light and dark: the colours and sizes that the charts' style names stand for. The colours are the chat page's."""

from dataclasses import dataclass
from typing import Any, Literal

Theme = Literal["light", "dark"]

FONT = "Noto Sans SC"
# Emoji come from a font of their own; what both lack, from whatever the machine has.
_FAMILIES = f"{FONT}, Noto Emoji, sans-serif"
SMALL, PLAIN, LARGE = 11, 12, 15


@dataclass(frozen=True)
class _Colours:
    sheet: str
    ink: str
    soft: str
    line: str
    main: str
    band: str
    bad: str
    good: str
    track: str


_COLOURS: dict[Theme, _Colours] = {
    "light": _Colours(
        sheet="#fffdf8",
        ink="#2a241c",
        soft="#6b6053",
        line="#e7dcc8",
        main="#a55c00",
        band="#f6d9a4",
        bad="#a8401d",
        good="#3f6a2c",
        track="#f1e8d8",
    ),
    "dark": _Colours(
        sheet="#221e18",
        ink="#efe7da",
        soft="#ab9f8e",
        line="#393127",
        main="#f4b65c",
        band="#5d4520",
        bad="#f0a283",
        good="#b1d291",
        track="#312a21",
    ),
}


def config_of(theme: Theme) -> dict[str, Any]:
    """The Vega-Lite configuration of a theme."""
    colours = _COLOURS[theme]
    text = {"font": _FAMILIES, "fontSize": PLAIN, "baseline": "middle"}
    return {
        "background": colours.sheet,
        # The picture as a whole is named by `Painter.svg`; its marks are not read out one by one.
        "aria": False,
        "padding": {"left": 14, "right": 14, "top": 14, "bottom": 12},
        "font": _FAMILIES,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": colours.ink,
            "fontSize": LARGE,
            "fontWeight": 600,
            "lineHeight": 21,
            "subtitleColor": colours.soft,
            "subtitleFontSize": PLAIN,
            "subtitleLineHeight": 17,
            "subtitlePadding": 5,
            "offset": 12,
        },
        "axis": {
            "domain": False,
            "ticks": False,
            "gridColor": colours.line,
            "labelColor": colours.soft,
            "labelFontSize": SMALL,
            "labelPadding": 6,
            "titleColor": colours.soft,
        },
        "style": {
            "line": {"color": colours.main, "strokeWidth": 2.2, "strokeCap": "round", "strokeJoin": "round"},
            "ahead": {"color": colours.main, "strokeWidth": 2, "strokeDash": [4, 4]},
            "band": {"color": colours.band, "opacity": 0.85},
            "dot": {"color": colours.main, "stroke": colours.sheet, "strokeWidth": 1.5, "size": 60, "opacity": 1},
            "change": {"color": colours.bad, "strokeWidth": 1, "strokeDash": [3, 3]},
            "change-name": {**text, "color": colours.bad, "fontSize": SMALL},
            "goal": {"color": colours.good, "strokeWidth": 1.2},
            "goal-name": {**text, "color": colours.good, "fontSize": SMALL},
            "usual": {"color": colours.ink, "strokeWidth": 1.2, "strokeDash": [2, 3]},
            "span": {"color": colours.ink, "strokeWidth": 1.6},
            "track": {"color": colours.track, "cornerRadius": 3},
            "bar": {"color": colours.main, "cornerRadius": 3},
            "bar-quiet": {"color": colours.band, "cornerRadius": 3},
            "bar-low": {"color": colours.bad, "cornerRadius": 3},
            "name": {**text, "color": colours.ink, "align": "left"},
            "name-mine": {**text, "color": colours.main, "align": "left", "fontWeight": 600},
            "value": {**text, "color": colours.ink, "align": "right"},
            "value-mine": {**text, "color": colours.main, "align": "right", "fontWeight": 600},
            "quiet": {**text, "color": colours.soft},
        },
    }
