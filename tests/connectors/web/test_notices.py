"""A creator's notices over HTTP."""

from fastapi.testclient import TestClient

from assistant.programs.notices.notice import Message, Post
from tests.connectors.web.scripted import ScriptedServices

LINK = "https://example.com/task"


def told(creator: str, occasion: str) -> Post:
    return Post(creator, "task", occasion, Message(f"标题 {occasion}", "正文", LINK))


def test_a_creator_reads_marks_and_opens_their_own_notices_only(services: ScriptedServices, client: TestClient):
    services.notices.post([told("real-1", "a"), told("real-1", "b"), told("demo-01", "c")])
    bearer = {"Authorization": f"Bearer {services.tokens.issue('real-1')}"}
    page = client.get("/api/v1/notices", headers=bearer).json()
    assert [one["title"] for one in page["notices"]] == ["标题 b", "标题 a"]
    assert page["unseen"] == 2
    newest = page["notices"][0]
    assert client.post(f"/api/v1/notices/{newest['id']}/open", headers=bearer).json() == {"link": LINK}
    assert client.post("/api/v1/notices/seen", headers=bearer, json={"through": newest["id"]}).json() == {"marked": 1}
    after = client.get("/api/v1/notices", headers=bearer).json()
    assert after["unseen"] == 0
    assert all(one["seen_at"] for one in after["notices"])
    assert client.post(f"/api/v1/notices/{newest['id'] + 1}/open", headers=bearer).status_code == 404
    assert client.get("/api/v1/notices").status_code == 401
    assert client.get(f"/go/{newest['id']}/{'0' * 24}").status_code == 404


def test_a_creator_says_how_to_be_told(services: ScriptedServices, client: TestClient):
    bearer = {"Authorization": f"Bearer {services.tokens.issue('real-1')}"}
    where = "/api/v1/notices/settings"
    changed = client.patch(where, headers=bearer, json={"muted": ["campaign"], "quiet_from": 21, "weekly": 2}).json()
    assert changed == client.get(where, headers=bearer).json()
    assert (changed["muted"], changed["quiet_from"], changed["weekly"]) == (["campaign"], 21, 2)
    assert client.patch(where, headers=bearer, json={"weekly": None}).json()["weekly"] is None
    for wrong in ({"muted": ["ticket"]}, {"timezone": "Mars/Olympus"}, {"email": "nobody"}, {"other": 1}):
        assert client.patch(where, headers=bearer, json=wrong).status_code in (400, 422)
    services.notices.post([Post("real-1", "campaign", "x", Message("标题", "正文"))])
    assert client.get("/api/v1/notices", headers=bearer).json()["notices"] == []
