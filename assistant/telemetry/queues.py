"""Work that waits in SQL: how much of it, and since when. A queue that grows old is the first sign of trouble."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, Select, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError

from assistant.database.engine import reading
from assistant.database.learning_tables import gap_questions
from assistant.database.notice_tables import notices
from assistant.database.tables import turns
from assistant.database.telegram_tables import telegram_outbox, telegram_updates
from assistant.errors import Unavailable

Waiting = Select[int, Any]
# By name, what waits at the moment `now`: how many rows, and since when the oldest. A table of work that is done later
# has its line here, and `running.queue.NAME` in the console's catalogue.
WAITING: Mapping[str, Waiting] = {
    "telegram_updates": select(func.count(), func.min(telegram_updates.c.received_at)).where(
        telegram_updates.c.done_at.is_(None)
    ),
    "telegram_messages": select(func.count(), func.min(telegram_outbox.c.created_at)).where(
        telegram_outbox.c.done_at.is_(None)
    ),
    "gap_questions": select(func.count(), func.min(turns.c.asked_at))
    .join_from(gap_questions, turns)
    .where(gap_questions.c.gap_id.is_(None)),
    "notices": select(func.count(), func.min(notices.c.due_at)).where(
        notices.c.state.in_(("waiting", "begun")), notices.c.due_at <= bindparam("now")
    ),
}
LATE_SECONDS = 600  # questions are grouped once a minute, the others at once


@dataclass(frozen=True)
class Queue:
    """What waits under a name, and for how many seconds the oldest of it has."""

    name: str
    length: int
    age_seconds: float

    @property
    def is_late(self) -> bool:
        """Whether somebody should look why it is not worked on."""
        return self.age_seconds > LATE_SECONDS


class Queues(Collector):
    """Reads the queues, for the console and for Prometheus."""

    def __init__(self, engine: Engine, waiting: Mapping[str, Waiting] = WAITING) -> None:
        self._engine = engine
        self._waiting = waiting

    def all(self) -> list[Queue]:
        """Every queue, empty ones too."""
        now = datetime.now(UTC).replace(tzinfo=None)
        with reading(self._engine).begin() as connection:
            found = [(name, connection.execute(query, {"now": now}).one()) for name, query in self._waiting.items()]
        return [
            Queue(name, count, (now - oldest).total_seconds() if oldest else 0.0) for name, (count, oldest) in found
        ]

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are known without reading the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Length and age of every queue; nothing when the database does not answer, which `heliotrope_part_well`
        tells."""
        length = GaugeMetricFamily("heliotrope_queue_length", "Work that waits.", labels=["queue"])
        age = GaugeMetricFamily("heliotrope_queue_age_seconds", "Since when the oldest waits.", labels=["queue"])
        try:
            queues = self.all()
        except (SQLAlchemyError, Unavailable):
            return []
        for queue in queues:
            length.add_metric([queue.name], queue.length)
            age.add_metric([queue.name], queue.age_seconds)
        return [length, age]
