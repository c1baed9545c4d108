import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.bootstrap import Services
from tests.connectors.cli.conftest import Cli

OWN = "creator_id,day,show,play,new_followers,lost_followers\n"


def own_file(folder: Path, creator: str, days: int, name: str = "own.csv") -> Path:
    first = date(2026, 10, 1)
    rows = [f"{creator},{first + timedelta(days=n)},200,100,5,1\n" for n in range(days)]
    file = folder / name
    file.write_text(OWN + "".join(rows), "utf-8")
    return file


def test_file_is_imported_once_however_often_it_is_read(cli: Cli, tmp_path: Path):
    own_file(tmp_path, "me", 10)
    first = cli("metrics", "import", "own.csv", "--json")
    assert first.code == 0
    assert set(first.json) == {
        "file", "preset", "read", "new", "changed", "skipped", "works", "days", "totals", "warnings",
        "import_id",
    }  # fmt: skip
    assert (first.json["preset"], first.json["new"], first.json["totals"]["play"]) == ("heliotrope", 10, 1000)
    again = cli("metrics", "import", "own.csv", "--json").json
    assert (again["new"], again["changed"]) == (0, 0)


def test_dry_run_keeps_nothing(cli: Cli, tmp_path: Path):
    own_file(tmp_path, "me", 3)
    ran = cli("metrics", "import", "own.csv", "--dry-run")
    assert "3 new" in ran.out
    assert "nothing was kept" in ran.out
    assert cli("metrics", "import", "own.csv", "--json").json["new"] == 3


def test_unreadable_file_is_named_and_the_others_are_read(cli: Cli, tmp_path: Path):
    own_file(tmp_path, "me", 3)
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n", "utf-8")
    ran = cli("metrics", "import", "odd.csv", "missing.csv", "own.csv", "--json")
    assert ran.code == 1
    assert [json.loads(line)["file"] for line in ran.out.splitlines()] == ["own.csv"]
    assert "odd.csv" in ran.err
    assert "missing.csv" in ran.err


def test_numbers_without_an_account_can_be_read_and_the_account_is_suggested(cli: Cli, tmp_path: Path):
    own_file(tmp_path, "me", 10)
    assert "heliotrope creators add me" in cli("metrics", "import", "own.csv", "--creator", "me").err
    got = cli("metrics", "get", "plays", "--creator", "me", "--days", "5", "--json").json
    assert (got["value"], got["n"], got["baseline"]) == (500, 5, 500)
    assert got["daily"][-1] == ["2026-10-10", 100]
    assert len(got["daily"]) == 5
    assert "播放量 · plays: 500" in cli("metrics", "get", "plays", "--creator", "me", "--days", "5").out
    assert "data up to 2026-10-10" in cli("growth", "me").out
    assert cli("creators", "add", "me").code == 0
    assert cli("metrics", "import", "own.csv", "--creator", "me").err == ""


def test_metrics_are_listed_with_their_definitions(cli: Cli):
    listed = cli("metrics", "list", "--json").json
    completion = next(metric for metric in listed if metric["slug"] == "completion_rate")
    assert completion["unit"] == "percent"
    assert completion["definition_zh"]
    assert "completion_rate" in cli("metrics", "list").out


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (("metrics", "get", "nonsense", "--creator", "demo-01"), "no metric 'nonsense'"),
        (("metrics", "get", "plays", "--creator", "nobody"), "no creator 'nobody'"),
        (("growth", "nobody"), "no creator 'nobody'"),
        (("diagnose", "no-work"), "no work 'no-work'"),
        (("diagnose", "demo-01-001", "--creator", "demo-02"), "demo-02 has no work"),
        (("ask", "你好", "--creator", "nobody"), "no creator 'nobody'"),
        (("creators", "token", "nobody"), "no creator 'nobody'"),
        (("creators", "link-code", "nobody"), "no creator 'nobody'"),
        (("creators", "add", "demo-01"), "a creator 'demo-01' already"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(starter_cli: Cli, argv: tuple[str, ...], complaint: str):
    ran = starter_cli(*argv)
    assert (ran.code, ran.out) == (1, "")
    assert complaint in ran.err
    assert ran.err.count("\n") == 1


def test_demonstration_creators_are_marked_as_synthetic(starter_cli: Cli):
    lines = starter_cli("creators", "list").out.splitlines()
    assert len(lines) == 12
    assert all("synthetic" in line for line in lines)
    assert all(creator["synthetic"] for creator in starter_cli("creators", "list", "--json").json)


def test_growth_tells_stage_and_next_tier(starter_cli: Cli):
    told = starter_cli("growth", "demo-01", "--json").json
    assert told["creator_id"] == "demo-01"
    assert told["stage"]["zh"]
    assert (told["milestone"] is None) != (told["refusal"] is None)
    text = starter_cli("growth", "demo-01").out
    assert "stage: " in text
    assert "next tier: " in text


def test_brand_new_creator_gets_a_reason_instead_of_a_date(starter_cli: Cli):
    assert "There are 9 consecutive days of follower data" in starter_cli("growth", "demo-05").out


def test_work_is_diagnosed_by_its_id_alone(starter_cli: Cli):
    told = starter_cli("diagnose", "demo-11-070", "--json").json
    assert told["creator"] == "demo-11"
    assert {"impressions", "short_play_rate_3s", "follow_rate"} <= {step["metric"] for step in told["steps"]}
    assert "3-second short-play rate" in starter_cli("diagnose", "demo-11-070").out


def test_work_of_several_creators_needs_to_be_told_apart(cli: Cli, house: Services, tmp_path: Path):
    for creator in ("one", "two"):
        file = tmp_path / f"{creator}.csv"
        file.write_text(
            f"creator_id,work_id,title,published_at,show,play\n{creator},w1,t,2026-10-01,200,150\n", "utf-8"
        )
        assert cli("metrics", "import", file.name).code == 0
    assert "say whose with --creator" in cli("diagnose", "w1").err
    assert cli("diagnose", "w1", "--creator", "two", "--json").json["creator"] == "two"


def test_token_and_link_code_speak_for_the_creator(cli: Cli, house: Services):
    assert cli("creators", "add", "me", "--name", "我", "--category", "美食").out == "Creator me is added.\n"
    assert [creator["name"] for creator in cli("creators", "list", "--json").json] == ["我"]
    assert house.tokens.creator_of(cli("creators", "token", "me").out.strip()) == "me"
    code = cli("creators", "link-code", "me", "--json").json["code"]
    assert house.accounts.redeem_link_code(code, "telegram", "7").id == "me"


def test_import_is_listed_and_undone(cli: Cli, tmp_path: Path):
    own_file(tmp_path, "me", 3)
    assert "import 1" in cli("metrics", "import", "own.csv").out
    assert "own.csv" in cli("metrics", "imports").out
    assert "3 rows are gone" in cli("metrics", "undo", "1").out
    assert "undone" in cli("metrics", "imports").out
    assert cli("metrics", "imports", "--json").json[0]["undone_by"] == "operator"
    again = cli("metrics", "undo", "1")
    assert (again.code, again.err) == (1, "Import 1 (own.csv) is undone already.\n")
    assert cli("metrics", "import", "own.csv", "--json").json["new"] == 3


def test_unknown_columns_are_mapped_once(cli: Cli, tmp_path: Path):
    (tmp_path / "odd.csv").write_text("统计日期,播放,总赞\n2026-10-01,5,1\n", "utf-8")
    refused = cli("metrics", "import", "odd.csv", "--creator", "me")
    assert (refused.code, "--confirm" in refused.err) == (1, True)
    assert cli("metrics", "import", "odd.csv", "--creator", "me", "--map", "总赞").code == 1
    mapped = cli("metrics", "import", "odd.csv", "--creator", "me", "--map", "总赞=likes", "--confirm", "--json")
    assert mapped.json["totals"] == {"play": 5, "like": 1}
    (tmp_path / "odd.csv").write_text("统计日期,播放,总赞\n2026-10-02,7,1\n", "utf-8")
    assert cli("metrics", "import", "odd.csv", "--creator", "me", "--json").json["totals"]["play"] == 7


def test_dates_that_can_be_read_two_ways_are_asked_about(cli: Cli, tmp_path: Path):
    (tmp_path / "days.csv").write_text("Date,Subscribers\n05-08-2020,5\n", "utf-8")
    asked = cli("metrics", "import", "days.csv", "--creator", "me")
    assert "2020-05-08 month first or 2020-08-05 day first" in asked.err
    assert cli("metrics", "import", "days.csv", "--creator", "me", "--dates", "sideways").code == 2
    assert cli("metrics", "import", "days.csv", "--creator", "me", "--dates", "day-first").code == 0


def test_numbers_are_exported_and_a_folder_is_swept(cli: Cli, tmp_path: Path):
    own_file(tmp_path, "me", 3)
    cli("metrics", "import", "own.csv")
    assert cli("metrics", "export", "out.csv", "--creator", "me").out == "out.csv: 3 rows of me.\n"
    assert cli("metrics", "export", "out.csv", "--creator", "nobody").code == 1
    (tmp_path / "inbox").mkdir()
    assert cli("metrics", "sweep", "inbox", "--json").json == []
    assert cli("metrics", "sweep", "nowhere").code == 1


def test_feeds_are_added_listed_and_revoked(cli: Cli):
    assert cli("feeds", "add", "nightly", "--creator", "me").out.startswith("hf_")
    assert cli("feeds", "add", "nightly").code == 1
    assert "nightly" in cli("feeds", "list").out
    assert cli("feeds", "list", "--json").json[0]["creator_id"] == "me"
    assert cli("feeds", "revoke", "nightly").code == 0
    assert "revoked" in cli("feeds", "list").out
