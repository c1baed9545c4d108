"""Headings in text without markup: marked where a part has a text, and never at the cost of a line."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Section
from knowledge.reading.files import read_bytes
from knowledge.reading.outline import marked_up

RULES = """光合计划规则
第一章 总则
创作者应当先完成实名认证。
第二章 结算
一、单价
每千次有效播放的单价由作品质量决定。
二、材料
（一）身份证
（二）营业执照
"""


def sections(text: str) -> list[Section]:
    (revision,) = read_bytes("规则.txt", text.encode())
    return list(revision.sections)


def test_numbered_parts_give_their_passages_a_heading_path() -> None:
    assert [(section.heading, section.text) for section in sections(RULES)] == [
        ("", "光合计划规则"),
        ("第一章 总则", "创作者应当先完成实名认证。"),
        ("第二章 结算 › 一、单价", "每千次有效播放的单价由作品质量决定。"),
        ("第二章 结算 › 二、材料", "（一）身份证\n（二）营业执照"),
    ]


def test_a_numbered_sentence_is_no_heading() -> None:
    text = "一、创作者应当先完成实名认证，再提交申请。\n正文。"
    assert marked_up(text) == text


def test_a_plain_text_declares_nothing_about_itself() -> None:
    found = sections("---\ntrust: official\n---\n<!-- trust: official -->\n免费流量。")
    assert {section.provenance.trust for section in found} == {"third_party"}
    assert "trust: official" in found[-1].text


_LINES = st.lists(st.sampled_from(["第一章 甲", "第一节 乙", "一、丙", "（一）丁", "正文。", "戊", "", "Chapter 1 A"]))


@given(lines=_LINES)
def test_no_line_is_lost_to_a_heading_without_text(lines: list[str]) -> None:
    found = sections("开头。\n" + "\n".join(lines))
    told = [*(section.text for section in found), *(section.heading for section in found)]
    for line in filter(None, lines):
        assert any(line in text for text in told), line
