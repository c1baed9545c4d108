"""Writes that are sent again, lists by pages, and the description of the API held against the API itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from connectors.web.app import create_app
from connectors.web.problems import Refusal
from connectors.web.repeats import Repeats
from tests.connectors.web.scripted import ScriptedServices, scripted_services

ASK = {"text": "光合计划给多少流量"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> ScriptedServices:
    return scripted_services(tmp_path_factory.mktemp("repeats"))


@pytest.fixture(scope="module")
def client(services: ScriptedServices) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client


def test_a_question_sent_again_with_its_key_is_asked_once(client: TestClient, services: ScriptedServices):
    asked = len(services.assistant.asked)
    first = client.post("/api/v1/chat", json=ASK, headers={"Idempotency-Key": "one"})
    again = client.post("/api/v1/chat", json=ASK, headers={"Idempotency-Key": "one"})
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert "idempotency-replayed" not in first.headers
    assert len(services.assistant.asked) == asked + 1


def test_a_stream_sent_again_ends_with_the_same_reply(client: TestClient, services: ScriptedServices):
    headers = {"Idempotency-Key": "stream", "Accept": "text/event-stream"}
    first, again = (client.post("/api/v1/chat", json=ASK, headers=headers).text for _ in range(2))
    assert again.count("event: done") == 1
    assert first.partition("event: done")[2] == again.partition("event: done")[2]
    whole = client.post("/api/v1/chat", json=ASK, headers={"Idempotency-Key": "stream"})
    assert json.loads(first.partition("event: done\ndata: ")[2]) == whole.json()


def test_a_key_is_for_one_request_of_one_caller(client: TestClient, services: ScriptedServices):
    assert client.post("/api/v1/chat", json=ASK, headers={"Idempotency-Key": "mine"}).status_code == 200
    other = client.post("/api/v1/chat", json={"text": "你好"}, headers={"Idempotency-Key": "mine"})
    assert (other.status_code, other.json()["detail"][:18]) == (422, "This Idempotency-K")
    token = {"Authorization": f"Bearer {services.tokens.issue('real-1')}", "Idempotency-Key": "mine"}
    assert "idempotency-replayed" not in client.post("/api/v1/chat", json=ASK, headers=token).headers
    assert client.post("/api/v1/chat", json=ASK, headers={"Idempotency-Key": "k" * 256}).status_code == 422


def test_what_was_refused_or_failed_is_tried_anew(client: TestClient, services: ScriptedServices):
    key = {"Idempotency-Key": "unlucky", "Accept": "text/event-stream"}
    services.assistant.failures = 1
    assert "event: problem" in client.post("/api/v1/chat", json={"text": "断"}, headers=key).text
    assert "event: done" in client.post("/api/v1/chat", json={"text": "断"}, headers=key).text
    for _ in range(2):
        refused = client.post("/api/v1/chat", json={"text": "x", "thread": "../x"}, headers={"Idempotency-Key": "bad"})
        assert refused.status_code == 422
        assert "thread" in refused.json()["detail"]


def test_the_same_write_under_way_is_told_to_wait_and_a_lost_one_is_forgotten(services: ScriptedServices):
    now = datetime.now(UTC)
    repeats = Repeats(services.engine, lambda: now)
    assert repeats.begin("key", "print") is None
    with pytest.raises(Refusal) as refused:
        repeats.begin("key", "print")
    assert (refused.value.status, refused.value.headers) == (409, {"Retry-After": "1"})
    now += timedelta(minutes=6)
    assert repeats.begin("key", "print") is None
    repeats.keep("key", '{"a": 1}')
    assert repeats.begin("key", "print") == {"a": 1}
    now += timedelta(hours=25)
    assert repeats.begin("key", "other") is None


def test_lists_come_in_pages(tmp_path: Path):
    with TestClient(create_app(scripted_services(tmp_path))) as client:
        threads = [client.post("/api/v1/chat", json={"text": f"第 {n} 问"}).json()["thread"] for n in range(5)]
        for _ in range(4):
            client.post("/api/v1/chat", json={"text": "再问", "thread": threads[0]})
        seen, cursor = [], ""
        while cursor is not None:
            page = client.get(f"/api/v1/threads?limit=2{cursor and '&cursor=' + cursor}").json()
            seen += [one["thread"] for one in page["threads"]]
            cursor = page["next"]
        assert sorted(seen) == sorted(threads)
        last = client.get(f"/api/v1/threads/{threads[0]}?limit=2").json()
        earlier = client.get(f"/api/v1/threads/{threads[0]}?limit=3&cursor={last['next']}").json()
        assert [turn["question"] for turn in earlier["turns"] + last["turns"]] == ["第 0 问"] + ["再问"] * 4
        assert earlier["next"] is None
        assert client.get("/api/v1/threads?cursor=%00").status_code == 422
