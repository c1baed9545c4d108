"""Metrics of one creator over windows of equal length: the value now, the value before, and where it stands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import ibis.expr.types as ir

from assistant.creators.catalogue import CATALOGUE, Formula, Metric, Total
from assistant.creators.figures import Figure
from assistant.creators.number_rows import DAY_BASES, PUBLISHED, number_rows
from assistant.creators.warehouse import Row, Warehouse, parameter
from assistant.errors import BadInput, NotFound

__all__ = ["CATALOGUE", "Metric", "Series", "daily", "measure", "series"]

EARLIER_WINDOWS = 12
# Fewer earlier windows than this give no percentile: "better than two of two" says nothing.
WINDOWS_FOR_PERCENTILE = 4
# A window counts as covered when it has at least this share of the days that the present one has.
COVERED = 0.9
_CUMULATIVE_ZH = "（没有按日数据，按窗口内发布作品的累计数计算）"
_CUMULATIVE_EN = " (There are no daily numbers; computed on the totals of the works published in the window.)"


@dataclass(frozen=True)
class Series:
    """A metric over consecutive windows of the same length, all on one basis and one source.

    `values[k]` is the value of the window that ends k lengths before the last day, missing where there is none;
    `samples` are the n's.
    """

    metric: Metric
    basis: str
    values: dict[int, float]
    samples: dict[int, int]

    def figure(self, start: date, end: date) -> Figure:
        """The present window as a Figure, against the window before and the earlier ones."""
        value, before = self.values.get(0), self.values.get(1)
        window = f"{start.isoformat()}..{end.isoformat()}"
        cumulative = self.basis == PUBLISHED and PUBLISHED != self.metric.formula.bases[0]
        return Figure(
            id=f"{self.metric.slug}@{window}",
            metric=self.metric.slug,
            value=value,
            unit=self.metric.unit,
            window=window,
            n=self.samples.get(0, 0),
            baseline=before if value is not None else None,
            percentile=percentile_of(value, [self.values[k] for k in self.values if k > 0]),
            title_zh=self.metric.title_zh,
            title_en=self.metric.title_en,
            definition_zh=self.metric.definition_zh + (_CUMULATIVE_ZH if cumulative else ""),
            definition_en=self.metric.definition_en + (_CUMULATIVE_EN if cumulative else ""),
        )


def measure(warehouse: Warehouse, creator: str, slug: str, start: date, end: date) -> Figure:
    """One metric of one creator over [start, end], both days included.

    The baseline is the window of the same length just before. A creator without rows gives a figure whose value is
    None. Raises NotFound for an unknown metric and BadInput when the window ends before it starts.
    """
    metric = metric_of(slug)
    if end < start:
        raise BadInput(f"The window ends ({end}) before it starts ({start}); swap the two days.")
    return series(warehouse, creator, end, (end - start).days + 1)[metric.slug].figure(start, end)


def daily(
    warehouse: Warehouse, creator: str, slug: str, days: int, end: date | None = None
) -> list[tuple[date, float | None]]:
    """The metric for each of the last `days` days up to `end` (the creator's last day of data), oldest first.

    None on a day without data. Metrics of works (posting frequency, median plays) give each day the figure of the 28
    days that end on it. Raises NotFound for an unknown metric, BadInput for fewer than one day.
    """
    metric = metric_of(slug)
    if days < 1:
        raise BadInput("Ask for at least one day.")
    last = end or last_day(warehouse, creator, date.max)
    if last is None:
        return []
    if metric.grain == "work":
        shifts = range(days - 1, -1, -1)
        ends = [last - timedelta(days=shift) for shift in shifts]
        return [(day, series(warehouse, creator, day, 28, earlier=0)[slug].values.get(0)) for day in ends]
    values = series(warehouse, creator, last, 1, earlier=days - 1)[slug].values
    return [(last - timedelta(days=shift), values.get(shift)) for shift in range(days - 1, -1, -1)]


def series(
    warehouse: Warehouse, creator: str, end: date, width: int, earlier: int = EARLIER_WINDOWS
) -> dict[str, Series]:
    """Every metric over the window of `width` days that ends on `end` and the `earlier` ones before it."""
    first = max(end.toordinal() - width * (earlier + 1) + 1, 1)
    rows = warehouse.prepared_rows(
        _window_sums, creator=creator, first=date.fromordinal(first).isoformat(), last=end.isoformat(), width=width
    )
    groups: dict[tuple[str, str], dict[int, Row]] = {}
    for row in rows:
        groups.setdefault((row["basis"], row["source"]), {})[row["window"]] = row
    return {slug: _series(metric, groups) for slug, metric in CATALOGUE.items()}


def last_day(warehouse: Warehouse, creator: str, today: date) -> date | None:
    """The creator's last day with data, at most `today`; None without any."""
    rows = warehouse.prepared_rows(_last_day, creator=creator, today=today.isoformat())
    return rows[0]["last_day"] if rows else None


def metric_of(slug: str) -> Metric:
    """The metric called `slug`. Raises NotFound, naming those that exist."""
    if slug not in CATALOGUE:
        raise NotFound(f"There is no metric {slug!r}; there are {', '.join(CATALOGUE)}.")
    return CATALOGUE[slug]


def percentile_of(value: float | None, others: list[float]) -> float | None:
    """The share of `others` below `value`, ties counted half, from 0 to 100; None when there are too few."""
    if value is None or len(others) < WINDOWS_FOR_PERCENTILE:
        return None
    below = sum(1.0 for other in others if other < value) + sum(0.5 for other in others if other == value)
    return round(100 * below / len(others), 1)


def _series(metric: Metric, groups: dict[tuple[str, str], dict[int, Row]]) -> Series:
    """The metric on the basis and source that cover most days of the present window; of equals, the last imported."""
    value, sample = f"{metric.slug}_value", f"{metric.slug}_sample"
    bases = metric.formula.bases

    def preference(group: tuple[str, str]) -> tuple[Any, ...]:
        now = groups[group].get(0)
        has_value = now is not None and now[value] is not None
        days = now["days"] if now is not None and group[0] in DAY_BASES else 0
        latest = max(row["imported_at"] or datetime.min for row in groups[group].values())
        return has_value, days, -bases.index(group[0]), latest

    candidates = [group for group in groups if group[0] in bases]
    if not candidates:
        return Series(metric, bases[0], {}, {})
    chosen = max(candidates, key=preference)
    windows = {index: row for index, row in groups[chosen].items() if row[value] is not None}
    if isinstance(metric.formula, Total) and chosen[0] in DAY_BASES and 0 in windows:
        # A sum over fewer days is smaller for that reason alone, so it is no baseline.
        needed = COVERED * windows[0][sample]
        windows = {index: row for index, row in windows.items() if row[sample] >= needed}
    values = {index: float(row[value]) for index, row in windows.items()}
    return Series(metric, chosen[0], values, {index: int(row[sample] or 0) for index, row in windows.items()})


def _window_sums(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, first, last (days), width. One row a basis, source and window."""
    last, width = parameter("last").cast("date"), parameter("width").cast("int64")
    rows = number_rows(warehouse, parameter("creator"))
    rows = rows.filter(rows.day >= parameter("first").cast("date"), rows.day <= last)
    rows = rows.mutate(window=last.delta(rows.day, unit="day") // width)
    grouped = rows.group_by("basis", "source", "window")
    columns: dict[str, Any] = {"days": rows.day.nunique(), "imported_at": rows.imported_at.max()}
    for slug, metric in CATALOGUE.items():
        formula: Formula = metric.formula
        columns[f"{slug}_value"] = formula.value(rows, width)
        columns[f"{slug}_sample"] = formula.sample(rows)
    return grouped.agg(**columns)


def _last_day(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, today."""
    rows = number_rows(warehouse, parameter("creator"))
    rows = rows.filter(rows.basis != "publications", rows.day <= parameter("today").cast("date"))
    return rows.agg(last_day=rows.day.max())
