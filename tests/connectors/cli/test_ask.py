import json
from pathlib import Path

from tests.connectors.cli.conftest import Cli

KEYS = {
    "text", "grounded", "refused", "citations", "figures", "charts", "suggestions", "release", "model", "thread",
    "answer_id", "timings_ms",
}  # fmt: skip


def test_answer_is_printed_with_its_sources(starter_cli: Cli):
    ran = starter_cli("ask", "2024年光合计划给多少流量？")
    assert (ran.code, ran.err) == (0, "")
    assert "100亿" in ran.out
    assert "\n[1] " in ran.out
    assert "2024-09-04" in ran.out


def test_json_has_the_stable_keys(starter_cli: Cli):
    reply = starter_cli("ask", "2024年光合计划给多少流量？", "--json").json
    assert set(reply) >= KEYS
    assert reply["citations"][0]["n"] == 1


def test_refusal_is_an_answer_too(starter_cli: Cli):
    ran = starter_cli("ask", "快手的股票现在可以买吗？", "--json")
    assert ran.code == 0
    assert ran.json["refused"]


def test_question_comes_from_standard_input(starter_cli: Cli):
    assert "100亿" in starter_cli("ask", "-", stdin="2024年光合计划给多少流量？\n").out


def test_own_numbers_need_a_creator(starter_cli: Cli):
    assert starter_cli("ask", "我的数据怎么样", "--json").json["figures"] == []
    assert starter_cli("ask", "我的数据怎么样", "--creator", "demo-03", "--json").json["figures"]


def test_day_is_answered_for(starter_cli: Cli):
    then = starter_cli("ask", "光合计划给多少流量？", "--as-of", "2024-12-01", "--json").json
    assert "100亿" in then["text"]


def test_empty_question_gets_a_sentence(starter_cli: Cli):
    assert starter_cli("ask", "").code == 0
    assert starter_cli("ask", "").out.strip()


def golden(folder: Path, *rows: dict[str, object]) -> None:
    (folder / "golden.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")


GOOD = {
    "id": "a", "question": "2024年光合计划给多少流量？", "lang": "zh", "kind": "fact", "answerable": True,
    "must_contain": [["100亿"]], "must_not_contain": ["千亿"],
}  # fmt: skip
BAD = {**GOOD, "id": "b", "must_contain": [["不会有人这样说"]]}


def test_evaluation_passes_and_writes_its_report(starter_cli: Cli, tmp_path: Path):
    golden(tmp_path, GOOD, {"id": "c", "question": "快手的股票现在可以买吗？", "kind": "out", "answerable": False})
    ran = starter_cli("evaluate", "golden.jsonl", "--report", "report.md")
    assert ran.code == 0
    assert "2 of 2 passed (100.0%)" in ran.out
    report = (tmp_path / "report.md").read_text("utf-8")
    assert "| fact | 1 | 1 | 100.0% |" in report
    assert report.endswith("None.\n")


def test_evaluation_names_what_failed_and_fails_below_the_mark(starter_cli: Cli, tmp_path: Path):
    golden(tmp_path, GOOD, BAD)
    ran = starter_cli("evaluate", "golden.jsonl", "--report", "report.md")
    assert ran.code == 1
    assert "b (fact, zh)" in ran.out
    assert "expected: does not say “不会有人这样说”" in ran.out
    assert "50.0% passed, less than the 90.0% asked for." in ran.err
    assert "### b (fact, zh)" in (tmp_path / "report.md").read_text("utf-8")
    told = starter_cli("evaluate", "golden.jsonl", "--min-pass", "0.5", "--json")
    assert told.code == 0
    assert [failure["id"] for failure in told.json["failures"]] == ["b"]


def test_evaluation_of_bad_or_missing_files_is_refused(starter_cli: Cli, tmp_path: Path):
    missing = starter_cli("evaluate", "nowhere.jsonl")
    assert missing.code == 1
    assert missing.err.endswith("nowhere.jsonl: No such file or directory.\n")
    (tmp_path / "golden.jsonl").write_bytes(b"\xff\xfe\x00")
    assert "not text in UTF-8" in starter_cli("evaluate", "golden.jsonl").err
    golden(tmp_path, {**GOOD, "creator": "nobody"})
    assert "no creator 'nobody'" in starter_cli("evaluate", "golden.jsonl").err
    assert starter_cli("evaluate", "golden.jsonl", "--min-pass", "90").code == 2
