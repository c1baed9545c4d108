"""Years, quarters and days that a text names, so that last year's figure is never taken for this year's."""

import re
from datetime import date

from knowledge.folding import fold

_DIGITS = {
    "零": "0",
    "〇": "0",
    "一": "1",
    "二": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
    "七": "7",
    "八": "8",
    "九": "9",
}
_YEAR = re.compile(r"(?<![\d.])(20[0-4]\d)(?![\d]|\.\d|亿|万|条|个|次|人)")
_SHORT_YEAR = re.compile(r"(?<![\d.])([12]\d)(?=年(?!龄|以|前|来|后))")
_SPELLED_YEAR = re.compile(r"(?:二[零〇]|(?<![零〇一二三四五六七八九十]))([一二][零〇一二三四五六七八九])(?=年)")
_QUARTER_AFTER = re.compile(r"(20[0-4]\d|(?<!\d)[12]\d)?\s*(?:年)?\s*(?:第)?([一二三四1-4])\s*季度?|q([1-4])")
_RELATIVE = {
    "前年": -2,
    "去年": -1,
    "上一年": -1,
    "今年": 0,
    "本年": 0,
    "明年": 1,
    "后年": 2,
    "last year": -1,
    "this year": 0,
    "next year": 1,
}
_ENGLISH_QUARTER = {"first": "1", "second": "2", "third": "3", "fourth": "4"}


def periods_named(text: str, today: date | None = None) -> frozenset[str]:
    """The years ("2024") and quarters ("Q3") that a text names.

    Two-digit and spelled years count when 年 follows (24年, 二四年). Relative words (去年, last year) count only when
    `today` is given: in a question they mean something, in a stored text they do not.
    """
    folded = fold(text)
    found = set(_YEAR.findall(folded))
    found.update(f"20{short}" for short in _SHORT_YEAR.findall(folded))
    for spelled in _SPELLED_YEAR.findall(folded):
        found.add("20" + "".join(_DIGITS[character] for character in spelled))
    for _year, spoken, letter in _QUARTER_AFTER.findall(folded):
        found.add("Q" + (letter or {"一": "1", "二": "2", "三": "3", "四": "4"}.get(spoken, spoken)))
    for word, number in _ENGLISH_QUARTER.items():
        if f"{word} quarter" in folded:
            found.add(f"Q{number}")
    if today is not None:
        found.update(str(today.year + shift) for word, shift in _RELATIVE.items() if word in folded)
    return frozenset(found)


def years_of(periods: frozenset[str]) -> frozenset[int]:
    """Only the years among `periods_named`."""
    return frozenset(int(period) for period in periods if period.isdigit())
