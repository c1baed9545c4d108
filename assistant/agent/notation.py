"""Figures, days and addresses as people write them, each in one notation, so that an answer can be held against its
evidence."""

import re
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from math import prod

from knowledge.folding import fold

MARK = re.compile(r"\s*\[(\d{1,2})\]")
_SCALES = {
    "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7,
    "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12, "hundred": 1e2,
    "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
# A letter beside a number does not hide it: 500yuan and RMB500 are 500. A quarter (Q3) is a name, not a figure.
_FIGURE = re.compile(
    r"(?!(?<=q)[1-4](?!\d))(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?"
    r"(?:\s*(万亿|千万|百万|十万|千亿|百亿|十亿|亿|万|千|百|%|"
    r"(?:percent|per cent|thousand|million|billion|trillion|k|m|b)(?![a-z])))?"
)
_SPELLED = re.compile(
    r"(?<!分之)[一二两三四五六七八九十百千]+(?:万亿|亿|万)"
    r"|(?<!分之)[一二两三四五六七八九十百千]*[百千][一二三四五六七八九十百]*(?=[元块次条种个人粉天岁名位倍秒小])"
    r"|(?<!分之)[二三四五六七八九]?十[一二三四五六七八九]?(?=[条种个次天岁%元块名位倍秒])"
    r"|[二两三四五六七八九](?=倍)"
)
_SHARE = re.compile(r"百分之([一二两三四五六七八九十百]+)(?:点([零一二三四五六七八九]+))?")
_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_WORDS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_IN_WORDS = re.compile(
    rf"\b({'|'.join(_WORDS)})((?:[ -]+(?:hundred|thousand|million|billion|trillion))+|\s+(?:percent|per cent))\b"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
# Each pattern with the places of year, month and day among its groups; 0 for what it does not name.
_DAYS = (
    (re.compile(r"(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), (1, 2, 3)),
    (re.compile(r"(?:(20\d\d)\s*年\s*)?(?<!\d)(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号])?"), (1, 2, 3)),
    (re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:,?\s+(20\d\d))?(?!\d)"), (3, 1, 2)),
    (re.compile(rf"\b(\d{{1,2}})\s+{_MONTH}(?:,?\s+(20\d\d))?(?!\d)"), (3, 2, 1)),
    (re.compile(rf"\b{_MONTH},?\s+(20\d\d)(?!\d)"), (2, 1, 0)),
)
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}")


@lru_cache(maxsize=8192)
def figures_in(text: str) -> frozenset[str]:
    """The figures of a text in one notation: `10亿`, `十亿` and `1 billion` are all `1000000000`, `22.1%` is
    `22.1%`."""
    folded = MARK.sub("", fold(text))
    found = set()
    for whole, fraction, unit in _FIGURE.findall(folded):
        value = float(whole.replace(",", "") + fraction)
        is_share = unit in ("%", "percent", "per cent")
        found.add(_plain(value) + "%" if is_share else _plain(value * _SCALES.get(unit, 1.0)))
    found.update(_plain(_spelled(match)) for match in _SPELLED.findall(folded))
    for share, decimals in _SHARE.findall(folded):
        found.add(_plain(float(f"{_spelled(share):.0f}.{''.join(str(_DIGITS[digit]) for digit in decimals)}")) + "%")
    for word, scales in _IN_WORDS.findall(folded):
        factors = [_SCALES[scale] for scale in re.findall(r"[a-z]+", scales) if scale in _SCALES]
        found.add(_plain(_WORDS[word] * prod(factors)) if factors else f"{_WORDS[word]}%")
    return frozenset(found)


def without_days(text: str, days: Collection[tuple[int, int, int]]) -> str:
    """The folded text without the days it names that are among `days` (year, month, day; 0 where not known)."""

    def kept(match: re.Match[str], places: tuple[int, int, int]) -> str:
        year, month, day = (match[place] if place else None for place in places)
        number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month or 0)
        known = any(
            (year is None or int(year) == y) and number == m and (day is None or int(day) == d) for y, m, d in days
        )
        return " " if known else match[0]

    folded = fold(text)
    for pattern, places in _DAYS:
        folded = pattern.sub(lambda match, places=places: kept(match, places), folded)  # type: ignore[misc]
    return folded


def day_of(text: str) -> tuple[int, int, int]:
    """Year, month and day of YYYY, YYYY-MM or YYYY-MM-DD; 0 for what is not known."""
    numbers = [int(part) for part in text.split("-") if part.isdigit()] + [0, 0, 0]
    return numbers[0], numbers[1], numbers[2]


def parts(day: date) -> tuple[int, int, int]:
    """Year, month and day."""
    return day.year, day.month, day.day


def addresses_in(text: str) -> set[str]:
    """Domain names that a text holds, in lower case."""
    return set(_ADDRESS.findall(fold(text)))


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _spelled(text: str) -> float:
    section, digit, scale = 0.0, 0.0, 1.0
    for unit in ("万亿", "亿", "万"):
        if text.endswith(unit):
            text, scale = text.removesuffix(unit), _SCALES[unit]
            break
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
    return ((section + digit) or 1) * scale
