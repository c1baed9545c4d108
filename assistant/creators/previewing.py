"""A metric tried on a creator's own numbers before it is kept: its window, its days, and each of the last works."""

from dataclasses import dataclass
from datetime import date, timedelta

from assistant.creators.by_work import is_of_each, values_by_work
from assistant.creators.catalogue import Metric
from assistant.creators.figures import Figure, Unit
from assistant.creators.language.trees import Formula
from assistant.creators.metrics import WORK_WINDOW_DAYS, last_day, measure
from assistant.creators.warehouse import Warehouse
from assistant.creators.windows import windows_of

SHOWN_WORKS = 10


@dataclass(frozen=True)
class Line:
    """One day or one work: the value, None where there is none, and what it rests on."""

    name: str
    value: float | None
    n: int


@dataclass(frozen=True)
class Preview:
    """The figure of the window, the same metric day by day (oldest first), and for each of the last works alone (newest
    first). A metric of works gives each day the number of the 28 days that end on it. `works` is empty for a formula
    that looks at days: a work alone has none."""

    figure: Figure
    unit: Unit
    days: list[Line]
    works: list[Line]


def preview(warehouse: Warehouse, metric: Metric, creator: str, days: int, today: date) -> Preview:
    """The metric over the creator's last `days` days with data up to `today`. A creator without data gives a figure
    without a value."""
    end = last_day(warehouse, creator, today) or today
    formula = metric.expression
    width = WORK_WINDOW_DAYS if formula.rows == "work" else 1
    told = windows_of(warehouse, creator, formula, end, width, days, step=1, recent=days)
    return Preview(
        figure=measure(warehouse, creator, metric, end - timedelta(days=days - 1), end),
        unit=metric.unit,
        days=[
            Line((end - timedelta(days=back)).isoformat(), told.values.get(back), told.samples.get(back, 0))
            for back in range(days - 1, -1, -1)
        ],
        works=_of_works(warehouse, creator, formula, end),
    )


def _of_works(warehouse: Warehouse, creator: str, formula: Formula, end: date) -> list[Line]:
    if not is_of_each(formula):
        return []
    latest: dict[str, Line] = {}
    for row in values_by_work(warehouse, creator, formula, end):
        latest.setdefault(
            row["work_id"], Line(row["title"] or row["work_id"], row["value"], round(row["n"] or 0))
        )
    return list(latest.values())[:SHOWN_WORKS]
