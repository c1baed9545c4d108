"""What is counted, traced and looked at: of answers, of queues and of the parts of the house."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import insert, text

from assistant.agent.answers import Reply
from assistant.database.telegram_tables import telegram_updates
from assistant.errors import Misconfigured
from assistant.settings import Settings
from assistant.telemetry.meters import WATCHED, Meters
from assistant.telemetry.queues import LATE_SECONDS
from assistant.telemetry.service import Telemetry
from assistant.telemetry.tracing import open_traces, traces_to
from tests.connectors.web.console.asked import asked
from tests.connectors.web.scripted import ScriptedServices, empty_library, scripted_services

REPLY = Reply(
    text="secret words",
    grounded=True,
    refused=False,
    citations=[],
    figures=[],
    charts=[],
    suggestions=[],
    release=3,
    model="extractive",
    thread="t",
    answer_id="a1",
    lang="zh",
    timings_ms={"search": 20.0, "first": 30.0, "compose": 10.0, "total": 32.0},
)


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def services(tmp_path: Path) -> ScriptedServices:
    return scripted_services(tmp_path)


def value(meters: Meters, name: str, **labels: str) -> float | None:
    return meters.registry.get_sample_value(name, labels)


def unwell(services: ScriptedServices) -> dict[str, str]:
    return {part.name: part.says for part in services.telemetry.condition.parts() if not part.is_well}


def test_an_answer_is_counted_by_what_came_of_it_and_how_long_each_stage_took():
    meters = Meters()
    meters.answered(REPLY, "web")
    meters.answered(replace(REPLY, refused=True), "telegram")
    labels = {"channel": "web", "model": "extractive", "outcome": "answered", "grounded": "true"}
    assert value(meters, "heliotrope_answers_total", **labels) == 1
    assert value(meters, "heliotrope_answers_total", **{**labels, "channel": "telegram", "outcome": "refused"}) == 1
    assert value(meters, "heliotrope_answer_stage_seconds_sum", stage="search") == pytest.approx(0.04)
    assert value(meters, "heliotrope_answer_stage_seconds_bucket", stage="total", le="0.05") == 2
    assert b"secret" not in meters.exposition()


def test_the_tokens_of_a_configured_model_are_counted_as_what_it_costs():
    meters = Meters()
    usage = {"calls": 2, "retries": 0, "input_tokens": 900, "output_tokens": 120, "budget": 16_000, "estimated": False}
    meters.answered(replace(REPLY, model="openai:small", usage=usage), "web")
    assert value(meters, "heliotrope_model_calls_total") == 2
    assert value(meters, "heliotrope_model_tokens_total", kind="input") == 900
    assert value(meters, "heliotrope_model_tokens_total", kind="output") == 120


def test_evaluations_are_not_counted(services: ScriptedServices):
    services.telemetry.answered(REPLY, "test")
    assert b'heliotrope_answers_total{' not in services.telemetry.meters.exposition()


def test_spans_tell_the_stages_of_an_answer_and_not_what_was_said(services: ScriptedServices):
    exporter = InMemorySpanExporter()
    replace(services.telemetry, traces=traces_to(SimpleSpanProcessor(exporter))).answered(REPLY, "web")
    spans = {span.name: span for span in exporter.get_finished_spans()}
    whole = spans["answer"]
    assert whole.attributes["heliotrope.answer"] == "a1"
    assert whole.end_time - whole.start_time == 32_000_000
    assert {spans[name].parent.span_id for name in ("search", "compose")} == {whole.context.span_id}
    assert spans["search"].end_time - spans["search"].start_time == 20_000_000
    assert "secret" not in str([span.to_json() for span in spans.values()])


def test_traces_are_off_without_an_address_and_need_no_collector_to_start(monkeypatch: pytest.MonkeyPatch):
    assert open_traces("") is None
    provider = open_traces("http://127.0.0.1:9")
    assert provider is not None
    provider.shutdown()
    monkeypatch.setenv("HELIOTROPE_TRACES_URL", "collector:4317")
    with pytest.raises(Misconfigured, match="HELIOTROPE_TRACES_URL cannot be used"):
        Settings.from_environment()


def test_work_that_waits_is_measured_and_told_of_when_it_is_late(services: ScriptedServices):
    queues = services.telemetry.queues
    assert {queue.length for queue in queues.all()} == {0}
    asked(services, "保证金多少", at=_ago(60), reason="unanswered")
    assert unwell(services) == {}
    with services.engine.begin() as connection:
        row = {"bot": 1, "update_id": 7, "payload": {}, "received_at": _ago(LATE_SECONDS + 60), "taken_up": 0}
        connection.execute(insert(telegram_updates).values(row))
    by_name = {queue.name: queue for queue in queues.all()}
    assert by_name["gap_questions"].length == 1
    assert by_name["gap_questions"].age_seconds == pytest.approx(60, abs=20)
    assert by_name["telegram_updates"].is_late
    assert "1 wait in telegram_updates, the oldest for 11 minutes" in unwell(services)["queues"]
    assert b'heliotrope_queue_length{queue="gap_questions"} 1.0' in services.telemetry.meters.exposition()


def test_a_model_that_fails_more_often_than_not_is_told_of(services: ScriptedServices):
    failed = replace(REPLY, timings_ms={**REPLY.timings_ms, "model_failed": 1.0})
    for _ in range(2):
        services.telemetry.answered(failed, "web")
    assert unwell(services) == {}
    services.telemetry.answered(failed, "web")
    assert "failed in 3 of its last 3 answers" in unwell(services)["model"]
    for _ in range(WATCHED):
        services.telemetry.answered(replace(REPLY, model="openai:small"), "web")
    assert unwell(services) == {}
    assert value(services.telemetry.meters, "heliotrope_model_failures_total") == 3


def test_a_full_disk_is_told_of(services: ScriptedServices, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(10**12, 10**12, 5 * 2**20))
    assert "has 5 MB left" in unwell(services)["disk"]


def test_without_a_database_or_a_release_nothing_can_be_answered(services: ScriptedServices, tmp_path: Path):
    settings = Settings(home=tmp_path)
    bare = Telemetry.over(settings, services.engine, empty_library(tmp_path / "bare"))
    needed = [part for part in bare.condition.parts() if part.is_needed and not part.is_well]
    assert [part.name for part in needed] == ["knowledge"]
    with services.engine.begin() as connection:
        connection.execute(text("DROP TABLE telegram_updates"))
    assert b'heliotrope_part_well{part="knowledge"} 1.0' in services.telemetry.meters.exposition()


def test_a_day_is_told_in_its_own_time_zone(services: ScriptedServices):
    day = date(2026, 11, 20)
    night = datetime(2026, 11, 19, 16, 30)  # half past midnight in Shanghai
    timings = ({"total": 100.0}, {"total": 300.0}, {"total": 200.0, "model_failed": 1.0})
    verdicts: list[Any] = ["up", "down", None]
    for number, (taken, verdict) in enumerate(zip(timings, verdicts, strict=True)):
        fields = {"timings_ms": taken, "grounded": number > 0, "refused": number == 1}
        asked(services, "问", at=night + timedelta(hours=8 * number), verdict=verdict, **fields)
    asked(services, "前一天", at=night - timedelta(hours=1))
    numbers = services.telemetry.days.numbers(day)
    assert (numbers.answers, numbers.refused, numbers.ungrounded, numbers.stood_in) == (3, 1, 1, 1)
    assert (numbers.up, numbers.down, numbers.median_ms) == (1, 1, 200.0)
    assert [(hour.hour, hour.answered, hour.refused) for hour in numbers.hours if hour.median_ms is not None] == [
        (0, 1, 0),
        (8, 0, 1),
        (16, 1, 0),
    ]
    assert services.telemetry.days.answers_until(day, datetime(2026, 1, 1, 9).time()) == 2
    nothing = services.telemetry.days.numbers(day + timedelta(days=1))
    assert (nothing.answers, nothing.median_ms, nothing.refused_share) == (0, None, None)


def _ago(seconds: float) -> datetime:
    return datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=seconds)
