"""The pictures of an answer's charts: drawn from what was kept, for whose answer it is and for nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from assistant.bootstrap import Services
from assistant.creators.charts.painting import Painter
from connectors.web.app import create_app
from connectors.web.charts import Drawn

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def client(starter: Services) -> Iterator[TestClient]:
    with TestClient(create_app(starter)) as client:
        yield client


def asked(client: TestClient, creator: str, text: str) -> dict[str, Any]:
    client.post("/api/v1/demonstration/session", json={"creator": creator})
    reply: dict[str, Any] = client.post("/api/v1/chat", json={"text": text}).json()
    return reply


def test_a_question_about_growth_brings_a_chart_with_its_table_and_pictures(client: TestClient) -> None:
    reply = asked(client, "demo-04", "最近为什么不涨粉")
    (chart,) = reply["charts"]
    assert set(chart) == {"id", "title", "alt", "table", "svg", "png"}
    assert chart["title"] == "粉丝走势"
    assert chart["table"]["headings"] == ["日期", "粉丝", "低", "高"]
    assert len(chart["table"]["rows"]) > 100
    for theme, sheet in (("light", "#fffdf8"), ("dark", "#221e18")):
        drawn = client.get(chart["svg"], params={"theme": theme})
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
        assert "private" in drawn.headers["cache-control"]
        assert sheet in drawn.text
        assert "粉丝走势" in "".join(ElementTree.fromstring(drawn.text).itertext())
    photo = client.get(chart["png"])
    assert photo.headers["content-type"] == "image/png"
    assert photo.content.startswith(PNG)
    assert client.get(f"/api/v1/threads/{reply['thread']}").json()["turns"][0]["reply"]["charts"] == reply["charts"]


def test_a_picture_is_for_whose_answer_it_is(client: TestClient, starter: Services) -> None:
    address = asked(client, "demo-04", "诊断一下我最新的作品")["charts"][0]["svg"]
    assert client.get(address).status_code == 200
    own = {"Authorization": f"Bearer {starter.tokens.issue('demo-04')}"}
    assert TestClient(create_app(starter)).get(address, headers=own).status_code == 200
    other = {"Authorization": f"Bearer {starter.tokens.issue('demo-05')}"}
    forged = {"Authorization": "Bearer nonsense"}
    stranger = TestClient(create_app(starter))
    assert [stranger.get(address, headers=headers).status_code for headers in ({}, other, forged)] == [404, 404, 401]
    client.post("/api/v1/demonstration/session", json={"creator": "demo-05"})
    refused = client.get(address)
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"


def test_what_is_no_chart_is_not_found(client: TestClient) -> None:
    reply = asked(client, "demo-04", "诊断一下我最新的作品")
    for place in ("charts/2.svg", "charts/0.svg", "charts/-1.svg", "charts/one.svg", "charts/1.gif"):
        refused = 422 if place == "charts/0.svg" else 404  # charts are counted from 1
        assert client.get(f"/api/v1/answers/{reply['answer_id']}/{place}").status_code == refused, place
    assert client.get("/api/v1/answers/none/charts/1.svg").status_code == 404


def test_another_theme_is_refused(client: TestClient) -> None:
    address = asked(client, "demo-04", "诊断一下我最新的作品")["charts"][0]["svg"]
    assert client.get(address, params={"theme": "pink"}).status_code == 422


def test_an_answer_without_a_chart_keeps_none(client: TestClient) -> None:
    reply = asked(client, "demo-04", "完播率怎么算？")
    assert reply["charts"] == []
    assert client.get(f"/api/v1/answers/{reply['answer_id']}/charts/1.svg").status_code == 404


def test_without_fonts_the_answer_goes_on_and_the_picture_says_why(starter: Services, tmp_path: Path) -> None:
    client = TestClient(create_app(replace(starter, painter=Painter(tmp_path))))
    chart = asked(client, "demo-04", "最近为什么不涨粉")["charts"][0]
    assert chart["table"]["rows"]
    refused = client.get(chart["svg"])
    assert refused.status_code >= 500
    assert "make setup" in refused.json()["detail"]


def test_pictures_are_drawn_once_and_the_oldest_is_forgotten() -> None:
    drawn, made = Drawn(remembered=2), []

    def draw(name: str) -> bytes:
        return drawn.picture((name,), lambda: made.append(name) or name.encode())  # type: ignore[func-returns-value]

    assert [draw(name) for name in ("a", "b", "a", "c", "a", "b")] == [b"a", b"b", b"a", b"c", b"a", b"b"]
    assert made == ["a", "b", "c", "b"]
