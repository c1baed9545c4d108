"""The story of a changed policy, in a real browser: upload, gate, mending, publishing, two days' answers, rollback."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import docx
import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.bootstrap import Services, open_services
from assistant.settings import Settings
from connectors.web.app import create_app
from knowledge.embeddings import Embedder
from tests.browsing import new_context
from tests.connectors.web.conftest import served
from tests.connectors.web.console.conftest import PASSWORD
from tests.knowledge.texts import publish, revision

QUESTION = "星火计划报名要多少粉丝"
OLD = "报名星火计划的创作者粉丝数需达到 5000 人，并且近 30 天发布不少于 5 条原创作品。"
NEW = "报名星火计划的创作者粉丝数需达到 10000 人，并且近 30 天发布不少于 5 条原创作品。"
SOURCE = {"source": "星火计划公告", "source_date": "2026-11-20", "trust": "official"}


@pytest.fixture
def services(new_starter_home: Callable[[], Path], embedder: Embedder) -> Iterator[Services]:
    """A starter home whose policy and FAQ say 5000, an editor and a publisher, and three golden questions."""
    services = open_services(Settings(home=new_starter_home(), anonymous_limit=0), embedder=embedder)
    texts = [
        revision("spark-plan", f"## 报名条件\n{OLD}", kind="policy", title="星火计划报名条件", **SOURCE),
        revision("spark-faq", f"## 报名条件是什么\n{OLD}", kind="faq", title="星火计划常见问题", **SOURCE),
    ]
    services.library.add(texts, "editor")
    publish(services.library, waiver="第一版")
    for kept in services.golden.all()[3:]:
        services.golden.remove(kept.question.id, "admin", "只留三个")
    for role in ("editor", "publisher"):
        services.staff.add(role, role, PASSWORD, "admin")
    yield services
    services.close()


def signed_in(browser: Browser, address: str, name: str) -> Page:
    page = new_context(browser, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/console")
    page.locator("[name=name]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#sections")).to_be_visible()
    return page


def check(page: Page, address: str) -> None:
    """Have the drafts checked and wait for the report."""
    page.goto(f"{address}/console/releases")
    page.locator("#candidate button").click()
    page.wait_for_url("**/console/releases/*", timeout=60_000)


def answer(address: str, as_of: date | None = None) -> dict[str, Any]:
    body = {"text": QUESTION, **({"as_of": as_of.isoformat()} if as_of else {})}
    reply = httpx2.post(f"{address}/api/v1/chat", json=body, timeout=30)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def test_a_policy_that_changes_next_week(
    browser: Browser,
    services: Services,
    tmp_path: Path,
    picture: Callable[[Page, str], None],
) -> None:
    next_week = services.library.today() + timedelta(days=7)
    paper = docx.Document()
    paper.add_heading("报名条件", 1)
    paper.add_paragraph(NEW)
    paper.save(str(tmp_path / "星火计划新规.docx"))
    before = services.library.release

    with served(create_app(services)) as address:
        # The editor uploads the changed text and sees its passage and what differs before anything is kept.
        editor = signed_in(browser, address, "editor")
        editor.goto(f"{address}/console/documents/upload?slug=spark-plan")
        editor.locator("[name=files]").set_input_files(tmp_path / "星火计划新规.docx")
        editor.locator("[name=effective_from]").fill(next_week.isoformat())
        editor.locator("main form button").click()
        expect(editor.locator("#preview")).to_contain_text("会成为 1 段")
        expect(editor.locator("#preview ins").filter(has_text="10000")).to_be_visible()
        expect(editor.locator("#preview del").filter(has_text="5000")).to_be_visible()
        assert services.library.catalog.drafts() == []
        picture(editor, "story-1-uploaded")
        editor.locator("[name=reason]").fill("公告：下周起提高门槛")
        editor.get_by_role("button", name="存为草稿").click()
        expect(editor.locator("#notices")).to_contain_text("存为草稿")

        # The gate finds that the FAQ would say something else next week.
        check(editor, address)
        expect(editor.locator(".finding.bad").first).to_contain_text("spark-faq")
        expect(editor.get_by_role("heading", name="检查没有通过")).to_be_visible()
        expect(editor.get_by_role("button", name="例外放行并发布")).to_have_count(0)
        picture(editor, "story-2-stopped")

        # The editor mends the FAQ from the same day on; its preview follows the typing.
        editor.goto(f"{address}/console/documents/spark-faq/edit")
        editor.locator("[name=effective_from]").fill(next_week.isoformat())
        editor.locator("[name=body]").fill(f"## 报名条件是什么\n{NEW}")
        expect(editor.locator("#preview ins").filter(has_text="10000")).to_be_visible()
        picture(editor, "story-3-mended")
        editor.get_by_role("button", name="存为草稿").click()
        expect(editor.locator("#notices")).to_contain_text("存为草稿")
        check(editor, address)
        expect(editor.get_by_role("heading", name="检查通过，可以发布")).to_be_visible()
        picture(editor, "story-4-green")

        # The publisher publishes; each day has its own answer.
        publisher = signed_in(browser, address, "publisher")
        publisher.goto(editor.url)
        publisher.get_by_role("button", name="发布").click()
        publisher.get_by_role("button", name="确定").click()
        expect(publisher.locator("#notices")).to_contain_text("已上线")
        today, later = answer(address), answer(address, next_week)
        assert "5000" in today["text"]
        assert "10000" not in today["text"]
        assert "10000" in later["text"]
        assert {one["effective_from"] for one in later["citations"]} == {next_week.isoformat()}
        for day, says, name in (("", "5000", "story-5-today"), (next_week.isoformat(), "10000", "story-6-next-week")):
            publisher.goto(f"{address}/console/testing?{urlencode({'question': QUESTION, 'day': day})}")
            expect(publisher.locator(".answer").first).to_contain_text(says)
            picture(publisher, name)

        # What next week's answer must say is asked of every release from now on.
        expect(publisher.locator("[name=must_contain]")).to_have_value(re.compile("10000"))
        publisher.get_by_role("button", name="设为标准问题").click()
        expect(publisher.locator("#notices")).to_contain_text(QUESTION)
        kept = next(one.question for one in services.golden.all() if one.question.question == QUESTION)
        assert (kept.as_of, kept.answerable) == (next_week, True)

        # The file is there to be downloaded, beside the revision that was read from it.
        publisher.goto(f"{address}/console/documents/spark-plan")
        with publisher.expect_download() as download:
            publisher.get_by_role("link", name="星火计划新规.docx").click()
        assert Path(download.value.path()).read_bytes() == (tmp_path / "星火计划新规.docx").read_bytes()
        picture(publisher, "story-7-document")

        # A rollback restores; the audit tells it all.
        publisher.goto(f"{address}/console/releases/{before}")
        publisher.locator("[name=reason]").fill("公告推迟")
        publisher.get_by_role("button", name="退回到这个版本").click()
        publisher.get_by_role("button", name="确定").click()
        expect(publisher.locator("#notices")).to_contain_text("已退回")
        assert "5000" in answer(address, next_week)["text"]
        publisher.goto(f"{address}/console/audit")
        told = publisher.locator("#entries").inner_text()
        for words in ("保存了草稿", "公告：下周起提高门槛", "检查了版本", "发布了版本", "退回到版本", "公告推迟"):
            assert words in told
        picture(publisher, "story-8-audit")
