"""Programs in a real browser: a campaign that one writes and another sends, and a copied work that is decided."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, time, timedelta

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from assistant.creators.accounts import Creator
from assistant.creators.warehouse import Batch
from assistant.identity import Caller
from assistant.programs.cases.desk import Report
from tests.assistant.creators.rows import number
from tests.browsing import WIDE, new_context
from tests.connectors.web.conftest import served
from tests.connectors.web.console.conftest import PASSWORD
from tests.connectors.web.console.test_campaigns import picture as cover
from tests.connectors.web.scripted import DEMO, ScriptedServices

Entered = Callable[[str, str], Page]
Shown = Callable[[Page, str], None]


@pytest.fixture
def entered(browser: Browser, app: FastAPI) -> Iterator[Entered]:
    """Opens a page of the console in a browser of somebody's own; nothing may be complained about there."""
    complaints: list[str] = []
    with served(app) as address, ExitStack() as opened:

        def page_of(name: str, path: str) -> Page:
            context = new_context(browser, viewport=WIDE, base_url=address)
            opened.callback(context.close)
            page = context.new_page()
            page.on("console", lambda said: _is_bad(said) and complaints.append(said.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(path)
            page.locator("[name=name]").fill(name)
            page.locator("[name=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            expect(page).to_have_url(re.compile(f"{path}$"))
            return page

        yield page_of
    assert complaints == []


def _is_bad(said: ConsoleMessage) -> bool:
    """Whether it is a complaint: that a form was refused the browser writes to the console by itself."""
    return said.type == "error" and "status of 422" not in said.text


def test_one_writes_a_campaign_another_sends_it_and_the_results_show(
    entered: Entered, shown: Shown, services: ScriptedServices
):
    for more in range(3, 10):
        services.accounts.add(Creator(f"demo-{more:02}", f"演示创作者 {more}", "kuaishou", "美食", synthetic=True))
    writer = entered("editor", "/console/campaigns/new")
    writer.locator("[name=name]").fill("冬日开拍")
    writer.locator("[name=categories]").fill("美食，知识")
    for name, text in (
        ("title_a_zh", "{name}，冬日开拍"),
        ("body_a_zh", "12 月 1 日至 14 日发布三条作品，完成就有 500 次曝光。"),
        ("title_b_zh", "三条作品，500 次曝光"),
        ("body_b_zh", "{name}，冬天也来拍：两周三条就够。"),
        ("link", "https://www.example.com/winter"),
    ):
        writer.locator(f"[name={name}]").fill(text)
    writer.get_by_role("button", name="预览").click()
    expect(writer.locator("#preview")).to_contain_text("10")
    shown(writer, "campaign-edit")
    writer.locator("button.main[type=submit], form button.main").first.click()
    expect(writer.locator("h1")).to_contain_text("冬日开拍")
    path = writer.url.split("/", 3)[3]
    number = int(path.rsplit("/", 1)[1])
    sent = {"name": "冬日.png", "mimeType": "image/png", "buffer": cover()}
    writer.locator("[name=picture]").set_input_files([sent])  # type: ignore[list-item]
    writer.get_by_role("button", name="上传").click()
    expect(writer.locator("figure.message img").first).to_be_visible()
    expect(writer.get_by_role("button", name="批准")).to_have_count(0)

    approver = entered("publisher", f"/{path}")
    shown(approver, "campaign-draft")
    approver.get_by_role("button", name="批准").click()
    approver.locator("#confirm [value=yes]").click()
    approver.get_by_role("button", name="定时发送").click()
    approver.locator("#confirm [value=yes]").click()
    expect(approver.get_by_role("button", name="暂停")).to_be_visible()

    # What the jobs do in a running house; then one of the creators reads it.
    while services.campaigns.enrol(number):
        pass
    services.notices.deliverer.drain()
    services.campaigns.settle()
    services.notices.inbox.mark_seen(DEMO.id, services.notices.inbox.page(DEMO.id).notices[0].id)
    writer.reload()
    expect(writer.locator(".badge").first).to_contain_text("已发完")
    expect(writer.locator(".funnel")).to_have_count(2)
    expect(writer.locator(".notice.plain")).to_contain_text("发得太少，不能下结论")
    assert sum(one.sent for one in services.campaigns.results(number)[0]) == 10
    assert sum(one.seen for one in services.campaigns.results(number)[0]) == 1
    shown(writer, "campaign-sent")
    writer.goto("/console/campaigns")
    shown(writer, "campaigns")


def test_a_task_is_written_tried_published_and_its_reward_approved_by_two(
    entered: Entered, shown: Shown, services: ScriptedServices
):
    writer = entered("editor", "/console/programs/new")
    for name, text in {
        "slug": "winter-start", "title_zh": "冬日开拍", "about_zh": "两周里发布作品，完成就有奖励。",
        "opens": "2020-01-01", "closes": "2099-12-31", "days": "14",
        "step_0_zh": "第一条作品", "step_0_goals": "works_published >= 1", "step_0_yuan": "600",
        "cash": "500", "needs_two_above": "500",
    }.items():  # fmt: skip
        writer.locator(f"[name={name}]").fill(text)
    writer.get_by_role("button", name="保存草稿").click()
    expect(writer.locator("main")).to_contain_text("规则没法用：现金预算连一位全部完成的创作者也付不了")
    writer.locator("[name=cash]").fill("6000")
    writer.get_by_role("button", name="试算").click()
    expect(writer.locator("#simulation")).to_contain_text("占现金预算")
    shown(writer, "program-edit")
    writer.get_by_role("button", name="保存草稿").click()
    expect(writer.locator("h1")).to_contain_text("冬日开拍")
    expect(writer.get_by_role("button", name="发布", exact=True)).to_have_count(0)

    publisher = entered("publisher", "/console/programs/winter-start")
    publisher.get_by_role("button", name="发布", exact=True).click()
    publisher.locator("#confirm [value=yes]").click()
    expect(publisher.locator(".trail .badge").first).to_have_text("生效中")
    shown(publisher, "program")

    programs, today = services.programs, services.programs.today()
    programs.tasks.join(DEMO.id, "winter-start", today - timedelta(days=1))
    noon = datetime.combine(today, time())
    work = {"creator_id": DEMO.id, "work_id": "w1", "title": "番茄牛腩", "published_at": noon}
    numbers = number(today, "w1", creator_id=DEMO.id, play=1000)
    services.warehouse.store(Batch([work], [numbers]), noon)
    assert programs.settle().completed == 1
    for person, left in (("publisher", 1), ("admin", 0)):
        page = publisher if person == "publisher" else entered("admin", "/console/rewards")
        page.goto("/console/rewards")
        expect(page.get_by_role("button", name="批准")).to_have_count(1)
        if left:
            shown(page, "rewards-held")
        page.get_by_role("button", name="批准").click()
        page.locator("#confirm [value=yes]").click()
        if left:
            expect(page.locator(".finding .badge")).to_have_text("已有 1 人批准")
        expect(page.get_by_role("button", name="批准")).to_have_count(left)
    assert [one.state for one in programs.ledger.awards(creator=DEMO.id)] == ["payable"]
    shown(page, "rewards-approved")
    page.goto("/console/programs/winter-start")
    expect(page.locator("main")).to_contain_text("已完成")
    shown(page, "program-completed")


def test_a_copied_work_is_decided_and_a_ticket_answered(entered: Entered, shown: Shown, services: ScriptedServices):
    report = Report(
        "番茄牛腩的三个诀窍",
        "https://v.kuaishou.com/copy1",
        "对方整条搬运了我的视频，连口播都没有改。",
        other_title="番茄牛腩三个诀窍",
        other_name="搬运小号",
    )
    case = services.cases.file(DEMO.id, report)
    page = entered("editor", f"/console/cases/{case.id}")
    for uploaded, role in enumerate(("own_cover", "other_cover"), 1):
        page.locator("[name=role]").select_option(role)
        page.locator("[name=file]").set_input_files({"name": "封面.png", "mimeType": "image/png", "buffer": cover()})
        page.locator("form:has([name=file]) button").click()
        expect(page.locator("figure img")).to_have_count(uploaded)
    expect(page.locator(".notice.good")).to_be_visible()
    shown(page, "case")
    page.locator("[name=text]").fill("两个封面一致，发布时间晚三天；对方作品已处理。")
    page.locator("button[value=uphold]").click()
    expect(page.locator("h1 ~ * .badge, .badge").nth(1)).to_contain_text("成立")
    assert services.cases.find(case.id).state == "upheld"
    shown(page, "case-decided")
    page.goto("/console/cases?over=true")
    shown(page, "cases")

    ticket = services.tickets.open(Caller("telegram", DEMO.id), "光合计划的额度什么时候到账？", "zh")
    page.goto(f"/console/tickets/{ticket.id}")
    shown(page, "ticket")
    page.locator("summary").first.click()
    page.locator("details.canned a").first.click()
    expect(page.locator("form[action$=answer] textarea")).to_have_value(re.compile("百亿流量"))
    page.locator("form[action$=answer] textarea").fill("额度在审核后三天内到账。")
    page.locator("form[action$=answer] button").click()
    expect(page.locator(".dialogue .ours")).to_contain_text("三天内到账")
    shown(page, "ticket-answered")
    page.goto("/console/tickets?state=answered")
    shown(page, "tickets")
