"""Thumbs under the answers: over HTTP, and on the chat page with the real assistant."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect

from assistant.bootstrap import Services
from connectors.web.app import create_app
from tests.browsing import PHONE
from tests.connectors.web.visits import Visit, visiting

QUESTION = "完播率怎么算？"


@pytest.fixture
def client(starter: Services) -> Iterator[TestClient]:
    with TestClient(create_app(starter)) as client:
        yield client


def asked(client: TestClient) -> dict[str, str]:
    """The ids of an answer and its thread, and where its verdict goes."""
    reply = client.post("/api/v1/chat", json={"text": QUESTION}).json()
    path = f"/api/v1/answers/{reply['answer_id']}/feedback"
    return {"answer": reply["answer_id"], "thread": reply["thread"], "path": path}


def kept(services: Services, answer: str) -> tuple[str | None, str]:
    """The verdict and comment that staff read."""
    stored = services.learning.replay.of(answer)
    return stored.verdict, stored.comment


def test_verdict_is_kept_changed_and_taken_back(client: TestClient, starter: Services) -> None:
    ids = asked(client)
    given = client.post(ids["path"], json={"verdict": "down", "comment": " 没说清楚\x00\n"})
    assert given.json() == {"answer_id": ids["answer"], "verdict": "down"}
    assert kept(starter, ids["answer"]) == ("down", "没说清楚")
    turns = client.get(f"/api/v1/threads/{ids['thread']}").json()["turns"]
    assert turns[0]["verdict"] == "down"
    client.post(ids["path"], json={"verdict": "up"})
    assert kept(starter, ids["answer"]) == ("up", "")
    client.post(ids["path"], json={"verdict": None})
    assert kept(starter, ids["answer"]) == (None, "")


def test_only_whoever_asked_gives_a_verdict(client: TestClient, starter: Services) -> None:
    ids = asked(client)
    client.post("/api/v1/demonstration/session", json={"creator": "demo-01"})
    refused = client.post(ids["path"], json={"verdict": "down"})
    unknown = client.post("/api/v1/answers/nothing/feedback", json={"verdict": "down"})
    for answer in (refused, unknown):
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert refused.json() == unknown.json()
    assert kept(starter, ids["answer"]) == (None, "")
    own = asked(client)
    assert client.post(own["path"], json={"verdict": "up"}).status_code == 200
    forged = client.post(own["path"], json={"verdict": "down"}, headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
    assert client.post(own["path"], json={"verdict": "up"}, headers={"Authorization": "Bearer x"}).status_code == 401
    assert kept(starter, own["answer"]) == ("up", "")


def test_body_that_makes_no_sense_is_refused(client: TestClient, starter: Services) -> None:
    ids = asked(client)
    long = {"verdict": "up", "comment": "长" * 1001}
    for body in ({}, {"verdict": "bad"}, {"verdict": 1}, long, {"verdict": "up", "x": 1}):
        refused = client.post(ids["path"], json=body)
        assert refused.status_code == 422, body
        assert refused.json()["detail"], body
    assert kept(starter, ids["answer"]) == (None, "")


def test_description_of_the_api_tells_of_it(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/answers/{answer_id}/feedback"]["post"]
    assert "404" in described["responses"]
    assert "verdict" in described["summary"] + described["description"]


@pytest.fixture
def visit(browser: object, starter: Services) -> Iterator[Visit]:
    yield from visiting(browser, starter)  # type: ignore[arg-type]  # it has the fields that the web app reads


def verdict_of_last(services: Services) -> tuple[str | None, str]:
    """The verdict on the answer given last."""
    return kept(services, services.learning.answers.list(size=1).answers[0].id)


def test_thumbs_are_kept_over_a_reload_and_by_the_keyboard(visit: Visit, starter: Services) -> None:
    page = visit.page
    visit.ask_and_wait(QUESTION)
    up, down = page.get_by_role("button", name="有帮助"), page.get_by_role("button", name="没帮助")
    up.focus()
    page.keyboard.press("Enter")
    expect(up).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    with page.expect_response("**/feedback"):
        page.keyboard.press("Space")
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(up).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Tab")  # over "that is not what I asked"
    page.keyboard.press("Tab")
    page.keyboard.type("没有例子")
    with page.expect_response("**/feedback"):
        page.keyboard.press("Enter")
    expect(page.get_by_text("谢谢，记下了。")).to_be_visible()
    expect(down).to_be_focused()
    assert verdict_of_last(starter) == ("down", "没有例子")

    page.reload()
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".opinion")).to_be_hidden()
    with page.expect_response("**/feedback"):
        down.click()
    expect(down).to_have_attribute("aria-pressed", "false")
    assert verdict_of_last(starter) == (None, "")


def test_last_choice_counts_however_slow_the_server_is(visit: Visit, starter: Services) -> None:
    page = visit.page
    visit.ask_and_wait(QUESTION)
    page.route("**/feedback", lambda route: (page.wait_for_timeout(300), route.continue_()))
    up, down = page.get_by_role("button", name="有帮助"), page.get_by_role("button", name="没帮助")
    with page.expect_response(lambda answer: "down" in (answer.request.post_data or "")):
        up.click()
        down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(up).to_have_attribute("aria-pressed", "false")
    page.unroute_all()
    assert verdict_of_last(starter) == ("down", "")


def test_comment_may_be_left_out_and_escape_closes_the_line(visit: Visit, starter: Services) -> None:
    page = visit.page
    visit.ask_and_wait(QUESTION)
    with page.expect_response("**/feedback"):
        page.get_by_role("button", name="没帮助").click()
    field = page.locator(".opinion input")
    expect(field).to_be_visible()
    field.fill("写到一半")
    field.press("Escape")
    expect(field).to_be_hidden()
    assert verdict_of_last(starter) == ("down", "")
    page.locator("#language").click()
    expect(page.get_by_role("button", name="Not helpful")).to_have_attribute("aria-pressed", "true")


def test_verdict_that_was_not_kept_is_taken_back_and_told(visit: Visit) -> None:
    page = visit.page
    visit.ask_and_wait(QUESTION)
    page.context.set_offline(True)
    up = page.get_by_role("button", name="有帮助")
    up.click()
    expect(page.get_by_text("没有记上")).to_be_visible()
    expect(up).to_have_attribute("aria-pressed", "false")
    page.context.set_offline(False)
    with page.expect_response("**/feedback"):
        up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("没有记上")).to_be_hidden()
    visit.forgive_failed_requests()


def test_line_fits_a_phone(visit: Visit) -> None:
    visit.page.set_viewport_size(PHONE)
    visit.ask_and_wait(QUESTION)
    visit.page.get_by_role("button", name="没帮助").click()
    expect(visit.page.locator(".opinion input")).to_be_visible()
    assert not visit.is_too_wide()
