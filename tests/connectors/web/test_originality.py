"""A creator's originality cases over HTTP: reported, followed, answered; nobody else's."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.programs.cases.desk import MOST_OPEN
from tests.connectors.web.scripted import REAL, ScriptedServices
from tests.fakes import png

CASES = "/api/v1/cases"
COPIED = {"own_title": "番茄牛腩", "other_url": "https://v.kuaishou.com/abc?share_id=1", "statement": "整条搬运。"}


@pytest.fixture
def mei(services: ScriptedServices) -> dict[str, str]:
    return {"Authorization": f"Bearer {services.tokens.issue(REAL.id)}", "Accept-Language": "zh"}


def reported(client: TestClient, headers: dict[str, str], **more: str) -> dict[str, Any]:
    answer = client.post(CASES, json={**COPIED, **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_report_with_pictures_is_followed_to_its_end(
    services: ScriptedServices, client: TestClient, mei: dict[str, str]
):
    case = reported(client, mei, other_title="番茄 牛腩！")
    assert (case["state"], case["acts"], case["title_likeness"]) == ("filed", ["withdraw"], 1)
    where = f"{CASES}/{case['id']}"
    for role in ("own_cover", "other_cover"):
        sent = client.post(f"{where}/files?role={role}&name=封面.png", content=png(), headers=mei)
        assert sent.status_code == 200, sent.text
    assert sent.json()["cover_likeness"] == 1
    assert [one["role"] for one in sent.json()["files"]] == ["own_cover", "other_cover"]
    shown = client.get(f"{where}/files/{sent.json()['files'][0]['id']}", headers=mei)
    assert shown.headers["content-type"] == "image/png"
    services.cases.note(case["id"], "li", "看着像")
    services.cases.move(case["id"], "want", "staff", "li", "请补充发布时间。")
    wanting = client.get(where, headers=mei).json()
    assert (wanting["state"], wanting["acts"]) == ("wanting", ["supply", "withdraw"])
    assert [(one["act"], one["by"]) for one in wanting["history"]] == [("file", "creator"), ("want", "staff")]
    assert '"li"' not in client.get(where, headers=mei).text
    empty = client.post(f"{where}/steps", json={"act": "supply", "text": " "}, headers=mei)
    assert (empty.status_code, empty.json()["detail"]) == (422, "请用一两句话写明理由。")
    again = client.post(f"{where}/steps", json={"act": "supply", "text": "10 月 1 日"}, headers=mei).json()
    assert again["state"] == "filed"
    services.cases.move(case["id"], "uphold", "staff", "li", "对方作品已处理。")
    refused = client.post(f"{where}/steps", json={"act": "appeal", "text": "再看看"}, headers=mei)
    assert (refused.status_code, refused.json()["detail"]) == (409, "案件的状态是成立，现在不能这样做。")
    late = client.post(f"{where}/files?role=evidence", content=png(), headers=mei)
    assert late.status_code == 409


def test_the_same_pair_is_recognised_from_the_chat_too(
    services: ScriptedServices, client: TestClient, mei: dict[str, str]
):
    first = reported(client, mei)
    again = reported(client, mei, other_url="http://www.v.kuaishou.com/abc/")
    assert again["duplicate_of"] == first["id"]
    assert [one["id"] for one in client.get(CASES, headers=mei).json()["cases"]] == [again["id"], first["id"]]


def test_what_cannot_be_used_says_why(services: ScriptedServices, client: TestClient, mei: dict[str, str]):
    for change, said in (
        ({"other_url": "javascript:alert(1)"}, "链接要写完整，例如 https://v.kuaishou.com/abc。"),
        ({"statement": " "}, "说明要有 1 到 2000 个字。"),
        ({"own_title": "  "}, "请写出你自己作品的标题（1 到 200 个字）。"),
    ):
        answer = client.post(CASES, json={**COPIED, **change}, headers=mei)
        assert (answer.status_code, answer.json()["detail"]) == (422, said)
    where = f"{CASES}/{reported(client, mei)['id']}/files"
    assert client.post(f"{where}?role=evidence", content=b"<svg/>", headers=mei).json()["detail"] == (
        "这不是 PNG、JPEG 或 WebP 图片。"
    )
    assert client.post(f"{where}?role=letter", content=png(), headers=mei).status_code == 422
    assert client.post(f"{where}?role=evidence", content=bytes(6 * 1024**2), headers=mei).status_code == 413
    assert client.post(CASES, json={**COPIED, "creator_id": "demo-01"}, headers=mei).status_code == 422


def test_only_so_many_reports_are_under_way(services: ScriptedServices, client: TestClient, mei: dict[str, str]):
    for number in range(MOST_OPEN):
        last = reported(client, mei, other_url=f"https://example.com/{number}")
    answer = client.post(CASES, json=COPIED, headers=mei)
    assert answer.status_code == 409
    assert "20 份举报在处理" in answer.json()["detail"]
    client.post(f"{CASES}/{last['id']}/steps", json={"act": "withdraw"}, headers=mei)
    reported(client, mei)


def test_another_creators_case_is_not_there(services: ScriptedServices, client: TestClient, mei: dict[str, str]):
    case = reported(client, mei)
    sent = client.post(f"{CASES}/{case['id']}/files?role=evidence", content=png(), headers=mei).json()
    other = {"Authorization": f"Bearer {services.tokens.issue('demo-01')}"}
    where = f"{CASES}/{case['id']}"
    assert client.get(where, headers=other).status_code == 404
    assert client.get(f"{where}/files/{sent['files'][0]['id']}", headers=other).status_code == 404
    assert client.post(f"{where}/files?role=evidence", content=png(), headers=other).status_code == 404
    assert client.post(f"{where}/steps", json={"act": "withdraw"}, headers=other).status_code == 404
    assert client.get(CASES, headers=other).json()["cases"] == []
    assert client.get(CASES).status_code == 401
