"""Originality cases in the console: who may do what, faulty forms, and both sides from beginning to end."""

import io
import zipfile

import httpx2
import pytest

from assistant.programs.cases.desk import Report
from tests.connectors.web.console.conftest import Desk, Seat
from tests.connectors.web.console.test_campaigns import picture
from tests.connectors.web.scripted import DEMO, OTHER_DEMO, ScriptedServices

HOSTILE = "<script>alert(1)</script>"
COMPLAINT = {
    "creator": DEMO.id,
    "own_title": "番茄牛腩",
    "other_url": "https://www.example.com/original",
    "other_title": "番茄炖牛腩",
    "statement": "这条是我先发的。",
}


@pytest.fixture
def case(services: ScriptedServices) -> str:
    """The path of a report that a creator has filed."""
    report = Report(f"番茄牛腩 {HOSTILE}", "https://v.kuaishou.com/abc", f"整条搬运。{HOSTILE}", other_title="番茄牛腩")
    return f"/console/cases/{services.cases.file(DEMO.id, report).id}"


def number(path: str) -> int:
    return int(path.rsplit("/", 1)[1])


def put(seat: Seat, path: str, role: str, data: bytes) -> httpx2.Response:
    """The form that adds a file."""
    fields = {"csrf": seat.csrf(), "role": role}
    return seat.client.post(f"{path}/files", data=fields, files={"file": ("封面.png", data, "image/png")})


def test_a_report_is_looked_at_decided_and_handed_on(desk: Desk, services: ScriptedServices, case: str):
    editor, viewer = desk("editor"), desk("viewer")
    page = editor.get(case).text
    assert HOSTILE not in page
    assert HOSTILE not in editor.get("/console/cases").text
    for role in ("own_cover", "other_cover"):
        assert put(editor, case, role, picture()).status_code == 303
    assert "100%" in editor.get(case).text  # the covers are one and the same
    assert editor.send(f"{case}/step", act="note", text="像素级一致").status_code == 303
    assert editor.send(f"{case}/step", act="want", text="请补充发布时间。").status_code == 303
    assert editor.send(f"{case}/step", act="uphold", text="成立").status_code == 409
    services.cases.move(number(case), "supply", "creator", "creator", "10 月 1 日", DEMO.id)
    assert editor.send(f"{case}/step", act="uphold", text="对方作品已处理。").status_code == 303
    assert services.cases.find(number(case)).state == "upheld"
    assert number(case) not in [one.id for one in services.cases.queue()]
    assert f'href="{case}"' in viewer.get("/console/cases?over=true").text
    letter, package = viewer.get(f"{case}/letter.pdf"), viewer.get(f"{case}/package.zip")
    assert letter.content.startswith(b"%PDF")
    names = zipfile.ZipFile(io.BytesIO(package.content)).namelist()
    assert len([name for name in names if name.endswith(".png")]) == 2
    services.notices.deliverer.drain()
    told = [one.body for one in services.notices.inbox.page(DEMO.id).notices]
    assert "举报成立。\n对方作品已处理。" in told
    assert not any("像素级" in one for one in told)
    done = [entry.action for entry in services.library.trail.entries(area="case", subject=str(number(case)))]
    assert sorted(done) == ["case.uphold", "case.want"]


def test_a_complaint_is_served_on_the_creator(desk: Desk, services: ScriptedServices):
    editor = desk("editor")
    path = editor.send("/console/cases/new", **COMPLAINT).headers["location"]
    assert services.cases.find(number(path), DEMO.id).side == "complaint"
    for change, said in (
        ({"creator": "nobody"}, "没有创作者"),
        ({"other_url": "javascript:alert(1)"}, "链接要写完整"),
        ({"own_title": "长" * 201}, "1 到 200"),
        ({"statement": " "}, "说明要有 1 到"),
    ):
        answer = editor.send("/console/cases/new", **{**COMPLAINT, **change})
        assert answer.status_code in (404, 422), change
        assert said in answer.text, change
    assert len(services.cases.queue()) == 1
    (entry,) = services.library.trail.entries(area="case", subject=str(number(path)))
    assert (entry.action, entry.actor) == ("case.served", "editor")


def test_faulty_forms_change_nothing_and_say_why(desk: Desk, services: ScriptedServices, case: str):
    editor = desk("editor")
    for fields in (
        {"act": "uphold", "text": " "},
        {"act": "note", "text": " "},
        {"act": "appeal", "text": "不服"},  # the creator's, not the staff's
        {"act": "nonsense", "text": "x"},
        {"text": "x"},
    ):
        assert editor.send(f"{case}/step", **fields).status_code == 422, fields
    assert put(editor, case, "own_cover", b"no picture").status_code == 422
    assert put(editor, case, "nonsense", picture()).status_code == 422
    assert editor.send(f"{case}/step", csrf="wrong", act="uphold", text="成立").status_code == 403
    assert [entry.act for entry in services.cases.entries(number(case))] == ["file"]
    assert services.cases.files(number(case)) == []


def test_viewers_read_and_other_cases_and_their_files_are_not_found(desk: Desk, services: ScriptedServices, case: str):
    viewer, editor = desk("viewer"), desk("editor")
    put(editor, case, "evidence", picture())
    (file,) = services.cases.files(number(case))
    assert viewer.get(f"{case}/files/{file.id}").headers["content-type"] == "image/png"
    other = services.cases.file(OTHER_DEMO.id, Report("别的作品", "https://v.kuaishou.com/other", "也被搬运"))
    assert viewer.get(f"/console/cases/{other.id}/files/{file.id}").status_code == 404
    for path in ("", "/letter.pdf", "/package.zip", "/files/1"):
        for missing in ("99", "9" * 30):
            assert viewer.get(f"/console/cases/{missing}{path}").status_code == 404, (missing, path)
    assert editor.send("/console/cases/99/step", act="note", text="x").status_code == 404
    assert put(editor, "/console/cases/99", "evidence", picture()).status_code == 404
    assert viewer.send(f"{case}/step", act="uphold", text="成立").status_code == 403
    assert put(viewer, case, "evidence", picture()).status_code == 403
    assert viewer.get("/console/cases/new").status_code == 403
    assert viewer.send("/console/cases/new", **COMPLAINT).status_code == 403
    assert f"{case}/step" not in viewer.get(case).text
