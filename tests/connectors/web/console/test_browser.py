"""The console in a real browser: signing in, adding staff, by mouse and keyboard, on a wide screen and a phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from tests.browsing import PHONE, WIDE, new_context
from tests.connectors.web.conftest import served
from tests.connectors.web.console.asked import asked
from tests.connectors.web.console.conftest import PASSWORD
from tests.connectors.web.scripted import ScriptedServices


@dataclass
class Visit:
    """A page on the served console, and everything it complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, name: str = "admin", password: str = PASSWORD) -> None:
        self.page.locator("[name=name]").fill(name)
        self.page.locator("[name=password]").fill(password)
        self.page.keyboard.press("Enter")

    def row(self, name: str) -> str:
        return f"tr:has(th:text-is('{name}'))"


@pytest.fixture
def visit(browser: Browser, app: FastAPI) -> Iterator[Visit]:
    with served(app) as address:
        context = new_context(browser, viewport=WIDE)
        visit = Visit(context.new_page(), address)
        visit.page.on("console", lambda said: said.type == "error" and visit.complaints.append(said.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.goto(f"{address}/console/staff")
        yield visit
        context.close()
        # The browser and htmx write of every refusal, such as 401.
        refusals = "Failed to load resource", "Response Status Error Code"
        assert [text for text in visit.complaints if not text.startswith(refusals)] == []


def test_an_admin_signs_in_and_adds_somebody(visit: Visit, services: ScriptedServices):
    page = visit.page
    visit.sign_in(password="wrong")
    expect(page.locator(".notice.bad")).to_contain_text("姓名或密码不对")
    expect(page.locator("[name=password]")).to_be_focused()
    visit.sign_in()
    expect(page).to_have_url(f"{visit.address}/console/staff")
    page.locator("section [name=name]").fill("王小禾")
    page.locator("section select[name=role]").select_option("publisher")
    page.locator("section select[name=role]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".made code")).to_have_text(re.compile(r"^[\w-]{19}$"))
    password = page.locator(".made code").inner_text()
    assert services.staff.authenticate("王小禾", password).role == "publisher"


def test_a_row_is_changed_in_place_after_asking(visit: Visit, services: ScriptedServices):
    page, row = visit.page, visit.row("viewer")
    visit.sign_in()
    page.locator(f"{row} .more button").first.click()
    page.locator(f"{row} [value=publisher]").check()
    page.locator(f"{row} .menu form").first.locator("button").click()
    expect(page.locator("#notices")).to_contain_text("viewer 的权限已更改")
    expect(page.locator(row)).to_contain_text("发布")

    def press_disable() -> None:
        page.locator(f"{row} .more button").first.click()
        page.get_by_role("button", name="停用账号").click()

    press_disable()
    expect(page.locator("#confirm")).to_contain_text("停用 viewer？")
    page.keyboard.press("Escape")
    expect(page.locator("#confirm")).to_be_hidden()
    assert services.staff.get("viewer").active
    press_disable()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator(row)).to_contain_text("已停用")
    assert not services.staff.get("viewer").active


def test_a_refused_change_is_a_notice_and_leaves_the_row(visit: Visit):
    page, row = visit.page, visit.row("admin")
    visit.sign_in()
    page.locator(f"{row} .more button").first.click()
    page.locator(f"{row} [value=viewer]").check()
    page.locator(f"{row} .menu form").first.locator("button").click()
    expect(page.locator("#notices .bad")).to_contain_text("唯一可登录的管理人员")
    expect(page.locator(row)).to_have_count(1)


def test_a_session_that_is_over_leads_from_a_row_to_sign_in(visit: Visit, services: ScriptedServices):
    page, row = visit.page, visit.row("viewer")
    visit.sign_in()
    expect(page.locator(row)).to_be_visible()
    services.staff.set_password("admin", "another long password", "test")
    page.locator(f"{row} .more button").first.click()
    page.locator(f"{row} .menu form").first.locator("button").click()
    expect(page).to_have_url(f"{visit.address}/console/sign-in?next=/console/staff")
    visit.sign_in(password="another long password")
    expect(page).to_have_url(f"{visit.address}/console/staff")


def test_everything_is_reached_by_keyboard(visit: Visit):
    page = visit.page
    expect(page.locator("[name=name]")).to_be_focused()
    visit.sign_in()
    expect(page.locator("h1")).to_have_text("人员")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".more button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".menu:popover-open")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".menu:popover-open")).to_have_count(0)


def test_on_a_phone_nothing_is_too_wide_and_the_menu_opens(visit: Visit):
    page = visit.page
    page.set_viewport_size(PHONE)
    visit.sign_in()
    expect(page.locator("h1")).to_have_text("人员")
    for path in ("/console/staff", "/console/account", "/console", "/console/nowhere"):
        page.goto(visit.address + path)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
    expect(page.locator("#sections nav")).to_be_hidden()
    page.locator(".opener").click()
    page.get_by_role("link", name="人员").click()
    expect(page.locator("h1")).to_have_text("人员")
    page.locator(".opener").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator(".notice.good")).to_contain_text("已退出登录")


def test_a_file_that_cannot_be_read_is_told_and_stays_chosen_and_a_good_one_opens_the_editor(visit: Visit):
    page = visit.page
    visit.sign_in("editor")
    expect(page.locator(".brand")).to_be_visible()
    page.goto(f"{visit.address}/console/documents/upload")
    page.locator("[name=files]").set_input_files({"name": "x.docx", "mimeType": "", "buffer": b"nonsense"})
    page.get_by_role("button", name="读取").click()
    expect(page.locator("#notices .bad")).to_contain_text("x.docx")
    assert page.evaluate("document.querySelector('[name=files]').files.length") == 1
    expect(page.get_by_role("button", name="读取")).to_be_enabled()
    paper = "## 额度\n新的额度。".encode()
    page.locator("[name=files]").set_input_files({"name": "额度.md", "mimeType": "", "buffer": paper})
    page.get_by_role("button", name="读取").click()
    expect(page.locator("h1")).to_have_text("新文档")
    page.locator("[name=title]").fill("写到一半的标题")
    page.goto(f"{visit.address}/console/documents/upload")
    page.locator("[name=files]").set_input_files({"name": "额度.md", "mimeType": "", "buffer": paper})
    page.get_by_role("button", name="读取").click()
    page.get_by_role("button", name="恢复").click()
    expect(page.locator("[name=title]")).to_have_value("写到一半的标题")


def test_an_answer_is_asked_again_in_place(visit: Visit, services: ScriptedServices):
    page, answer = visit.page, asked(services, "光合计划给多少")
    visit.sign_in("viewer")
    expect(page.locator(".brand")).to_be_visible()
    page.goto(f"{visit.address}/console/answers/{answer}")
    page.get_by_role("button", name="再问一次").click()
    expect(page.locator("#again .notice")).to_contain_text("一字不差")
    page.set_viewport_size(PHONE)
    for path in ("", "/answers", f"/answers/{answer}", "/gaps", "/documents", "/documents/plan"):
        page.goto(f"{visit.address}/console{path}")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
