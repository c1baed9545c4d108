"""Charts of what was told, in the language of the answer."""

from collections.abc import Sequence
from datetime import date

from assistant.creators.charts.chart import Chart
from assistant.creators.figures import Language
from assistant.creators.metrics import CATALOGUE, Metric, daily
from assistant.creators.previewing import Line
from assistant.creators.warehouse import Warehouse

SHOWN_DAYS = 28


def metric_chart(
    warehouse: Warehouse, creator: str, metric: Metric | str, end: date, lang: Language
) -> Chart:
    """A metric of one creator, a custom one or the slug of a built-in one, on each of the 28 days up to `end`."""
    from assistant.creators.charts.series import Point, series_chart  # Altair is loaded for the first chart

    known = CATALOGUE[metric] if isinstance(metric, str) else metric
    points = [Point(day, value) for day, value in daily(warehouse, creator, known, SHOWN_DAYS, end)]
    return series_chart(known.name, _titled(known, lang), known.unit, points, lang)


def days_chart(metric: Metric, days: Sequence[Line], lang: Language) -> Chart:
    """A metric that is only tried, on the days of its preview."""
    from assistant.creators.charts.series import Point, series_chart

    points = [Point(date.fromisoformat(line.name), line.value) for line in days]
    return series_chart(metric.name, _titled(metric, lang), metric.unit, points, lang)


def _titled(metric: Metric, lang: Language) -> str:
    return metric.title_en if lang == "en" else metric.title_zh
