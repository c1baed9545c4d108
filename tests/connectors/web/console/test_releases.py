"""Releases in the console: who may check, publish, waive and roll back, and what is said when it cannot be."""

import time

from tests.connectors.web.console.conftest import Desk, Seat
from tests.connectors.web.scripted import ScriptedServices
from tests.knowledge.texts import publish, revision

RULE = revision("rule", "## 申请\n粉丝达到 5000 人可以申请。", kind="policy", title="申请条件")
UNSOUND = revision("rumour", "## 传言\n据说会取消门槛。", kind="policy", title="传言", trust="unverified")


def checked(seat: Seat, note: str = "") -> str:
    """Have the drafts checked, wait as the page does, and return where it leads."""
    assert seat.send("/console/releases/check", note=note).headers["location"] == "/console/releases"
    for _ in range(200):
        answer = seat.get("/console/releases/check", **{"HX-Request": "true"})
        if "HX-Redirect" in answer.headers:
            return answer.headers["HX-Redirect"]
        time.sleep(0.05)
    raise AssertionError("the check does not end")


def test_a_draft_is_checked_and_published_and_the_audit_tells_of_it(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([RULE], "林编辑")
    assert "申请条件" in desk("editor").get("/console/releases").text
    report = checked(desk("editor"), "新的申请条件")
    page = desk("publisher").get(report).text
    assert "检查通过" in page
    assert "新的申请条件" in page
    assert desk("publisher").send(f"{report}/publish").headers["location"] == report
    assert services.library.release == 2
    trail = desk("viewer").get("/console/audit?area=release").text
    assert "发布了版本" in trail
    assert "publisher" in trail


def test_a_lower_role_is_refused_and_told_which_one_it_takes(desk: Desk) -> None:
    desks = {role: desk(role) for role in ("viewer", "editor")}
    for role, path, needed in (
        ("viewer", "/console/releases/check", "编辑"),
        ("editor", "/console/releases/1/publish", "发布"),
        ("editor", "/console/releases/1/rollback", "发布"),
        ("viewer", "/console/golden", "编辑"),
        ("viewer", "/console/golden/remove", "编辑"),
        ("viewer", "/console/testing/golden", "编辑"),
        ("viewer", "/console/synonyms", "编辑"),
    ):
        answer = desks[role].send(path, question="x", words="甲,乙", id="x")
        assert answer.status_code == 403, path
        assert needed in answer.text


def test_what_the_gate_stops_is_published_only_with_a_reason(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([UNSOUND], "林编辑")
    publisher = desk("publisher")
    report = checked(publisher)
    assert "检查没有通过" in publisher.get(report).text
    assert publisher.send(f"{report}/publish").status_code == 409
    assert services.library.release == 1
    publisher.send(f"{report}/publish", waiver="法务已确认 <b>")
    assert services.library.release == 2
    assert "法务已确认 &lt;b&gt;" in publisher.get(report).text


def test_a_candidate_over_another_release_says_so_and_is_not_published(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([RULE], "甲")
    publisher = desk("publisher")
    report = checked(publisher)
    services.library.add([revision("other", "别的。")], "乙")
    publish(services.library)
    assert "请重新检查" in publisher.get(report).text
    assert publisher.send(f"{report}/publish").status_code == 409


def test_a_rollback_serves_the_earlier_release_again(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([RULE], "甲")
    publish(services.library)
    publisher = desk("publisher")
    publisher.send("/console/releases/1/rollback", reason="写错了")
    assert services.library.release == 1
    assert "写错了" in publisher.get("/console/audit").text
    assert publisher.send("/console/releases/9/rollback").status_code == 404


def test_a_check_with_nothing_new_says_so(desk: Desk) -> None:
    editor = desk("editor")
    editor.send("/console/releases/check")
    for _ in range(100):
        answer = editor.get("/console/releases/check", **{"HX-Request": "true"})
        if "没有新内容" in answer.text:
            return
        time.sleep(0.05)
    raise AssertionError(answer.text)


def test_a_form_without_the_token_changes_nothing(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([RULE], "甲")
    publish(services.library)
    assert desk("publisher").send("/console/releases/1/rollback", csrf="wrong").status_code == 403
    assert services.library.release == 2


def test_the_audit_trail_goes_into_a_spreadsheet_without_becoming_a_formula(
    services: ScriptedServices, desk: Desk
) -> None:
    services.library.catalog.set_owner("plan", "乙", "=cmd()|x")
    table = desk("viewer").get("/console/audit/entries.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert "'=cmd()|x" in table.text
    lines = desk("viewer").get("/console/audit/entries.jsonl").text.splitlines()
    assert len(lines) == services.library.trail.count()


def test_synonyms_count_for_searches_at_once(services: ScriptedServices, desk: Desk) -> None:
    editor = desk("editor")
    assert editor.send("/console/synonyms", words="额度").status_code == 422
    editor.send("/console/synonyms", words="额度、给多少")
    assert "给多少" in editor.get("/console/synonyms").text
    (group,) = services.library.synonyms.groups()
    editor.send("/console/synonyms/remove", group=str(group))
    assert services.library.synonyms.groups() == {}


def test_golden_questions_are_kept_changed_exported_and_removed(services: ScriptedServices, desk: Desk) -> None:
    editor = desk("editor")
    assert editor.send("/console/golden", question="光合计划给多少").status_code == 422
    editor.send("/console/golden", question="光合计划给多少", must_contain="百亿 | 100亿\n流量")
    (kept,) = services.golden.all()
    assert kept.question.must_contain == (("百亿", "100亿"), ("流量",))
    fields = {"question": "光合计划给多少流量", "must_contain": "百亿", "day": "2026-12-01"}
    editor.send("/console/golden", id=kept.question.id, **fields)
    (changed,) = services.golden.all()
    assert (changed.question.question, str(changed.question.as_of)) == ("光合计划给多少流量", "2026-12-01")
    exported = desk("viewer").get("/console/golden/export.jsonl").text
    assert '"as_of": "2026-12-01"' in exported
    editor.send("/console/golden/remove", id=kept.question.id, reason="过时")
    assert services.golden.all() == []
