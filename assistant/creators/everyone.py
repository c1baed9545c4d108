"""Metrics of many creators over one window, a query a metric: leaderboards, peers and programs read from here.

The number of each creator is the one that `metrics.measure` gives: on one basis and one source, the one that tells most
of the window.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators.catalogue import Metric
from assistant.creators.derived import CREATOR_DAYS, DAY_BASES
from assistant.creators.expressions import metric_base, metric_expression
from assistant.creators.language.compiling import covered
from assistant.creators.language.trees import every_field, looks_back
from assistant.creators.warehouse import Warehouse, Workbench
from assistant.creators.windows import day_rows, work_rows
from assistant.errors import BadInput

# The days of a window are kept as the bits of a number of 64; the last two are left alone.
_LONGEST_IN_BITS = 62


@dataclass(frozen=True)
class Measured:
    """A metric's value, in its unit, and what it rests on: what `Figure.value` and `Figure.n` are."""

    value: float
    n: int


def measure_everyone(
    warehouse: Warehouse, metrics: Sequence[Metric], start: date, end: date, creators: Collection[str] | None = None
) -> dict[str, dict[str, Measured]]:
    """Several metrics of many creators over [start, end], both days included: by `Metric.name`, then by creator.

    `creators` are the ids wanted, None means everybody. Whoever has no number is left out. A thousand creators take
    little longer than one. Raises BadInput when the window ends before it starts.
    """
    with warehouse.workbench() as bench:
        numbers = values_of(bench, warehouse, metrics, start, end, creators)
        return {
            metric.name: {row["creator_id"]: Measured(row["value"], round(row["base"])) for row in bench.rows(values)}
            for metric, values in numbers
        }


def values_of(
    bench: Workbench,
    warehouse: Warehouse,
    metrics: Sequence[Metric],
    start: date,
    end: date,
    creators: Collection[str] | None = None,
) -> Iterator[tuple[Metric, ir.Table]]:
    """The same as tables with `creator_id`, `value` and `base`, for further steps on `bench`."""
    if end < start:
        raise BadInput(f"The window ends ({end}) before it starts ({start}); swap the two days.")
    wanted = None
    if creators is not None:
        wanted = bench.offer("wanted", pa.table({"creator_id": pa.array(sorted(set(creators)), pa.string())}))
    width = (end - start).days + 1
    summed = [metric for metric in metrics if _is_summed(metric, width)]
    sums = bench.keep("window_sums", _sums(_of(warehouse.daily_sums, wanted), summed, start, end)) if summed else None
    for metric in metrics:
        rows = sums if metric in summed else _rows(warehouse, metric, start, end, wanted)
        assert rows is not None
        yield metric, _best(rows, metric, width)


def numbers_together(
    bench: Workbench,
    warehouse: Warehouse,
    metrics: Sequence[Metric],
    start: date,
    end: date,
    creators: Collection[str] | None = None,
) -> Iterator[ir.Table]:
    """The numbers of many creators in as few tables as there are kinds of rows, for queries that need many at once.

    Each has `creator_id`, and `value_i` and `base_i` of some of the metrics, i counting from 0; of the last 62 days of
    the window at most. No metric may look back before its window.
    """
    wanted = None
    if creators is not None:
        wanted = bench.offer("wanted", pa.table({"creator_id": pa.array(sorted(set(creators)), pa.string())}))
    summed = [metric for metric in metrics if metric.expression.rows == "sums"]
    sums = bench.keep("together", _sums(_of(warehouse.daily_sums, wanted), summed, start, end)) if summed else None
    width = (end - start).days + 1
    for part in _alike(metrics):
        first = part[0][1]
        rows = sums if first.expression.rows == "sums" else _rows(warehouse, first, start, end, wanted)
        assert rows is not None
        yield _best_of_all(rows, part, width, "creator_id")


def numbers_of_spans(
    bench: Workbench, warehouse: Warehouse, metrics: Sequence[Metric], spans: pa.Table, width: int
) -> Iterator[ir.Table]:
    """The same where every creator has days of their own; with `span` in place of the creator.

    `spans` has the columns `span` (a number that tells spans apart), `creator_id`, `first_day` and `last_day`, both
    included; none is longer than 62 days. `width` is the days of each, for metrics that need to know.
    """
    wanted = bench.offer("spans", spans)
    summed = [metric for metric in metrics if metric.expression.rows == "sums"]
    if summed:
        fields = sorted({name for metric in summed for name in every_field(metric.expression)})
        days = _within(warehouse.daily_sums, wanted)
        bit = ibis.literal(1, "int64") << days.last_day.delta(days.day, unit="day")
        sums = days.group_by("span", "basis", "source", "known").agg(
            imported_at=days.imported_at.max(), days=bit.bit_or(), **{name: days[name].sum() for name in fields}
        )
        sums = bench.keep("span_sums", sums)
    for part in _alike(metrics):
        formula = part[0][1].expression
        if formula.rows == "sums":
            rows = sums
        elif formula.rows == "work":
            rows = _within(work_rows(warehouse.lifetimes, formula, date.max).drop("back"), wanted)
        else:
            days = _within(warehouse.daily_sums, wanted)
            # Each span has its own copy of a day, so a day of a span is made like a day of a creator.
            rows = day_rows(days.mutate(creator_id=days.span.cast("string")), formula)
            rows = rows.mutate(span=rows.creator_id.cast("int64"))
        yield _best_of_all(rows, part, width, "span")


def _alike(metrics: Sequence[Metric]) -> list[list[tuple[int, Metric]]]:
    """The metrics with their places, together those that are computed from the very same rows."""
    found: dict[object, list[tuple[int, Metric]]] = {}
    for place, metric in enumerate(metrics):
        rows, fields = metric.expression.rows, every_field(metric.expression)
        same = rows if rows == "sums" else (rows, fields)
        found.setdefault(same, []).append((place, metric))
    return list(found.values())


def _best_of_all(rows: ir.Table, metrics: list[tuple[int, Metric]], width: int, key: str) -> ir.Table:
    """`_best` of several metrics in one pass over the rows."""
    numbers: dict[str, ir.Value] = {"imported_at": rows.imported_at.max()}
    for place, metric in metrics:
        numbers[f"value_{place}"] = metric_expression(metric, rows, width).cast("float64")
        numbers[f"base_{place}"] = metric_base(metric, rows, width).cast("float64")
        numbers[f"covered_{place}"] = covered(metric.expression, rows, width)
    told = rows.group_by(key, "basis", "source").agg(**numbers)
    best: dict[str, ir.Value] = {}
    for place, _ in metrics:
        value, days = told[f"value_{place}"], told[f"covered_{place}"]
        known = (days > 0) & value.notnull() & ~value.isnan() & ~value.isinf()
        rank = _rank(told, days)
        best[f"value_{place}"] = value.argmax(rank, where=known)
        best[f"base_{place}"] = told[f"base_{place}"].argmax(rank, where=known)
    return told.group_by(key).agg(**best)


def _within(rows: ir.Table, spans: ir.Table) -> ir.Table:
    """The rows of each span's creator and days, with the span."""
    days = [rows.creator_id == spans.creator_id, rows.day >= spans.first_day, rows.day <= spans.last_day]
    return rows.join(spans, days).drop("creator_id_right", "first_day")


def _is_summed(metric: Metric, width: int) -> bool:
    """Whether it is computed from sums over the window that all such metrics share."""
    formula = metric.expression
    return formula.rows == "sums" and not looks_back(formula) and width <= _LONGEST_IN_BITS


def _sums(days: ir.Table, metrics: Sequence[Metric], start: date, end: date) -> ir.Table:
    """The sums of the fields that the metrics take, one row a creator, basis, source and set of known fields; in `days`
    the bit k is set when the row rests on the day k before `end`."""
    fields = sorted({name for metric in metrics for name in every_field(metric.expression)})
    days = days.filter(days.day.between(start, end))
    bit = ibis.literal(1, "int64") << ibis.literal(end).delta(days.day, unit="day")
    return days.group_by("creator_id", "basis", "source", "known").agg(
        imported_at=days.imported_at.max(), days=bit.bit_or(), **{name: days[name].sum() for name in fields}
    )


def _rows(warehouse: Warehouse, metric: Metric, start: date, end: date, wanted: ir.Table | None) -> ir.Table:
    """The rows of the window that a metric takes, or all up to its end where it looks further back."""
    formula = metric.expression
    if formula.rows == "work":
        rows = work_rows(_of(warehouse.lifetimes, wanted), formula, end)
    else:
        days = _of(warehouse.daily_sums, wanted)
        days = days.filter(days.day <= end)
        rows = day_rows(days, formula) if formula.rows == "day" else days
        rows = rows.mutate(back=ibis.literal(end).delta(rows.day, unit="day"))
    return rows if looks_back(formula) else rows.filter(rows.day >= start).drop("back")


def _of(rows: ir.Table, wanted: ir.Table | None) -> ir.Table:
    return rows if wanted is None else rows.semi_join(wanted, "creator_id")


def _best(rows: ir.Table, metric: Metric, width: int) -> ir.Table:
    """Each creator's number on the basis and source that `windows.preferred` prefers."""
    told = rows.group_by("creator_id", "basis", "source").agg(
        value=metric_expression(metric, rows, width).cast("float64"),
        base=metric_base(metric, rows, width).cast("float64"),
        covered=covered(metric.expression, rows, width),
        imported_at=rows.imported_at.max(),
    )
    told = told.filter(told.covered > 0, told.value.notnull(), ~told.value.isnan(), ~told.value.isinf())
    rank = _rank(told, told.covered)
    return told.group_by("creator_id").agg(value=told.value.argmax(rank), base=told.base.argmax(rank))


def _rank(told: ir.Table, covered: ir.Value) -> ir.IntegerColumn:
    """The order of `windows.preferred` as one number: daily, days or works covered, the platform's own sum, import."""
    is_daily = told.basis.isin(DAY_BASES).cast("int64")
    is_own = (told.basis == CREATOR_DAYS).cast("int64")
    covering = is_daily * 2**20 + covered.cast("int64")
    return (covering * 2 + is_own) * 2**34 + told.imported_at.epoch_seconds().cast("int64")
