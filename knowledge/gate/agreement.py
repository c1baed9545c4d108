"""Whether two quantities can be compared, and whether they can both be true."""

from math import isclose

from knowledge.gate.quantities import Quantity

ROUNDING = 0.02  # 一个月 against 30 天, 12 个月 against 一年
ROUGHLY = 0.15  # what 约, 近 and about allow


def is_comparable(one: Quantity, other: Quantity) -> bool:
    """Whether they count the same unit by a base of the same unit."""
    if one.unit != other.unit or (one.per is None) != (other.per is None):
        return False
    return one.per is None or other.per is None or one.per[1] == other.per[1]


def are_equal(one: Quantity, other: Quantity) -> bool:
    """Whether two comparable quantities say the same value: 每千次 2 元 and 每万次 20 元 do."""
    if one.unit == "day":
        return _same_day(one.low, other.low) and _same_day(one.high, other.high)
    factor = _factor(one, other)
    return _close(one.low, other.low * factor) and _close(one.high, other.high * factor)


def are_in_conflict(one: Quantity, other: Quantity) -> bool:
    """Whether two comparable quantities of the same thing cannot both be right.

    A least and a most are different limits; a value inside the other's range, or below the other's most, agrees.
    """
    if are_equal(one, other) or (
        {one.bound, other.bound} == {"min", "max"} and not one.is_range and not other.is_range
    ):
        return False
    if one.is_range != other.is_range:
        ends, point = (one, other) if one.is_range else (other, one)
        return not _lies_in(point, ends)
    factor = 1.0 if one.unit == "day" else _factor(one, other)
    mine, theirs = one.high, other.high * factor
    if (one.bound, other.bound) == ("max", "") and theirs < mine:
        return False
    if (one.bound, other.bound) == ("", "max") and mine < theirs:
        return False
    if one.is_loose or other.is_loose:
        return abs(mine - theirs) > ROUGHLY * max(mine, theirs)
    return True


def _lies_in(point: Quantity, ends: Quantity) -> bool:
    if point.unit == "day":
        return ends.low % 10000 <= point.low % 10000 <= ends.high % 10000
    value = point.high * _factor(ends, point)
    return ends.low * (1 - ROUNDING) <= value <= ends.high * (1 + ROUNDING)


def _factor(one: Quantity, other: Quantity) -> float:
    """What brings the other's value to the base of the first."""
    return one.per[0] / other.per[0] if one.per and other.per else 1.0


def _close(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=ROUNDING)


def _same_day(one: float, other: float) -> bool:
    years = {int(day) // 10000 for day in (one, other)} - {0}
    return int(one) % 10000 == int(other) % 10000 and len(years) < 2
