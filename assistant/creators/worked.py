"""What worked for a creator: which words in titles and which lengths go with more plays than the creator's other works.

It compares a creator's own works with each other; it shows what goes together, not what causes what.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import sqrt
from statistics import median
from typing import Literal

from assistant.creators.digest import SETTLED
from assistant.creators.metrics import last_day
from assistant.creators.steps import DURATION_BUCKETS
from assistant.creators.warehouse import Warehouse
from assistant.creators.works import Work, works_between

COMPARED_DAYS = 180
LEAST_WORKS = 4  # with and without the pattern
NOTICEABLE = 1.15  # times the plays of the others
SURE = 1.645  # standard scores of the rank sum: one-sided 5 %
SHORTEST, LONGEST = 2, 16  # characters of a phrase
_RUN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Pattern:
    """Works that share something, and their median plays beside that of the others."""

    kind: Literal["phrase", "length"]
    name: str
    works: tuple[Work, ...]
    others: int
    plays: float
    others_plays: float

    @property
    def multiple(self) -> float:
        """How many times the plays of the others."""
        return self.plays / self.others_plays


@dataclass(frozen=True)
class Strengths:
    """The patterns, the strongest first, and the settled works that they were looked for in, by plays."""

    patterns: list[Pattern]
    works: list[Work]
    median_plays: float | None


def strengths_of(warehouse: Warehouse, creator: str, today: date) -> Strengths:
    """What went with more plays among the settled works of the last 180 days of data."""
    end = last_day(warehouse, creator, today)
    if end is None:
        return Strengths([], [], None)
    now = datetime.combine(end + timedelta(days=1), time())
    works = [
        work
        for work in works_between(warehouse, creator, end - timedelta(days=COMPARED_DAYS), end)
        if work.plays is not None and work.age_at(now) >= SETTLED
    ]
    usual = float(median(_plays(works))) if works else None
    return Strengths(_patterns(works), sorted(works, key=lambda work: -(work.plays or 0)), usual)


def like_title(title: str, works: Sequence[Work]) -> tuple[str, list[Work]]:
    """The longest phrase that a title shares with at least two of the works, and those works; empty without any."""
    for phrase in sorted(_phrases(title), key=len, reverse=True):
        sharing = [work for work in works if phrase in work.title]
        if len(sharing) >= 2:
            return phrase, sharing
    return "", []


def _patterns(works: Sequence[Work]) -> list[Pattern]:
    groups: dict[tuple[Literal["phrase", "length"], str], list[Work]] = {}
    for work in works:
        for phrase in _phrases(work.title):
            groups.setdefault(("phrase", phrase), []).append(work)
        if work.duration_seconds is not None:
            groups.setdefault(("length", _length(work.duration_seconds)), []).append(work)
    found = [pattern for (kind, name), group in groups.items() if (pattern := _pattern(kind, name, group, works))]
    found.sort(key=lambda one: (-one.multiple, -len(one.name)))
    # Of phrases that name the same works, the longest says most.
    kept: dict[frozenset[str], Pattern] = {}
    for pattern in sorted(found, key=lambda one: -len(one.name)):
        kept.setdefault(frozenset(work.work_id for work in pattern.works), pattern)
    return [pattern for pattern in found if pattern in kept.values()]


def _pattern(
    kind: Literal["phrase", "length"], name: str, group: Sequence[Work], works: Sequence[Work]
) -> Pattern | None:
    names = {work.work_id for work in group}
    others = [work for work in works if work.work_id not in names]
    if len(group) < LEAST_WORKS or len(others) < LEAST_WORKS:
        return None
    plays, others_plays = float(median(_plays(group))), float(median(_plays(others)))
    if not others_plays or plays < NOTICEABLE * others_plays or _score(_plays(group), _plays(others)) < SURE:
        return None
    return Pattern(kind, name, tuple(group), len(others), plays, others_plays)


def _score(mine: Sequence[float], others: Sequence[float]) -> float:
    """The standard score of the rank sum (Mann and Whitney 1947): how surely `mine` are the larger ones."""
    larger = sum((one > other) + 0.5 * (one == other) for one in mine for other in others)
    pairs = len(mine) * len(others)
    return (larger - pairs / 2) / sqrt(pairs * (len(mine) + len(others) + 1) / 12)


def _phrases(title: str) -> set[str]:
    return set(_cut(title))


def _cut(title: str) -> Iterator[str]:
    for run in _RUN.findall(title):
        if run.isascii():
            yield run
            continue
        for length in range(SHORTEST, min(LONGEST, len(run)) + 1):
            yield from (run[at : at + length] for at in range(len(run) - length + 1))


def _length(seconds: float) -> str:
    """The length bucket of the diagnosis, as “15–30”."""
    edges = (0, *DURATION_BUCKETS)
    place = sum(seconds > limit for limit in DURATION_BUCKETS)
    return f"{edges[place]}–{DURATION_BUCKETS[place]}" if place < len(DURATION_BUCKETS) else f"{edges[place]}+"


def _plays(works: Sequence[Work]) -> list[float]:
    return [work.plays or 0.0 for work in works]
