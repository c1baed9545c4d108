"""Documents in the console: found, edited without losing anything, uploaded, discarded."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.connectors.web.console.conftest import Desk, Seat
from tests.connectors.web.scripted import ScriptedServices
from tests.knowledge.reading import samples
from tests.knowledge.reading.hostile import files_of_every_sentence
from tests.knowledge.texts import revision

ABOUT = {"slug": "rule", "kind": "policy", "lang": "zh", "title": "申请条件", "source": "公告"}
FIELDS = {**ABOUT, "body": "## 条件\n粉丝达到 5000 粉可以申请。"}
UPLOAD = "/console/documents/upload"


def upload(seat: Seat, name: str, data: bytes, **fields: str) -> tuple[int, str]:
    answer = seat.client.post(UPLOAD, data={"csrf": seat.csrf(), **fields}, files=[("files", (name, data))])
    return answer.status_code, answer.text


def test_a_new_document_is_saved_as_a_draft_with_the_reason(services: ScriptedServices, desk: Desk) -> None:
    answer = desk("editor").send("/console/documents/save", **FIELDS, based_on="0", reason="新公告")
    assert answer.headers["location"] == "/console/documents/rule"
    page = desk("viewer").get("/console/documents/rule").text
    assert "5000 粉可以申请。" in page
    assert "新公告" in page
    assert [draft.slug for draft in services.library.catalog.drafts()] == ["rule"]
    assert "申请条件" in desk("viewer").get("/console/documents?state=draft").text


def test_what_cannot_be_saved_stays_in_the_form_with_a_sentence(services: ScriptedServices, desk: Desk) -> None:
    answer = desk("editor").send("/console/documents/save", **{**FIELDS, "effective_from": "someday"})
    assert answer.status_code == 422
    assert "someday" in answer.text
    assert "5000 粉可以申请。" in answer.text
    assert services.library.catalog.drafts() == []


def test_the_second_of_two_editors_keeps_the_text_and_sees_the_other_one(
    services: ScriptedServices, desk: Desk
) -> None:
    services.library.add([revision("rule", "原文。", kind="policy", title="申请条件")], "甲")
    services.library.add([revision("rule", "乙写的。", kind="policy", title="申请条件")], "乙")
    editor = desk("editor")
    answer = editor.send("/console/documents/save", **{**FIELDS, "body": "丙写的。"}, based_on="1")
    assert answer.status_code == 409
    assert "丙写的。" in answer.text
    assert "乙写的。" in answer.text
    assert 'name="based_on" value="2"' in answer.text
    assert editor.send("/console/documents/save", **{**FIELDS, "body": "合并的。"}, based_on="2").status_code == 303


def test_the_preview_shows_passages_and_differences_or_what_is_wrong(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([revision(**FIELDS)], "甲")
    editor = desk("editor")
    changed = {**FIELDS, "body": "## 条件\n粉丝达到 10000 粉可以申请。"}
    shown = editor.send("/console/documents/preview", **changed, based_on="1").text
    assert "<ins>10000 粉</ins>" in shown
    assert "<del>5000 粉</del>" in shown
    wrong = editor.send("/console/documents/preview", **{**FIELDS, "body": "## 条件\n<!--\nasked: [\n-->\n文。"}).text
    assert 'role="alert"' in wrong


def test_hostile_text_is_shown_and_never_run(services: ScriptedServices, desk: Desk) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    services.library.add([revision("bad", f"## {hostile}\n正文 {hostile}", title=hostile)], hostile)
    for path in ("/console/documents", "/console/documents/bad", "/console/documents/bad/edit", "/console/audit"):
        page = desk("editor").get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_draft_is_discarded_with_a_reason_and_an_owner_is_named(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([revision("rule", "写错了。")], "甲")
    editor = desk("editor")
    editor.send("/console/documents/rule/owner", owner="王小禾")
    editor.send("/console/documents/rule/discard", revision="1", reason="写错")
    assert services.library.catalog.drafts() == []
    page = editor.get("/console/documents/rule").text
    assert "王小禾" in page
    assert "丢弃了草稿" in page
    assert editor.send("/console/documents/rule/discard", revision="1").status_code == 404
    assert editor.get("/console/documents/nowhere").status_code == 404


def test_one_file_goes_to_the_editor_before_it_is_kept(services: ScriptedServices, desk: Desk) -> None:
    status, page = upload(desk("editor"), "新规.docx", samples.word("2026 年给 200亿。"))
    assert status == 200
    assert "2026 年给 200亿。" in page
    assert services.library.catalog.drafts() == []


def test_a_file_becomes_the_next_revision_of_a_document(services: ScriptedServices, desk: Desk) -> None:
    body = "## 额度\n新的额度。".encode()
    status, page = upload(desk("editor"), "x.md", body, slug="plan", effective_from="2030-01-01")
    assert status == 200
    assert 'name="based_on" value="1"' in page
    assert 'name="kind" value="program"' in page
    assert 'value="2030-01-01"' in page


def test_several_texts_are_looked_at_then_kept_all_or_none(services: ScriptedServices, desk: Desk) -> None:
    editor = desk("editor")
    lines = '{"slug":"a","title":"甲","body":"第一。"}\n{"slug":"b","title":"乙","body":"第二。"}'
    status, page = upload(editor, "two.jsonl", lines.encode())
    assert status == 200
    assert "第一。" in page
    assert services.library.catalog.drafts() == []
    editor.send(f"{UPLOAD}/keep", lines=lines)
    assert {draft.slug for draft in services.library.catalog.drafts()} == {"a", "b"}
    assert editor.send(f"{UPLOAD}/keep", lines=lines + "\nnonsense").status_code == 422


def test_an_uploaded_file_is_kept_and_given_back_as_it_was(services: ScriptedServices, desk: Desk) -> None:
    editor, paper = desk("editor"), samples.word("2026 年给 200亿。")
    page = upload(editor, "新规<b>.docx", paper)[1]
    attributes = unescape(re.findall(r'name="attributes" value="([^"]*)"', page)[0])
    fields = {**FIELDS, "attributes": attributes, "body": "改了几个字。"}
    assert editor.send("/console/documents/save", **fields).status_code == 303
    assert "新规&lt;b&gt;.docx" in desk("viewer").get("/console/documents/rule").text
    given = desk("viewer").get("/console/documents/rule/original?revision=1")
    assert given.content == paper
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-disposition"].startswith("attachment;")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert desk("viewer").get("/console/documents/plan/original?revision=1").status_code == 404


def test_the_next_upload_brings_its_own_file(services: ScriptedServices, desk: Desk) -> None:
    services.library.add([revision("rule", "旧。", original={"sha256": "0" * 64, "name": "旧.docx"})], "甲")
    page = upload(desk("editor"), "新.md", "## 额度\n新的额度。".encode(), slug="rule")[1]
    assert "新.md" in page
    assert "旧.docx" not in page
    assert "旧.docx" not in desk("viewer").get("/console/documents/rule").text  # named, but not kept here
    assert desk("viewer").get("/console/documents/rule/original?revision=1").status_code == 404


def test_a_file_name_and_digest_that_an_author_made_up_lead_nowhere(services: ScriptedServices, desk: Desk) -> None:
    for digest in ("../../../etc/passwd", "A" * 64, 7, None):
        services.library.add([revision("rule", f"正文 {digest}。", original={"sha256": digest, "name": "x"})], "甲")
        newest = services.library.catalog.document("rule").newest.number
        assert desk("viewer").get(f"/console/documents/rule/original?revision={newest}").status_code == 404
        assert desk("viewer").get("/console/documents/rule").status_code == 200


def test_a_bad_file_sent_by_the_script_is_a_notice_above_the_form(services: ScriptedServices, desk: Desk) -> None:
    editor = desk("editor")
    headers = {"HX-Request": "true", "X-CSRF-Token": editor.csrf()}
    answer = editor.client.post(UPLOAD, headers=headers, files=[("files", ("x.docx", b"nonsense"))])
    assert answer.status_code == 422
    assert answer.text.startswith('<div id="notices"')
    assert not (services.settings.home / "originals").exists()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    return files_of_every_sentence(tmp_path_factory.mktemp("hostile"))


def test_every_sentence_about_a_bad_file_is_told_and_nothing_is_left(
    services: ScriptedServices, desk: Desk, hostile: dict[str, tuple[Path, str]]
) -> None:
    services.staff.set_language("editor", "en")  # the sentences are those of the files
    editor = desk("editor")
    for name, (path, says) in hostile.items():
        if path.is_dir():
            continue
        status, page = upload(editor, name, path.read_bytes())
        assert (status, says in page.replace("&#39;", "'").replace("&#34;", '"')) == (422, True), name
    assert services.library.catalog.drafts() == []


def test_an_address_inside_the_house_is_not_fetched(desk: Desk) -> None:
    editor = desk("editor")
    for address in ("http://127.0.0.1:8300/", "http://169.254.169.254/latest", "file:///etc/passwd", "http://[::1]/"):
        answer = editor.client.post(UPLOAD, data={"csrf": editor.csrf(), "url": address}, files=[("files", ("", b""))])
        assert answer.status_code == 422, address
