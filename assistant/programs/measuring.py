"""What a goal is measured by: metrics over the days that count, and what somebody's own rate makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pyarrow as pa

from assistant.creators.catalogue import Metric
from assistant.creators.everyone import numbers_of_spans
from assistant.creators.language.trees import Call, Formula, Reference, every_field
from assistant.creators.language.units import is_total
from assistant.creators.warehouse import Warehouse

SPANS = pa.schema(
    [("span", pa.int64()), ("creator_id", pa.string()), ("first_day", pa.date32()), ("last_day", pa.date32())]
)
Growth = Literal["own hands", "total", "level"]


@dataclass(frozen=True)
class Measured:
    """A metric over some days: the number, None where nothing is known, and what it rests on."""

    value: float | None = None
    base: int = 0


def growth_of(formula: Formula) -> Growth:
    """How a number comes about: by publishing alone; by adding up day by day; or it is a level, such as a rate."""
    if formula.rows == "work" and not every_field(formula):
        return "own hands"
    if is_total(formula.expression, formula.rows):
        return "total"
    expression = formula.expression
    while isinstance(expression, Reference):
        expression = expression.meaning.expression
    adds_up = isinstance(expression, Call) and expression.function in ("sum", "count", "count_if")
    return "total" if adds_up else "level"


def spans_of(rows: list[tuple[int, str, date, date]]) -> pa.Table:
    """Who, from which day to which day, both included, under a number."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, SPANS.types, strict=True)]
    return pa.table(arrays, schema=SPANS)


def measure_span(
    warehouse: Warehouse, creator: str, metrics: Mapping[str, Metric], first: date, last: date, width: int | None = None
) -> dict[str, Measured]:
    """The metrics of one creator over some days, by the names given to them. `width`: of a longer window that these
    days are the beginning of."""
    found = dict.fromkeys(metrics, Measured())
    if last < first:
        return found
    with warehouse.workbench() as bench:
        spans, days = spans_of([(0, creator, first, last)]), width or (last - first).days + 1
        for table in numbers_of_spans(bench, warehouse, list(metrics.values()), spans, days):
            for row in bench.rows(table):
                for place, name in enumerate(metrics):
                    if row.get(f"value_{place}") is not None:
                        found[name] = Measured(row[f"value_{place}"], round(row[f"base_{place}"]))
    return found
