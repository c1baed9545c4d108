"""The console's own pages: staff, my account, start; and their texts."""

import re
from html import unescape

import pytest
from babel.messages.pofile import read_po
from fastapi import FastAPI
from fastapi.testclient import TestClient

from connectors.web.assets import HERE
from connectors.web.console.navigation import SECTIONS
from connectors.web.texts import LANGUAGES, LOCALE
from tests.connectors.web.console.conftest import PASSWORD, Desk, Seat
from tests.connectors.web.scripted import ScriptedServices, empty_library

NEW = "another long password"
HOSTILE = "<img src=x onerror=alert(1)>'\"{{7*7}}"
CONSOLE = HERE / "console"
TEMPLATES = sorted((HERE / "templates" / "console").glob("*.html"))
# Keys that are put together: from a section, a role, a status, the class of a problem.
BUILT = (
    "state.", "kind.", "lang.", "trust.", "editor.",
    "nav.", "start.", "role.", "role_long.", "error.", "problem.", "action.", "audit.area.", "audit.key.",
    "check.", "change.", "releases.state.", "releases.step.", "releases.verdict.", "period.", "testing.score",
    "testing.dense", "testing.asked", "testing.lexical", "documents.sort.",
    "cases.state.", "cases.act.", "cases.do.", "cases.side.", "cases.role.",
    "weekday.", "campaigns.state.", "campaigns.next.", "campaigns.counted.", "campaigns.verdict.", "campaigns.lang.",
    "tickets.state.", "tickets.act.", "tickets.channel.", "tickets.none.",
    "running.", "gaps.state.", "gaps.reason.", "gaps.next.", "gaps.none.", "gaps.none_hint.",
    "sites.languages.", "sites.scheme.", "sites.side.", "sites.wrong_",
    "reward.", "enrolment.", "version.", "appeal.", "award.", "entry.", "verdict.", "nomination.", "benefit.",
    "star.basis.", "programs.state.", "programs.appeal_", "programs.way.", "programs.spent.", "simulation.",
    "boards.period.", "unit.", "direction.",
    "answers.show.", "answers.verdict.", "answers.asker.", "answers.timing.", "answers.reservation.",
)


def made_password(page: str) -> str:
    found = re.search(r"<code>([\w-]+)</code>", page)
    assert found
    return found.group(1)


def test_an_admin_adds_somebody_who_signs_in_with_the_password_shown_once(desk: Desk, app: FastAPI):
    admin = desk("admin")
    page = admin.send("/console/staff", name=" 王小禾 ", role="editor")
    assert page.status_code == 200
    password = made_password(page.text)
    assert password not in admin.get("/console/staff").text
    with TestClient(app, follow_redirects=False) as client:
        assert Seat(client).sign_in("王小禾", password).status_code == 303
        assert "王小禾" in client.get("/console").text


def test_a_name_that_is_taken_is_told_beside_the_field(desk: Desk):
    page = desk("admin").send("/console/staff", name="EDITOR", role="viewer")
    assert page.status_code == 409
    assert re.search(r'id="d-name" class="wrong" role="alert">已经有名为“EDITOR”的账号', page.text)
    assert 'aria-invalid="true"' in page.text
    assert desk("admin").send("/console/staff", name="x", role="owner").status_code == 422


def test_what_people_are_called_is_never_markup(desk: Desk, services: ScriptedServices):
    services.staff.add(HOSTILE, "admin", PASSWORD, "test")
    services.staff.set_language(HOSTILE, "en")
    admin = desk(HOSTILE)
    for path in ("/console", "/console/staff", "/console/account"):
        page = admin.get(path).text
        assert "<img" not in page
        assert HOSTILE in unescape(page)
    refused = admin.send("/console/staff", name=HOSTILE, role="viewer")
    assert "<img" not in refused.text
    row = admin.send("/console/staff/role", {"HX-Request": "true"}, name="viewer", role="editor")
    assert "<img" not in row.text
    assert "<img" not in admin.client.post("/console/sign-in", data={"name": HOSTILE, "next": HOSTILE}).text


def test_a_role_is_changed_in_its_row_or_without_scripts_by_a_page(desk: Desk, services: ScriptedServices):
    admin, viewer = desk("admin"), desk("viewer")
    row = admin.send("/console/staff/role", {"HX-Request": "true"}, name="viewer", role="editor")
    assert row.text.lstrip().startswith("<tr")
    assert 'id="notices"' in row.text
    assert 'hx-swap-oob="true"' in row.text
    assert "viewer 的权限已更改。" in row.text
    assert viewer.get("/console").status_code == 303
    page = admin.send("/console/staff/role", name="viewer", role="publisher")
    assert page.headers["location"] == "/console/staff"
    assert "viewer 的权限已更改。" in admin.get("/console/staff").text
    assert "viewer 的权限已更改。" not in admin.get("/console/staff").text
    assert services.staff.get("viewer").role == "publisher"


def test_a_reset_password_replaces_the_old_one(desk: Desk, services: ScriptedServices):
    page = desk("admin").send("/console/staff/password", name="viewer")
    assert services.staff.authenticate("viewer", made_password(page.text))
    with pytest.raises(AssertionError):
        desk("viewer")


def test_disabling_and_enabling(desk: Desk, services: ScriptedServices):
    admin = desk("admin")
    admin.send("/console/staff/disable", name="viewer")
    assert not services.staff.get("viewer").active
    assert "恢复账号" in admin.get("/console/staff").text
    admin.send("/console/staff/enable", name="viewer")
    assert services.staff.get("viewer").active
    assert admin.send("/console/staff/disable", name="nobody").status_code == 404
    assert admin.send("/console/staff/disable", name="admin").status_code == 409


def test_changing_the_own_password_keeps_this_browser_and_ends_the_others(desk: Desk):
    here, there = desk("editor"), desk("editor")
    answer = here.send("/console/account/password", present=PASSWORD, new=NEW, again=NEW)
    assert answer.status_code == 303
    assert "密码已更改" in here.get("/console/account").text
    assert there.get("/console").status_code == 303
    assert here.sign_in("editor", NEW).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"present": "wrong", "new": NEW, "again": NEW}, "当前密码不对"),
        ({"present": PASSWORD, "new": NEW, "again": NEW + "x"}, "两次输入的新密码不一样"),
        ({"present": PASSWORD, "new": "short", "again": "short"}, "12 至 256 个字符"),
        ({}, "12 至 256 个字符"),
    ],
)
def test_a_password_that_is_not_changed_says_why(desk: Desk, fields: dict[str, str], said: str):
    page = desk("editor").send("/console/account/password", **fields)
    assert page.status_code == 422
    assert said in page.text
    assert desk("editor")


def test_the_language_is_the_persons_own(desk: Desk, services: ScriptedServices, app: FastAPI):
    browser = desk("editor")
    assert 'lang="zh-Hans"' in browser.get("/console").text
    browser.send("/console/account/language", language="en")
    page = browser.get("/console/account").text
    assert 'lang="en"' in page
    assert "Your language is changed." in page
    browser.client.cookies.delete("heliotrope_staff")
    assert "Sign in to keep" in browser.get("/console/sign-in").text
    assert browser.sign_in("editor", "wrong").text.count("Name or password is wrong") == 1
    with TestClient(app) as elsewhere:
        assert "Sign in to keep" in elsewhere.get("/console/sign-in?lang=en").text
        assert 'lang="en"' in elsewhere.post("/console/sign-in", data={"name": "editor", "password": PASSWORD}).text
    assert desk("viewer").send("/console/account/language", language="fr").status_code == 422


def test_sections_are_shown_to_those_who_may_use_them(desk: Desk):
    for role in ("viewer", "admin"):
        page = desk(role).get("/console").text
        for section in SECTIONS:
            assert (f'href="{section.path}"' in page) == (role == "admin" or section.role == "viewer")
    assert 'href="/console/staff" aria-current="page"' in desk("admin").get("/console/staff").text


def test_every_section_leads_to_a_page(desk: Desk):
    for section in SECTIONS:
        assert desk("admin").get(section.path).status_code == 200, section.path


def test_start_says_when_nothing_is_published(desk: Desk, services: ScriptedServices):
    services.library = empty_library(services.settings.home)
    assert "还没有发布任何内容" in desk("viewer").get("/console").text


def test_pages_hold_no_inline_script_or_style_and_name_no_other_host(desk: Desk):
    for path in ("/console", "/console/staff", "/console/account", "/console/nowhere", "/console/sign-in"):
        page = desk("admin").get(path).text
        assert re.findall(r"<script(?![^>]* src=)", page) == []
        assert "<style" not in page
        assert not re.search(r'\s(style|on\w+)="', page)
        assert not re.search(r'(src|href|action)="(https?:)?//', page)


def test_files_are_served_under_the_hash_of_their_content(desk: Desk):
    page = desk("viewer").get("/console")
    addresses = set(re.findall(r'(?:src|href)="(/console/static/[^"]+)"', page.text))
    assert len(addresses) == 6
    for address in addresses:
        file = desk("viewer").get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    assert desk("viewer").get("/console/static/older/access.py").status_code == 404


def catalogue(lang: str) -> dict[str, str]:
    with (LOCALE / lang / "LC_MESSAGES" / "console.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def test_catalogues_hold_the_same_keys_and_places_in_every_language():
    chinese, english = (catalogue(lang) for lang in LANGUAGES)
    assert chinese.keys() == english.keys()
    for key in chinese:
        assert chinese[key], key
        assert english[key], key
        assert set(re.findall(r"\{\w+\}", chinese[key])) == set(re.findall(r"\{\w+\}", english[key])), key


def test_every_key_that_is_used_exists_and_every_key_is_used():
    code = "\n".join(path.read_text("utf-8") for path in [*TEMPLATES, *CONSOLE.glob("*.py")])
    known = set(catalogue("zh"))
    assert set(re.findall(r"""(?<![\w.-])t\('([a-z_.]+)'[,)]""", code)) - known == set()
    named = set(re.findall(r"""["']([a-z_]+\.[a-z_]+)["']""", code))
    assert {key for key in known if not key.startswith(BUILT)} - named == set()


def test_every_change_that_is_kept_has_words_in_the_audit_trail():
    kept = {
        action
        for folder in ("assistant", "knowledge", "connectors")
        for path in (HERE.parents[1] / folder).rglob("*.py")
        for action in re.findall(r'record\(\s*\w+,\s*[^,]+,\s*"([a-z_]+\.[a-z_]+)"', path.read_text("utf-8"))
    }
    assert len(kept) > 30
    assert {f"action.{action}" for action in kept} - set(catalogue("zh")) == set()


def test_code_and_templates_hold_no_text_of_their_own():
    for path in [*TEMPLATES, *CONSOLE.glob("*.py"), *(HERE / "static" / "console").glob("*.js")]:
        text = path.read_text("utf-8").replace("中文", "")  # a language is named in itself
        assert re.findall("[\u3400-\u9fff]", text) == [], path.name
