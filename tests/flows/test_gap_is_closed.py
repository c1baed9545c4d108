"""The story of a question without an answer, in a real browser: asked, seen as a gap, drafted, published, closed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.bootstrap import Services, open_services
from assistant.settings import Settings
from connectors.web.app import create_app
from knowledge.embeddings import Embedder
from tests.connectors.web.conftest import served
from tests.connectors.web.console.conftest import PASSWORD
from tests.flows.test_editor_changes_a_policy import check, signed_in

QUESTIONS = ("直播带货保证金要交多少", "直播带货要交保证金吗", "带货直播保证金多少钱")
ANSWER = "直播带货的保证金是 500 元，在开通带货权限时缴纳，关闭权限 30 天后原路退回。"


@pytest.fixture
def services(new_starter_home: Callable[[], Path], embedder: Embedder) -> Iterator[Services]:
    """A starter home, which has nothing published about the deposit, with an editor and a publisher."""
    services = open_services(Settings(home=new_starter_home(), anonymous_limit=0), embedder=embedder)
    for kept in services.golden.all()[3:]:
        services.golden.remove(kept.question.id, "admin", "只留三个")
    for role in ("editor", "publisher"):
        services.staff.add(role, role, PASSWORD, "admin")
    yield services
    services.close()


def answer(address: str, question: str) -> dict[str, Any]:
    reply = httpx2.post(f"{address}/api/v1/chat", json={"text": question}, timeout=30)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def publish(page: Page, address: str) -> None:
    check(page, address)
    page.get_by_role("button", name="发布").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#notices")).to_contain_text("已上线")


def test_what_was_not_published_is_written_and_then_answered(browser: Browser, services: Services) -> None:
    with served(create_app(services)) as address:
        for question in QUESTIONS:
            assert answer(address, question)["refused"]

        # The editor finds the three questions as one gap, with the wordings.
        editor = signed_in(browser, address, "editor")
        editor.get_by_role("link", name="待补", exact=True).click()
        editor.get_by_role("row").filter(has_text="保证金").get_by_role("link").click()
        expect(editor.locator("main")).to_contain_text("共问过 3 次")
        gap = editor.url

        # What the answer must say becomes a golden question; the draft begins with the wordings.
        editor.locator("[name=must_contain]").fill("500 元 | 500元")
        editor.get_by_role("button", name="设为标准问题").click()
        expect(editor.locator("#notices")).to_contain_text("已设为标准问题")
        editor.get_by_role("link", name="写一篇常见问题").click()
        body = editor.locator("[name=body]")
        begun = body.input_value()
        assert all(question in begun for question in QUESTIONS)
        body.fill(f"{begun}\n{ANSWER}")
        expect(editor.locator("#preview blockquote")).to_contain_text("500 元")
        editor.locator("[name=source]").fill("带货规则公告")
        editor.get_by_role("button", name="存为草稿").click()
        expect(editor.locator("#notices")).to_contain_text("已起草")
        expect(editor.locator("#notices")).to_have_count(1)

        # It is published with the golden question passed; then the question has its answer and the gap is closed.
        publish(signed_in(browser, address, "publisher"), address)
        assert "500 元" in answer(address, QUESTIONS[0])["text"]
        until = time.monotonic() + 60
        while services.learning.gaps.counts()["closed"] == 0 and time.monotonic() < until:
            time.sleep(0.2)
        editor.goto(gap)
        expect(editor.get_by_role("heading", name="已经能回答了")).to_be_visible()
        expect(editor.locator("main")).to_contain_text(f"版本 {services.library.release}")
        expect(editor.locator(".trail")).to_contain_text("解决了待补问题")
