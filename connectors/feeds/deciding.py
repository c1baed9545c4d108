"""What only a whole column shows: which comes first in its dates, day or month, and whether its rates are percent.

One clear cell decides for the column. Where none is clear the import stops and asks; it never guesses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from assistant.errors import BadInput
from connectors.feeds import cells
from connectors.feeds.cells import DayOrder, UnreadableCell

RateUnit = Literal["percent", "fraction"]
# So many cells are looked through for a line to show.
Cells = Iterable[tuple[int, object]]


@dataclass(frozen=True)
class Choices:
    """What whoever imports says of a file, where its cells can be read two ways."""

    dates: DayOrder | None = None
    rates: RateUnit | None = None


def day_order(column: str, values: Cells, chosen: DayOrder | None) -> tuple[DayOrder | None, str | None]:
    """The order of dates such as 05-08-2020 in a column, and a sentence on what decided it; None without such dates.

    Raises BadInput when nothing decides, or one cell says this and another that.
    """
    decided: dict[DayOrder, tuple[int, object]] = {}
    unclear: tuple[int, object, tuple[int, int, int]] | None = None
    for line, value in values:
        numbers = cells.numeric_date(value)
        if numbers is None or numbers[0] == numbers[1]:
            continue
        if numbers[0] > 12:
            decided.setdefault("day-first", (line, value))
        elif numbers[1] > 12:
            decided.setdefault("month-first", (line, value))
        elif unclear is None:
            unclear = line, value, numbers
    if chosen is not None:
        return chosen, None
    if len(decided) == 2:
        told = " and ".join(f"{value!r} (line {line}) {order}" for order, (line, value) in decided.items())
        raise BadInput(f"The dates of {column!r} are mixed: {told}; write them as 2020-05-08.")
    if decided:
        order, (line, value) = next(iter(decided.items()))
        told = f"The dates of {column!r} were read {order.replace('-', ' ')}, which {value!r} (line {line}) shows."
        return order, told if unclear else None
    if unclear is None:
        return None, None
    line, value, (first, second, year) = unclear
    raise BadInput(
        f"The dates of {column!r} can be read two ways: {value!r} (line {line}) is {year}-{first:02d}-{second:02d} "
        f"month first or {year}-{second:02d}-{first:02d} day first; add --dates month-first or --dates day-first."
    )


def rate_unit(column: str, values: Cells, chosen: RateUnit | None) -> tuple[RateUnit, str | None]:
    """Whether the bare numbers of a column of rates are percent (22.1) or fractions (0.221), and a sentence on it.

    Raises BadInput when some are above 1 and some are not, for then either may be meant.
    """
    small: tuple[int, object] | None = None
    large: tuple[int, object] | None = None
    for line, value in values:
        if cells.has_percent_sign(value):
            continue
        try:
            read = cells.number(value)
        except UnreadableCell:
            continue
        if read is None or read == 0:
            continue
        if abs(read) > 1:
            large = large or (line, value)
        else:
            small = small or (line, value)
    if chosen is not None:
        return chosen, None
    if small and large:
        raise BadInput(
            f"The rates of {column!r} can be read two ways: {small[1]} (line {small[0]}) is a fraction, or a small "
            f"percentage beside {large[1]} (line {large[0]}); add --rates percent, --rates fraction or mend the file."
        )
    if large:
        return "percent", None
    told = f"{column!r} was read as fractions: {small[1]} (line {small[0]}) is {_shown(small[1])}." if small else None
    return "fraction", told


def _shown(value: object) -> str:
    read = cells.number(value) or 0.0
    return f"{read * 100:.4g} %"
