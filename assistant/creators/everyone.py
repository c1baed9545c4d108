"""Metrics and followers of many creators at once: leaderboards, peers and programs read from here.

The numbers of each creator are the very ones that `metrics.measure` and `followers.follower_series` give: on one basis
and one source, the one that tells most.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators.catalogue import Metric
from assistant.creators.derived import CREATOR_DAYS, DAY_BASES, net_of
from assistant.creators.expressions import metric_base, metric_expression
from assistant.creators.language.compiling import covered
from assistant.creators.language.trees import every_field, looks_back
from assistant.creators.warehouse import Warehouse, Workbench
from assistant.creators.windows import day_rows, work_rows
from assistant.errors import BadInput

# The days of a window are kept as the bits of a number of 64; the last two are left alone.
_LONGEST_IN_BITS = 62
_SECONDS_BITS = 34  # enough for any moment


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


def followers_of_everyone(
    warehouse: Warehouse, day: date, creators: Collection[str] | None = None
) -> dict[str, int]:
    """The last known followers up to `day` by creator. Whoever has none known is left out."""
    with warehouse.workbench() as bench:
        rows = bench.rows(followers_at(bench, warehouse, day, creators))
    return {row["creator_id"]: row["followers"] for row in rows}


def values_of(
    bench: Workbench,
    warehouse: Warehouse,
    metrics: Sequence[Metric],
    start: date,
    end: date,
    creators: Collection[str] | None = None,
) -> Iterator[tuple[Metric, ir.Table]]:
    """What `measure_everyone` gives as tables with `creator_id`, `value` and `base`, for further steps on `bench`. In
    no certain order."""
    for part, numbers in _parts(bench, warehouse, metrics, start, end, creators):
        for place, metric in part:
            told = numbers.filter(numbers[f"value_{place}"].notnull())
            yield metric, told.select("creator_id", value=told[f"value_{place}"], base=told[f"base_{place}"])


def numbers_together(
    bench: Workbench,
    warehouse: Warehouse,
    metrics: Sequence[Metric],
    start: date,
    end: date,
    creators: Collection[str] | None = None,
) -> Iterator[ir.Table]:
    """The numbers of many creators in as few tables as there are kinds of rows, for queries that need many at once.

    Each has `creator_id`, and `value_i` and `base_i` of some of the metrics, i counting from 0.
    """
    for _, numbers in _parts(bench, warehouse, metrics, start, end, creators):
        yield numbers


def numbers_of_spans(
    bench: Workbench, warehouse: Warehouse, metrics: Sequence[Metric], spans: pa.Table, width: int
) -> Iterator[ir.Table]:
    """The same where every creator has days of their own; with `span` in place of the creator.

    `spans` has the columns `span` (a number that tells spans apart), `creator_id`, `first_day` and `last_day`, both
    included; none is longer than 62 days. `width` is the days of each, for metrics that need to know. No metric may
    look back before its window.
    """
    wanted = bench.offer("spans", spans)
    summed = [metric for metric in metrics if metric.expression.rows == "sums"]
    if summed:
        days = _within(warehouse.daily_sums, wanted)
        bit = _bit(days.last_day.delta(days.day, unit="day"))
        sums = bench.keep("span_sums", _summed(days, summed, bit, "span"))
    for part in _alike(metrics, width):
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
        yield _best(rows, part, width, "span")


def followers_at(
    bench: Workbench, warehouse: Warehouse, day: date, creators: Collection[str] | None = None
) -> ir.Table:
    """What `followers_of_everyone` gives as a table with `creator_id` and `followers`."""
    rows = _of(warehouse.creator_days, _offered(bench, creators))
    rows = rows.filter(rows.day <= day)
    rows = rows.select("creator_id", "source", "day", "imported_at", "followers", net=net_of(rows))
    rows = rows.filter(rows.net.notnull() | rows.followers.notnull())
    told = rows.group_by("creator_id", "source").agg(
        followers=rows.followers.argmax(rows.day), counted=rows.net.sum(), days=rows.count(),
        imported_at=rows.imported_at.max(),
    )  # fmt: skip
    rank = told.days * 2**_SECONDS_BITS + told.imported_at.epoch_seconds().cast("int64")
    followers = ibis.coalesce(told.followers, told.counted).cast("int64")
    return told.group_by("creator_id").agg(followers=arg_max(followers.cast("float64"), rank).cast("int64"))


def _offered(bench: Workbench, creators: Collection[str] | None) -> ir.Table | None:
    if creators is None:
        return None
    return bench.offer("wanted", pa.table({"creator_id": pa.array(sorted(set(creators)), pa.string())}))


def _of(rows: ir.Table, wanted: ir.Table | None) -> ir.Table:
    return rows if wanted is None else rows.semi_join(wanted, "creator_id")


# The places of metrics among those asked for, with the metrics.
_Part = list[tuple[int, Metric]]


def _parts(
    bench: Workbench,
    warehouse: Warehouse,
    metrics: Sequence[Metric],
    start: date,
    end: date,
    creators: Collection[str] | None,
) -> Iterator[tuple[_Part, ir.Table]]:
    """The metrics that are computed from the same rows, with everybody's numbers of them."""
    if end < start:
        raise BadInput("The window ends ({end}) before it starts ({start}); swap the two days.", end=end, start=start)
    wanted = _offered(bench, creators)
    width = (end - start).days + 1
    for part in _alike(metrics, width):
        if not _is_summed(part[0][1], width):
            yield part, _best(_rows(warehouse, part[0][1], start, end, wanted), part, width, "creator_id")
            continue
        days = _of(warehouse.daily_sums, wanted)
        days = days.filter(days.day.between(start, end))
        bit = _bit(ibis.literal(end).delta(days.day, unit="day"))
        window = f"{start:%Y%m%d}_{end:%Y%m%d}"
        sums = bench.keep(f"sums_{window}", _summed(days, [metric for _, metric in part], bit, "creator_id"))
        yield part, bench.keep(f"numbers_{window}", _of_sums(bench, sums, part, width))


def _alike(metrics: Sequence[Metric], width: int) -> list[_Part]:
    """The metrics with their places, together those that are computed from the very same rows."""
    found: dict[object, _Part] = {}
    for place, metric in enumerate(metrics):
        formula = metric.expression
        fields = () if _is_summed(metric, width) else every_field(formula)
        found.setdefault((formula.rows, looks_back(formula), fields), []).append((place, metric))
    return list(found.values())


def _is_summed(metric: Metric, width: int) -> bool:
    """Whether it is computed from sums over the window that all such metrics share."""
    formula = metric.expression
    return formula.rows == "sums" and not looks_back(formula) and width <= _LONGEST_IN_BITS


def _bit(place: ir.IntegerValue) -> ir.Value:
    """2 to the power of `place`, shifted down from above: PostgreSQL takes a small literal for one of 32 bits."""
    return ibis.literal(2**_LONGEST_IN_BITS, "int64") >> (_LONGEST_IN_BITS - place).cast("int32")


def _summed(days: ir.Table, metrics: Sequence[Metric], bit: ir.Value, key: str) -> ir.Table:
    """The sums of the fields that the metrics take, one row a key, basis, source and set of known fields; `days` is the
    set of the days that a row rests on, each as its `bit`."""
    fields = sorted({name for metric in metrics for name in every_field(metric.expression)})
    return days.group_by(key, "basis", "source", "known").agg(
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


def _within(rows: ir.Table, spans: ir.Table) -> ir.Table:
    """The rows of each span's creator and days, with the span."""
    days = [rows.creator_id == spans.creator_id, rows.day >= spans.first_day, rows.day <= spans.last_day]
    return rows.join(spans, days).drop("creator_id_right", "first_day")


def _of_sums(bench: Workbench, sums: ir.Table, part: _Part, width: int) -> ir.Table:
    """What `_best` gives. Most creators have one row of sums: there is nothing to choose or to add up."""
    several = sums.group_by("creator_id").agg(rows=sums.count())
    several = bench.keep("several", several.filter(several.rows > 1).select("creator_id"))
    alone, chosen = sums, None
    if bench.rows(several.agg(count=several.count()))[0]["count"]:
        alone = sums.anti_join(several, "creator_id")
        chosen = _best(sums.semi_join(several, "creator_id"), part, width, "creator_id")
    values = {place: metric_expression(metric, alone, width, each=True) for place, metric in part}
    bases = {place: metric_base(metric, alone, width, each=True) for place, metric in part}
    single = alone.select(
        "creator_id",
        **{f"value_{place}": _finite(value.cast("float64")) for place, value in values.items()},
        **{f"base_{place}": base.cast("float64") for place, base in bases.items()},
    )
    return single if chosen is None else ibis.union(single, chosen.select(*single.columns))


def _best(rows: ir.Table, part: _Part, width: int, key: str) -> ir.Table:
    """The numbers of every key, each on the basis and source that `windows.preferred` prefers, in one pass: to group a
    million creators takes longer than to add up their numbers."""
    numbers: dict[str, ir.Value] = {"imported_at": rows.imported_at.max()}
    for place, metric in part:
        numbers[f"value_{place}"] = metric_expression(metric, rows, width).cast("float64")
        numbers[f"base_{place}"] = metric_base(metric, rows, width).cast("float64")
        numbers[f"covered_{place}"] = covered(metric.expression, rows, width)
    told = rows.group_by(key, "basis", "source").agg(**numbers)
    best: dict[str, ir.Value] = {}
    for place, _ in part:
        value, covering = _finite(told[f"value_{place}"]), told[f"covered_{place}"]
        rank = ibis.cases((value.notnull() & (covering > 0), _rank(told, covering)), else_=ibis.null("int64"))
        best[f"value_{place}"] = arg_max(value, rank)
        best[f"base_{place}"] = arg_max(told[f"base_{place}"], rank)
    return told.group_by(key).agg(**best)


def _finite(value: ir.Value) -> ir.Value:
    return ibis.cases((~value.isnan() & ~value.isinf(), value), else_=ibis.null("float64"))


@ibis.udf.agg.builtin
def arg_max(value: float, rank: int) -> float:  # type: ignore[empty-body]
    """The value of the highest rank, of those that have one. Ibis would sort, which takes ten times as long."""


def _rank(told: ir.Table, covering: ir.Value) -> ir.Value:
    """The order of `windows.preferred` as one number: daily, days or works covered, the platform's own sum, import.

    Only the last word is missing: of two sources that cover the same and were imported in the same second, the database
    takes either. To tell them apart by name would cost another pass over everybody's rows.
    """
    is_daily = told.basis.isin(DAY_BASES).ifelse(1, 0)
    is_own = (told.basis == CREATOR_DAYS).ifelse(1, 0)
    ahead = (covering.cast("int64") + is_daily * 2**20) * 2 + is_own
    return ahead * 2**_SECONDS_BITS + told.imported_at.epoch_seconds().cast("int64")
