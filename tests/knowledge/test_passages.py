"""Cutting a body into passages that can be quoted by themselves."""

import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Provenance, Section
from knowledge.errors import BadInput
from knowledge.reading.passages import LONGEST, LONGEST_BODY, LONGEST_HEADING, preview, sections_of

PRESS = Provenance("一家媒体", "https://example.org/a", "2024-09-04", "press")


def cut(body: str) -> tuple[Section, ...]:
    return sections_of(body, PRESS, "article.md")


def bare(text: str) -> str:
    return "".join(text.split())


def test_each_heading_opens_a_passage_that_carries_its_path() -> None:
    found = cut("前言。\n\n# 一\n甲。\n\n## 二\n乙。\n\n# 三\n丙。")
    assert [(section.heading, section.text) for section in found] == [
        ("", "前言。"),
        ("一", "甲。"),
        ("一 › 二", "乙。"),
        ("三", "丙。"),
    ]


def test_a_heading_inside_code_or_a_quotation_is_ordinary_text() -> None:
    found = cut("# 一\n```\n# 不是标题\n```\n> # 也不是\n")
    assert [section.heading for section in found] == ["一"]


def test_notes_under_a_heading_give_question_forms_and_a_source_of_their_own() -> None:
    (section,) = cut(
        "## 光合计划额度\n<!--\nsource: 官方公告\nsource_date: 2025-01-02\ntrust: official\nunpublished: true\n"
        "rumour: true\nasked:\n- 额度多少\n- 2024\n-->\n没有公布。"
    )
    assert section.text == "没有公布。"
    assert section.asked == ("额度多少", "2024")
    assert section.unpublished
    assert section.rumour
    assert section.provenance == Provenance("官方公告", "", "2025-01-02", "official")


def test_a_passage_without_notes_inherits_the_source_of_its_document() -> None:
    (section,) = cut("## 甲\n乙。")
    assert section.provenance == PRESS
    assert (section.asked, section.unpublished, section.rumour) == ((), False, False)


@pytest.mark.parametrize(
    "comment",
    ["<!-- 编辑：记得核对 -->", "<!-- secret: 1 -->", "<!-- [ no yaml -->", "<!--\nasked:\n- 问\n-->", "<!--\n\n-->"],
)
def test_a_comment_is_never_shown_wherever_it_stands(comment: str) -> None:
    for section in cut(f"{comment}\n前。{comment}\n\n## 标题\n{comment}\n中。\n\n{comment}\n后。"):
        assert "<!--" not in section.text
        assert "-->" not in section.text
        assert "核对" not in section.text
        assert "secret" not in section.text


def test_a_comment_that_is_not_closed_is_refused_for_it_would_swallow_or_show_the_rest() -> None:
    with pytest.raises(BadInput, match="article.md.*“标题” is not closed"):
        cut("## 标题\n正文。\n<!-- 内部备注")


def test_question_forms_that_are_no_list_are_refused_by_name() -> None:
    with pytest.raises(BadInput, match="article.md.*asked.*甲"):
        cut("## 甲\n<!--\nasked: 多少钱\n-->\n乙。")


@pytest.mark.parametrize(
    ("notes", "complaint"),
    [
        ("unpublished: true\nsource_date: 2024-02-31", "comment under “甲” is not valid YAML"),
        ("unpublished: true\nasked: [a", "comment under “甲” is not valid YAML"),
        ("unpublished: true\nasekd:\n- a", "“asekd” under “甲” is none of asked,"),
    ],
)
def test_a_mistake_in_the_notes_does_not_make_an_unpublished_answer_a_published_one(notes: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=f"article.md.*{complaint}"):
        cut(f"## 甲\n<!--\n{notes}\n-->\n乙。")


def test_an_unknown_trust_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="article.md.*trust.*hearsay"):
        cut("## 甲\n<!--\ntrust: hearsay\n-->\n乙。")


def test_a_long_chinese_text_is_cut_after_sentences() -> None:
    sentences = [f"第{number}句，{'说' * 60}。" for number in range(20)]
    found = cut("## 长文\n" + "".join(sentences))
    assert len(found) > 2
    assert all(len(section.text) <= LONGEST for section in found)
    assert all(section.text.endswith("。") for section in found)
    assert "".join(section.text for section in found) == "".join(sentences)


def test_a_long_english_text_is_cut_after_sentences_or_at_least_between_words() -> None:
    sentences = [f"Sentence {number} speaks of retention, reach and everything between." for number in range(40)]
    found = cut("## Long\n" + " ".join(sentences))
    assert len(found) > 2
    assert all(section.text.endswith(".") for section in found)
    endless = cut("## Endless\n" + "retention " * 200)
    assert all(len(section.text) <= LONGEST for section in endless)
    assert {word for section in endless for word in section.text.split()} == {"retention"}


def test_a_table_is_kept_row_by_row() -> None:
    rows = ["| 指标 | 含义 |", "|---|---|", *(f"| 指标{number} | 说明。{'细' * 40}。 |" for number in range(30))]
    found = cut("## 指标表\n" + "\n".join(rows))
    assert len(found) > 1
    assert [line for section in found for line in section.text.split("\n")] == rows


def test_a_list_item_is_not_cut_in_two() -> None:
    items = [f"- 第{number}条。先{'看' * 50}。后{'改' * 50}。" for number in range(12)]
    found = cut("## 清单\n" + "\n".join(items))
    assert len(found) > 1
    assert [line for section in found for line in section.text.split("\n")] == items


def test_a_heading_without_text_gives_no_passage() -> None:
    assert cut("# 只有标题\n\n## 也是\n") == ()


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="<>#`~=-"), max_size=1500))
def test_nothing_of_a_plain_text_is_lost_and_no_passage_is_too_long(text: str) -> None:
    found = cut("## 标题\n正文 " + text)
    assert bare("".join(section.text for section in found)) == bare("正文 " + text)
    assert all(len(section.text) <= LONGEST for section in found)


def test_a_day_in_the_notes_is_kept_as_text() -> None:
    (section,) = cut("## 甲\n<!--\nsource: 公告\nsource_date: 2024-09-04\n-->\n乙。")
    assert section.provenance.date == date(2024, 9, 4).isoformat()


def test_a_preview_shows_the_passages_that_handing_in_would_make() -> None:
    body = "# 光合计划\n\n## 结算\n\n### 单价\n<!--\nasked: [多少钱]\n-->\n每千次\u202e五元。"
    (section,) = preview(body, PRESS)
    assert (section.heading, section.text) == ("光合计划 › 结算 › 单价", "每千次五元。")
    assert (section.asked, section.provenance) == (("多少钱",), PRESS)
    with pytest.raises(BadInput, match=r"^The text: a comment at the beginning is not closed"):
        preview("<!-- 内部备注")


def test_the_question_forms_and_source_of_a_passage_hold_nothing_that_cannot_be_seen() -> None:
    (section,) = cut('## 甲\n<!--\nasked: ["\\ud800\\0问\\u202e"]\nsource: "\\ud800公告"\n-->\n乙。')
    assert (section.asked, section.provenance.source) == (("问",), "公告")


def test_a_heading_path_is_no_longer_than_its_column() -> None:
    found = cut("# " + "甲" * 5_000 + "\n## " + "乙" * 5_000 + "\n丙。")
    assert [len(section.heading) for section in found] == [LONGEST_HEADING]


@pytest.mark.parametrize(
    "unit",
    [" ", "\n", " \n", "- a\n", "<!--", "<!-- a -->", "|a", "#", "# ", "[", "[a]: b\n", "> ", "```\n", "*a_ ", "字"],
)
def test_the_time_to_cut_a_body_grows_with_its_length_whatever_it_holds(unit: str) -> None:
    begun = time.process_time()
    with suppress(BadInput):
        cut("甲\n" + (unit * LONGEST_BODY)[: LONGEST_BODY - 100])
    assert time.process_time() - begun < 10  # a step that reads the text again for each of its parts takes minutes
