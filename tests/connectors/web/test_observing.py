"""/readyz and /metrics over HTTP: what they tell, and to whom."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assistant.telemetry.condition import Condition, Part
from assistant.telemetry.tracing import traces_to
from connectors.web.app import create_app
from tests.connectors.web.scripted import ScriptedServices, scripted_services

HERE = ("127.0.0.1", 5000)


def metrics_for(services: ScriptedServices, peer: tuple[str, int] = HERE, **headers: str) -> tuple[int, str]:
    with TestClient(create_app(services), client=peer) as client:
        client.get("/api/v1/threads/somebodys-thread")
        client.get("/nowhere/at/all")
        answer = client.get("/metrics", headers=headers)
        return answer.status_code, answer.text


def test_requests_are_counted_by_their_declared_route_and_never_by_what_was_asked_for(services: ScriptedServices):
    status, told = metrics_for(services)
    assert status == 200
    assert 'heliotrope_http_requests_total{method="GET",route="/api/v1/threads/{thread}",status="404"} 1.0' in told
    assert 'route="unknown",status="404"} 1.0' in told
    assert 'heliotrope_part_well{part="database"} 1.0' in told
    assert "process_resident_memory_bytes" in told
    for asked in ("somebodys-thread", "nowhere"):
        assert asked not in told


def test_without_a_token_only_this_machine_reads_the_metrics_and_no_proxy_on_it(services: ScriptedServices):
    assert metrics_for(services, ("203.0.113.9", 5000))[0] == 404
    assert metrics_for(services, HERE, **{"X-Forwarded-For": "203.0.113.9"})[0] == 404


@pytest.mark.parametrize(("bearer", "status"), [("", 401), ("Bearer wrong", 401), ("Bearer token-of-tests", 200)])
def test_with_a_token_whoever_sends_it_reads_them(tmp_path: Path, bearer: str, status: int):
    services = scripted_services(tmp_path, metrics_token="token-of-tests")
    headers = {"Authorization": bearer} if bearer else {}
    assert metrics_for(services, ("203.0.113.9", 5000), **headers)[0] == status


def test_readiness_says_what_works_less_well_than_it_should(
    services: ScriptedServices, monkeypatch: pytest.MonkeyPatch
):
    with TestClient(create_app(services)) as client:
        assert client.get("/readyz").json() == {"status": "ready", "release": 1, "degraded": []}
        monkeypatch.setattr(Condition, "parts", lambda _: [Part("disk", "The disk has 5 MB left; make room.")])
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["status"] == "degraded"
        assert answer.json()["degraded"] == [{"part": "disk", "says": "The disk has 5 MB left; make room."}]
        monkeypatch.setattr(Condition, "parts", lambda _: [Part("database", "It is gone.", is_needed=True)])
        assert client.get("/readyz").status_code == 503


def test_a_request_is_a_span_named_for_its_route(services: ScriptedServices):
    exporter = InMemorySpanExporter()
    services.telemetry = replace(services.telemetry, traces=traces_to(SimpleSpanProcessor(exporter)))
    with TestClient(create_app(services)) as client:
        client.get("/api/v1/threads/somebodys-thread?question=secret")
    (span,) = exporter.get_finished_spans()
    assert span.name == "GET /api/v1/threads/{thread}"
    for private in ("secret", "somebodys-thread", "testclient"):
        assert private not in span.to_json()
