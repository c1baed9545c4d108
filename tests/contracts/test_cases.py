"""Originality cases on every database: from a report to a decision, and the other side."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import Engine, update

from assistant.bootstrap import CHART_FONTS
from assistant.creators.accounts import Accounts, Creator
from assistant.creators.warehouse import open_warehouse
from assistant.database.case_tables import cases as table
from assistant.errors import BadInput
from assistant.programs.cases.desk import Cases, NoSuchCase, Report, address_key
from assistant.programs.cases.likeness import title_likeness
from assistant.programs.cases.package import package
from assistant.programs.cases.states import NotNow
from assistant.programs.jobs import Jobs
from assistant.programs.notices.service import Notices

MEI = Creator("mei", "小美", "kuaishou", "美食")
COPY = Report("番茄牛腩", "https://v.kuaishou.com/abc?share=1", "是我 10 月 1 日发布的。", other_title="番茄牛腩 教程")


@pytest.fixture
def desk(database: Engine, tmp_path: Path) -> Cases:
    Accounts(database).add(MEI)
    jobs = Jobs("sqlite://", tmp_path, "Asia/Shanghai")  # never started
    notices = Notices.over(database, jobs, ZoneInfo("Asia/Shanghai"))
    return Cases(database, open_warehouse("", tmp_path), notices, tmp_path / "cases")


def picture(shift: int, colour: str = "orange") -> bytes:
    image = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(image).ellipse((60 + shift, 40, 200 + shift, 180), fill=colour)
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def test_a_copied_work_goes_from_report_to_decision_and_appeal(desk: Cases):
    case = desk.file("mei", COPY)
    assert (case.state, case.duplicate_of) == ("filed", None)
    assert case.title_likeness is not None
    assert case.title_likeness > 0.7
    again = desk.file("mei", Report("番茄牛腩", "http://www.v.kuaishou.com/abc/?utm_source=x", "又看到了"))
    assert again.duplicate_of == case.id
    desk.add_file(case.id, "own_cover", "封面.png", picture(0), "creator", "mei")
    desk.add_file(case.id, "other_cover", "对方.png", picture(3), "creator", "mei")
    alike = desk.find(case.id).cover_likeness
    assert alike is not None
    assert alike > 0.6
    desk.move(case.id, "want", "staff", "li", "请补充发布时间。")
    with pytest.raises(NotNow):
        desk.move(case.id, "uphold", "staff", "li", "成立")
    desk.move(case.id, "supply", "creator", "creator", "10 月 1 日 18:00", "mei")
    desk.note(case.id, "li", "看着像")
    desk.move(case.id, "reject", "staff", "li", "材料不足。")
    desk.move(case.id, "appeal", "creator", "creator", "原文件时间在前。", "mei")
    closed = desk.move(case.id, "overturn", "staff", "zhao", "改判成立，已处理对方作品。")
    assert (closed.state, closed.assignee, closed.is_appealed) == ("closed", "li", True)
    with pytest.raises(NotNow):
        desk.move(case.id, "appeal", "creator", "creator", "再来", "mei")
    acts = [entry.act for entry in desk.entries(case.id, with_notes=False)]
    assert acts == ["file", "want", "supply", "reject", "appeal", "overturn"]
    told = [one for one in desk._notices.inbox.page("mei", limit=50).notices if f"#{case.id}：" in one.title]
    assert len(told) == len(acts)  # a notice on every step
    assert "改判成立" in told[0].body


def test_a_complaint_is_countered_or_lapses(database: Engine, desk: Cases):
    one, two = (desk.file("mei", COPY, "complaint", author="li") for _ in range(2))
    assert desk.move(one.id, "counter", "creator", "creator", "是我先发的。", "mei").state == "countered"
    assert desk.move(one.id, "reject", "staff", "li", "投诉人没有证据。").state == "rejected"
    with pytest.raises(NotNow):
        desk.move(one.id, "appeal", "creator", "creator", "不用了", "mei")  # it went the creator's way
    with database.begin() as connection:
        late = datetime(2020, 1, 1)
        connection.execute(update(table).where(table.c.id == two.id).values(due_at=late))
    assert desk.keep_deadlines() == 1
    assert desk.find(two.id).state == "upheld"


def test_another_creators_case_is_not_there_and_bad_input_is_told(desk: Cases):
    case = desk.file("mei", COPY)
    with pytest.raises(NoSuchCase):
        desk.find(case.id, "lin")
    with pytest.raises(NoSuchCase):
        desk.move(case.id, "withdraw", "creator", "creator", "", "lin")
    for wrong in (Report("", COPY.other_url, "x"), Report("x", "javascript:1", "x"), Report("x", COPY.other_url, "")):
        with pytest.raises(BadInput):
            desk.file("mei", wrong)
    with pytest.raises(BadInput):
        desk.add_file(case.id, "own_cover", "x.png", b"<svg/>", "creator", "mei")
    with pytest.raises(BadInput):
        desk.move(case.id, "reject", "staff", "li")


def test_the_package_has_the_letter_and_what_proves_it(desk: Cases):
    case = desk.file("mei", COPY)
    desk.add_file(case.id, "evidence", "截图.png", picture(9), "creator", "mei")
    files = [(paper, desk.content(case.id, paper.id)[0]) for paper in desk.files(case.id)]
    archive = zipfile.ZipFile(io.BytesIO(package(case, MEI, desk.entries(case.id), files, CHART_FONTS)))
    assert sorted(archive.namelist()) == ["SHA256SUMS", "evidence-01-evidence.png", "history.json", "letter.pdf"]
    assert archive.read("letter.pdf").startswith(b"%PDF")


def test_an_address_is_one_however_it_was_shared():
    shared = (
        "https://www.example.com/v/1/",
        "http://example.com/v/1?utm_source=x#t",
        "https://example.com/v/1?share_id=2",
    )
    assert {address_key(address) for address in shared} == {"example.com/v/1"}
    assert title_likeness("番茄 牛腩！", "番茄牛腩") == 1
    assert title_likeness("番茄牛腩", "") is None
