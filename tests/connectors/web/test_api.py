"""The HTTP API: answers, who may ask as whom, and what a failure looks like."""

import json
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.telemetry.service import Telemetry
from connectors.web.app import create_app
from connectors.web.problems import MEDIA_TYPE
from connectors.web.sessions import COOKIE
from tests.connectors.web.scripted import DEMO, OTHER_DEMO, REAL, ScriptedServices, empty_library, scripted_services

CHAT = "/api/v1/chat"
SESSION = "/api/v1/demonstration/session"
ZH = {"Accept-Language": "zh-CN,zh;q=0.9"}


def bearer(services: ScriptedServices, creator: str = REAL.id, seconds: int = 60) -> dict[str, str]:
    return {"Authorization": f"Bearer {services.tokens.issue(creator, seconds)}"}


def frames(text: str) -> list[tuple[str, dict]]:
    """(event, data) of a stream, comments left out."""
    found = []
    for frame in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in frame.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def refused(answer, status: int) -> str:
    """The sentence of a problem, after checking its shape."""
    body = answer.json()
    assert answer.status_code == status == body["status"]
    assert answer.headers["content-type"].startswith(MEDIA_TYPE)
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["detail"]
    return body["detail"]


def test_answer_is_json_by_default(client: TestClient, services: ScriptedServices):
    answer = client.post(CHAT, json={"text": "2024年光合计划给多少流量？", "as_of": "2024-09-01"}).json()
    assert "100 亿" in answer["text"]
    assert answer["citations"][0]["n"] == 1
    assert services.assistant.asked == [(None, "2024年光合计划给多少流量？", date(2024, 9, 1))]
    assert services.assistant.callers[0].creator is None
    assert services.assistant.callers[0].channel == "web"


def test_answer_streams_its_events_and_ends_with_the_whole_reply(client: TestClient):
    answer = client.post(CHAT, json={"text": "光合计划"}, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = frames(answer.text)
    assert [kind for kind, _ in events][:2] == ["status", "sentence"]
    assert events[-1][0] == "done"
    assert "".join(data["text"] for kind, data in events if kind == "sentence") == events[-1][1]["text"]


def test_bearer_token_speaks_for_its_creator(client: TestClient, services: ScriptedServices):
    client.post(CHAT, json={"text": "我"}, headers=bearer(services))
    assert services.assistant.callers[-1].creator == REAL.id


def test_bad_credential_is_never_answered_anonymously(client: TestClient, services: ScriptedServices):
    for authorization in ("Bearer nonsense", "Bearer ", "Basic YTpi", "nonsense", ""):
        answer = client.post(CHAT, json={"text": "我"}, headers={"Authorization": authorization})
        refused(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer", authorization
    assert services.assistant.callers == []


def test_expired_token_and_token_of_nobody_are_refused(client: TestClient, services: ScriptedServices):
    for headers in (bearer(services, seconds=-1), bearer(services, creator="nobody")):
        refused(client.post(CHAT, json={"text": "我"}, headers=headers), 401)
        refused(client.get("/api/v1/threads/thread-1", headers=headers), 401)
    assert services.assistant.callers == []


def test_page_asks_as_a_demonstration_creator_until_it_stops(client: TestClient, services: ScriptedServices):
    listed = client.get("/api/v1/demonstration").json()
    assert [creator["id"] for creator in listed["creators"]] == [DEMO.id, OTHER_DEMO.id]
    assert listed["creators"][0]["synthetic"] is True
    assert listed["current"] is None

    chosen = client.post(SESSION, json={"creator": DEMO.id})
    cookie = chosen.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/api/v1/demonstration").json()["current"] == DEMO.id
    client.post(CHAT, json={"text": "我"})
    assert services.assistant.callers[-1].creator == DEMO.id

    client.post(SESSION, json={"creator": None})
    client.post(CHAT, json={"text": "我"})
    assert services.assistant.callers[-1].creator is None


def test_only_demonstration_creators_can_be_chosen(client: TestClient):
    for creator in (REAL.id, "nobody", ""):
        refused(client.post(SESSION, json={"creator": creator}), 404)
    assert COOKIE not in client.cookies


def test_cookie_never_speaks_for_a_real_creator(client: TestClient, services: ScriptedServices):
    client.cookies.set(COOKIE, services.tokens.issue(REAL.id))
    refused(client.post(CHAT, json={"text": "我"}), 401)
    assert services.assistant.callers == []
    listed = client.get("/api/v1/demonstration")
    assert listed.json()["current"] is None
    assert f'{COOKIE}=""' in listed.headers["set-cookie"]


def test_forged_or_expired_session_is_refused_with_a_sentence(client: TestClient, services: ScriptedServices):
    for cookie in ("nonsense", services.tokens.issue(DEMO.id, -1)):
        client.cookies.set(COOKIE, cookie)
        assert "演示身份" in refused(client.post(CHAT, json={"text": "我"}, headers=ZH), 401)


def test_another_sites_page_cannot_use_the_session(client: TestClient, services: ScriptedServices):
    client.post(SESSION, json={"creator": DEMO.id})
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        refused(client.post(CHAT, json={"text": "我"}, headers={"Origin": origin}), 403)
        refused(client.post(SESSION, json={"creator": None}, headers={"Origin": origin}), 403)
    assert services.assistant.callers == []
    assert client.post(CHAT, json={"text": "我"}, headers={"Origin": "http://testserver"}).status_code == 200


def test_thread_is_read_by_its_owner_only(client: TestClient, services: ScriptedServices):
    thread = client.post(CHAT, json={"text": "第一问"}).json()["thread"]
    client.post(CHAT, json={"text": "第二问", "thread": thread})
    history = client.get(f"/api/v1/threads/{thread}").json()
    assert [turn["question"] for turn in history["turns"]] == ["第一问", "第二问"]
    assert history["turns"][0]["reply"]["citations"]
    refused(client.get(f"/api/v1/threads/{thread}", headers=bearer(services)), 404)
    refused(client.post(CHAT, json={"text": "偷看", "thread": thread}, headers=bearer(services)), 404)


def test_problem_before_the_first_event_is_the_status_of_a_stream_too(client: TestClient, services: ScriptedServices):
    thread = client.post(CHAT, json={"text": "第一问"}).json()["thread"]
    headers = {"Accept": "text/event-stream", **bearer(services)}
    refused(client.post(CHAT, json={"text": "偷看", "thread": thread}, headers=headers), 404)


def test_invalid_body_gets_a_sentence_that_names_the_field(client: TestClient):
    for body, said in (
        ('{"thread": null}', "text"),
        ('{"text": 5}', "text"),
        ('{"text": null}', "text"),
        ('{"text": "a", "as_of": "2024"}', "as_of"),
        ('{"text": "a", "as_of": 20240101}', "as_of"),
        ('{"text": "a", "as_of": "2024-02-30"}', "as_of"),
        ('{"text": "a", "asof": "2024-01-01"}', "asof"),
        ('{"text": "a", "thread": "../x"}', "thread"),
        ('{"text": "\\ud800"}', "text"),
        ("[]", "JSON"),
        ("{", "JSON"),
        ("", "JSON"),
    ):
        answer = client.post(CHAT, content=body, headers={"Content-Type": "application/json", **ZH})
        assert said in refused(answer, 422), body


def test_body_that_is_not_declared_as_json_is_refused(client: TestClient):
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        refused(client.post(CHAT, content='{"text": "a"}', headers={"Content-Type": kind}), 422)
    refused(client.post(CHAT, content=b'\xff{"text": 1}', headers={"Content-Type": "application/json"}), 422)


def test_large_body_is_refused_announced_or_not(client: TestClient):
    large = json.dumps({"text": "长" * 70_000}).encode()
    headers = {"Content-Type": "application/json"}
    refused(client.post(CHAT, content=large, headers=headers), 413)
    refused(client.post(CHAT, content=iter([large[:40_000], large[40_000:]]), headers=headers), 413)


def test_unforeseen_error_is_a_plain_sentence_and_logged(client: TestClient, caplog: pytest.LogCaptureFixture):
    answer = client.post(CHAT, json={"text": "坏了"})
    assert "secret" not in refused(answer, 500)
    assert "content-security-policy" in answer.headers
    assert "a secret detail" in caplog.text
    refused(client.post(CHAT, json={"text": "坏了"}, headers={"Accept": "text/event-stream"}), 500)


def test_failure_half_way_is_told_inside_the_stream(client: TestClient):
    answer = client.post(CHAT, json={"text": "断"}, headers={"Accept": "text/event-stream"})
    assert [kind for kind, _ in frames(answer.text)] == ["status", "sentence", "problem"]
    assert frames(answer.text)[-1][1]["status"] == 503


def test_anonymous_questions_are_limited_in_the_language_of_the_question(tmp_path: Path):
    services = scripted_services(tmp_path, anonymous_limit=2)
    with TestClient(create_app(services)) as client:
        for _ in range(2):
            assert client.post(CHAT, json={"text": "问"}).status_code == 200
        answer = client.post(CHAT, json={"text": "还能问吗"}, headers={"Accept-Language": "en"})
        assert "请等" in refused(answer, 429)
        assert 1 <= int(answer.headers["retry-after"]) <= 30
        assert "please wait" in refused(client.post(CHAT, json={"text": "One more"}, headers=ZH), 429)
        # Anybody may open a demonstration session, so it is no way around the limit; a token is.
        client.post(SESSION, json={"creator": DEMO.id})
        refused(client.post(CHAT, json={"text": "我"}), 429)
        assert client.post(CHAT, json={"text": "我"}, headers=bearer(services)).status_code == 200


def test_health_and_readiness(client: TestClient, services: ScriptedServices):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready", "release": 1, "degraded": []}
    services.library = empty_library(services.settings.home)
    services.telemetry = Telemetry.over(services.settings, services.engine, services.library)
    answer = client.get("/readyz", headers=ZH)
    assert "还没有发布" in refused(answer, 503)
    assert answer.headers["retry-after"] == "5"


def test_unknown_address_and_wrong_method_are_problems(client: TestClient):
    refused(client.get("/nowhere"), 404)
    refused(client.get(CHAT), 405)
