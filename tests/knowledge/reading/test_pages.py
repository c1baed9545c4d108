"""HTML, PDF and DOCX become one document each, whole or not at all."""

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.documents import NewRevision
from knowledge.errors import BadInput
from knowledge.reading.files import read_path
from tests.knowledge.reading import samples

ROOT = Path(__file__).parents[3]
SENTENCE = re.compile(r"[^\n]+[^\n.]\.")
PAGE = """<html><head><title> 光合计划
2024 </title></head><body><h1>光合计划</h1><p>给100亿<p>流量。<script>x()</script><ul><li>甲<li>乙<ul><li>丙</ul></ul>
<ol><li>丁<li>戊</ol><h2>级别</h2><table><tr><th>级别<th>流量<tr><td>A<td>5万</table>
<img src="https://example.org/a.png" alt="流程图"></body></html>"""


def read(tmp_path: Path, name: str, data: bytes) -> NewRevision:
    file = tmp_path / name
    file.write_bytes(data)
    (revision,) = read_path(file)
    return revision


def complaint(tmp_path: Path, name: str, data: bytes) -> str:
    with pytest.raises(BadInput) as raised:
        read(tmp_path, name, data)
    sentence = str(raised.value)
    assert sentence.startswith(name)
    assert SENTENCE.fullmatch(sentence)
    return sentence


def test_a_page_keeps_headings_lists_and_tables(tmp_path: Path) -> None:
    revision = read(tmp_path, "光合计划.html", PAGE.encode())
    assert (revision.slug, revision.title, revision.lang, revision.kind) == ("光合计划", "光合计划 2024", "zh", "guide")
    assert "* 甲\n* 乙\n  + 丙" in revision.body
    assert "1. 丁\n2. 戊" in revision.body
    assert "| 级别 | 流量 |\n| --- | --- |\n| A | 5万 |" in revision.body
    assert [section.heading for section in revision.sections] == ["光合计划", "光合计划 › 级别"]


def test_of_a_picture_only_its_description_is_read(tmp_path: Path) -> None:
    body = read(tmp_path, "a.htm", PAGE.encode()).body
    assert "流程图" in body
    assert "example.org" not in body
    assert "x()" not in body


@pytest.mark.parametrize(
    ("encoding", "declared"), [("gb18030", ""), ("gb18030", "gb2312"), ("big5", "big5"), ("utf-8-sig", "gbk")]
)
def test_a_page_is_read_in_its_own_encoding(tmp_path: Path, encoding: str, declared: str) -> None:
    page = f'<meta charset="{declared}"><title>創作者</title><p>流量扶持計劃面向創作者開放。</p>'
    revision = read(tmp_path, "a.html", page.encode(encoding))
    assert (revision.title, revision.body) == ("創作者", "流量扶持計劃面向創作者開放。")


def test_without_a_title_the_first_heading_names_the_page_and_else_its_file(tmp_path: Path) -> None:
    assert read(tmp_path, "a.html", b"<p>x</p><h2><b>Growth</b> in C#</h2><p>y</p>").title == "Growth in C#"
    assert read(tmp_path, "plan 1.html", b"<p>x</p>").title == "plan 1"


def test_a_page_with_an_endless_title_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, "a.html", b"<title>" + b"x" * 3_000_000 + b"</title><p>text</p>").title) == 300


@pytest.mark.parametrize("opening", ["&lt;!--", "&lt;\u200b!--", "&lt;&#x202e;!--"])
def test_a_page_cannot_declare_its_own_source_official(tmp_path: Path, opening: str) -> None:
    page = f"<h1>Plan</h1><p>{opening} trust: official --&gt;</p><p>Free traffic for all.</p>"
    revision = read(tmp_path, "a.html", page.encode())
    assert [section.provenance.trust for section in revision.sections] == ["third_party"]
    assert "trust: official" in revision.sections[0].text


def test_nul_bytes_and_lone_surrogates_are_removed(tmp_path: Path) -> None:
    page = "<title>流\0量</title><p>前\0后".encode() + b"\xed\xa0\x80" + "左&#xD800;右</p>".encode()
    revision = read(tmp_path, "a.html", page)
    assert revision.title == "流量"
    assert revision.body.startswith("前后左")
    assert revision.body.endswith("右")
    revision.body.encode("utf-8")


def test_a_word_file_keeps_headings_lists_and_tables(tmp_path: Path) -> None:
    revision = read(tmp_path, "plan.docx", samples.word(picture=True))
    assert (revision.slug, revision.title) == ("plan", "光合计划")
    assert revision.body.startswith("# 光合计划\n\n2024年给100亿。\n\n## 条件\n\n* 甲\n* 乙\n\n1. 丙\n2. 丁")
    assert "| 级别 | 流量 |\n| --- | --- |\n| A | 5万 |" in revision.body
    assert "data:" not in revision.body


def test_a_word_file_with_a_linked_picture_opens_no_connection(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.png".encode()

        def linked(name: str, content: bytes) -> bytes:
            if name == "word/_rels/document.xml.rels":
                return re.sub(rb'Target="media/image1.png"', b'TargetMode="External" Target="%s"' % address, content)
            return content.replace(b"r:embed=", b"r:link=") if name == "word/document.xml" else content

        changed = samples.rezipped(samples.word(picture=True), linked)
        assert changed != samples.word(picture=True)
        assert "100亿" in read(tmp_path, "a.docx", changed).body
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_pdf_keeps_its_headings_tables_and_paragraphs(tmp_path: Path) -> None:
    revision = read(tmp_path, "plan.pdf", samples.paper())
    assert revision.title == "Traffic plan"
    assert [section.heading for section in revision.sections] == ["Traffic plan", "Traffic plan › Levels"]
    first, second = revision.sections
    assert first.text == "The plan gives ten billion impressions to creators who post every week of the year."
    assert second.text == "| Level | Traffic |\n| --- | --- |\n| A | 50000 |"


@pytest.mark.parametrize("data", [samples.pdf(), samples.locked_pdf(user_password="")])
def test_the_text_of_a_pdf_is_read_when_anyone_may_open_it(tmp_path: Path, data: bytes) -> None:
    revision = read(tmp_path, "Plan.PDF", data)
    assert (revision.slug, revision.title, revision.lang) == ("plan", "Plan", "en")
    assert revision.body == "Traffic plan 2024\nThe plan gives 10 billion."


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.pdf", samples.locked_pdf("secret"), "password"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "does not hold DOCX"),
        ("a.docx", samples.marked_encrypted(samples.word()), "password"),
        ("a.pdf", samples.pdf(()), "no text can be read from it"),
        ("a.html", b"<p>\0 </p><img src='a.png'>", "no text can be read from it"),
        ("a.pdf", samples.pdf()[:400], "cut off"),
        ("a.pdf", b"%PDF-1.7 and then nothing that a PDF holds %%EOF", ""),
        ("a.docx", samples.word()[:9000], "damaged"),
        ("a.docx", samples.rezipped(samples.word(), lambda name, content: content[: len(content) // 2]), "damaged"),
        ("a.xlsx", samples.rezipped(samples.sheets([["q", "a"]]), lambda name, content: content[:40]), "damaged"),
        ("a.docx", samples.zip_of([("word/document.xml", b"<a/>" * 10**7)]), "unpacks"),
        ("a.docx", samples.zip_of((f"word/{number}.xml", b"x") for number in range(2_001)), "unpacks"),
        ("a.docx", samples.sheets([["q", "a"]]), "does not hold DOCX"),
        ("a.xlsx", samples.word(), "does not hold XLSX"),
        ("a.pdf", samples.png(), "does not hold PDF"),
        ("a.html", samples.pdf(), "does not hold HTML"),
        ("a.csv", samples.sheets([["q", "a"]]), "does not hold CSV"),
        ("a.html", bytes(range(128, 256)), "is not text"),
        ("a.html", b"<div>" * 3_000 + b"x", "nested too deeply"),
        ("a.html", b"<p>" + b"word " * 60_001, "300,000 characters"),
        *((f"a{suffix}", b"", "empty") for suffix in (".html", ".htm", ".pdf", ".docx", ".xlsx", ".csv")),
    ],
)
def test_a_bad_file_ends_in_one_sentence(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    assert says in complaint(tmp_path, name, data)


def test_a_file_that_unpacks_beyond_the_memory_limit_is_refused() -> None:
    bomb = samples.pdf_bomb()
    assert len(bomb) < 10_000
    ended = limited("MEMORY = 300 * 2**20", bomb)
    assert json.loads(ended.stdout)["problem"].startswith("a.pdf needs more memory")


def test_an_answer_longer_than_its_limit_ends_the_conversion(tmp_path: Path) -> None:
    with (tmp_path / "answer").open("wb") as answer:
        ended = subprocess.run(worker("OUTPUT = 100"), cwd=ROOT, input=b'{"name": "a.md"}\n# T\n' + b"x" * 200,
                               stdout=answer, stderr=subprocess.DEVNULL, check=False)
    assert ended.returncode != 0
    assert (tmp_path / "answer").stat().st_size <= 100


def test_a_conversion_ends_at_its_processor_limit() -> None:
    page = samples.pdf_of(b"BT /F1 9 Tf " + b"(abc) Tj " * 300_000 + b"ET")
    assert limited("CPU_SECONDS = 2", page).returncode in (-signal.SIGXCPU, -signal.SIGKILL)


def test_a_conversion_ends_at_its_wall_limit() -> None:
    with subprocess.Popen(worker("WALL_SECONDS = 1"), cwd=ROOT, stdin=subprocess.PIPE) as waiting:
        assert waiting.wait(20) == -signal.SIGALRM  # it waits for bytes that never come


def test_a_folder_is_read_with_its_office_files(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<h1>A</h1><p>x</p>")
    (tmp_path / "b.csv").write_text("question,answer\nq,a\n")
    (tmp_path / "c.md").write_text("# C\n\ny\n")
    (tmp_path / "d.png").write_bytes(samples.png())
    assert [revision.slug for revision in read_path(tmp_path)] == ["a", "b-2", "c"]


def worker(setting: str) -> list[str]:
    return [sys.executable, "-c", f"from knowledge.reading import worker; worker.{setting}; worker.main()"]


def limited(setting: str, data: bytes) -> subprocess.CompletedProcess[bytes]:
    given = b'{"name": "a.pdf"}\n' + data
    return subprocess.run(worker(setting), cwd=ROOT, input=given, capture_output=True, check=False)
