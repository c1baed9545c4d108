"""Markdown with front matter and JSON Lines: what is read, and the one sentence for what cannot be."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Provenance
from knowledge.errors import BadInput, NotFound
from knowledge.reading.files import read_path
from knowledge.reading.markdown import language_of, read_json_lines, read_markdown, slug_of

ARTICLE = """---
slug: star-plan
lang: zh
kind: program
title: 星计划
source: 官方公告
source_url: https://example.org/star
source_date: 2024-09-04
trust: official
effective_from: 2024-09-01
expires_on: 2025-09-01
tier: 万粉
category: 美食
facts: [1, 2]
---
## 门槛
没有公布。
"""


def with_line(old: str, new: str) -> str:
    assert old in ARTICLE
    return ARTICLE.replace(old, new)


def complaint_about(text: str) -> str:
    """The refusal of a text that cannot be used, or nothing."""
    try:
        read_markdown(text, "some.md")
    except BadInput as refusal:
        return str(refusal)
    return ""


def test_every_field_of_the_front_matter_finds_its_place() -> None:
    read = read_markdown(ARTICLE, "star.md")
    assert (read.slug, read.lang, read.kind, read.title) == ("star-plan", "zh", "program", "星计划")
    assert (read.effective_from, read.expires_on) == (date(2024, 9, 1), date(2025, 9, 1))
    assert read.provenance == Provenance("官方公告", "https://example.org/star", "2024-09-04", "official")
    assert (read.tier, read.category, read.attributes) == ("万粉", "美食", {"facts": [1, 2]})
    assert [section.text for section in read.sections] == ["没有公布。"]


def test_plain_markdown_takes_its_first_heading_as_title_and_its_file_name_as_slug() -> None:
    read = read_markdown("# Growing slowly\n\nPost less, better.", "folder/My Notes (v2).md")
    assert (read.slug, read.lang, read.kind, read.title) == ("my-notes-v2", "en", "guide", "Growing slowly")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (with_line("title: 星计划", "title: [星计划"), "front matter is not valid YAML near line"),
        (with_line("facts: [1, 2]", "a: &a [x, x]\nb: [*a, *a]"), "uses YAML aliases .* near line 15"),
        (with_line("facts: [1, 2]", "a: " + "[" * 5000), "not valid YAML"),
        (with_line("facts: [1, 2]", "a: .nan"), "a field holds a value that cannot be kept"),
        ("---\n- a\n- b\n---\nbody", "must be a list of `key: value` lines"),
        (with_line("kind: program", "kind: rumor"), "kind must be one of .*not “rumor”"),
        (with_line("lang: zh", "lang: fr"), "lang must be one of zh, en"),
        (with_line("trust: official", "trust: friend"), "trust must be one of"),
        (with_line("2024-09-01", "next week"), "effective_from must be a day such as 2026-11-30, not “next week”"),
        (with_line("2025-09-01", "2025-09-31"), "not valid YAML"),
        (with_line("2025-09-01", "2024-09-01"), "expires_on must be later than effective_from"),
        (with_line("title: 星计划", "title:"), "title and body are both needed"),
        (with_line("没有公布。", "").replace("## 门槛", ""), "title and body are both needed"),
        (with_line("没有公布。", ""), "there is no text in it"),
        (with_line("slug: star-plan", "slug: ../../etc"), "slug “../../etc” may hold"),
        (with_line("https://example.org/star", "javascript:alert(1)"), "source_url must begin with http"),
    ],
)
def test_a_bad_article_is_refused_in_one_sentence_that_names_it(text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint) as refusal:
        read_markdown(text, "star.md")
    assert str(refusal.value).startswith(("star.md", "star-plan"))
    assert "\n" not in str(refusal.value)


def test_json_lines_give_one_document_a_line_and_bad_lines_are_named() -> None:
    line = json.dumps({"slug": "a", "kind": "faq", "title": "甲", "body": "乙。", "effective_from": "2024-01-01"})
    (read,) = read_json_lines(f"\n{line}\n", "faq.jsonl")
    assert (read.slug, read.kind, read.effective_from) == ("a", "faq", date(2024, 1, 1))
    for bad, complaint in (
        ("{", "this is not JSON"),
        ("[" * 10**5, "this is not JSON"),
        ("[1]", "must be one JSON object"),
        ('{"slug":"b"}', "title and body"),
    ):
        with pytest.raises(BadInput, match=f"faq.jsonl, line 2.*{complaint}"):
            list(read_json_lines(f"{line}\n{bad}\n", "faq.jsonl"))


def test_a_separator_inside_a_json_text_does_not_end_the_line() -> None:
    line = json.dumps({"slug": "a", "title": "甲", "body": "一\u2028二。"}, ensure_ascii=False)
    (read,) = read_json_lines(line, "faq.jsonl")
    assert read.slug == "a"


def test_fields_of_the_authors_own_are_kept_as_plain_values() -> None:
    read = read_markdown(with_line("facts: [1, 2]", "facts: [1, {seen: 2024-09-04}]\n7: !!set {a}"), "star.md")
    assert read.attributes == {"facts": [1, {"seen": "2024-09-04"}], "7": "{'a'}"}


@given(st.text())
def test_any_text_becomes_a_revision_or_one_sentence(text: str) -> None:
    assert "\n" not in complaint_about(text)


@given(st.text())
def test_any_front_matter_becomes_a_revision_or_one_sentence(front: str) -> None:
    assert "\n" not in complaint_about(f"---\n{front}\n---\n正文。")


@given(st.text(min_size=1))
def test_every_file_name_gives_a_slug_that_reading_accepts(name: str) -> None:
    assert read_markdown("# 标题\n正文。", slug_of(name) + ".md").slug


def test_the_language_is_that_of_the_body() -> None:
    assert language_of("完播率 = complete / play，分母是播放数") == "zh"
    assert language_of("The Guanghe Plan (光合计划) was published in 2022 and renewed in 2024.") == "en"


def test_a_folder_is_read_whole_in_the_order_of_names_and_in_either_encoding(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_bytes("# 乙\n第二。".encode("gb18030"))
    (tmp_path / "a.md").write_bytes("\ufeff# 甲\n第一。".encode())
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    assert [read.title for read in read_path(tmp_path)] == ["甲", "乙"]


def test_missing_foreign_and_binary_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "noise.md").write_bytes(bytes(range(128, 256)) * 3)
    with pytest.raises(NotFound, match="nothing.md"):
        read_path(tmp_path / "nothing.md")
    with pytest.raises(BadInput, match="picture.png: files of this kind"):
        read_path(tmp_path / "picture.png")
    with pytest.raises(BadInput, match="noise.md is not text"):
        read_path(tmp_path / "noise.md")
