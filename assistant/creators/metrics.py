"""Metrics of one creator over windows of equal length: the value now, the value before, and where it stands."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.days import Groups, last_day, window_sums
from assistant.creators.derived import DAY_BASES, PUBLISHED
from assistant.creators.figures import Figure
from assistant.creators.formulas import DayFormula, Ratio, WorkFormula
from assistant.creators.language.trees import Formula
from assistant.creators.language.units import is_total
from assistant.creators.warehouse import Row, Warehouse
from assistant.creators.windows import Told, preferred, windows_of
from assistant.creators.works import Work, works_between
from assistant.errors import BadInput, NotFound

__all__ = [
    "CATALOGUE",
    "Metric",
    "Series",
    "daily",
    "last_day",
    "measure",
    "metric_of",
    "percentile_of",
    "series",
    "series_of",
]

EARLIER_WINDOWS = 12
WORK_WINDOW_DAYS = 28
# Fewer earlier windows than this give no percentile: "better than two of two" says nothing.
WINDOWS_FOR_PERCENTILE = 4
# A sum is compared with an earlier one only when that covers at least this share of its days.
COVERED = 0.9
_CUMULATIVE_ZH = "（没有按日数据，按窗口内发布作品的累计数计算）"
_CUMULATIVE_EN = " (There are no daily numbers; computed on the totals of the works published in the window.)"


@dataclass(frozen=True)
class Series:
    """A metric over consecutive windows of the same length, all on one basis and one source.

    `values[k]` is the value of the window that ends k lengths before the last day, missing where there is none;
    `samples` are their n.
    """

    metric: Metric
    basis: str = ""
    values: dict[int, float] = field(default_factory=dict)
    samples: dict[int, int] = field(default_factory=dict)

    @property
    def is_daily(self) -> bool:
        """Whether it rests on daily numbers, not on totals of the works published in each window."""
        return self.basis in DAY_BASES

    @property
    def earlier(self) -> list[float]:
        """The values of the windows before the present one."""
        return [value for index, value in self.values.items() if index > 0]

    def figure(self, start: date, end: date) -> Figure:
        """The present window as a Figure, against the window before and the earlier ones."""
        value = self.values.get(0)
        window = f"{start.isoformat()}..{end.isoformat()}"
        cumulative = self.basis == PUBLISHED
        return Figure(
            id=f"{self.metric.name}@{window}",
            metric=self.metric.name,
            value=value,
            unit=self.metric.unit,
            window=window,
            n=self.samples.get(0, 0),
            baseline=None if value is None else self.values.get(1),
            percentile=percentile_of(value, self.earlier),
            title_zh=self.metric.title_zh,
            title_en=self.metric.title_en,
            definition_zh=self.metric.definition_zh + (_CUMULATIVE_ZH if cumulative else ""),
            definition_en=self.metric.definition_en + (_CUMULATIVE_EN if cumulative else ""),
        )


def measure(warehouse: Warehouse, creator: str, metric: Metric | str, start: date, end: date) -> Figure:
    """One metric, a custom one or the slug of a built-in one, of one creator over [start, end], both days included.

    The baseline is the window of the same length just before. A creator without rows gives a figure whose value is
    None. Raises NotFound for an unknown metric and BadInput when the window ends before it starts.
    """
    if end < start:
        raise BadInput("The window ends ({end}) before it starts ({start}); swap the two days.", end=end, start=start)
    return series_of(warehouse, creator, _known(metric), end, (end - start).days + 1).figure(start, end)


def daily(
    warehouse: Warehouse, creator: str, metric: Metric | str, days: int, end: date | None = None
) -> list[tuple[date, float | None]]:
    """The metric for each of the last `days` days up to `end` (the creator's last day of data), oldest first.

    None on a day without data. Metrics of works (posting frequency, median plays) give each day the figure of the 28
    days that end on it. Raises NotFound for an unknown metric, BadInput for fewer than one day.
    """
    metric = _known(metric)
    if days < 1:
        raise BadInput("Ask for at least one day.")
    last = end or last_day(warehouse, creator, date.max)
    if last is None:
        return []
    dates = [last - timedelta(days=shift) for shift in range(days - 1, -1, -1)]
    if isinstance(metric.formula, WorkFormula):
        works = works_between(warehouse, creator, dates[0] - timedelta(days=WORK_WINDOW_DAYS), last)
        return [(day, _work_series(works, metric, day, WORK_WINDOW_DAYS, 1).values.get(0)) for day in dates]
    if isinstance(metric.formula, Formula):
        width = WORK_WINDOW_DAYS if metric.formula.rows == "work" else 1
        values = windows_of(warehouse, creator, metric.formula, last, width, days, step=1, recent=days).values
    else:
        values = _day_series(_sums(warehouse, creator, last, 1, days), metric, days).values
    return [(day, values.get((last - day).days)) for day in dates]


def series_of(
    warehouse: Warehouse, creator: str, metric: Metric, end: date, width: int, windows: int = EARLIER_WINDOWS + 1
) -> Series:
    """One metric, built-in or custom, over `windows` windows of `width` days, the last of them ending on `end`."""
    if not isinstance(metric.formula, Formula):
        return series(warehouse, creator, end, width, windows)[metric.slug]
    told = windows_of(warehouse, creator, metric.formula, end, width, windows, step=width, recent=1)
    return _comparable(Series(metric, told.basis, told.values, told.samples))


def series(
    warehouse: Warehouse,
    creator: str,
    end: date,
    width: int,
    windows: int = EARLIER_WINDOWS + 1,
    works: list[Work] | None = None,
) -> dict[str, Series]:
    """Every metric over `windows` windows of `width` days, the last of them ending on `end`.

    `works` are the creator's works published in that time, when the caller has them at hand.
    """
    if works is None:
        works = works_between(warehouse, creator, _back(end, width * windows - 1), end)
    groups = _sums(warehouse, creator, end, width, windows)
    return {
        slug: _day_series(groups, metric, 1)
        if isinstance(metric.formula, DayFormula)
        else _work_series(works, metric, end, width, windows)
        for slug, metric in CATALOGUE.items()
    }


def metric_of(slug: str) -> Metric:
    """The metric called `slug`. Raises NotFound, naming those that exist."""
    if slug not in CATALOGUE:
        raise NotFound("There is no metric {slug!r}; there are {known}.", slug=slug, known=", ".join(CATALOGUE))
    return CATALOGUE[slug]


def _known(metric: Metric | str) -> Metric:
    return metric_of(metric) if isinstance(metric, str) else metric


def percentile_of(value: float | None, others: list[float]) -> float | None:
    """The share of `others` below `value`, ties counted half, from 0 to 100; None when there are too few."""
    if value is None or len(others) < WINDOWS_FOR_PERCENTILE:
        return None
    below = sum(other < value for other in others) + 0.5 * sum(other == value for other in others)
    return round(100 * below / len(others), 1)


def _sums(warehouse: Warehouse, creator: str, end: date, width: int, windows: int) -> Groups:
    return window_sums(warehouse, creator, _back(end, width * windows - 1), end, width)


def _day_series(groups: Groups, metric: Metric, recent: int) -> Series:
    """The metric on the basis and source that tell most of the `recent` last windows."""
    told: dict[tuple[str, str], Told] = {}
    for place, windows in groups.items():
        covered = sum(
            _days(rows) for index, rows in windows.items() if index < recent and _combined(metric, rows)[0] is not None
        )
        told[place] = Told(covered, max(row["imported_at"] for rows in windows.values() for row in rows))
    best = preferred(told)
    if best is None:
        return Series(metric)
    values: dict[int, float] = {}
    samples: dict[int, int] = {}
    for index, rows in groups[best].items():
        value, sample = _combined(metric, rows)
        if value is not None:
            values[index], samples[index] = value, sample
    found = Series(metric, best[0], values, samples)
    return _comparable(found) if recent == 1 else found


def _comparable(series: Series) -> Series:
    """Without the windows that cover too few days: a sum over fewer days is smaller for that reason alone, and is no
    baseline."""
    formula = series.metric.expression
    if 0 not in series.values or not is_total(formula.expression, formula.rows):
        return series
    needed = COVERED * series.samples[0]
    kept = {index: value for index, value in series.values.items() if series.samples[index] >= needed}
    return replace(series, values=kept)


def _combined(metric: Metric, rows: list[Row]) -> tuple[float | None, int]:
    """Value and sample over the rows that have every field of the metric."""
    formula = metric.formula
    assert isinstance(formula, DayFormula)
    complete = [row for row in rows if all(row[name] is not None for name in formula.fields)]
    if not complete:
        return None, 0
    sums = {name: float(sum([row[name] for row in complete])) for name in formula.fields}
    sample = sums[formula.below] if isinstance(formula, Ratio) else _days(complete)
    return formula.value(sums), round(sample)


def _work_series(works: list[Work], metric: Metric, end: date, width: int, windows: int) -> Series:
    assert isinstance(metric.formula, WorkFormula)
    inside: dict[int, list[float | None]] = {}
    for work in works:
        back = (end - work.published_at.date()).days
        if 0 <= back < width * windows:
            inside.setdefault(back // width, []).append(work.numbers[metric.formula.field])
    values: dict[int, float] = {}
    samples: dict[int, int] = {}
    for index, totals in inside.items():
        value = metric.formula.value(totals, width)
        if value is not None:
            values[index], samples[index] = value, len(totals)
    return Series(metric, "", values, samples)


def _days(rows: list[Row]) -> int:
    return len({day for row in rows for day in row["days"]})


def _back(day: date, days: int) -> date:
    return date.fromordinal(max(day.toordinal() - days, 1))
