"""What a metric says of single works."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from assistant.creators.catalogue import Metric
from assistant.creators.diagnosis import GROWN_DAYS
from assistant.creators.digest import SETTLED
from assistant.creators.formulas import DayFormula, Ratio
from assistant.creators.language.compiling import base_of, value_of
from assistant.creators.language.trees import Formula, calls_of, definitions_in, every_field
from assistant.creators.language.units import is_total
from assistant.creators.warehouse import Row, Warehouse
from assistant.creators.windows import creator_rows
from assistant.creators.works import Work, works_between

_Telling = Callable[[Work], tuple[float | None, float | None]]


@dataclass(frozen=True)
class Judged:
    """A work that is old enough, and what a metric says of it."""

    work: Work
    value: float


def can_be_judged_by_work(metric: Metric) -> bool:
    """Whether a single work has a value of the metric: one over several works or over days of its own has none."""
    return metric.grain == "work and day" and is_of_each(metric.expression)


def judged(warehouse: Warehouse, creator: str, metric: Metric, today: date) -> list[Judged]:
    """A creator's works with what the metric says of each, the newest first. A rate counts after 48 hours and from its
    minimum base on; a total only when the work is a week old, for until then it still grows."""
    if not can_be_judged_by_work(metric):
        return []
    formula = metric.expression
    age = timedelta(days=GROWN_DAYS) if is_total(formula.expression, formula.rows) else SETTLED
    now, told, found = datetime.combine(today, time()), _telling(warehouse, creator, metric, today), []
    for work in works_between(warehouse, creator, date.min, today):
        value, base = told(work) if work.age_at(now) >= age else (None, None)
        if value is not None and (base or 0) >= metric.minimum_base:
            found.append(Judged(work, value))
    return found


def is_of_each(formula: Formula) -> bool:
    """Whether the formula can be computed on one work: it takes numbers of it, and no days before or around it."""
    around = ("rolling", "lag", "days", "per_week")
    return bool(every_field(formula)) and not any(
        calls_of(one.expression, *around) for one in definitions_in(formula)
    )


def values_by_work(warehouse: Warehouse, creator: str, formula: Formula, end: date) -> list[Row]:
    """A formula's `value` and its base `n` of each work published up to `end`, the newest first and of one work what
    was imported last: one row a `work_id` and `source`, with `title`. Rows without a finite value are left out."""
    rows = creator_rows(warehouse, creator, replace(formula, rows="work"), end).drop("back")
    by_work = rows.group_by("work_id", "source").agg(
        title=rows.title.max(),
        published_at=rows.published_at.max(),
        imported_at=rows.imported_at.max(),
        value=value_of(formula, rows),
        n=base_of(formula, rows),
    )
    found = warehouse.rows(by_work.order_by(by_work.published_at.desc(), by_work.imported_at.desc()))
    return [row for row in found if row["value"] is not None and math.isfinite(row["value"])]


def _telling(warehouse: Warehouse, creator: str, metric: Metric, today: date) -> _Telling:
    """What tells value and base of a work: of a built-in metric from its numbers, of a custom one from a query, by the
    source that the work's numbers come from."""
    formula = metric.formula
    if isinstance(formula, DayFormula):
        below = formula.below if isinstance(formula, Ratio) else None
        return lambda work: (formula.value(work.numbers), work.numbers[below] if below else metric.minimum_base)
    rows = values_by_work(warehouse, creator, metric.expression, today)
    known = {(row["work_id"], row["source"]): (float(row["value"]), row["n"]) for row in rows}
    return lambda work: known.get((work.work_id, work.source), (None, None)) if work.plays is not None else (None, None)
