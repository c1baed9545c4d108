"""What this process has counted since it began, as Prometheus reads it.

https://prometheus.io/docs/practices/naming/: names begin with the product, end with their unit, and counters with
`_total`. No label holds what somebody wrote or who somebody is.
"""

from collections import deque
from collections.abc import Mapping
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from assistant.agent.answers import Reply

# Seconds. A search takes some 30 ms and an answer in words of the passages 50; a model up to its deadline of 25 s.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0)
STAGES = ("search", "first", "compose", "total")
EXTRACTIVE, MODEL_FAILED = "extractive", "model_failed"
# Of the last answers that were asked of a configured model: enough to tell an outage from a single failure.
WATCHED, WATCHED_SECONDS = 20, 600.0


def stood_in(model: str, timings_ms: Mapping[str, float]) -> bool:
    """Whether the extractive model answered because every configured one failed."""
    return model == EXTRACTIVE and MODEL_FAILED in timings_ms


class Meters:
    """Counters and histograms of one process, each a few microseconds to add to. Safe from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._answers = Counter(
            "heliotrope_answers", "Answers given.", ("channel", "model", "outcome", "grounded"), registry=self.registry
        )
        self._stages = Histogram(
            "heliotrope_answer_stage_seconds",
            "Time of an answer by stage: search, first sentence, composing, total.",
            ("stage",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._failures = Counter(
            "heliotrope_model_failures", "Turns in which the extractive model stood in.", registry=self.registry
        )
        self._calls = Counter(
            "heliotrope_model_calls", "Calls of configured chat models.", registry=self.registry
        )
        self._tokens = Counter(
            "heliotrope_model_tokens",
            "Tokens of those calls; estimated where the endpoint does not tell.",
            ("kind",),
            registry=self.registry,
        )
        self._requests = Counter(
            "heliotrope_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._request_seconds = Histogram(
            "heliotrope_http_request_seconds",
            "Time of a request, streams to their end.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._asked_of_model: deque[tuple[float, bool]] = deque(maxlen=WATCHED)

    def add(self, collector: Collector) -> None:
        """Have something else read whenever Prometheus asks."""
        self.registry.register(collector)

    def answered(self, reply: Reply, channel: str) -> None:
        """Count a finished answer."""
        outcome = "refused" if reply.refused else "answered"
        self._answers.labels(channel, reply.model, outcome, str(reply.grounded).lower()).inc()
        for stage in STAGES:
            if stage in reply.timings_ms:
                self._stages.labels(stage).observe(reply.timings_ms[stage] / 1000)
        if reply.usage:
            self._calls.inc(reply.usage["calls"])
            for kind in ("input", "output"):
                self._tokens.labels(kind).inc(max(reply.usage[f"{kind}_tokens"], 0))
        has_failed = stood_in(reply.model, reply.timings_ms)
        if has_failed:
            self._failures.inc()
        if has_failed or reply.model != EXTRACTIVE:
            self._asked_of_model.append((monotonic(), has_failed))

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a finished request. `route` is the path as it is declared, never the path that was asked for."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def model_outcomes(self) -> list[bool]:
        """Whether the configured model failed in each of its last answers of ten minutes, oldest first."""
        since = monotonic() - WATCHED_SECONDS
        return [has_failed for at, has_failed in list(self._asked_of_model) if at >= since]

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

