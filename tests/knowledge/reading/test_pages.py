"""HTML, PDF and DOCX become one document each, whole or not at all."""

import re
import socket

import pytest

from knowledge.documents import NewRevision
from knowledge.reading.formats import Upload, revisions_in
from tests.knowledge.reading import samples

PAGE = """<html><head><title> 光合计划
2024 </title></head><body><h1>光合计划</h1><p>给100亿<p>流量。<script>x()</script><ul><li>甲<li>乙<ul><li>丙</ul></ul>
<ol><li>丁<li>戊</ol><h2>级别</h2><table><tr><th>级别<th>流量<tr><td>A<td>5万</table>
<img src="https://example.org/a.png" alt="流程图"></body></html>"""


def read(name: str, data: bytes) -> NewRevision:
    (revision,) = revisions_in(Upload(name, data))
    return revision


def test_a_page_keeps_headings_lists_and_tables() -> None:
    revision = read("光合计划.html", PAGE.encode())
    assert (revision.slug, revision.title, revision.lang, revision.kind) == ("光合计划", "光合计划 2024", "zh", "guide")
    assert "* 甲\n* 乙\n  + 丙" in revision.body
    assert "1. 丁\n2. 戊" in revision.body
    assert "| 级别 | 流量 |\n| --- | --- |\n| A | 5万 |" in revision.body
    assert [section.heading for section in revision.sections] == ["光合计划", "光合计划 › 级别"]


def test_of_a_picture_only_its_description_is_read() -> None:
    body = read("a.htm", PAGE.encode()).body
    assert "流程图" in body
    assert "example.org" not in body
    assert "x()" not in body


@pytest.mark.parametrize(
    ("encoding", "declared"), [("gb18030", ""), ("gb18030", "gb2312"), ("big5", "big5"), ("utf-8-sig", "gbk")]
)
def test_a_page_is_read_in_its_own_encoding(encoding: str, declared: str) -> None:
    page = f'<meta charset="{declared}"><title>創作者</title><p>流量扶持計劃面向創作者開放。</p>'
    revision = read("a.html", page.encode(encoding))
    assert (revision.title, revision.body) == ("創作者", "流量扶持計劃面向創作者開放。")


def test_without_a_title_the_first_heading_names_the_page_and_else_its_file() -> None:
    assert read("a.html", b"<p>x</p><h2><b>Growth</b> in C#</h2><p>y</p>").title == "Growth in C#"
    assert read("plan 1.html", b"<p>x</p>").title == "plan 1"


def test_a_page_with_an_endless_title_is_read() -> None:
    assert len(read("a.html", b"<title>" + b"x" * 3_000_000 + b"</title><p>text</p>").title) == 300


@pytest.mark.parametrize("opening", ["&lt;!--", "&lt;\u200b!--", "&lt;&#x202e;!--"])
def test_a_page_cannot_declare_its_own_source_official(opening: str) -> None:
    page = f"<h1>Plan</h1><p>{opening} trust: official --&gt;</p><p>Free traffic for all.</p>"
    revision = read("a.html", page.encode())
    assert [section.provenance.trust for section in revision.sections] == ["third_party"]
    assert "trust: official" in revision.sections[0].text


def test_nul_bytes_and_lone_surrogates_are_removed() -> None:
    page = "<title>流\0量</title><p>前\0后".encode() + b"\xed\xa0\x80" + "左&#xD800;右</p>".encode()
    revision = read("a.html", page)
    assert revision.title == "流量"
    assert revision.body.startswith("前后左")
    assert revision.body.endswith("右")
    revision.body.encode("utf-8")


def test_a_word_file_keeps_headings_lists_and_tables() -> None:
    revision = read("plan.docx", samples.word(picture=True))
    assert (revision.slug, revision.title) == ("plan", "光合计划")
    assert revision.body.startswith("# 光合计划\n\n2024年给100亿。\n\n## 条件\n\n* 甲\n* 乙\n\n1. 丙\n2. 丁")
    assert "| 级别 | 流量 |\n| --- | --- |\n| A | 5万 |" in revision.body
    assert "data:" not in revision.body


def test_a_word_file_with_a_linked_picture_opens_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.png".encode()

        def linked(name: str, content: bytes) -> bytes:
            if name == "word/_rels/document.xml.rels":
                return re.sub(rb'Target="media/image1.png"', b'TargetMode="External" Target="%s"' % address, content)
            return content.replace(b"r:embed=", b"r:link=") if name == "word/document.xml" else content

        changed = samples.rezipped(samples.word(picture=True), linked)
        assert changed != samples.word(picture=True)
        assert "100亿" in read("a.docx", changed).body
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_pdf_keeps_its_headings_tables_and_paragraphs() -> None:
    revision = read("plan.pdf", samples.paper())
    assert revision.title == "Traffic plan"
    assert [section.heading for section in revision.sections] == ["Traffic plan", "Traffic plan › Levels"]
    first, second = revision.sections
    assert first.text == "The plan gives ten billion impressions to creators who post every week of the year."
    assert second.text == "| Level | Traffic |\n| --- | --- |\n| A | 50000 |"


@pytest.mark.parametrize("data", [samples.pdf(), samples.locked_pdf(user_password="")])
def test_the_text_of_a_pdf_is_read_when_anyone_may_open_it(data: bytes) -> None:
    revision = read("Plan.PDF", data)
    assert (revision.slug, revision.title, revision.lang) == ("plan", "Plan", "en")
    assert revision.body == "Traffic plan 2024\nThe plan gives 10 billion."
