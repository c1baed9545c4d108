"""From a formula to an Ibis expression. Only numbers and the names of declared columns get into it, never text.

A row counts for a formula when every field that the formula names itself is known in it, so that a ratio divides
numbers of the same rows; a metric that it refers to keeps its own rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from operator import add, and_, ge, gt, le, lt, mul, ne, or_, sub
from operator import eq as equal
from typing import Any

import ibis
import ibis.expr.types as ir

from assistant.creators.language.trees import (
    Binary,
    Call,
    Expression,
    Field,
    Formula,
    Name,
    Number,
    Reference,
    Unary,
    every_field,
    fields_of,
    looks_back,
)
from assistant.creators.language.units import quantity_of
from assistant.errors import BadInput

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": sub, "*": mul, ">": gt, "<": lt, ">=": ge, "<=": le, "==": equal, "!=": ne, "and": and_, "or": or_,
}  # fmt: skip


def value_of(
    formula: Formula, rows: ir.Table, width: int | None = None, each: bool = False
) -> ir.FloatingValue:
    """The formula's number over `rows`, for use in `agg`, grouped or not; null where a denominator is 0.

    With `each` it is a column instead: the number of every row taken alone, which rows of sums have.

    `rows` has a column for each field of the formula: what one row must be is said by `formula.rows`. It holds the rows
    of the window; or it reaches further back and has a column `back`, how many days before the window's last day a row
    lies, as a formula with rolling or lag needs. `width` is the days of the window. Raises BadInput when the formula
    needs `width` or `back` and has none.
    """
    return _aggregate(formula.expression, _Scope(rows, width, rows_known(formula, rows, own=True), is_each=each))


def base_of(formula: Formula, rows: ir.Table, width: int | None = None, each: bool = False) -> ir.NumericValue:
    """What the number rests on: the denominator of a ratio of counts, else the works or the days (see `covered`)."""
    if isinstance(formula.expression, Reference):
        return base_of(formula.expression.meaning, rows, width, each)
    below = counts_below(formula)
    if below is None:
        return covered(formula, rows, width, each)
    return _aggregate(below, _Scope(rows, width, rows_known(formula, rows, own=True), is_each=each))


def counts_below(formula: Formula) -> Expression | None:
    """What stands below the line of a ratio of counts, such as the plays of a completion rate; None for the rest."""
    match formula.expression:
        case Reference(meaning=meaning):
            return counts_below(meaning)
        case Call(function="ratio" | "per_thousand", arguments=(_, below)):
            is_counted = quantity_of(below, formula.rows).powers == (("times", 1),)
            return below if is_counted and not looks_back(formula) else None
    return None


def covered(formula: Formula, rows: ir.Table, width: int | None = None, each: bool = False) -> ir.IntegerValue:
    """How many days or works of the window have every field that it takes. Rows of sums that have no `day` have `days`
    instead, a set of days as the bits of a number: counting those takes a tenth of the time."""
    where = _Scope(rows, width, rows_known(formula, rows)).where()
    if each:
        return ibis.cases((where, bit_count(rows.days)), else_=0)
    if formula.rows != "sums":
        return rows.count(where=where)
    return rows.day.nunique(where=where) if "day" in rows.columns else bit_count(rows.days.bit_or(where=where))


@ibis.udf.scalar.builtin(signature=(("int64",), "int64"))
def bit_count(bits: int) -> int:
    """How many bits are set."""
    raise AssertionError("the database's own function is meant")


def rows_known(formula: Formula, rows: ir.Table, own: bool = False) -> ir.BooleanValue:
    """Whether a row has every field that the formula takes, or only those it names itself."""
    names = fields_of(formula.expression) if own else every_field(formula)
    return reduce(and_, (rows[name].notnull() for name in names), ibis.literal(True))


@dataclass(frozen=True)
class _Scope:
    """The rows that count here, and the window: `length` days from `shift` days before the last day; without a length
    of its own it is as long as the window that is asked about."""

    rows: ir.Table
    width: int | None
    known: ir.BooleanValue
    shift: int = 0
    length: int | None = None
    is_each: bool = False

    @property
    def days(self) -> int:
        """The days of the window."""
        days = self.length or self.width
        if days is None:
            raise BadInput("This metric depends on how many days its window has; give its width.")
        return days

    @property
    def is_moved(self) -> bool:
        """Whether a rolling or a lag stands around."""
        return bool(self.shift) or self.length is not None

    def where(self) -> ir.BooleanValue:
        """The condition for a row to count."""
        is_cut = "back" not in self.rows.columns
        if is_cut and self.is_moved:
            raise BadInput("This metric looks at days before its window; give rows that reach back, with `back`.")
        if is_cut:
            return self.known
        back = self.rows.back
        return self.known & (back >= self.shift) & (back < self.shift + self.days)


def _aggregate(node: Expression, scope: _Scope) -> Any:
    """One number, or one condition, of all rows."""
    match node:
        case Reference(meaning=meaning):
            return _aggregate(meaning.expression, replace(scope, known=rows_known(meaning, scope.rows, own=True)))
        case Call(function="rolling", arguments=(inner, Number(value=days))):
            # A rolling window within a rolling window is its own.
            return _aggregate(inner, replace(scope, length=int(days)))
        case Call(function="lag", arguments=(inner, Number(value=days))):
            return _aggregate(inner, replace(scope, shift=scope.shift + int(days)))
        case Call(function="days"):
            return ibis.literal(float(scope.days))
        case Call(function="per_week", arguments=(works,)):
            return _aggregate(works, scope) * 7 / float(scope.days)
        case Call(function="ratio" | "per_thousand" | "if"):
            return _anywhere(node, lambda inner: _aggregate(inner, scope))
        case Call():
            return _reaching(_over_rows(node, scope), scope)
        case _:
            return _anywhere(node, lambda inner: _aggregate(inner, scope))


def _over_rows(node: Call, scope: _Scope) -> Any:
    where = scope.where()
    arguments = [_row(argument, scope.rows) for argument in node.arguments]
    match node.function:
        case "sum" if scope.is_each:
            return ibis.cases((where, arguments[0]), else_=ibis.null("float64"))
        case "sum":
            return arguments[0].sum(where=where)
        case "avg":
            return arguments[0].mean(where=where)
        case "median":
            return arguments[0].median(where=where).cast("float64")
        case "percentile":
            share = node.arguments[1]
            assert isinstance(share, Number)
            return arguments[0].quantile(float(share.value / 100), where=where).cast("float64")
        case "min":
            return arguments[0].min(where=where)
        case "max":
            return arguments[0].max(where=where)
        case "count":
            return scope.rows.count(where=where).cast("float64")
        case "count_if":
            return scope.rows.count(where=where & arguments[0]).cast("float64")
        case "mean_of_ratios":
            return _divided(*arguments).mean(where=where)
    raise AssertionError(f"{node.function} is no function over rows")


def _reaching(value: Any, scope: _Scope) -> Any:
    """Null where the data begin within a moved window: a part of it would be taken for the whole."""
    if not scope.is_moved:
        return value
    oldest = scope.rows.back.max()
    return ibis.cases((oldest >= scope.shift + scope.days - 1, value), else_=ibis.null("float64"))


def _row(node: Expression, rows: ir.Table) -> Any:
    """A column: one number, or one condition, of each row."""
    value = _cell(node, rows)
    if isinstance(value, ir.Scalar):
        return ibis.cases((rows[rows.columns[0]].isnull(), value), else_=value)
    return value


def _cell(node: Expression, rows: ir.Table) -> Any:
    if isinstance(node, Field):
        return rows[node.name].cast("float64")
    return _anywhere(node, lambda inner: _cell(inner, rows))


def _anywhere(node: Expression, inner: Callable[[Expression], Any]) -> Any:
    """What means the same of a row and of all rows."""
    match node:
        case Number(value=value):
            return ibis.literal(float(value))
        case Unary(operator="-", operand=operand):
            return -inner(operand)
        case Unary(operand=operand):
            return ~inner(operand)
        case Binary(operator="/", left=left, right=right):
            return _divided(inner(left), inner(right))
        case Binary(operator=operator, left=left, right=right):
            return _OPERATORS[operator](inner(left), inner(right))
        case Call(function="ratio", arguments=(above, below)):
            return _divided(inner(above), inner(below))
        case Call(function="per_thousand", arguments=(above, below)):
            return _divided(inner(above), inner(below)) * 1000.0
        case Call(function="if", arguments=(condition, yes, no)):
            met = inner(condition)
            # An unknown condition leaves the result unknown.
            return ibis.cases((met, inner(yes)), (~met, inner(no)), else_=ibis.null("float64"))
        case Name() | _:
            raise AssertionError("only checked formulas are compiled")


def _divided(above: Any, below: Any) -> Any:
    return above / below.nullif(0.0)
