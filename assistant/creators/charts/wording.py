"""The charts' own words, and others' words made safe and short enough for a picture."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from assistant.creators.figures import Language, Unit

_ELLIPSIS = "…"
# Invisible characters that turn the direction of everything after them.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WITHOUT_FORM = ("Cc", "Cs", "Co", "Cn")
_JOINED_EMOJI = re.compile("\u200d[\u2190-\u2bff\U0001f000-\U0001faff]|[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
# Widths as parts of the type size. Where a font differs, the picture itself still cuts at its edge.
_WIDE, _CAPITAL, _PLAIN, _THIN = 1.0, 0.68, 0.56, 0.32
_THIN_CHARACTERS = frozenset("iljtfrI.,:;'|!()[] -")


@cache
def _texts() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("texts.yaml").read_text("utf-8"))
    return read


def text_of(key: str, lang: Language, **values: object) -> str:
    """One of the charts' texts with its places filled."""
    return _texts()[key][lang].format(**values)


def day_shown(day: date, lang: Language, today: date | None = None) -> str:
    """A day as it stands beside a chart: 11月3日, Nov 3; with its year where that is not the one of `today`."""
    shown = f"{day.month}月{day.day}日" if lang == "zh" else f"{day:%b} {day.day}"
    if today is None or day.year == today.year:
        return shown
    return f"{day.year}年{shown}" if lang == "zh" else f"{shown}, {day.year}"


def clean(text: str) -> str:
    """Others' text on one line, without control characters and without those that turn the writing direction.

    Of emoji that are joined of several, or coloured, the first plain one remains: the rest would be drawn as boxes.
    """
    kept = (
        " " if character.isspace() else character
        for character in _JOINED_EMOJI.sub("", text)
        if character.isspace() or (character not in _TURNING and unicodedata.category(character) not in _WITHOUT_FORM)
    )
    return " ".join("".join(kept).split())


def fitted(text: str, width: float, size: float) -> str:
    """`text`, cut with an ellipsis where it would be wider than `width` pixels at type size `size`."""
    return lines_of(text, width, size, 1)[0]


def lines_of(text: str, width: float, size: float, at_most: int) -> list[str]:
    """`text` on lines of at most `width` pixels, at most so many; the last one ends with an ellipsis when cut.

    Latin text breaks at spaces, Chinese anywhere but before its punctuation.
    """
    rest = clean(text)
    lines: list[str] = []
    while rest and len(lines) < at_most:
        end = _reach(rest, width / size)
        if end < len(rest) and len(lines) == at_most - 1:
            lines.append(rest[: _reach(rest, width / size - _WIDE)].rstrip() + _ELLIPSIS)
            break
        if end < len(rest):
            end = _break_before(rest, end)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return lines or [""]


def width_of(text: str, size: float) -> float:
    """About how many pixels `text` takes on one line at type size `size`."""
    return size * sum(_ems(character) for character in text)


def label_expression(unit: Unit, lang: Language) -> str:
    """The Vega expression that writes an axis value of `unit`, short: 1.2万, 12K, 4.8%."""
    value = "datum.value"
    if unit == "percent":
        return f"format({value} * 100, '~g') + '%'"
    if unit != "count":
        return f"format({value}, '~g')"
    if lang == "zh":
        large = f"abs({value}) >= 1e8 ? format({value} / 1e8, '~g') + '亿' : abs({value}) >= 1e4 ? "
        return f"{large}format({value} / 1e4, '~g') + '万' : format({value}, ',')"
    return f"abs({value}) >= 1e3 ? replace(format({value}, '~s'), 'k', 'K') : format({value}, ',')"


def _reach(text: str, ems: float) -> int:
    """How many characters fit into `ems` type sizes; marks stay with the character they belong to."""
    used = 0.0
    for place, character in enumerate(text):
        used += _ems(character)
        if used > ems:
            return max(place, 1)
    return len(text)


def _break_before(text: str, end: int) -> int:
    for place in range(end, max(end // 2, 1), -1):
        before, after = text[place - 1], text[place]
        if before == " " or after == " ":
            return place
        if (_is_wide(before) or _is_wide(after)) and unicodedata.category(after)[0] != "P":
            return place
    return end


def _ems(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if _is_wide(character):
        return _WIDE
    if character in _THIN_CHARACTERS:
        return _THIN
    return _CAPITAL if character.isupper() or character in "%@mw" else _PLAIN


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" or ord(character) > 0x1F000


def sentences(parts: Sequence[str], lang: Language) -> str:
    """Sentences one after another; English ones with a space between them."""
    return ("" if lang == "zh" else " ").join(part for part in parts if part)
