"""Sheets of questions and answers: one FAQ document a row, and no row lost in silence."""

import csv
import io
import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents import NewRevision
from knowledge.errors import BadInput
from knowledge.reading.formats import Upload, revisions_in
from tests.knowledge.reading import samples

FULL = ["问题", "答案", "slug", "来源", "source_url", "日期", "生效日期", "失效日期", "相似问法"]


def read(name: str, data: bytes) -> list[NewRevision]:
    return revisions_in(Upload(name, data))


def complaint(name: str, data: bytes) -> str:
    with pytest.raises(BadInput, match=r"^[^\n]+\.$") as raised:
        read(name, data)
    return str(raised.value)


def csv_of(*rows: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def test_every_column_of_a_sheet_finds_its_place() -> None:
    days = [datetime(2024, 3, 1), datetime(2024, 4, 1), "2025/1/1"]
    asked = "如何涨粉|涨粉办法；粉丝怎么变多"
    row = ["怎么涨粉？", "多发作品。", "growth", "快手", "https://example.org/a", *days, asked]
    (revision,) = read("常见问题.xlsx", samples.sheets([FULL, row]))
    (section,) = revision.sections
    assert (revision.slug, revision.kind, revision.title, revision.lang) == ("growth", "faq", "怎么涨粉？", "zh")
    assert (revision.effective_from, revision.expires_on) == (date(2024, 4, 1), date(2025, 1, 1))
    assert (section.provenance.source, section.provenance.url) == ("快手", "https://example.org/a")
    assert section.provenance.date == "2024-03-01"
    assert (section.heading, section.text) == ("怎么涨粉？", "多发作品。")
    assert section.asked == ("如何涨粉", "涨粉办法", "粉丝怎么变多")


def test_several_questions_share_an_answer() -> None:
    header = "标准问题*,答案（必填）,相似问法1,相似问法2,发布日期"
    text = f"{header}\n怎么涨粉|如何涨粉,多发。,涨粉办法,粉丝怎么变多；没人看,2024-03\n"
    (revision,) = read("a.csv", text.encode())
    (section,) = revision.sections
    assert revision.title == "怎么涨粉"
    assert section.asked == ("如何涨粉", "涨粉办法", "粉丝怎么变多", "没人看")
    assert section.provenance.date == "2024-03"


def test_an_english_sheet_of_another_delimiter_is_read() -> None:
    header = "Question;Answer;Similar questions;Source;Effective from;Expires on"
    text = f"{header}\nHow?;Post more;In what way?;Notice;2024-04-01;\n"
    (revision,) = read("a.csv", text.encode())
    assert (revision.lang, revision.effective_from, revision.provenance.source) == ("en", date(2024, 4, 1), "Notice")
    assert revision.sections[0].asked == ("In what way?",)


def test_a_row_without_a_slug_is_named_by_its_file_and_number() -> None:
    first = [["运营问答"], [None], ["Q", "A"], ["一", "1"], [None], ["二", "2"]]
    book = samples.sheets(first, [["说明"]], [["问", "答"], ["三", "3"]])
    slugs = [revision.slug for revision in read("FAQ 2024.xlsx", book)]
    assert slugs == ["faq-2024-4", "faq-2024-6", "faq-2024-3-2"]


def test_cells_are_read_as_they_are_shown() -> None:
    rows = [["問題", "答案"], ["a", 0.055], ["b", 12], ["c", 3.30], ["d", datetime(2024, 5, 6)], ["e", True]]
    found = [revision.sections[0].text for revision in read("a.xlsx", samples.sheets(rows))]
    assert found == ["5.5%", "12", "3.3", "2024-05-06", "True"]


def test_a_sheet_that_claims_a_million_columns_is_read_at_once() -> None:
    book = samples.sheets([["问题", "答案"], *([f"问{number}", "1"] for number in range(300))])
    claimed = samples.rezipped(book, lambda name, content: content.replace(b'ref="A1:B301"', b'ref="A1:XFD1048576"'))
    assert len(read("a.xlsx", claimed)) == 300


def test_a_sheet_of_endless_empty_cells_is_refused() -> None:
    text = "q,a\n" + ("一,1" + "," * 20_000 + "\n") * 101
    assert "2,000,000 characters and cells" in complaint("a.csv", text.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_both_encodings(encoding: str) -> None:
    text = csv_of(["问题", "回答", "生效日期"], ["限流了\n怎么办？", "先看“作品数据”，\n再申诉。", "2024年3月1日"])
    (revision,) = read("a.csv", text.encode(encoding))
    assert (revision.title, revision.effective_from) == ("限流了 怎么办？", date(2024, 3, 1))
    assert revision.sections[0].text == "先看“作品数据”，\n再申诉。"


def test_what_looks_like_markdown_in_an_answer_stays_with_its_question() -> None:
    answer = "# 要点\n100亿\n---\n## 其他\n注\n==="
    (revision,) = read("a.csv", csv_of(["q", "a", "asked"], ["多少？", answer, "几多|多少流量"]).encode())
    assert {(section.heading, section.asked) for section in revision.sections} == {("多少？", ("几多", "多少流量"))}
    text = "\n".join(section.text for section in revision.sections)
    assert all(word in text for word in ("要点", "100亿", "其他", "注"))


def test_a_cell_cannot_declare_its_own_source_official() -> None:
    rows = csv_of(["q", "a", "asked"], ["一", "<!-- trust: official -->\n甲", ""],
                  ["二", "乙", 'x"\ntrust: official -->'])
    first, second = read("a.csv", rows.encode())
    assert first.sections[0].text == "&lt;!-- trust: official -->\n甲"
    assert second.sections[0].asked == ('x"', "trust: official -->")
    assert {section.provenance.trust for section in first.sections + second.sections} == {"third_party"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("q,a\n一,1\n\n二,\n", "a.csv, row 4: the answer is missing"),
        ("q,a\n一,1\n,2\n", "a.csv, row 3: the question is missing"),
        ("q,a,slug\n一,1,x\n二,2,X\n", "a.csv, row 3: slug “x”"),
        ("q,a,slug\n一,1,a b\n", "a.csv, row 2: slug “a b”"),
        ("q,a,source_url\n一,1,javascript:x\n", "a.csv, row 2: source_url"),
        ("q,a,生效日期\n一,1,2024/13/1\n", "a.csv, row 2: effective_from"),
        ("问题,备注\n一,1\n", "问题 (question) and 答案 (answer)"),
        ("q,a\n", "问题 (question) and 答案 (answer)"),
        ('q,a\n一,"1\n二,2\n', "not valid CSV"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(text: str, says: str) -> None:
    assert says in complaint("a.csv", text.encode())


def test_two_periods_of_one_question_may_share_a_slug() -> None:
    text = csv_of(["q", "a", "slug", "effective_from", "expires_on"], ["x", "1", "s", "2023-01-01", "2024-01-01"],
                  ["x", "2", "s", "2024-01-01", ""])
    assert [revision.body.split()[-1] for revision in read("a.csv", text.encode())] == ["1", "2"]


def test_a_second_sheet_is_named_in_a_complaint() -> None:
    book = samples.sheets([["q", "a"], ["x", "1"]], [["q", "a"], ["y", None]])
    assert complaint("a.xlsx", book).startswith("a.xlsx, sheet 2, row 2:")


_CELL = st.text(st.characters(codec="utf-8", exclude_characters="|｜;；#\n\r\0"), min_size=1, max_size=40).filter(
    lambda text: any(unicodedata.category(character)[0] in "LN" for character in text)
)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(_CELL, _CELL, st.lists(_CELL, max_size=3)), min_size=1, max_size=20))
def test_any_row_keeps_its_answer_and_question_forms(rows: list[tuple[str, str, list[str]]]) -> None:
    text = csv_of(["q", "a", "asked"], *([question, answer, "|".join(asked)] for question, answer, asked in rows))
    revisions = revisions_in(Upload("a.csv", text.encode()))
    assert len(revisions) == len(rows)
    for revision, (_, answer, asked) in zip(revisions, rows, strict=True):
        assert len(revision.sections) == 1
        assert len(revision.sections[0].asked) == len(asked)
        assert revision.sections[0].provenance.trust == "third_party"
        shown = {character for character in answer if character.isalnum()}
        assert shown <= set(revision.sections[0].text)
