"""Years, quarters and days that a text names, so that last year's figure is never taken for this year's."""

import calendar
import re
from datetime import date, timedelta

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


_MONTHS = [name.lower() for name in calendar.month_name[1:]]
_WHOLE_DAY = re.compile(r"(20[0-4]\d)\s*[年./-]\s*(1[0-2]|0?[1-9])\s*[月./-]\s*(3[01]|[12]\d|0?[1-9])(?!\d)")
_MONTH_DAY = re.compile(r"(?<![\d年./-])(1[0-2]|0?[1-9])月(3[01]|[12]\d|0?[1-9])[日号]")
_ENGLISH_DAY = re.compile(rf"({'|'.join(_MONTHS)})\s+(3[01]|[12]\d|[1-9])(?:st|nd|rd|th)?(?:,?\s*(20[0-4]\d))?(?!\d)")
_NEXT_WEEKDAY = re.compile(r"下(?:个)?(?:周|星期|礼拜)([一二三四五六日天])")
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_NEXT_WEEK = re.compile(r"下(?:个)?(?:周|星期|礼拜)|\bnext week\b")
_NEXT_MONTH = re.compile(r"下个?月|\bnext month\b")
_COMING = {"大后天": 3, "后天": 2, "明天": 1, "day after tomorrow": 2, "tomorrow": 1}


def day_named(text: str, today: date) -> date | None:
    """The day whose rules a question asks for, when it names one: a whole date (2026年12月1日, 2026-12-01), or one to
    come (明天, 下周, 下周三, 下个月, 12月1日, next week, from March 1).

    A week or month stands for its first day. A date without a year counts only when it is still to come this year:
    past ones are mostly about works, not about rules.
    """
    folded = fold(text)
    if match := _WHOLE_DAY.search(folded):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _ENGLISH_DAY.search(folded):
        day = _day(int(match[3] or today.year), _MONTHS.index(match[1]) + 1, int(match[2]))
        return day if day and (match[3] or day > today) else None
    if match := _MONTH_DAY.search(folded):
        day = _day(today.year, int(match[1]), int(match[2]))
        return day if day and day > today else None
    monday = today + timedelta(days=7 - today.weekday())
    if match := _NEXT_WEEKDAY.search(folded):
        return monday + timedelta(days=_WEEKDAYS[match[1]])
    if _NEXT_WEEK.search(folded):
        return monday
    if _NEXT_MONTH.search(folded):
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return next((today + timedelta(days=days) for word, days in _COMING.items() if word in folded), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
