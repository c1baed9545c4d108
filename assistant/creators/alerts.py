"""Metric alerts: what creators want to be told about. Whether it has come about is judged in `alarms`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Engine, Row, delete, select

from assistant.database.engine import reading, upsert
from assistant.database.number_tables import metric_alerts
from assistant.errors import Conflict

AlertRule = Literal["worse", "below", "above"]
MOST = 20
IN_A_ROW = 3  # works in a row when nobody says how many
FEWEST_IN_A_ROW, MOST_IN_A_ROW = 2, 10


@dataclass(frozen=True)
class MetricAlert:
    """One wish: tell me when `metric` (a slug, of a custom one with its version) is on the wrong side.

    What is looked at: with `works` 0 the last days together, else each of the creator's last so many works in a row.
    The wrong side: `below` or `above` the threshold (in the metric's own unit, 0.03 for 3 %), or without one the
    creator's own median; of days together also `worse`, noticeably worse than that, whichever direction is worse.
    """

    creator_id: str
    metric: str
    rule: AlertRule
    threshold: float | None
    created_at: datetime
    works: int = 0


class MetricAlerts:
    """Keeps alerts, at most one a creator, metric and number of works. `programs.watching` judges them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def watch(
        self, creator: str, metric: str, rule: AlertRule = "worse", threshold: float | None = None, works: int = 0
    ) -> None:
        """Keep an alert in place of an earlier one on the same. Raises Conflict when there are twenty others."""
        values = {"rule": rule, "threshold": threshold, "created_at": datetime.now(UTC).replace(tzinfo=None)}
        with self._engine.begin() as connection:
            own = select(metric_alerts.c.metric, metric_alerts.c.works).where(metric_alerts.c.creator_id == creator)
            others = {(row.metric, row.works) for row in connection.execute(own)} - {(metric, works)}
            if len(others) >= MOST:
                raise Conflict("There are {most} alerts already; stop one first.", most=MOST)
            row = upsert(connection, metric_alerts).values(creator_id=creator, metric=metric, works=works, **values)
            connection.execute(row.on_conflict_do_update(index_elements=metric_alerts.primary_key, set_=values))

    def stop(self, creator: str, metric: str | None = None, works: int | None = None) -> int:
        """Forget the alerts on a metric, or only the one on so many works; or all. Returns how many there were."""
        which = [metric_alerts.c.creator_id == creator]
        if metric is not None:
            which.append(metric_alerts.c.metric == metric)
        if works is not None:
            which.append(metric_alerts.c.works == works)
        with self._engine.begin() as connection:
            return connection.execute(delete(metric_alerts).where(*which)).rowcount

    def of(self, creator: str) -> list[MetricAlert]:
        """A creator's alerts, the oldest first."""
        own = select(metric_alerts).where(metric_alerts.c.creator_id == creator)
        order = (metric_alerts.c.created_at, metric_alerts.c.metric, metric_alerts.c.works)
        with reading(self._engine).begin() as connection:
            return [_alert(row) for row in connection.execute(own.order_by(*order))]

    def all(self, creators: Collection[str] | None = None) -> list[MetricAlert]:
        """The alerts of every creator, or of these, by creator."""
        query = select(metric_alerts).order_by(*metric_alerts.primary_key)
        if creators is not None:
            query = query.where(metric_alerts.c.creator_id.in_(creators))
        with reading(self._engine).begin() as connection:
            return [_alert(row) for row in connection.execute(query)]


def _alert(row: Row[Any]) -> MetricAlert:
    return MetricAlert(row.creator_id, row.metric, row.rule, row.threshold, row.created_at, row.works)
