"""Random formulas, and what they mean computed directly in plain Python."""

import math
from collections.abc import Callable
from decimal import Decimal
from statistics import mean, median
from typing import Any

from hypothesis import strategies as st

from assistant.creators.language.trees import Binary, Call, Expression, Field, Name, Number, Unary, Written

FIELDS = ("like", "play", "share")
Row = dict[str, float | None]

numbers = st.integers(0, 9).map(lambda value: Number(Decimal(value)))
fields = st.sampled_from(FIELDS).map(Field)


def _joined(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    comparisons = st.builds(Binary, st.sampled_from((">", "<", ">=", "<=", "==", "!=")), parts, parts)
    conditions = (
        comparisons
        | st.builds(Binary, st.sampled_from(("and", "or")), comparisons, comparisons)
        | st.builds(Unary, st.just("not"), comparisons)
    )
    return (
        st.builds(Binary, st.sampled_from(("+", "-", "*", "/")), parts, parts)
        | st.builds(Unary, st.just("-"), parts)
        | st.builds(lambda *two: Call("ratio", two), parts, parts)
        | st.builds(lambda *three: Call("if", three), conditions, parts, parts)
    )


row_expressions = st.recursive(fields | numbers, _joined, max_leaves=5)
row_conditions = st.builds(Binary, st.sampled_from((">", "<", "==")), row_expressions, row_expressions)
_days = st.integers(1, 9).map(lambda value: Number(Decimal(value)))
aggregates = (
    st.builds(
        lambda function, inner: Call(function, (inner,)),
        st.sampled_from(("sum", "avg", "median", "min", "max")),
        row_expressions,
    )
    | st.builds(
        lambda inner, share: Call("percentile", (inner, Number(Decimal(share)))), row_expressions, st.integers(0, 100)
    )
    | st.just(Call("count", ()))
    | row_conditions.map(lambda condition: Call("count_if", (condition,)))
    | st.builds(lambda *two: Call("mean_of_ratios", two), row_expressions, row_expressions)
)
shifted = aggregates | st.builds(
    lambda function, inner, days: Call(function, (inner, days)), st.sampled_from(("rolling", "lag")), aggregates, _days
)
# Conditions outside compare whole numbers only: sums of fractions differ in the last digit by their order.
_whole = fields.map(lambda field: Call("sum", (field,))) | st.just(Call("count", ())) | numbers
_outer_conditions = st.builds(Binary, st.sampled_from((">", "<", ">=")), _whole, _whole)
formulas: st.SearchStrategy[Expression] = st.recursive(
    shifted,
    lambda parts: (
        st.builds(Binary, st.sampled_from(("+", "-", "*", "/")), parts, parts)
        | st.builds(lambda *two: Call("ratio", two), parts, parts)
        | st.builds(lambda *two: Call("per_thousand", two), parts, parts)
        | st.builds(lambda *three: Call("if", three), _outer_conditions, parts, parts)
    ),
    max_leaves=3,
)

_names = st.sampled_from(("likes", "播放", "click-through rate", "not_yet", "或许", "by", "3 秒短播率")).map(Name)
_literals = st.builds(
    lambda digits, places, percent: Number(Decimal(digits).scaleb(-places - 2 * percent), percent),
    st.integers(0, 10**6),
    st.integers(0, 4),
    st.booleans(),
)


def _any_parts(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return (
        st.builds(
            Binary,
            st.sampled_from(("+", "-", "*", "/", ">", "<", ">=", "<=", "==", "!=", "and", "or")),
            parts,
            parts,
        )
        | st.builds(Unary, st.sampled_from(("-", "not")), parts)
        | st.builds(lambda name, inner: Call(name, tuple(inner)), st.just("sum"), st.lists(parts, max_size=3))
    )


written_formulas = st.builds(
    Written,
    st.recursive(_names | _literals | st.builds(Name, st.just("plays"), st.integers(1, 99)), _any_parts, max_leaves=12),
    st.none() | st.sampled_from(("互动转粉率", "a b", "or")),
    st.sampled_from((None, "day", "work")),
)


def direct(node: Expression, rows: list[Row], width: int, shift: int = 0, length: int | None = None) -> Any:
    """The value of a formula over rows with `back`, written out once more without Ibis."""
    match node:
        case Call("rolling", (inner, Number(days))):
            return direct(inner, rows, width, shift, int(days))
        case Call("lag", (inner, Number(days))):
            return direct(inner, rows, width, shift + int(days), length)
        case Call("ratio" | "per_thousand" | "if") | Number() | Unary() | Binary():
            return _plain(node, lambda inner: direct(inner, rows, width, shift, length))
    assert isinstance(node, Call)
    days = length or width
    if (shift or length) and not any(row["back"] >= shift + days - 1 for row in rows):
        return None
    inside = [row for row in rows if shift <= row["back"] < shift + days and not row.get("is_reach")]
    if node.function == "count":
        return float(len(inside))
    if node.function == "mean_of_ratios":
        node = Call("avg", (Call("ratio", node.arguments),))
    values = [_cell(node.arguments[0], row) for row in inside]
    if node.function == "count_if":
        return float(sum(value is True for value in values))
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    if node.function == "percentile":
        place = float(node.arguments[1].value) / 100 * (len(known) - 1)
        low, high = known[math.floor(place)], known[math.ceil(place)]
        return low + (high - low) * (place - math.floor(place))
    return {"sum": math.fsum, "avg": mean, "median": median, "min": min, "max": max}[node.function](known)


def _cell(node: Expression, row: Row) -> Any:
    if isinstance(node, Field):
        return row[node.name]
    return _plain(node, lambda inner: _cell(inner, row))


def _plain(node: Expression, inner: Callable[[Expression], Any]) -> Any:
    match node:
        case Number(value):
            return float(value)
        case Unary("-", operand):
            value = inner(operand)
            return None if value is None else -value
        case Unary("not", operand):
            value = inner(operand)
            return None if value is None else not value
        case Binary("and", left, right):
            sides = (inner(left), inner(right))
            return False if False in sides else None if None in sides else True
        case Binary("or", left, right):
            sides = (inner(left), inner(right))
            return True if True in sides else None if None in sides else False
        case Call("if", (condition, yes, no)):
            met = inner(condition)
            return None if met is None else inner(yes) if met else inner(no)
        case Binary(operator, left, right):
            one, other = inner(left), inner(right)
        case Call(_, (left, right)):
            operator, one, other = "/", inner(left), inner(right)
    if one is None or other is None or (operator == "/" and other == 0):
        return None
    if isinstance(node, Call) and node.function == "per_thousand":
        return one / other * 1000
    return {
        "+": lambda: one + other, "-": lambda: one - other, "*": lambda: one * other, "/": lambda: one / other,
        ">": lambda: one > other, "<": lambda: one < other, ">=": lambda: one >= other, "<=": lambda: one <= other,
        "==": lambda: one == other, "!=": lambda: one != other,
    }[operator]()  # fmt: skip
