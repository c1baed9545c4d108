import json
from pathlib import Path

import pytest

from tests.connectors.cli.conftest import Cli
from tests.knowledge.reading.hostile import files_of_every_sentence

ARTICLE = """---
slug: {slug}
lang: zh
kind: guide
title: {title}
source: 编辑部
---
## {title}
{text}
"""


def article(folder: Path, slug: str, text: str, title: str = "怎么起标题") -> Path:
    file = folder / f"{slug}.md"
    file.write_text(ARTICLE.format(slug=slug, title=title, text=text), "utf-8")
    return file


def test_texts_are_added_published_found_and_rolled_back(cli: Cli, tmp_path: Path):
    article(tmp_path, "titles", "标题里放一个具体的数字。")
    added = cli("knowledge", "add", "titles.md")
    assert (added.code, added.err) == (0, "")
    assert "titles.md: 1 added (1 passages), 0 unchanged" in added.out
    assert cli("knowledge", "publish", "--note", "first").code == 0

    article(tmp_path, "titles", "标题里放一个问题。")
    assert cli("knowledge", "add", "titles.md").code == 0
    published = cli("knowledge", "publish", "--json").json
    assert (published["release"], published["passages"], published["embedded"]) == (2, 1, 1)
    assert "问题" in cli("knowledge", "search", "标题").out

    listed = cli("knowledge", "releases", "--json").json
    assert [(release["number"], release["state"]) for release in listed] == [(2, "served"), (1, "retired")]
    assert listed[1]["note"] == "first"
    assert cli("knowledge", "rollback", "1").out == "Release 1 is served again.\n"
    assert "具体的数字" in cli("knowledge", "search", "标题").out
    assert "1  served" in cli("knowledge", "releases").out


def test_same_text_again_is_unchanged_and_nothing_is_left_to_publish(cli: Cli, tmp_path: Path):
    article(tmp_path, "titles", "标题里放一个具体的数字。")
    assert cli("knowledge", "add", ".").code == 0
    assert cli("knowledge", "publish").code == 0
    assert "0 added (0 passages), 1 unchanged" in cli("knowledge", "add", ".").out
    again = cli("knowledge", "publish")
    assert again.code == 1
    assert "nothing new to publish" in again.err


def test_bad_file_is_named_and_the_others_are_kept(cli: Cli, tmp_path: Path):
    article(tmp_path, "a-good", "好的内容。")
    (tmp_path / "b-bad.md").write_text("---\nslug: [\n---\ntext", "utf-8")
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    lines = [{"slug": "d-1", "title": "t", "body": "内容"}, {"slug": "d-2", "title": "t"}]
    (tmp_path / "d-half.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    article(tmp_path, "e-good", "也好。")
    ran = cli("knowledge", "add", "a-good.md", "b-bad.md", "c.png", "d-half.jsonl", "nowhere", "e-good.md", "--json")
    assert ran.code == 1
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [len(line["added"]) for line in told] == [1, 0, 0, 0, 0, 1]
    assert [bool(line["error"]) for line in told] == [False, True, True, True, True, False]
    complaints = ran.err.splitlines()
    assert len(complaints) == 4
    assert "b-bad.md: the front matter is not valid YAML" in complaints[0]
    assert "c.png: files of this kind cannot be read" in complaints[1]
    assert "d-half.jsonl, line 2: title and body are both needed." in complaints[2]
    assert "nowhere" in complaints[3]
    assert cli("knowledge", "publish", "--json").json["revisions"] == 2


def test_every_sentence_about_a_bad_file_is_told_and_nothing_is_left(cli: Cli, tmp_path: Path):
    files = files_of_every_sentence(tmp_path / "hostile")
    ran = cli("knowledge", "add", *(f"hostile/{name}" for name in files), "--json")
    told = {Path(line["file"]).name: line for line in map(json.loads, ran.out.splitlines())}
    assert (ran.code, set(told)) == (1, set(files))
    for name, (_, says) in files.items():
        assert (told[name]["added"], says in told[name]["error"]) == ([], True), name
    assert "nothing new to publish" in cli("knowledge", "publish").err


def test_an_address_inside_the_house_is_not_fetched(cli: Cli):
    for address in ("http://127.0.0.1:8300/", "http://169.254.169.254/latest", "https://[::1]/", "http://2130706433/"):
        ran = cli("knowledge", "add", address)
        assert (ran.code, ran.out) == (1, "")
        assert "not on the public internet" in ran.err


def test_folder_without_anything_to_read_is_told(cli: Cli, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    ran = cli("knowledge", "add", "empty")
    assert ran.code == 1
    assert "nothing that can be read" in ran.err


def test_gate_stops_a_release_unless_it_is_waived(cli: Cli, tmp_path: Path):
    file = article(tmp_path, "rule", "必须发满三条。")
    file.write_text(file.read_text("utf-8").replace("kind: guide", "kind: policy\ntrust: unverified"), "utf-8")
    cli("knowledge", "add", "rule.md")
    assert cli("knowledge", "publish").code == 1
    waived = cli("knowledge", "publish", "--waive", "agreed with the editor")
    assert waived.code == 0
    assert "Waived:" in waived.out


def test_release_that_is_not_there_cannot_be_served(cli: Cli):
    ran = cli("knowledge", "rollback", "7")
    assert (ran.code, ran.out) == (1, "")
    assert "no release 7" in ran.err


def test_search_json_has_the_stable_keys(cli: Cli, tmp_path: Path):
    article(tmp_path, "titles", "标题里放一个具体的数字。")
    article(tmp_path, "covers", "封面要看得清。", "怎么做封面")
    cli("knowledge", "add", ".")
    cli("knowledge", "publish")
    hits = cli("knowledge", "search", "标题怎么写", "-k", "1", "--json").json
    assert [set(hit) for hit in hits] == [
        {"rank", "score", "slug", "revision", "passage", "heading", "text", "matched"}
    ]
    assert (hits[0]["rank"], hits[0]["slug"], hits[0]["revision"]) == (1, "titles", 1)
    assert "标题" in hits[0]["matched"]


def test_many_queries_give_one_list_a_line_in_their_order(cli: Cli, tmp_path: Path):
    article(tmp_path, "titles", "标题里放一个具体的数字。")
    article(tmp_path, "covers", "封面要看得清。", "怎么做封面")
    cli("knowledge", "add", ".")
    cli("knowledge", "publish")
    questions = ["标题", "封面", " ", "封面\u2028封面", "标题"] * 10
    lines = [json.dumps({"question": question}, ensure_ascii=False) for question in questions]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), "utf-8")
    ran = cli("knowledge", "search", "--queries", "questions.jsonl", "-k", "2")
    assert ran.code == 0
    found = [json.loads(line) for line in ran.out.splitlines()]
    expected = ["titles", "covers", None, "covers", "titles"] * 10
    assert [hits[0]["slug"] if hits else None for hits in found] == expected
    assert "questions.jsonl, line 3: The question is empty" in ran.err


@pytest.mark.parametrize("line", ["{", "[]", '{"text": "a"}', '{"question": 1}', "5"])
def test_bad_line_of_queries_is_named_before_anything_is_searched(cli: Cli, tmp_path: Path, line: str):
    (tmp_path / "q.jsonl").write_text('{"question": "标题"}\n' + line, "utf-8")
    ran = cli("knowledge", "search", "--queries", "q.jsonl")
    assert (ran.code, ran.out) == (1, "")
    assert "q.jsonl, line 2" in ran.err


@pytest.mark.parametrize(
    "argv",
    [
        ("search",),
        ("search", "a", "--queries", "b"),
        ("search", "a", "-k", "0"),
        ("search", "a", "--as-of", "tomorrow"),
        ("rollback", "one"),
        ("add",),
    ],
)
def test_bad_usage_exits_with_two(cli: Cli, argv: tuple[str, ...]):
    ran = cli("knowledge", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: heliotrope knowledge")


def test_empty_query_and_unpublished_home_are_told(cli: Cli):
    assert "empty" in cli("knowledge", "search", " ").err
    ran = cli("knowledge", "search", "标题")
    assert ran.code == 1
    assert "heliotrope knowledge publish" in ran.err


def test_exported_texts_are_read_back_unchanged(cli: Cli, tmp_path: Path):
    article(tmp_path, "titles", "标题里放一个具体的数字。")
    cli("knowledge", "add", "titles.md")
    cli("knowledge", "publish")
    assert cli("knowledge", "export", "out/texts").code == 0
    assert "0 added (0 passages), 1 unchanged" in cli("knowledge", "add", "out/texts").out
    assert "is not a folder" in cli("knowledge", "export", "titles.md").err


def test_sound_index_is_said_to_be_sound_and_can_be_made_anew(cli: Cli, tmp_path: Path):
    before = cli("knowledge", "verify", "--json")
    assert (before.code, before.json["sound"]) == (1, False)
    article(tmp_path, "titles", "标题里放一个具体的数字。")
    cli("knowledge", "add", "titles.md")
    cli("knowledge", "publish")
    assert cli("knowledge", "rebuild").out == "The index holds 1 passages.\n"
    assert cli("knowledge", "verify").out == "The served release is sound.\n"
