"""Marks, days and addresses in an answer, so that it can be held against its evidence."""

import re
from collections.abc import Collection
from datetime import date

from knowledge import figures
from knowledge.folding import fold

MARK = re.compile(r"\s*\[(\d{1,2})\]")
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}")


def figures_in(text: str) -> frozenset[str]:
    """The figures of a text in one notation; the numbers of its citation marks are none."""
    return figures.figures_in(MARK.sub("", fold(text)))


def without_days(text: str, days: Collection[tuple[int, int, int]]) -> str:
    """The folded text without the days it names that are among `days` (year, month, day; 0 where not known)."""
    folded = fold(text)
    for named in reversed(figures.days_in(folded)):
        if any(named.year in (0, y) and named.month == m and named.day in (0, d) for y, m, d in days):
            folded = f"{folded[: named.start]} {folded[named.end :]}"
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
