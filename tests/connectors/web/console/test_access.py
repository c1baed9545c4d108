"""Who may call what, from where, and how a session begins and ends."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from assistant.database.tables import staff_sessions
from assistant.staff.people import ROLES
from connectors.web.app import create_app
from connectors.web.console.access import COOKIE, ConsoleRoute, Needs, needs, safe_next
from connectors.web.console.routes import console_routes
from connectors.web.problems import MEDIA_TYPE
from connectors.web.texts import open_texts
from knowledge.audit import Trail
from tests.connectors.web.console.conftest import PASSWORD, Desk, Seat
from tests.connectors.web.scripted import ScriptedServices, scripted_services

PUBLIC = {"/console/sign-in", "/console/static/{version}/{name}", "/console/sign-in/provider"}
WRONG = {"nobody": "x", "editor": "x", "viewer": PASSWORD}  # unknown, wrong, disabled
Open = Callable[[], Seat]


def leaves(router: APIRouter) -> Iterator[ConsoleRoute]:
    for route in router.routes:
        below: Any = getattr(route, "original_router", None)
        if below:
            yield from leaves(below)
        else:
            assert isinstance(route, ConsoleRoute)
            yield route


def stated(route: ConsoleRoute) -> Needs:
    return next(below.call for below in route.dependant.dependencies if isinstance(below.call, Needs))


def test_only_sign_in_and_files_are_open_to_everybody(services: ScriptedServices):
    routes = list(leaves(console_routes(services, open_texts())))
    assert len(routes) > 10
    assert {route.path for route in routes if stated(route).role is None} <= PUBLIC


def test_every_route_refuses_lower_roles_and_visitors(services: ScriptedServices, desk: Desk, seat: Open):
    seats = {role: desk(role) for role in ROLES}
    tokens = {role: browser.csrf() for role, browser in seats.items()}
    for route in leaves(console_routes(services, open_texts())):
        needed = stated(route).role
        if needed is None:
            continue
        path = re.sub(r"\{\w+(:\w+)?\}", "1", route.path)
        for method in route.methods - {"HEAD"}:
            visitor = seat().client.request(method, path)
            assert visitor.status_code == 303, (method, path)
            assert visitor.headers["location"].startswith("/console/sign-in?next=")
            for role in ROLES[: ROLES.index(needed)]:
                answer = seats[role].client.request(method, path, data={"csrf": tokens[role]})
                assert answer.status_code == 403, (method, path, role)
            if method == "GET":
                assert seats[needed].client.get(path).status_code in (200, 303, 404, 422), path


def test_a_route_that_does_not_say_who_may_call_it_cannot_be_made():
    router = APIRouter(route_class=ConsoleRoute)
    with pytest.raises(TypeError, match="needs"):
        router.get("/open")(lambda request: None)
    with pytest.raises(TypeError, match="needs"):

        @router.get("/twice")
        def twice(one: Annotated[object, Depends(needs("admin"))], two: Annotated[object, Depends(needs("viewer"))]):
            return None


def test_lacking_the_role_is_a_page_that_says_so_and_whom_to_ask(desk: Desk):
    page = desk("editor").get("/console/staff")
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")
    assert "没有权限" in page.text
    assert "“管理”" in page.text
    assert "“编辑”" in page.text


def test_signing_in_leads_back_to_the_page_asked_for(seat: Open):
    browser = seat()
    asked = browser.get("/console/account?x=1&y=%E4%B8%AD")
    form = browser.get(asked.headers["location"])
    onward = re.search(r'name="next" value="([^"]+)"', form.text)
    assert onward
    signed_in = browser.sign_in("viewer", onward=onward.group(1).replace("&amp;", "&"))
    assert signed_in.status_code == 303
    assert signed_in.headers["location"] == "/console/account?x=1&y=%E4%B8%AD"
    assert browser.get("/console/account").status_code == 200
    assert browser.get("/console/sign-in?next=/console/account").headers["location"] == "/console/account"


ELSEWHERE = [
    "https://evil.example",
    "//evil.example/console",
    "/\\evil.example",
    "/console\\@evil.example",
    "/consoles",
    "/console//evil.example",
    "/",
    "/api/v1/chat",
    "javascript:alert(1)",
    "/console/\r\nSet-Cookie: a=b",
    "/console/sign-in?next=/console",
    "/console/sign-out",
    "",
]


def test_signing_in_never_leads_elsewhere(seat: Open):
    for onward in ELSEWHERE:
        assert seat().sign_in("viewer", onward=onward).headers["location"] == "/console", onward


@given(st.text())
def test_what_is_gone_to_is_always_a_plain_path_below_the_console(path: str):
    assert re.fullmatch(r"/console(|[/?][^\\\r\n]*)", safe_next(path))


def test_the_cookie_is_for_the_console_only_and_out_of_reach_of_scripts(app: FastAPI, seat: Open):
    cookie = seat().sign_in("viewer").headers["set-cookie"]
    for trait in ("HttpOnly", "SameSite=lax", "Path=/console", "Max-Age=604800"):
        assert trait in cookie
    assert "Secure" not in cookie
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as client:
        assert "Secure" in Seat(client).sign_in("viewer").headers["set-cookie"]


def test_each_sign_in_gets_a_new_session_and_ends_the_one_before(services: ScriptedServices, seat: Open):
    browser = seat()
    browser.client.cookies.set(COOKIE, "chosen-by-somebody-else", path="/console")
    browser.client.cookies.delete(COOKIE)
    browser.sign_in("viewer")
    first = browser.client.cookies[COOKIE]
    browser.sign_in("editor")
    second = browser.client.cookies[COOKIE]
    assert first != second
    assert services.staff_sessions.find(first) is None


def test_signing_out_ends_the_session(services: ScriptedServices, desk: Desk):
    browser = desk("viewer")
    token = browser.client.cookies[COOKIE]
    answer = browser.send("/console/sign-out")
    assert answer.headers["location"] == "/console/sign-in?signed_out=true"
    assert COOKIE not in browser.client.cookies
    assert services.staff_sessions.find(token) is None
    assert "已退出登录" in browser.get("/console/sign-in?signed_out=true").text


def test_an_idle_session_is_over(services: ScriptedServices, desk: Desk):
    browser = desk("viewer")
    long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=13)
    with services.engine.begin() as connection:
        connection.execute(update(staff_sessions).values(seen_at=long_ago))
    assert browser.get("/console").headers["location"] == "/console/sign-in?next=/console"


def test_wrong_sign_ins_look_alike_and_soon_have_to_wait(services: ScriptedServices, seat: Open):
    services.staff.disable("viewer", "test")
    pages = {name: seat().sign_in(name, password) for name, password in WRONG.items()}
    assert {page.status_code for page in pages.values()} == {401}
    assert len({page.text.replace(name, "") for name, page in pages.items()}) == 1
    for _ in range(4):
        seat().sign_in("editor", "x")
    waiting = seat().sign_in("editor")
    assert waiting.status_code == 429
    assert 0 < int(waiting.headers["retry-after"]) <= 30
    assert "秒后再试" in waiting.text
    assert Trail(services.engine).entries("editor", "staff")[0].detail["address"] == "testclient"


def test_the_first_visitor_is_told_how_to_add_an_admin(tmp_path: Path, seat: Open):
    assert "heliotrope staff add" not in seat().get("/console/sign-in").text
    with TestClient(create_app(scripted_services(tmp_path / "bare"))) as client:
        assert "heliotrope staff add NAME --role admin" in client.get("/console").text


def test_a_form_without_this_sessions_token_changes_nothing(services: ScriptedServices, desk: Desk):
    browser, other = desk("admin"), desk("admin")
    for token in ("", "wrong", other.csrf()):
        refused = browser.send("/console/staff/disable", name="viewer", csrf=token)
        assert refused.status_code == 403
        assert "表单已过期" in refused.text
    assert browser.client.post("/console/staff/disable").status_code == 403
    assert browser.client.post("/console/staff/disable", json={"name": "viewer"}).status_code == 403
    assert services.staff.get("viewer").active
    assert browser.send("/console/staff/disable", name="viewer").status_code == 303
    assert not services.staff.get("viewer").active


def test_who_is_disabled_in_the_console_is_signed_out_with_the_next_click(desk: Desk):
    browser = desk("viewer")
    assert browser.get("/console").status_code == 200
    assert desk("admin").send("/console/staff/disable", name="viewer").status_code == 303
    assert browser.get("/console").headers["location"].startswith("/console/sign-in")
    assert browser.get("/console/audit/entries.csv").status_code == 303


def test_the_token_may_come_as_a_header(services: ScriptedServices, desk: Desk):
    browser = desk("admin")
    headers = {"X-CSRF-Token": browser.csrf()}
    answer = browser.client.post("/console/staff/disable", data={"name": "viewer"}, headers=headers)
    assert answer.status_code == 303
    assert not services.staff.get("viewer").active


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_another_sites_page_can_neither_change_anything_nor_sign_anybody_in(
    services: ScriptedServices, desk: Desk, seat: Open, origin: str
):
    headers = {"Origin": origin}
    assert desk("admin").send("/console/staff/disable", headers, name="viewer").status_code == 403
    signed_in = seat().client.post("/console/sign-in", data={"name": "viewer", "password": PASSWORD}, headers=headers)
    assert signed_in.status_code == 403
    assert COOKIE not in signed_in.cookies
    assert services.staff.get("viewer").active


def test_our_own_pages_origin_is_accepted(services: ScriptedServices, desk: Desk):
    own = {"Origin": "http://testserver"}
    assert desk("admin").send("/console/staff/disable", own, name="viewer").status_code == 303


def test_a_request_that_is_too_large_is_refused_while_it_arrives(desk: Desk):
    browser = desk("admin")
    token = browser.csrf()
    refused = browser.send("/console/staff", csrf=token, name="x" * 300_000)
    assert refused.status_code == 413
    assert "256 KB" in refused.text
    endless = (b"name=" + b"x" * 65_536 for _ in range(1_000))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.client.post("/console/staff", content=endless, headers=kind).status_code == 413


def test_what_does_not_exist_is_a_page_for_staff_and_problem_json_for_programs(desk: Desk, seat: Open):
    page = desk("viewer").get("/console/nowhere/at/all")
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert seat().get("/console/nowhere").status_code == 303
    assert seat().get("/api/v1/nowhere").headers["content-type"].startswith(MEDIA_TYPE)
    assert desk("viewer").client.put("/console/account").status_code in (403, 404)


def test_htmx_gets_notices_and_is_sent_to_sign_in(services: ScriptedServices, desk: Desk, seat: Open):
    partial = {"HX-Request": "true", "HX-Current-URL": "http://testserver/console/staff?a=1"}
    visitor = seat().client.post("/console/staff/disable", headers=partial)
    assert visitor.status_code == 401
    assert visitor.headers["hx-redirect"] == "/console/sign-in?next=/console/staff%3Fa%3D1"
    assert not visitor.text
    refused = desk("admin").send("/console/staff/disable", partial, name="admin")
    assert refused.status_code == 409
    assert 'id="notices"' in refused.text
    assert "唯一可登录的管理人员" in refused.text
    assert "<html" not in refused.text
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/console/staff"}
    sent = seat().client.get("/console/staff", headers=elsewhere)
    assert sent.headers["hx-redirect"] == "/console/sign-in?next=/console"


def test_an_unforeseen_error_is_a_page_without_its_details(
    services: ScriptedServices, desk: Desk, caplog: pytest.LogCaptureFixture
):
    browser = desk("admin")
    services.staff._engine = None  # type: ignore[assignment]
    page = browser.get("/console/staff")
    assert page.status_code == 500
    assert "出了问题" in page.text
    assert "NoneType" not in page.text
    assert "NoneType" in caplog.text


def test_a_missing_field_is_named(desk: Desk):
    page = desk("admin").send("/console/staff/role", name="viewer")
    assert page.status_code == 422
    assert "“role”" in page.text


def test_the_console_has_its_own_policy_and_the_chat_page_keeps_its_stricter_one(desk: Desk, seat: Open):
    console = desk("viewer").get("/console")
    policy = console.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "form-action 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert console.headers["referrer-policy"] == "same-origin"
    assert console.headers["cache-control"] == "no-store"
    assert console.headers["x-frame-options"] == "DENY"
    chat = seat().get("/")
    assert "form-action 'none'" in chat.headers["content-security-policy"]
    assert "data:" not in chat.headers["content-security-policy"]
    assert chat.headers["referrer-policy"] == "no-referrer"
