"""A copied work is reported in the chat page: step by step, with pictures, on a phone and on a desk."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.creators.warehouse import Batch
from assistant.programs.notices.notice import Message, Post
from tests.browsing import PHONE
from tests.connectors.web.console.test_campaigns import picture as cover
from tests.connectors.web.scripted import DEMO, ScriptedServices
from tests.connectors.web.visits import Visit, visiting

Shown = Callable[[Page, str], None]


@pytest.fixture
def visit(browser: Browser, services: ScriptedServices) -> Iterator[Visit]:
    yield from visiting(browser, services)


def file(name: str, data: bytes, kind: str = "image/png") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": data}


def test_a_copied_work_is_reported_with_pictures_and_followed(
    visit: Visit, shown: Shown, services: ScriptedServices
):
    work = {"creator_id": DEMO.id, "work_id": "w1", "title": "番茄牛腩", "published_at": datetime(2026, 10, 1, 18)}
    services.warehouse.store(Batch([work], []), datetime(2026, 10, 2))
    page = visit.page
    page.set_viewport_size(PHONE)
    expect(page.locator("#originality")).to_be_hidden()
    page.locator("#identity").select_option(DEMO.id)
    page.locator("#originality").click()
    page.get_by_role("button", name="举报搬运").click()
    expect(page.locator("#case-works option")).to_have_attribute("value", "番茄牛腩")
    page.get_by_label("作品标题").fill("番茄牛腩")
    page.get_by_role("button", name="提交举报").click()
    expect(page.locator(".case-said")).to_have_text("还没有填“对方链接”。")
    expect(page.get_by_label("对方链接")).to_be_focused()
    page.get_by_label("对方链接").fill("https://v.kuaishou.com/abc")
    page.get_by_label("对方标题").fill("番茄牛腩 教程")
    said = "我 10 月 1 日 18:00 发布，对方 10 月 3 日整条搬运，连片尾的口误都在。"
    page.get_by_label("情况说明").fill(said)
    page.locator("input[aria-label=我的封面]").set_input_files([file("我的封面.png", cover())])  # type: ignore[list-item]
    page.locator("input[aria-label=对方封面]").set_input_files([file("对方.png", cover())])  # type: ignore[list-item]
    page.locator("input[aria-label=其他证据]").set_input_files([file("a.txt", b"x", "text/plain")])  # type: ignore[list-item]
    expect(page.locator(".case-said")).to_have_text("a.txt 不是 PNG、JPEG 或 WebP 图片。")
    expect(page.locator(".case-chosen li")).to_have_count(2)
    expect(page.get_by_label("情况说明")).to_have_value(said)
    shown(page, "originality-form")
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="提交举报").click()
    expect(page.locator(".case-said")).to_contain_text("举报 #1 已提交")
    case = services.cases.find(1, DEMO.id)
    assert (case.state, case.own_work, case.own_published_at) == ("filed", "w1", datetime(2026, 10, 1, 18))
    assert case.cover_likeness == 1
    services.cases.move(1, "want", "staff", "li", "请补充原始文件的拍摄时间。")
    page.locator("#panel .close").click()
    page.locator("#originality").click()
    expect(page.locator(".card")).to_contain_text("请补充原始文件的拍摄时间。")
    expect(page.locator(".case-files img")).to_have_count(2)
    shown(page, "originality-wanting")
    page.locator(".case-answer textarea").fill("9 月 28 日 15:20 拍摄，原片可以提供。")
    page.get_by_role("button", name="提交补充").click()
    expect(page.locator(".case-said")).to_have_text("已补充，等工作人员再看。")
    assert services.cases.find(1).state == "filed"
    page.get_by_role("button", name="撤回举报").click()
    page.get_by_role("button", name="确定吗").click()
    expect(page.locator(".case-state")).to_contain_text("已撤回")


def test_what_the_server_refuses_is_said_and_nothing_typed_is_lost(
    visit: Visit, services: ScriptedServices
):
    page = visit.page
    page.locator("#identity").select_option(DEMO.id)
    page.locator("#originality").click()
    page.get_by_role("button", name="举报搬运").click()
    page.get_by_label("作品标题").fill("番茄牛腩")
    page.get_by_label("对方链接").fill("v.kuaishou.com/abc")
    page.get_by_label("情况说明").fill("整条搬运。")
    page.get_by_role("button", name="提交举报").click()
    expect(page.locator(".case-said")).to_have_text("链接要写完整，例如 https://v.kuaishou.com/abc。")
    expect(page.get_by_label("情况说明")).to_have_value("整条搬运。")
    page.locator("#language").click()
    expect(page.get_by_label("Your statement")).to_have_value("整条搬运。")
    visit.forgive_failed_requests()


def test_a_notice_shows_its_picture(visit: Visit, shown: Shown, services: ScriptedServices):
    page = visit.page
    kept = services.pictures.add(cover(), "wang")
    text = "本周六起，美食创作者发布三条作品就有 500 次曝光。"
    message = Message("美食专场", text, "https://example.com/", kept.hash)
    services.notices.post([Post(DEMO.id, "campaign", "x", message)])
    services.notices.deliverer.drain()
    page.locator("#identity").select_option(DEMO.id)
    page.locator("#inbox").click()
    expect(page.locator(".card-picture")).to_be_visible()
    assert page.locator(".card-picture").evaluate("image => image.naturalWidth") > 0
    shown(page, "inbox-picture")
