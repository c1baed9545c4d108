"""Metrics as Ibis expressions, for queries over many creators: a board of any metric is one query."""

import ibis.expr.types as ir

from assistant.creators.catalogue import Metric
from assistant.creators.language.compiling import base_of, value_of


def metric_expression(
    metric: Metric, rows: ir.Table, width: int | None = None, each: bool = False
) -> ir.FloatingValue:
    """The metric's number over `rows`, built-in or custom, for `rows.agg(…)` and `rows.group_by(…).agg(…)`.

    `rows` has the columns that `language.trees.every_field(metric.expression)` names, on one basis and source a group.
    What a row must be stands in `metric.expression.rows`: "sums": rows of `daily_sums`, or sums of such rows with the
    same `known`; "day": `windows.day_rows`; "work": rows of `lifetimes`. `rows` holds the rows of the window; or it
    reaches further back and has a column `back`, how many days before the window's last day a row lies, as a metric
    needs of which `language.trees.looks_back` is true. `width` is the days of the window. Raises BadInput when the
    metric needs `width` or `back` and has none.
    """
    return value_of(metric.expression, rows, width, each)


def metric_base(
    metric: Metric, rows: ir.Table, width: int | None = None, each: bool = False
) -> ir.NumericValue:
    """What the number rests on, to hold against `metric.minimum_base`: the denominator of a ratio of counts, else works
    or days (of "sums" by a column `day`)."""
    return base_of(metric.expression, rows, width, each)
