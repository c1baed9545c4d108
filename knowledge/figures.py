"""Figures and days as people write them, in Chinese and English, each in one notation: `10亿`, `十亿` and `1 billion`
are one figure.

All functions but `figures_in` read folded text (`knowledge.folding.fold`).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.folding import fold

_SCALES = {
    "百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7,
    "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12, "hundred": 1e2,
    "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "billion": 1e9, "trillion": 1e12,
}  # fmt: skip
_SHARES = ("%", "percent", "per cent")
# A letter beside a number does not hide it: 500yuan and RMB500 are 500. A quarter (Q3) is a name, not a figure.
_FIGURE = re.compile(
    r"(?!(?<=q)[1-4](?!\d))(\d{1,3}(?:,\d{3})+(?!\d)|\d+)(\.\d+)?"
    r"(?:\s*(万亿|千万|百万|十万|千亿|百亿|十亿|亿|万|千|百|%|"
    r"(?:percent|per cent|thousand|million|billion|trillion|k|m|b)(?![a-z])))?"
)
_SPELLED = re.compile(
    r"(?<!分之)(?<!点)[一二两三四五六七八九十百千]+(?:万亿|亿|万)"
    r"|(?<!分之)[一二两三四五六七八九十百千]*[百千][一二三四五六七八九十百零]*(?=[元块次条种个人粉天岁名位倍秒小年周]|分钟)"
    r"|(?<!分之)(?<!第)[二三四五六七八九]?十[一二三四五六七八九]?(?=[条种个次天岁%元块名位倍秒人年周折]|分钟|小时)"
    # Alone, a small number counts where it measures; 一天 and 一条 are idioms.
    r"|(?<![第十百千万亿之点几\d])[二两三四五六七八九](?=[倍天周折元秒]|分钟|小时|个?工作日|个月|个小时|日内|年(?!级)|百?分点)"
)
_SHARE = re.compile(r"([百千万])分之([一二两三四五六七八九十百]+)(?:点([零一二三四五六七八九]+))?")
_PARTS = {"百": 1.0, "千": 10.0, "万": 100.0}  # how many of such a part are one per cent
# 三成 is 30 %, 八成五 is 85 %; 成功, 成本 and the like are words.
_TENTHS = re.compile(
    r"(?<![零一二两三四五六七八九十百])([一二两三四五六七八九])成([一二三四五六七八九])?(?![功为本长分绩立果品员交就熟])"
)
_HALF = re.compile(r"(?<![两各这那另])一半|半数")
_DECIMAL = re.compile(r"([零一二两三四五六七八九十百]+)点([零一二三四五六七八九]+)(万亿|亿|万|千|倍|个百分点)")
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_WORDS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_TEENS = {
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_NUMBERS = {**_WORDS, **_TEENS}
_LARGE = ("hundred", "thousand", "million", "billion", "trillion")
_ONE_WORD = "|".join(sorted((*_NUMBERS, *_LARGE), key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"\b((?:{'|'.join(_NUMBERS)})\b(?:(?:[ -]+|\s+and\s+)(?:{_ONE_WORD})\b)*)(?=(\s*(?:percent|per cent|%))?"
    r"(\s*(?:days?|weeks?|months?|years?|hours?|minutes?|seconds?|dollars?|yuan|rmb|times|followers?|views?|plays?|likes?)\b)?)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
# Each pattern with the places of year, month and day among its groups; 0 for what it does not name.
_DAYS = (
    (re.compile(r"(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), (1, 2, 3)),
    (re.compile(r"(?:((?:1\d|20)\d\d)\s*年\s*)?(?<!\d)(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号])?"), (1, 2, 3)),
    (re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:,?\s+(20\d\d))?(?!\d)"), (3, 1, 2)),
    (re.compile(rf"\b(\d{{1,2}})\s+{_MONTH}(?:,?\s+(20\d\d))?(?!\d)"), (3, 2, 1)),
    (re.compile(rf"\b{_MONTH},?\s+(20\d\d)(?!\d)"), (2, 1, 0)),
)


@dataclass(frozen=True)
class NamedDay:
    """A day that a text names at `[start, end)`; `year` and `day` are 0 where it does not say them."""

    year: int
    month: int
    day: int
    start: int
    end: int


@lru_cache(maxsize=8192)
def figures_in(text: str) -> frozenset[str]:
    """The figures of a text in one notation: `10亿`, `十亿` and `1 billion` are all `1000000000`, `22.1%` is
    `22.1%`."""
    folded = fold(text)
    found = set()
    for whole, fraction, unit in _FIGURE.findall(folded):
        value = float(whole.replace(",", "") + fraction)
        found.add(plain(value) + "%" if unit in _SHARES else plain(value * _SCALES.get(unit, 1.0)))
    found.update(plain(spelled(match)) for match in _SPELLED.findall(folded))
    for part, share, decimals in _SHARE.findall(folded):
        found.add(plain(_decimal(share, decimals) / _PARTS[part]) + "%")
    for tens, ones in _TENTHS.findall(folded):
        found.add(f"{10 * _DIGITS[tens] + _DIGITS.get(ones, 0)}%")
    if _HALF.search(folded):
        found.add("50%")
    for whole, decimals, unit in _DECIMAL.findall(folded):
        found.add(plain(_decimal(whole, decimals) * _SCALES.get(unit, 1.0)))
    for words, percent, measured in _IN_WORDS.findall(folded):
        value = _value_in_words(words)
        if percent:
            found.add(f"{plain(value)}%")
        elif value >= 10 or measured and value > 1:  # “one of them” and “two ways” are no figures
            found.add(plain(value))
    return frozenset(found)


def days_in(folded: str) -> list[NamedDay]:
    """The days and months that a folded text names, in the order of their places."""
    found: list[NamedDay] = []
    for pattern, places in _DAYS:
        for match in pattern.finditer(folded):
            year, month, day = (match[place] if place else None for place in places)
            number = _MONTHS.index(month[:3]) + 1 if month and month[:3] in _MONTHS else int(month or 0)
            named = NamedDay(int(year or 0), number, int(day or 0), match.start(), match.end())
            if 1 <= number <= 12 and not any(named.start < other.end and other.start < named.end for other in found):
                found.append(named)
    return sorted(found, key=lambda named: named.start)


def plain(value: float) -> str:
    """A value as digits, without an exponent or trailing zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def value_of(written: str) -> float:
    """The value of one number as written: `1.5万`, `1,000`, `三千五百`, `半`, `2 million`, `fifteen`.

    Raises ValueError when it is no number.
    """
    text = written.strip()
    if match := re.fullmatch(r"([\d,]+(?:\.\d+)?)\s*(\D*)", text):
        scale = match[2].strip()
        if scale and scale not in _SCALES:
            raise ValueError(f"“{written}” is not a number.")
        return float(match[1].replace(",", "")) * _SCALES.get(scale, 1.0)
    if text == "半":
        return 0.5
    if re.fullmatch(r"[零〇一二两三四五六七八九十百千万亿]+", text):
        return spelled(text)
    total = 0.0
    for word in re.findall(r"[a-z]+", text):
        if word in _WORDS or word in _TEENS:
            total += _WORDS.get(word) or _TEENS[word]
        elif word in _SCALES:
            total = (total or 1) * _SCALES[word]
        else:
            raise ValueError(f"“{written}” is not a number.")
    if not total:
        raise ValueError(f"“{written}” is not a number.")
    return total


def spelled(text: str) -> float:
    """The value of a number spelled in Han characters; a scale alone counts once (`万` is 10000, `两万五` 25000)."""
    for unit in ("万亿", "亿", "万"):
        head, found, tail = text.partition(unit)
        if found:
            rest = _DIGITS[tail] * _SCALES[unit] / 10 if len(tail) == 1 and tail in _DIGITS else spelled(tail)
            return (spelled(head) if head else 1.0) * _SCALES[unit] + rest
    return _section(text)


def _decimal(whole: str, decimals: str) -> float:
    """The value of 三 and 五: 3.5."""
    return float(f"{spelled(whole):.0f}.{''.join(str(_DIGITS[digit]) for digit in decimals) or '0'}")


def _value_in_words(words: str) -> float:
    """The value of an English number in words: `two hundred and fifty thousand`, `twenty-five`, `a million`."""
    total = group = 0.0
    for word in re.findall(r"[a-z]+", words):
        if word in _NUMBERS:
            group += _NUMBERS[word]
        elif word == "hundred":
            group = (group or 1) * 100
        elif word in _LARGE:
            total += (group or 1) * _SCALES[word]
            group = 0.0
    return total + group


def _section(text: str) -> float:
    """The value of a number below ten thousand."""
    total, digit = 0.0, 0.0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
    return total + digit
