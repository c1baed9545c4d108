"""The chat page in a real browser, over a scripted assistant."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assistant.creators.figures import Figure, Unit
from connectors.web.sessions import COOKIE
from tests.browsing import PHONE, SMALLEST
from tests.connectors.web.scripted import DEMO, OTHER_DEMO, ScriptedServices, scripted_services
from tests.connectors.web.visits import Visit, visiting


@pytest.fixture
def visit(browser: Browser, services: ScriptedServices) -> Iterator[Visit]:
    yield from visiting(browser, services)


def test_visitor_asks_reads_the_source_and_goes_on(visit: Visit):
    page = visit.page
    page.locator(".starters button").first.click()
    expect(page.locator(".intro")).to_be_hidden()
    expect(page.locator(".prose")).to_contain_text("100 亿流量")
    expect(page.locator(".prose .basis")).to_have_text(["政策与事实", "建议"])
    expect(page.locator(".prose")).to_contain_text("[9]")
    expect(page.locator(".figure")).to_contain_text("17.3%")
    expect(page.locator(".figure")).to_contain_text("n=5,321")
    expect(page.locator(".chart img[src]")).to_have_count(1)

    mark = page.locator(".prose button.cite").first
    mark.click()
    panel = page.locator("#panel")
    expect(panel).to_be_visible()
    for text in (
        "2024 年光合计划给多少流量",
        "快手官方",
        "2024年8月23日",
        "2024年1月1日 至 2024年12月31日",
        "官方发布",
    ):
        expect(panel).to_contain_text(text)
    link = panel.locator("a.original")
    assert link.get_attribute("href") == "https://www.example.com/guanghe"
    assert "noopener" in (link.get_attribute("rel") or "")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(mark).to_be_focused()

    page.locator(".suggestions button").click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn .tools")).to_have_count(2)
    assert visit.page.locator("#announce").inner_text().startswith("政策与事实")


def test_conversation_survives_a_reload_until_a_new_one_is_begun(visit: Visit):
    page = visit.page
    visit.ask_and_wait("第一问")
    visit.ask_and_wait("第二问")
    page.reload()
    expect(page.locator(".asked")).to_have_text(["第一问", "第二问"])
    expect(page.locator(".turn .cite").first).to_be_visible()
    visit.ask_and_wait("第三问")
    page.locator("#new").click()
    expect(page.locator(".starters button")).to_have_count(4)
    page.reload()
    expect(page.locator(".starters button")).to_have_count(4)
    expect(page.locator(".turn")).to_have_count(0)


def test_every_identity_has_its_own_conversation(visit: Visit, services: ScriptedServices):
    page = visit.page
    visit.ask_and_wait("匿名的问题")
    expect(page.locator("#identity optgroup")).to_have_attribute("label", "演示数据（合成）")
    page.locator("#identity").select_option(DEMO.id)
    expect(page.locator("#demo-notice")).to_contain_text("演示数据（合成）")
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".starters")).to_contain_text("不涨粉")
    visit.ask_and_wait("我的问题")
    assert services.assistant.callers[-1].creator == DEMO.id

    page.locator("#identity").select_option(OTHER_DEMO.id)
    expect(page.locator(".starters")).to_be_visible()
    page.locator("#identity").select_option("")
    expect(page.locator(".asked")).to_have_text(["匿名的问题"])
    expect(page.locator("#demo-notice")).to_be_hidden()
    page.locator("#identity").select_option(DEMO.id)
    expect(page.locator(".asked")).to_have_text(["我的问题"])
    page.reload()
    expect(page.locator(".asked")).to_have_text(["我的问题"])
    expect(page.locator("#identity")).to_have_value(DEMO.id)


def test_identity_changed_in_one_tab_changes_in_the_others(visit: Visit):
    other = visit.page.context.new_page()
    other.goto(visit.address)
    other.locator("#identity").select_option(DEMO.id)
    expect(visit.page.locator("#identity")).to_have_value(DEMO.id)
    expect(visit.page.locator("#demo-notice")).to_be_visible()


def test_session_that_has_ended_is_said_and_leads_back_to_anonymous(visit: Visit, services: ScriptedServices):
    page = visit.page
    page.locator("#identity").select_option(DEMO.id)
    expect(page.locator("#demo-notice")).to_be_visible()
    expired = services.tokens.issue(DEMO.id, -1)
    page.context.add_cookies([{"name": COOKIE, "value": expired, "url": visit.address}])
    visit.ask("我的数据")
    expect(page.locator(".trouble")).to_contain_text("身份已经失效")
    expect(page.locator("#identity")).to_have_value("")
    assert services.assistant.callers == []
    page.locator(".trouble button").click()
    expect(page.locator(".turn .tools")).to_have_count(1)
    visit.forgive_failed_requests()


def test_hostile_text_is_shown_as_harmless_text(visit: Visit):
    page = visit.page
    title = page.title()
    visit.ask_and_wait("毒")
    expect(page.locator(".prose")).to_contain_text("<img src=x onerror=")
    page.locator(".prose button.cite").click()
    expect(page.locator("#panel blockquote")).to_contain_text("<img src=x onerror=")
    expect(page.locator("#panel a.original")).to_have_count(0)
    assert page.locator("img, main style, dialog style, main script").count() == 0
    addresses = page.eval_on_selector_all("a", "links => links.map((link) => link.href)")
    assert all(address.startswith(("http://", "https://")) for address in addresses)
    # A link says where it leads, whatever its words are.
    expect(page.locator(".prose a").first).to_contain_text("(tracker.example)")
    assert page.title() == title
    visit.page.reload()
    expect(page.locator(".prose")).to_contain_text("<img src=x onerror=")
    assert page.title() == title


def test_words_appear_while_the_answer_is_made_and_a_break_offers_another_try(visit: Visit):
    page = visit.page
    visit.ask("断")
    expect(page.locator(".prose")).to_contain_text("这一句还在")
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator(".status")).to_contain_text("正在查找")
    expect(page.locator(".trouble")).to_be_visible()
    expect(page.locator(".prose")).to_contain_text("这一句还在")
    page.locator(".trouble button").click()
    expect(page.locator(".prose")).to_contain_text("100 亿流量")
    expect(page.locator(".turn")).to_have_count(1)


def test_answer_can_be_stopped_and_asked_again(visit: Visit, services: ScriptedServices):
    page = visit.page
    visit.ask("慢慢想")
    page.locator("#stop").click()
    expect(page.locator(".aside")).to_contain_text("已停止")
    expect(page.locator("#send")).to_be_visible()
    page.wait_for_timeout(300)
    assert services.assistant.stopped == 1


def test_without_a_network_the_question_waits_for_another_try(visit: Visit):
    page = visit.page
    page.context.set_offline(True)
    expect(page.locator("#offline-notice")).to_be_visible()
    visit.ask("完播率怎么算？")
    expect(page.locator(".trouble")).to_contain_text("连不上服务器")
    page.context.set_offline(False)
    expect(page.locator("#offline-notice")).to_be_hidden()
    page.locator(".trouble button").click()
    expect(page.locator(".turn .tools")).to_have_count(1)
    visit.forgive_failed_requests()


def test_over_the_limit_the_page_counts_down(browser: Browser, tmp_path: Path):
    for visit in visiting(browser, scripted_services(tmp_path, anonymous_limit=1)):
        visit.ask_and_wait("第一问")
        visit.ask("第二问")
        retry = visit.page.locator(".trouble button")
        expect(retry).to_be_disabled()
        expect(retry).to_have_text(re.compile(r"\d+ 秒后可以再问"))
        visit.forgive_failed_requests()


def test_thread_that_is_gone_is_begun_anew(visit: Visit, services: ScriptedServices):
    visit.ask_and_wait("第一问")
    thread = next(iter(services.assistant.threads_of))
    services.assistant.threads_of[thread] = ("somebody else", [])
    visit.ask_and_wait("第二问")
    assert len(services.assistant.threads_of) == 2
    visit.forgive_failed_requests()


def test_page_speaks_english_after_a_click_and_after_a_reload(visit: Visit):
    page = visit.page
    visit.ask_and_wait("问")
    page.locator("#language").click()
    expect(page.locator(".sources h3")).to_have_text("Sources")
    expect(page.locator("#new")).to_have_text("New conversation")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.locator("#question")).to_have_attribute("placeholder", re.compile("Ask"))
    expect(page.locator(".figure")).to_contain_text("completion rate")


@pytest.mark.parametrize("size", [PHONE, SMALLEST])
def test_phone_has_no_sideways_scroll_and_sources_come_as_a_sheet(visit: Visit, size: dict[str, int]):
    page = visit.page
    page.set_viewport_size(size)
    page.locator("#identity").select_option(DEMO.id)
    expect(page.locator("#demo-notice")).to_be_visible()
    assert not visit.is_too_wide()
    visit.ask_and_wait("长" + "x" * 300)
    assert not visit.is_too_wide()
    visit.ask_and_wait("光合计划")
    assert not visit.is_too_wide()
    page.locator(".turn:last-child .prose button.cite").first.click()
    box = page.locator("#panel").bounding_box()
    assert box
    assert box["width"] == size["width"]
    assert round(box["y"] + box["height"]) == size["height"]
    assert box["y"] > 0
    assert not visit.is_too_wide()
    page.mouse.click(size["width"] / 2, box["y"] / 2)
    expect(page.locator("#panel")).to_be_hidden()


def test_keyboard_alone_is_enough(visit: Visit):
    page = visit.page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    assert page.locator("#question").input_value() == "第一行\n第二行"
    page.keyboard.press("Enter")
    expect(page.locator(".turn .tools")).to_have_count(1)
    page.locator(".prose button.cite").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel .close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_hidden()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_writes_numbers_as_the_answers_do(visit: Visit, lang: str):
    if lang == "en":
        visit.page.locator("#language").click()
        expect(visit.page.locator("#new")).to_have_text("New conversation")
    cases: list[tuple[float | None, Unit]] = [
        *(
            (number, "count")
            for number in (0, 7, 999, -2088, 9999, 10_000, 123_456, 1_005_000, 99_999_999, 2.5e8, None)
        ),
        *((share, "percent") for share in (0, 0.048, 0.173, 0.00074, 0.000714, 0.0016, 1.02, 0.27, 0.0999, 0.00995)),
        *((seconds, "seconds") for seconds in (3.2, 0.14, 205.0, 12.25)),
        (2.75, "per_week"),
        (1.7, "ratio"),
    ]
    style = visit.page.locator('link[rel="stylesheet"]').get_attribute("href") or ""
    module = style.replace("chat.css", "figures.js")
    shown = visit.page.evaluate(
        "async ([module, cases]) => { const { shown } = await import(module); return cases.map((c) => shown(...c)); }",
        [module, cases],
    )
    told = [Figure("f", "m", value, unit, "", 1, None, None, "", "", "", "").shown(lang) for value, unit in cases]
    assert shown == told
