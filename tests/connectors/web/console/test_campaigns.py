"""Campaigns in the console: who may do what, faulty forms, and one from its form to its results."""

import io

from PIL import Image

from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import DEMO, OTHER_DEMO, ScriptedServices

FORM = {
    "name": "冬日开拍",
    "categories": "美食，知识",
    "title_a_zh": "{name}，冬日开拍",
    "body_a_zh": "两周三条作品。",
    "title_b_zh": "冬天也来拍",
    "body_b_zh": "{name}，三条就够。",
    "link": "https://www.example.com/winter",
}


def picture() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(output, "PNG")
    return output.getvalue()


def seen(services: ScriptedServices, campaign: int) -> str:
    """What the page of a campaign sends along with an approval: the moment of the last change."""
    return services.campaigns.find(campaign).changed_at.isoformat()


def test_one_writes_another_approves_and_the_results_show(desk: Desk, services: ScriptedServices):
    editor, publisher, viewer = desk("editor"), desk("publisher"), desk("viewer")
    path = editor.send("/console/campaigns/save", **FORM).headers["location"]
    number = int(path.rsplit("/", 1)[1])
    page = editor.get(path).text
    assert "阿禾的小厨房，冬日开拍" in page or "阿禾的小厨房，三条就够。" in page
    assert 'value="美食，知识"' in editor.get(f"{path}/edit").text
    assert editor.send(f"{path}/approve", seen=seen(services, number)).status_code == 403
    assert publisher.send(f"{path}/approve", seen="2020-01-01T00:00:00").status_code == 409
    assert publisher.send(f"{path}/approve", seen="gestern").status_code == 422
    assert publisher.send(f"{path}/schedule").status_code == 409
    assert publisher.send(f"{path}/approve", seen=seen(services, number)).status_code == 303
    assert publisher.send(f"{path}/schedule", starts_at="tomorrow").status_code == 422
    assert publisher.send(f"{path}/schedule").status_code == 303
    assert editor.send("/console/campaigns/save", campaign=str(number), **FORM).status_code == 409
    assert publisher.send(f"{path}/pause").status_code == 303
    assert services.campaigns.find(number).state == "paused"
    assert publisher.send(f"{path}/resume").status_code == 303
    while services.campaigns.enrol(number):
        pass
    services.notices.deliverer.drain()
    services.campaigns.settle()
    assert services.campaigns.find(number).state == "sent"
    assert sum(one.sent for one in services.campaigns.results(number)[0]) == 3
    assert "已发完" in viewer.get(path).text
    assert "冬日开拍" in viewer.get("/console/campaigns").text
    done = [entry.action for entry in services.library.trail.entries(area="campaign", subject=str(number))]
    assert sorted(done) == sorted(
        f"campaign.{act}" for act in ("saved", "approved", "scheduled", "started", "paused", "resumed", "sent")
    )


def test_nobody_approves_what_they_wrote(desk: Desk, services: ScriptedServices):
    publisher = desk("publisher")
    path = publisher.send("/console/campaigns/save", **FORM).headers["location"]
    number = int(path.rsplit("/", 1)[1])
    assert publisher.send(f"{path}/approve", seen=seen(services, number)).status_code == 403
    assert services.campaigns.find(number).state == "draft"
    assert desk("admin").send(f"{path}/approve", seen=seen(services, number)).status_code == 303


def test_what_cannot_be_sent_comes_back_with_the_reason_and_what_was_typed(desk: Desk, services: ScriptedServices):
    editor = desk("editor")
    for change, said in (
        ({"name": " "}, "1 到 100 个字"),
        ({"title_a_zh": "", "body_a_zh": ""}, "第一套文案"),
        ({"title_b_zh": "", "body_b_zh": "", "title_b_en": "Winter", "body_b_en": "Three."}, "要有中文版"),
        ({"title_a_zh": "{password}"}, "没有 {password} 这个字段"),
        ({"title_a_zh": "{name.__class__}"}, "这个字段"),
        ({"title_a_zh": "{name"}, "落单的花括号"),
        ({"link": "javascript:alert(1)"}, "链接要写完整"),
        ({"image": "../../etc/passwd"}, "没有这张图片"),
        ({"tiers": "无名"}, "没有层级"),
        ({"joined_within_days": "-3"}, "整数天数"),
        ({"joined_within_days": "99999"}, "1 到 3660"),
    ):
        answer = editor.send("/console/campaigns/save", **{**FORM, **change})
        assert answer.status_code == 422, change
        assert said in answer.text, change
        assert "两周三条作品。" in answer.text or "body_a_zh" in change
    assert services.campaigns.all() == []
    tried = editor.send("/console/campaigns/save", **FORM, preview="1")
    assert tried.status_code == 200
    assert "林木聊历史" in tried.text
    assert services.campaigns.all() == []
    hostile = "<img src=x onerror=alert(1)>"
    path = editor.send("/console/campaigns/save", **{**FORM, "name": hostile, "title_a_zh": hostile}).headers[
        "location"
    ]
    for page in (path, f"{path}/edit", "/console/campaigns"):
        assert hostile not in editor.get(page).text


def test_a_picture_and_a_test_go_to_one_creator(desk: Desk, services: ScriptedServices):
    editor = desk("editor")
    path = editor.send("/console/campaigns/save", **FORM).headers["location"]
    number = int(path.rsplit("/", 1)[1])

    def put(data: bytes, campaign: int = number) -> int:
        fields = {"csrf": editor.csrf(), "campaign": str(campaign)}
        files = {"picture": ("x.png", data, "image/png")}
        return editor.client.post("/console/campaigns/pictures", data=fields, files=files).status_code

    assert put(b"no picture") == 422
    assert put(picture(), 99) == 404
    assert put(picture()) == 303
    image = services.campaigns.find(number).content.image
    shown = desk("viewer").get(f"/console/campaigns/pictures/{image}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert editor.get(f"/console/campaigns/pictures/{'0' * 64}").status_code == 404
    assert editor.send(f"{path}/test", creator="nobody").status_code == 404
    assert editor.send(f"{path}/test", creator=f" {DEMO.id} ").status_code == 303
    services.notices.deliverer.drain()
    told = services.notices.inbox.page(DEMO.id).notices
    assert sorted(one.title for one in told) == ["[TEST A] 阿禾的小厨房，冬日开拍", "[TEST B] 冬天也来拍"]
    assert {one.image for one in told} == {image}
    assert not services.notices.inbox.page(OTHER_DEMO.id).notices


def test_a_cancelled_campaign_stays_cancelled(desk: Desk, services: ScriptedServices):
    editor, publisher = desk("editor"), desk("publisher")
    path = editor.send("/console/campaigns/save", **FORM).headers["location"]
    number = int(path.rsplit("/", 1)[1])
    assert editor.send(f"{path}/cancel", reason="x").status_code == 403
    assert publisher.send(f"{path}/cancel", reason="活动改期").status_code == 303
    assert "活动改期" in publisher.get(path).text
    for act, fields in (("approve", {"seen": seen(services, number)}), ("schedule", {}), ("pause", {}), ("resume", {})):
        assert publisher.send(f"{path}/{act}", **fields).status_code == 409
    assert publisher.send(f"{path}/cancel").status_code == 409


def test_other_numbers_and_other_people_find_nothing(desk: Desk, services: ScriptedServices):
    editor, viewer, publisher = desk("editor"), desk("viewer"), desk("publisher")
    path = editor.send("/console/campaigns/save", **FORM).headers["location"]
    for number in ("99", "0", "9" * 30):
        assert viewer.get(f"/console/campaigns/{number}").status_code == 404
        assert editor.get(f"/console/campaigns/{number}/edit").status_code == 404
        assert publisher.send(f"/console/campaigns/{number}/pause").status_code == 404
        assert editor.send("/console/campaigns/save", **FORM, campaign=number).status_code == 404
    for act in ("save", "1/approve", "1/schedule", "1/test", "1/pause", "1/resume", "1/cancel"):
        assert viewer.send(f"/console/campaigns/{act}", seen="", creator=DEMO.id, **FORM).status_code == 403
    assert viewer.get("/console/campaigns/new").status_code == 403
    assert viewer.get(f"{path}/edit").status_code == 403
    assert editor.send(f"{path}/test", csrf="wrong", creator=DEMO.id).status_code == 403
