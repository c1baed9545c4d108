"""The widget in a real browser, on a page of another origin."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, FrameLocator, Page, Route, expect

from assistant.programs.notices.notice import Message, Post
from assistant.sites.registry import Site, Theme
from connectors.web.app import create_app
from connectors.web.assets import NODE_MODULES
from tests.browsing import PHONE, SMALLEST, new_context
from tests.connectors.web.conftest import served
from tests.connectors.web.console.test_campaigns import picture as picture_of_cover
from tests.connectors.web.host_page import HostSite, host_site
from tests.connectors.web.scripted import DEMO, REAL, ScriptedServices

SERIOUS = ("serious", "critical")


@dataclass
class Stay:
    """A page of the site with the widget on it, and everything that was complained about."""

    context: BrowserContext
    page: Page
    site: HostSite
    services: ScriptedServices
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    def visit(self, query: str = "") -> None:
        self.page.goto(f"{self.site.address}/{query}")
        expect(self.page.locator("iframe")).to_have_count(1)

    def open(self) -> None:
        self.page.get_by_role("button", name="创作引导助手").click()
        expect(self.frame.locator("#question")).to_be_focused()

    def ask(self, text: str) -> None:
        self.wait_for("ready")
        answered = self.frame.locator(".turn .tools").count()
        self.frame.locator("#question").fill(text)
        self.frame.locator("#question").press("Enter")
        expect(self.frame.locator(".turn .tools")).to_have_count(answered + 1)

    def told(self, name: str) -> list[dict[str, object]]:
        told = self.page.evaluate("window.told")
        return [detail for event, detail in told if event == name]

    def wait_for(self, name: str, count: int = 1) -> None:
        self.page.wait_for_function(
            "([name, count]) => window.told.filter(([event]) => event === name).length >= count", arg=[name, count]
        )


@pytest.fixture
def stay(browser: Browser, services: ScriptedServices) -> Iterator[Stay]:
    with host_site() as site, served(create_app(services)) as guide:
        site.guide = guide
        services.sites.add(Site("shop", "某某商城", (site.address,), theme=Theme("#2f6fde")), "admin")
        site.key = services.sites.new_secret("shop", "admin")
        context = new_context(browser, viewport={"width": 1100, "height": 800})
        stay = Stay(context, context.new_page(), site, services)
        stay.page.on("console", lambda said: said.type == "error" and stay.complaints.append(said.text))
        stay.page.on("pageerror", lambda error: stay.complaints.append(str(error)))
        stay.page.on("request", lambda request: stay.requests.append(request.url))
        yield stay
        context.close()
        assert stay.complaints == []
        assert [url for url in stay.requests if not url.removeprefix("blob:").startswith((guide, site.address))] == []


def test_visitor_opens_asks_reads_the_source_and_closes_by_keyboard(stay: Stay):
    stay.visit()
    launcher = stay.page.get_by_role("button", name="打开创作引导助手")
    launcher.focus()
    stay.page.keyboard.press("Enter")
    expect(stay.frame.locator("#question")).to_be_focused()
    stay.page.keyboard.type("光合计划给多少流量")
    stay.page.keyboard.press("Enter")
    expect(stay.frame.locator(".prose")).to_contain_text("100 亿流量")
    stay.frame.locator(".prose button.cite").first.press("Enter")
    expect(stay.frame.locator("#panel")).to_contain_text("快手官方")
    stay.page.keyboard.press("Escape")
    expect(stay.frame.locator("#panel")).to_be_hidden()
    stay.page.keyboard.press("Escape")
    expect(stay.page.get_by_role("button", name="打开创作引导助手")).to_be_focused()
    told = [name for name, _ in stay.page.evaluate("window.told")]
    assert [name for name in told if name != "ready"] == ["open", "asked", "answered", "close"]
    assert told.count("ready") == 1
    assert stay.services.assistant.callers[-1].creator is None


def test_conversation_survives_a_reload_of_the_sites_page(stay: Stay):
    stay.visit()
    stay.open()
    stay.ask("光合计划给多少流量")
    stay.page.reload()
    stay.open()
    expect(stay.frame.locator(".prose")).to_contain_text("100 亿流量")


def test_question_sent_before_the_visit_is_open_goes_out_when_it_is(stay: Stay):
    held: list[Route] = []
    stay.page.route("**/api/v1/widget/sessions", lambda route: held.append(route))
    with stay.page.expect_request("**/api/v1/widget/sessions"):
        stay.visit("?mode=page")
    question = stay.frame.locator("#question")
    question.fill("光合计划给多少流量")
    question.press("Enter")
    expect(question).to_have_value("光合计划给多少流量")
    assert stay.services.assistant.callers == []
    held[0].continue_()
    expect(stay.frame.locator(".prose")).to_contain_text("100 亿流量")
    expect(question).to_have_value("")
    assert len(stay.services.assistant.callers) == 1


def test_site_vouches_for_a_creator_and_switches_to_another(stay: Stay):
    stay.visit(f"?who={REAL.id}")
    stay.open()
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    stay.ask("我的数据怎么样")
    assert stay.services.assistant.callers[-1].creator == REAL.id
    stay.page.evaluate(f"Heliotrope.identify(async () => (await fetch('/identity?who={DEMO.id}')).text())")
    expect(stay.frame.locator("#who")).to_have_text(DEMO.name)
    expect(stay.frame.locator(".turn")).to_have_count(0)
    stay.ask("我的数据怎么样")
    assert stay.services.assistant.callers[-1].creator == DEMO.id
    stay.page.evaluate("Heliotrope.identify(null)")
    expect(stay.frame.locator("#who")).to_have_text("")
    expect(stay.frame.locator(".turn")).to_have_count(0)
    stay.page.evaluate(f"Heliotrope.identify(async () => (await fetch('/identity?who={REAL.id}')).text())")
    expect(stay.frame.locator(".turn")).to_have_count(1)
    assert [detail["creator"] for detail in stay.told("identified")] == [REAL.id, DEMO.id, None, REAL.id]


def test_expired_session_is_renewed_through_the_page_without_a_word(stay: Stay):
    stay.visit(f"?who={REAL.id}")
    stay.open()
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    before = len(stay.site.signed)
    # The key that vouched is revoked: what it vouched for does not hold, and the page is asked for another.
    stay.services.sites.revoke_key("shop", stay.site.key[0], "admin")
    stay.site.key = stay.services.sites.new_secret("shop", "admin")
    stay.ask("我的数据怎么样")
    assert stay.services.assistant.callers[-1].creator == REAL.id
    assert len(stay.site.signed) == before + 1
    stay.complaints[:] = [text for text in stay.complaints if "401" not in text]


def test_expired_and_replayed_identities_are_refused_and_the_visitor_goes_on(stay: Stay):
    stay.site.seconds = -120
    stay.visit(f"?who={REAL.id}")
    stay.open()
    expect(stay.frame.locator("#identity-notice")).to_contain_text("按访客回答")
    stay.ask("光合计划给多少流量")
    assert stay.services.assistant.callers[-1].creator is None
    stay.site.seconds, stay.site.signed = 600, []
    stay.page.evaluate(f"Heliotrope.identify(async () => (await fetch('/identity?who={REAL.id}')).text())")
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    stay.site.replays = True
    stay.page.evaluate(f"Heliotrope.identify(async () => (await fetch('/identity?who={REAL.id}')).text())")
    expect(stay.frame.locator("#identity-notice")).to_contain_text("按访客回答")
    expect(stay.frame.locator("#who")).to_have_text("")
    reasons = [str(detail["reason"]) for detail in stay.told("refused")]
    assert [word in reason for word, reason in zip(("过期", "用过了"), reasons, strict=True)] == [True, True]
    stay.complaints[:] = [text for text in stay.complaints if "403" not in text]


def test_page_of_another_origin_cannot_frame_it(stay: Stay):
    stay.services.sites.change(replace(stay.services.sites.get("shop"), origins=("https://other.example",)), "admin")
    stay.visit()
    stay.page.get_by_role("button", name="打开创作引导助手").click()
    stay.page.wait_for_timeout(500)
    assert stay.told("ready") == []
    assert any("frame-ancestors" in text for text in stay.complaints)
    stay.complaints.clear()


def test_messages_of_others_are_not_heard(stay: Stay):
    stay.visit(f"?who={REAL.id}")
    stay.open()
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    frame = stay.page.frames[-1]
    frame.evaluate("window.postMessage({ heliotrope: 'identify', token: null }, '*')")
    frame.evaluate("window.postMessage({ heliotrope: 'ask', text: '光合计划' }, '*')")
    stay.page.evaluate("window.postMessage({ heliotrope: 'leave' }, '*')")
    stay.page.wait_for_timeout(300)
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    expect(stay.frame.locator(".turn")).to_have_count(0)
    expect(stay.page.locator("iframe")).to_be_visible()


def test_page_may_ask_choose_the_language_and_the_theme(stay: Stay):
    stay.visit("?theme=dark")
    stay.page.evaluate("Heliotrope.ask('光合计划给多少流量')")
    expect(stay.frame.locator(".prose")).to_contain_text("100 亿流量")
    paper = "getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0] < 128 ? 'dark' : 'light'"
    assert stay.page.frames[-1].evaluate(paper) == "dark"
    stay.page.evaluate("Heliotrope.theme('light'); Heliotrope.language('en')")
    expect(stay.frame.get_by_text("Copy")).to_be_visible()
    assert stay.page.frames[-1].evaluate(paper) == "light"
    stay.page.evaluate("Heliotrope.destroy()")
    expect(stay.page.locator("iframe")).to_have_count(0)


def test_it_fills_an_element_of_the_page_when_that_is_wanted(stay: Stay):
    stay.visit("?inline=1")
    stay.ask("光合计划给多少流量")
    expect(stay.frame.locator("#leave")).to_be_hidden()
    assert stay.page.locator("iframe").bounding_box()["height"] == 560  # type: ignore[index]


def test_hostile_document_shows_as_harmless_text(stay: Stay):
    stay.visit()
    stay.open()
    stay.ask("毒")
    expect(stay.frame.locator(".prose").first).to_contain_text("<img src=x onerror=")
    assert stay.frame.locator(".turn img, .turn style, .turn a[href^='javascript']").count() == 0
    assert stay.page.frames[-1].evaluate("document.title") != "owned"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_finding(stay: Stay, scheme: str):
    stay.services.notices.post([Post(REAL.id, "task", "t1", Message("新任务", "连续七天", "https://www.example.com/t"))])
    stay.visit(f"?who={REAL.id}&theme={scheme}")
    stay.open()
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    assert serious_findings(stay) == []
    stay.ask("光合计划给多少流量")
    stay.ask("任务有哪些")
    rows = {"name": "作品.csv", "mimeType": "text/csv", "buffer": b"day,work_id,play\n2026-11-01,w1,1200\n"}
    stay.frame.locator("#files").set_input_files(rows)  # type: ignore[arg-type]
    expect(stay.frame.locator(".upload-card")).to_contain_text("新增 1")
    assert serious_findings(stay) == []
    for opener in ("#inbox", "#threads"):
        stay.frame.locator(opener).click()
        expect(stay.frame.locator("#panel li").first).to_be_visible()
        assert serious_findings(stay) == []
        stay.page.keyboard.press("Escape")
    stay.services.warehouse.close()


def serious_findings(stay: Stay) -> list[object]:
    """What axe finds on the site's page and in the frame. It comes through the browser's debugging door, which the
    page's own policy does not bind."""
    found = []
    for frame in stay.page.frames:
        frame.evaluate((NODE_MODULES / "axe-core" / "axe.min.js").read_text("utf-8"))
        found += frame.evaluate("axe.run(document, { iframes: false })")["violations"]
    return [
        (one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found if one["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("size", [PHONE, SMALLEST])
def test_it_fills_a_phone_and_nothing_is_cut_off(stay: Stay, size: dict[str, int], tmp_path: Path):
    stay.page.set_viewport_size(size)  # type: ignore[arg-type]
    stay.visit()
    stay.page.get_by_role("button", name="打开创作引导助手").click()
    stay.ask("光合计划给多少流量")
    box = stay.page.locator("iframe").bounding_box()
    assert (box["width"], box["height"]) == (size["width"], size["height"])  # type: ignore[index]
    assert not stay.page.frames[-1].evaluate("document.documentElement.scrollWidth > innerWidth")
    stay.frame.get_by_role("button", name="关闭").click()
    expect(stay.page.get_by_role("button", name="打开创作引导助手")).to_be_visible()


def test_an_answer_is_given_again_in_its_place_and_after_a_reload_too(stay: Stay):
    stay.visit()
    stay.open()
    stay.ask("光合计划给多少流量")
    stay.frame.get_by_role("button", name="重新回答").click()
    expect(stay.frame.locator(".turn .tools")).to_have_count(1)
    expect(stay.frame.locator(".turn")).to_have_count(1)
    assert [text for _, text, _ in stay.services.assistant.asked] == ["光合计划给多少流量"] * 2
    stay.page.reload()
    stay.open()
    expect(stay.frame.locator(".turn")).to_have_count(1)
    stay.frame.get_by_role("button", name="不是我想问的").click()
    expect(stay.frame.locator(".turn .tools")).to_have_count(2)


def test_earlier_conversations_are_listed_opened_and_deleted(stay: Stay):
    stay.visit(f"?who={REAL.id}")
    stay.open()
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    stay.ask("第一个话题")
    stay.frame.locator("#new").click()
    stay.ask("第二个话题")
    stay.frame.locator("#threads").click()
    rows = stay.frame.locator("#panel .row-title")
    expect(rows).to_have_text(["第二个话题", "第一个话题"])
    rows.last.click()
    expect(stay.frame.locator(".asked")).to_have_text(["第一个话题"])
    expect(stay.frame.locator("#panel")).to_be_hidden()


def test_a_creator_looks_over_a_file_and_imports_it(stay: Stay):
    stay.visit()
    stay.open()
    expect(stay.frame.locator("#attach")).to_be_hidden()
    stay.page.evaluate(f"Heliotrope.identify(async () => (await fetch('/identity?who={REAL.id}')).text())")
    expect(stay.frame.locator("#attach")).to_be_visible()
    rows = "day,work_id,play,like\n2026-11-01,w1,1200,31\n2026-11-02,w1,900,20\n昨天,w1,1,1\n"
    file = {"name": "我的<b>作品.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    stay.frame.locator("#files").set_input_files(file)  # type: ignore[arg-type]
    card = stay.frame.locator(".upload-card")
    expect(card).to_contain_text("我的<b>作品.csv")
    expect(card).to_contain_text("新增 2")
    expect(card).to_contain_text("1 行")
    assert stay.services.warehouse.imports() == []
    card.get_by_role("button", name="导入", exact=True).click()
    expect(card).to_contain_text("已导入")
    assert [one.creator_id for one in stay.services.warehouse.imports()] == [REAL.id]
    stay.frame.locator("#files").set_input_files({**file, "name": "猫.png"})  # type: ignore[arg-type]
    expect(stay.frame.locator(".upload-card").last).to_contain_text("请选择平台导出的")
    stay.services.warehouse.close()


def test_the_bell_counts_notices_and_opening_it_marks_them_seen(stay: Stay):
    post = Post(REAL.id, "task", "t1", Message("<img src=x>新任务", "连续七天", "https://www.example.com/t"))
    stay.services.notices.post([post])
    stay.visit()
    stay.open()
    expect(stay.frame.locator("#inbox")).to_be_hidden()
    stay.page.evaluate(f"Heliotrope.identify(async () => (await fetch('/identity?who={REAL.id}')).text())")
    expect(stay.frame.locator("#inbox-count")).to_have_text("1")
    stay.frame.locator("#inbox").click()
    expect(stay.frame.locator("#panel .card h3")).to_have_text("<img src=x>新任务")
    expect(stay.frame.locator("#inbox-count")).to_be_hidden()
    assert stay.services.notices.inbox.page(REAL.id).unseen == 0


def test_it_may_be_the_whole_page_or_fill_it_for_a_while(stay: Stay):
    stay.visit("?mode=page")
    expect(stay.frame.locator("#leave")).to_be_hidden()
    stay.ask("光合计划给多少流量")
    box = stay.page.locator("iframe").bounding_box()
    assert (box["width"], box["height"]) == (1100, 800)  # type: ignore[index]
    stay.visit()
    stay.open()
    stay.frame.get_by_role("button", name="放大窗口").click()
    expect(stay.frame.locator("#widen")).to_have_attribute("aria-pressed", "true")
    assert stay.page.locator("iframe").bounding_box()["width"] == 1100  # type: ignore[index]
    stay.frame.get_by_role("button", name="还原窗口").click()
    expect(stay.frame.locator("#widen")).to_have_attribute("aria-pressed", "false")
    assert stay.page.locator("iframe").bounding_box()["width"] == 400  # type: ignore[index]


def test_tricks_with_links_styles_and_long_words_change_nothing_outside_their_place(stay: Stay):
    stay.visit()
    stay.open()
    stay.ask("诈")
    prose = stay.frame.locator(".turn .prose")
    said = "all => all.map(({ href, textContent }) => [new URL(href).host, textContent])"
    links = prose.locator("a").evaluate_all(said)
    assert links[0] == ["evil.example", "https://good.example/pay (evil.example)"]
    assert all(host in text for host, text in links)
    assert prose.locator("svg, iframe, form, input, script, style, [style], [onload]").count() == 0
    stay.frame.locator(".source-row").first.click()
    assert stay.frame.locator("#panel").locator("img, svg[onload], iframe, form, script, [style]").count() == 0
    assert stay.frame.locator("#panel a.original").count() == 0
    assert not stay.page.frames[-1].evaluate("document.documentElement.scrollWidth > innerWidth")
    assert stay.page.frames[-1].evaluate("document.title") != "owned"


def test_a_page_that_reads_from_right_to_left_cuts_nothing_off(stay: Stay):
    stay.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    stay.visit("?dir=rtl")
    stay.page.get_by_role("button", name="创作引导助手").click()
    stay.ask("ما هي الخطة؟ 光合计划")
    frame = stay.page.frames[-1]
    frame.evaluate("document.documentElement.dir = 'rtl'")
    assert not frame.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert frame.evaluate("getComputedStyle(document.querySelector('.asked span')).direction") == "rtl"
    assert stay.page.locator("iframe").bounding_box()["x"] == 0  # type: ignore[index]
    stay.frame.locator(".prose button.cite").first.click()
    expect(stay.frame.locator("#panel")).to_be_visible()
    assert not frame.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_button_of_an_answer_is_pressed_once_and_says_what_came_of_it(stay: Stay):
    stay.visit(f"?who={REAL.id}")
    stay.open()
    expect(stay.frame.locator("#who")).to_have_text(REAL.name)
    stay.ask("任务有哪些")
    assert stay.services.assistant.pressed == []
    stay.frame.get_by_role("button", name="报名参加").click()
    expect(stay.frame.locator(".turn").last.locator(".prose")).to_contain_text("已经报名")
    expect(stay.frame.get_by_role("button", name="报名参加")).to_be_disabled()
    assert stay.services.assistant.pressed == [REAL.id]


def test_a_copied_work_is_reported_in_the_frame_by_whom_the_site_vouches_for(
    stay: Stay, shown: Callable[[Page, str], None]
):
    stay.visit()
    stay.open()
    expect(stay.frame.locator("#originality")).to_be_hidden()
    stay.page.evaluate(f"Heliotrope.identify(async () => (await fetch('/identity?who={REAL.id}')).text())")
    stay.frame.locator("#originality").click()
    stay.frame.get_by_role("button", name="举报搬运").click()
    stay.frame.get_by_label("作品标题").fill("番茄牛腩")
    stay.frame.get_by_label("对方链接").fill("https://v.kuaishou.com/abc")
    stay.frame.get_by_label("情况说明").fill("我 10 月 1 日发布，对方两天后整条搬运。")
    cover: FilePayload = {"name": "封面.png", "mimeType": "image/png", "buffer": picture_of_cover()}
    stay.frame.locator("input[aria-label=我的封面]").set_input_files([cover])
    expect(stay.frame.locator(".case-chosen img")).to_be_visible()
    shown(stay.page, "widget-originality")
    stay.frame.get_by_role("button", name="提交举报").click()
    expect(stay.frame.locator(".case-said")).to_contain_text("举报 #1 已提交")
    case = stay.services.cases.find(1, REAL.id)
    assert (case.state, case.own_title, len(stay.services.cases.files(1))) == ("filed", "番茄牛腩", 1)
    stay.page.evaluate("Heliotrope.identify(null)")  # signed out on the site: nobody's cases are shown any more
    expect(stay.frame.locator("#originality")).to_be_hidden()
    expect(stay.frame.locator("#panel")).to_be_hidden()
