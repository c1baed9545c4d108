"""The shapes of the built-in metrics: a total, a ratio of sums, a figure over works, a frequency, a number of works.

Each is a formula of the language in `assistant.creators.language`; `formula` gives that. The digest computes the first
two from sums of plain columns (`value`), which takes a quarter of the time of the same query with all formulas in it; a
test holds the two ways together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from statistics import median

from assistant.creators.language.trees import Binary, Call, Expression, Field, Formula

# Sums of the warehouse's fields; None where a field is not known.
Sums = Mapping[str, float | None]


@dataclass(frozen=True)
class Total:
    """The sum of a field. Its sample is the number of days it was summed over."""

    field: str

    @property
    def fields(self) -> tuple[str, ...]:
        """What must be summed for it."""
        return (self.field,)

    @property
    def formula(self) -> Formula:
        """sum(field)"""
        return Formula(_sum(self.field), "sums")

    def value(self, sums: Sums) -> float | None:
        """The sum itself; None when the field is not known."""
        return sums[self.field]


@dataclass(frozen=True)
class Ratio:
    """The sum of some fields over the sum of another, on rows that have all of them. Its sample is what stands below.

    This is the ratio of sums, not the mean of ratios: a work with many plays weighs more than one with few.
    """

    above: tuple[str, ...]
    below: str

    @property
    def fields(self) -> tuple[str, ...]:
        """What must be summed for it."""
        return (*self.above, self.below)

    @property
    def formula(self) -> Formula:
        """ratio(sum(above), sum(below))"""
        return Formula(Call("ratio", (_sum(*self.above), _sum(self.below))), "sums")

    def value(self, sums: Sums) -> float | None:
        """The ratio of sums; None when a field is not known or nothing stands below."""
        below = sums[self.below]
        above = [sums[name] for name in self.above]
        if not below or None in above:
            return None
        return sum(part for part in above if part is not None) / below


@dataclass(frozen=True)
class MedianOfWorks:
    """The median over the works published in a window of a field's total since publication. Its sample is the works."""

    field: str

    @property
    def formula(self) -> Formula:
        """median(field)"""
        return Formula(Call("median", (Field(self.field),)), "work")

    def value(self, totals: Sequence[float | None], days: int) -> float | None:
        """The median of the totals that are known; None without any."""
        known = [total for total in totals if total is not None]
        return float(median(known)) if known else None


@dataclass(frozen=True)
class WorksAWeek:
    """Works published in a window, to the week of seven days. Its sample is the works."""

    field: str = "play"

    @property
    def formula(self) -> Formula:
        """per_week(count())"""
        return Formula(Call("per_week", (Call("count", ()),)), "work")

    def value(self, totals: Sequence[float | None], days: int) -> float | None:
        """Works × 7 ÷ days, with or without known totals."""
        return len(totals) * 7 / days


@dataclass(frozen=True)
class WorksPublished:
    """How many works were published in a window. Its sample is the works."""

    field: str = "play"

    @property
    def formula(self) -> Formula:
        """count()"""
        return Formula(Call("count", ()), "work")

    def value(self, totals: Sequence[float | None], days: int) -> float | None:
        """The works, with or without known totals."""
        return float(len(totals))


DayFormula = Total | Ratio
WorkFormula = MedianOfWorks | WorksAWeek | WorksPublished


def _sum(*fields: str) -> Expression:
    parts: list[Expression] = [Field(name) for name in fields]
    return Call("sum", (reduce(lambda left, right: Binary("+", left, right), parts),))
