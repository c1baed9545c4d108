"""Everything that watches the house, put together."""

import logging
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from opentelemetry.trace import TracerProvider
from sqlalchemy import Engine

from assistant.agent.answers import Reply
from assistant.settings import Settings
from assistant.telemetry.condition import Condition
from assistant.telemetry.days import Days
from assistant.telemetry.meters import Meters
from assistant.telemetry.queues import Queues
from assistant.telemetry.tracing import open_traces, trace_answer
from knowledge.library import Library

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Telemetry:
    """What is told about the running process (`meters`, `condition`, `queues`, `traces`) and about days (`days`)."""

    meters: Meters
    queues: Queues
    condition: Condition
    days: Days
    traces: TracerProvider | None

    @classmethod
    def over(cls, settings: Settings, engine: Engine, library: Library) -> Self:
        """All of it on one database and library. Raises Misconfigured for an address of traces that is none."""
        meters, queues = Meters(), Queues(engine)
        condition = Condition(engine, library, settings.home, meters, queues)
        for collector in (queues, condition):
            meters.add(collector)
        days = Days(engine, ZoneInfo(settings.timezone))
        return cls(meters, queues, condition, days, open_traces(settings.traces_url))

    def answered(self, reply: Reply, channel: str) -> None:
        """Count, trace and log a finished answer; evaluations (the channel `test`) are not answers."""
        if channel == "test":
            return
        self.meters.answered(reply, channel)
        if self.traces is not None:
            trace_answer(self.traces, reply, channel)
        fields = {
            "channel": channel,
            "model": reply.model,
            "release": reply.release,
            "refused": reply.refused,
            "grounded": reply.grounded,
            "timings_ms": reply.timings_ms,
        }
        log.info("answered", extra={"fields": {"answer": reply.answer_id, **fields}})
