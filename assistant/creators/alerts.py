"""Metric alerts: what a creator wants to be told about, and whether it has come about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any, Literal

from sqlalchemy import Engine, Row, delete, select

from assistant.creators.catalogue import Metric
from assistant.creators.figures import Figure, written
from assistant.creators.metrics import WORK_WINDOW_DAYS, series_of
from assistant.creators.metrics import last_day as last_day_of
from assistant.creators.steps import LOW_PERCENTILE, NOTICEABLE_GAP
from assistant.creators.warehouse import Warehouse
from assistant.database.engine import reading, upsert
from assistant.database.tables import metric_alerts
from assistant.errors import Conflict

AlertRule = Literal["worse", "below", "above"]
WATCHED_DAYS = 7
EARLIER_WINDOWS = 8  # windows of the same length before, whose median is the usual
MOST = 20


@dataclass(frozen=True)
class MetricAlert:
    """One wish: tell me when `metric` (a slug, of a custom one with its version) gets `worse` than my own usual, or
    falls `below` or rises `above` the threshold, which is in the metric's own unit (0.03 for 3 %)."""

    creator_id: str
    metric: str
    rule: AlertRule
    threshold: float | None
    created_at: datetime


@dataclass(frozen=True)
class Alarm:
    """What an alert has to say: the last seven days of data against the threshold or the creator's own usual."""

    figure: Figure
    text_zh: str
    text_en: str


class MetricAlerts:
    """Keeps alerts, at most one a creator and metric. The outbox of notices asks `all` and, for each, `alarm_of`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def watch(self, creator: str, metric: str, rule: AlertRule = "worse", threshold: float | None = None) -> None:
        """Keep an alert in place of any earlier one on the metric. Raises Conflict when there are twenty others."""
        values = {"rule": rule, "threshold": threshold, "created_at": datetime.now(UTC).replace(tzinfo=None)}
        with self._engine.begin() as connection:
            own = select(metric_alerts.c.metric).where(metric_alerts.c.creator_id == creator)
            if len(set(connection.scalars(own)) - {metric}) >= MOST:
                raise Conflict(f"There are {MOST} alerts already; stop one first.")
            row = upsert(connection, metric_alerts).values(creator_id=creator, metric=metric, **values)
            connection.execute(row.on_conflict_do_update(index_elements=metric_alerts.primary_key, set_=values))

    def stop(self, creator: str, metric: str | None = None) -> int:
        """Forget the alert on a metric, or all of them; returns how many there were."""
        which = [metric_alerts.c.creator_id == creator]
        if metric is not None:
            which.append(metric_alerts.c.metric == metric)
        with self._engine.begin() as connection:
            return connection.execute(delete(metric_alerts).where(*which)).rowcount

    def of(self, creator: str) -> list[MetricAlert]:
        """A creator's alerts, the oldest first."""
        own = select(metric_alerts).where(metric_alerts.c.creator_id == creator)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(own.order_by(metric_alerts.c.created_at, metric_alerts.c.metric)).all()
        return [_alert(row) for row in rows]

    def all(self) -> list[MetricAlert]:
        """Every creator's alerts, by creator."""
        query = select(metric_alerts).order_by(metric_alerts.c.creator_id, metric_alerts.c.metric)
        with reading(self._engine).begin() as connection:
            return [_alert(row) for row in connection.execute(query)]


def alarm_of(warehouse: Warehouse, alert: MetricAlert, metric: Metric, today: date) -> Alarm | None:
    """What there is to tell on `today`; None when all is well, or when the last seven days are too thin to judge by.

    `worse` is judged as in the diagnosis of a work: at least a tenth short of the own median of the eight windows
    before, and among their lowest quarter. For a metric of works the window is the usual one of 28 days.
    """
    end = last_day_of(warehouse, alert.creator_id, today)
    if end is None:
        return None
    width = WORK_WINDOW_DAYS if metric.expression.rows == "work" else WATCHED_DAYS
    told = series_of(warehouse, alert.creator_id, metric, end, width, EARLIER_WINDOWS + 1)
    figure = told.figure(end - timedelta(days=width - 1), end)
    if figure.value is None or figure.n < metric.minimum_base:
        return None
    if alert.rule == "worse":
        usual = float(median(told.earlier)) if told.earlier else None
        is_due = usual is not None and _is_worse(figure, usual, metric)
        return _worse(figure, usual, width, metric, len(told.earlier)) if is_due and usual is not None else None
    if alert.threshold is None:
        return None
    is_due = figure.value < alert.threshold if alert.rule == "below" else figure.value > alert.threshold
    return _beyond(figure, alert.threshold, alert.rule, width, metric) if is_due else None


def _is_worse(figure: Figure, usual: float, metric: Metric) -> bool:
    if figure.value is None or figure.percentile is None or usual == 0:
        return False
    is_inverse = metric.direction == "lower is better"
    short = (figure.value - usual if is_inverse else usual - figure.value) / abs(usual)
    worse = 100 - figure.percentile if is_inverse else figure.percentile
    return short >= NOTICEABLE_GAP and worse <= LOW_PERCENTILE


def _worse(figure: Figure, usual: float, width: int, metric: Metric, windows: int) -> Alarm:
    zh, en = written(usual, metric.unit, "zh"), written(usual, metric.unit, "en")
    return Alarm(
        figure,
        f"{metric.title_zh}：近 {width} 天是 {figure.shown('zh')}，比你自己此前 {windows} 段同样长的时间的中位数 {zh} "
        f"差了一成以上（n={figure.n:,}）。",
        f"{metric.title_en}: {figure.shown('en')} in the last {width} days, at least a tenth short of {en}, your own "
        f"median of the {windows} windows before (n={figure.n:,}).",
    )


def _beyond(figure: Figure, threshold: float, rule: AlertRule, width: int, metric: Metric) -> Alarm:
    zh, en = written(threshold, metric.unit, "zh"), written(threshold, metric.unit, "en")
    word_zh, word_en = ("低于", "below") if rule == "below" else ("高于", "above")
    return Alarm(
        figure,
        f"{metric.title_zh}：近 {width} 天是 {figure.shown('zh')}，{word_zh}你设的 {zh}（n={figure.n:,}）。",
        f"{metric.title_en}: {figure.shown('en')} in the last {width} days, {word_en} the {en} that you set "
        f"(n={figure.n:,}).",
    )


def _alert(row: Row[Any]) -> MetricAlert:
    return MetricAlert(row.creator_id, row.metric, row.rule, row.threshold, row.created_at)
