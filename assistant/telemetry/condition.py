"""How the parts of a running house are: what /readyz, Prometheus and the console's page of the day tell."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from assistant.database.engine import reading
from assistant.errors import Unavailable
from assistant.telemetry.meters import Meters
from assistant.telemetry.queues import Queues
from knowledge.library import Library

LEAST_FREE_BYTES = 200 * 2**20
FAILURES = 3  # of the configured model, when they are more than half of its last answers


@dataclass(frozen=True)
class Part:
    """One part. `says` is a sentence that tells an operator what is the matter and what to do; empty when it is well.
    `values` are what stands in it, for those who tell it in another language. Without a part that `is_needed` no
    question can be answered."""

    name: str
    says: str = ""
    is_needed: bool = False
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.says


class Condition(Collector):
    """Looks at the parts; a look takes milliseconds and reaches nothing outside the house."""

    def __init__(self, engine: Engine, library: Library, home: Path, meters: Meters, queues: Queues) -> None:
        self._engine = engine
        self._library = library
        self._home = home
        self._meters = meters
        self._queues = queues

    def parts(self) -> list[Part]:
        """Every part, those that are needed first."""
        looks: tuple[Callable[[], Part], ...] = (
            self._database,
            self._knowledge,
            self._embedder,
            self._index,
            self._model,
            self._disk,
            self._queued,
        )
        return [look() for look in looks]

    def describe(self) -> Iterable[Metric]:
        """Nothing: the name is known without looking."""
        return []

    def collect(self) -> Iterable[Metric]:
        """1 for a part that is well, else 0; and the release that is served."""
        well = GaugeMetricFamily("heliotrope_part_well", "Whether a part of the house is well.", labels=["part"])
        for part in self.parts():
            well.add_metric([part.name], part.is_well)
        release = GaugeMetricFamily("heliotrope_release", "The release that is served.", self._library.release or 0)
        return [well, release]

    def _database(self) -> Part:
        try:
            with reading(self._engine).begin() as connection:
                connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, Unavailable):
            return Part("database", "The database does not answer; see the runbook, “The database is gone”.", True)
        return Part("database", is_needed=True)

    def _knowledge(self) -> Part:
        missing = "Nothing has been published yet; run `heliotrope knowledge publish`."
        return Part("knowledge", "" if self._library.release else missing, is_needed=True)

    def _embedder(self) -> Part:
        failure = self._library.embedder_failure
        if not failure:
            return Part("embedder")
        return Part("embedder", f"Questions are searched for by their words alone. {failure}")

    def _index(self) -> Part:
        failure = self._library.index_failure
        return Part("index", f"Questions are searched for by their words alone. {failure}" if failure else "")

    def _model(self) -> Part:
        outcomes = self._meters.model_outcomes()
        failed = sum(outcomes)
        if failed >= FAILURES and 2 * failed > len(outcomes):
            return Part(
                "model",
                f"The chat model failed in {failed} of its last {len(outcomes)} answers and the extractive model "
                "stands in; look at its endpoint.",
                values={"failed": failed, "asked": len(outcomes)},
            )
        return Part("model")

    def _disk(self) -> Part:
        try:
            free = shutil.disk_usage(self._home).free
        except OSError:
            free = 0
        if free >= LEAST_FREE_BYTES:
            return Part("disk")
        left = free // 2**20
        return Part("disk", f"The disk of the home folder has {left} MB left; make room.", values={"left": left})

    def _queued(self) -> Part:
        try:
            late = [queue for queue in self._queues.all() if queue.is_late]
        except (SQLAlchemyError, Unavailable):
            return Part("queues")  # the database tells it
        if not late:
            return Part("queues")
        oldest = max(late, key=lambda queue: queue.age_seconds)
        values = {"queue": oldest.name, "length": oldest.length, "minutes": round(oldest.age_seconds / 60)}
        said = "{length} wait in {queue}, the oldest for {minutes} minutes; the log says why.".format(**values)
        return Part("queues", said, values=values)
