"""Gaps in the console: seen by all, worked on by editors, each change with who and why."""

import re
from html import unescape

import pytest

from tests.connectors.web.console.asked import SECRET_OWNER, asked
from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import ScriptedServices

HOSTILE = "缺<script>alert(1)</script>\"'><img src=x onerror=alert(1)> --> [x](javascript:alert(1))"
ANSWER = "满 1000 粉就可以开通橱窗。"


def gap(services: ScriptedServices, *questions: str, reason: str = "unanswered") -> int:
    """The gap that these questions, which nobody answered, come into."""
    for question in questions or ("缺少橱窗开通条件",):
        asked(services, question, reason=reason)
    assert services.learning.intake.refresh() == 0
    return services.learning.gaps.all()[0].id


def test_questions_that_wait_are_grouped_and_listed_with_their_counts(services: ScriptedServices, desk: Desk) -> None:
    for _ in range(3):
        asked(services, "缺少橱窗开通条件", reason="unpublished")
    asked(services, "缺少橱窗开通条件", reason="unanswered")
    page = desk("viewer").get("/console/gaps").text
    assert "缺少橱窗开通条件" in page
    assert "没有公布 3" in page
    assert "没答上 1" in page
    one = desk("viewer").get("/console/gaps/1").text
    assert "共问过 4 次" in one
    assert SECRET_OWNER.split(":")[1] not in page + one


def test_empty_lists_say_what_they_are_for(desk: Desk) -> None:
    for state, said in (("open", "没有待补的问题"), ("closed", "还没有解决的问题"), ("nonsense", "没有待补的问题")):
        assert said in desk("viewer").get(f"/console/gaps?state={state}").text
    assert desk("viewer").get("/console/gaps/7").status_code == 404


@pytest.mark.parametrize("act", ["golden", "dismiss", "reopen"])
def test_only_editors_change_gaps_and_only_from_our_own_forms(
    services: ScriptedServices, desk: Desk, act: str
) -> None:
    number = gap(services)
    assert desk("viewer").send(f"/console/gaps/{number}/{act}", must_contain="x").status_code == 403
    assert desk("editor").send(f"/console/gaps/{number}/{act}", csrf="wrong", must_contain="x").status_code == 403
    assert desk("viewer").get(f"/console/gaps/{number}/draft").status_code == 403
    viewed = desk("viewer").get(f"/console/gaps/{number}").text
    assert f'action="/console/gaps/{number}' not in viewed
    assert services.learning.gaps.find(number).state == "open"


def test_a_draft_begins_with_the_wordings_and_saving_it_marks_the_gap(services: ScriptedServices, desk: Desk) -> None:
    number = gap(services, "缺少橱窗开通条件", "缺少橱窗的开通条件")
    editor = desk("editor")
    page = editor.get(f"/console/gaps/{number}/draft").text
    body = unescape(re.search(r'<textarea id="f-body".*?>\n(.*?)</textarea>', page, re.S)[1])  # type: ignore[index]
    assert body.startswith("## 缺少橱窗开通条件\n<!--\nasked:\n")
    assert 'role="alert"' not in page
    fields = {"slug": f"faq-gap-{number}", "kind": "faq", "lang": "zh", "title": "橱窗", "gap": str(number)}
    empty = editor.send("/console/documents/save", **fields, body=body)
    assert empty.status_code == 422
    assert f'name="gap" value="{number}"' in empty.text
    assert services.learning.gaps.find(number).state == "open"
    kept = editor.send("/console/documents/save", **fields, body=f"{body}\n{ANSWER}", reason="问的人多")
    assert kept.headers["location"] == f"/console/documents/faq-gap-{number}"
    assert services.learning.gaps.find(number).document == f"faq-gap-{number}"
    document = editor.get(f"/console/documents/faq-gap-{number}").text
    assert ANSWER in document
    assert "问的人多" in document
    again = editor.get(f"/console/gaps/{number}/draft")
    assert again.headers["location"] == f"/console/documents/faq-gap-{number}/edit"
    assert "已起草 <b>1</b>" in editor.get("/console/gaps").text


def test_a_document_that_exists_already_is_shown_beside_what_was_typed(services: ScriptedServices, desk: Desk) -> None:
    number = gap(services)
    fields = {"slug": "plan", "kind": "program", "lang": "zh", "title": "光合计划", "gap": str(number)}
    editor = desk("editor")
    clash = editor.send("/console/documents/save", **fields, body=ANSWER)
    assert clash.status_code == 409
    assert ANSWER in clash.text
    assert services.learning.gaps.find(number).state == "open"
    assert editor.send("/console/documents/save", **fields, body=ANSWER, based_on="1").status_code == 303
    assert services.learning.gaps.find(number).document == "plan"


def test_a_gap_that_was_closed_meanwhile_keeps_no_draft(services: ScriptedServices, desk: Desk) -> None:
    number = gap(services)
    services.learning.gaps.settle(number, 1, is_answered=True)
    fields = {"slug": "late", "kind": "faq", "lang": "zh", "title": "橱窗", "gap": str(number)}
    late = desk("editor").send("/console/documents/save", **fields, body=ANSWER)
    assert late.status_code == 409
    assert ANSWER in late.text
    assert services.library.catalog.drafts() == []
    page = desk("viewer").get(f"/console/gaps/{number}").text
    assert 'href="/console/releases/1"' in page


def test_a_golden_question_says_what_the_answer_must_say(services: ScriptedServices, desk: Desk) -> None:
    number = gap(services)
    editor = desk("editor")
    assert editor.send(f"/console/gaps/{number}/golden", must_contain=" \n").status_code == 422
    editor.send(f"/console/gaps/{number}/golden", must_contain="1000 粉 | 一千粉")
    (kept,) = services.golden.all()
    assert kept.question.must_contain == (("1000 粉", "一千粉"),)
    assert "1000 粉 | 一千粉" in editor.get(f"/console/gaps/{number}").text


def test_a_gap_is_dismissed_and_reopened_with_reasons(services: ScriptedServices, desk: Desk) -> None:
    number = gap(services)
    editor = desk("editor")
    editor.send(f"/console/gaps/{number}/dismiss", reason="和平台无关 <b>")
    assert "缺少橱窗开通条件" in editor.get("/console/gaps?state=dismissed").text
    editor.send(f"/console/gaps/{number}/reopen", reason="还是有人问")
    page = editor.get(f"/console/gaps/{number}").text
    assert "和平台无关 &lt;b&gt;" in page
    assert "还是有人问" in page
    assert services.learning.gaps.find(number).state == "open"
    assert "搁置了待补问题" in editor.get("/console/audit?area=gap").text


def test_hostile_questions_are_shown_and_never_run(services: ScriptedServices, desk: Desk) -> None:
    number = gap(services, HOSTILE)
    editor = desk("editor")
    for path in ("", "/console/gaps", f"/console/gaps/{number}", f"/console/gaps/{number}/draft"):
        page = editor.get(path or "/console").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "alert(1)" in page
        assert 'href="javascript:' not in page
