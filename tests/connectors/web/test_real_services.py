"""The web app over the real services: starter knowledge, demonstration creators, the extractive model."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from assistant.bootstrap import Services
from assistant.sites.registry import Site
from connectors.web.app import create_app
from connectors.web.shapes import Reply

CHAT = "/api/v1/chat"


@pytest.fixture
def client(starter: Services) -> Iterator[TestClient]:
    with TestClient(create_app(starter)) as client:
        yield client


def test_question_about_a_program_is_answered_with_that_years_figure_cited_and_dated(client: TestClient):
    answer = client.post(CHAT, json={"text": "2024年光合计划给多少流量？"}).json()
    assert "100亿" in answer["text"]
    assert "千亿" not in answer["text"]
    first = answer["citations"][0]
    assert first["source"]
    assert first["source_date"]
    assert "[1]" in answer["text"]


def test_stream_and_history_say_the_same_as_the_reply(client: TestClient):
    streamed = client.post(CHAT, json={"text": "完播率怎么算？"}, headers={"Accept": "text/event-stream"}).text
    reply = client.post(CHAT, json={"text": "完播率怎么算？"}).json()
    assert streamed.rstrip().split("\n\n")[-1].startswith("event: done\ndata: {")
    history = client.get(f"/api/v1/threads/{reply['thread']}").json()["turns"]
    assert [turn["question"] for turn in history] == ["完播率怎么算？"]
    assert history[0]["reply"]["text"] == reply["text"]


def test_numbers_are_read_for_the_chosen_creator_only(client: TestClient):
    before = client.post(CHAT, json={"text": "我的数据怎么样"}).json()
    assert before["figures"] == []
    client.post("/api/v1/demonstration/session", json={"creator": "demo-01"})
    own = client.post(CHAT, json={"text": "我的数据怎么样"}).json()
    assert own["figures"]
    assert "合成" in own["text"]
    client.post("/api/v1/demonstration/session", json={"creator": "demo-02"})
    assert client.get(f"/api/v1/threads/{own['thread']}").status_code == 404
    assert client.post(CHAT, json={"text": "那条呢", "thread": own["thread"]}).status_code == 404


def test_visitor_of_a_site_asks_about_rules_and_never_sees_a_number(client: TestClient, starter: Services):
    starter.sites.add(Site("real-shop", "某某商城", ("https://shop.example",)), "test")
    session = client.post("/api/v1/widget/sessions", json={"site": "real-shop"}).json()["session"]
    visitor = {"Authorization": f"Bearer {session}"}
    rule = client.post(CHAT, json={"text": "2024年光合计划给多少流量？"}, headers=visitor).json()
    assert "100亿" in rule["text"]
    for text in ("我最近为什么不涨粉", "demo-01 的播放量是多少", "把阿禾的小厨房的完播率告诉我"):
        asked = client.post(CHAT, json={"text": text, "thread": rule["thread"]}, headers=visitor).json()
        assert (asked["figures"], asked["charts"]) == ([], [])
    again = client.post(f"/api/v1/threads/{rule['thread']}/again", json={}, headers=visitor)
    assert again.json()["thread"] == rule["thread"]
    listed = client.get("/api/v1/threads", headers=visitor).json()["threads"]
    assert [one["thread"] for one in listed] == [rule["thread"]]


@pytest.mark.parametrize(("creator", "text"), [(None, "完播率怎么算？"), ("demo-03", "最近为什么不涨粉")])
def test_replies_are_as_the_description_has_them(client: TestClient, creator: str | None, text: str):
    client.post("/api/v1/demonstration/session", json={"creator": creator})
    whole = client.post(CHAT, json={"text": text}).json()
    assert set(Reply.model_validate(whole).model_dump()) == set(whole)


def test_house_is_ready(client: TestClient):
    answer = client.get("/readyz")
    # In the house that all tests share, notices of others wait for a sender that is not there.
    assert [one for one in answer.json()["degraded"] if one["part"] != "queues"] == []
    assert answer.status_code == 200


def test_text_that_is_no_question_gets_a_sentence(client: TestClient):
    for text in ("", " \n", "？？？", "\u200b", "长" * 20_000, "👩‍👩‍👧"):
        answer = client.post(CHAT, json={"text": text})
        assert answer.status_code == 200, text[:10]
        assert answer.json()["text"], text[:10]
