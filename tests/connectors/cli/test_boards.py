"""`leaderboard`: the board, a creator's place, and what is refused."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.connectors.cli.conftest import Cli


def test_a_board_is_told_and_kept(starter_cli: Cli) -> None:
    told = starter_cli("leaderboard", "plays", "--json").json
    assert (told["metric"], told["period"], told["ranked"], told["revision"]) == ("plays", "week", 12, 1)
    assert [entry["rank"] for entry in told["entries"]] == list(range(1, 13))
    values = [entry["value"] for entry in told["entries"]]
    assert values == sorted(values, reverse=True)
    assert all(entry["synthetic"] for entry in told["entries"])
    text = starter_cli("leaderboard", "plays").out
    assert "1-2-2-4" in text
    assert "Kept as revision 1" in text
    assert starter_cli("leaderboard", "plays", "--json").json == told


def test_a_cut_and_another_period(starter_cli: Cli) -> None:
    told = starter_cli("leaderboard", "点赞率", "--period", "month", "--tier", "万粉", "--top", "2", "--json").json
    assert (told["metric"], told["tier"], len(told["entries"])) == ("like_rate", "万粉", 2)
    assert told["ranked"] >= 2
    older = starter_cli("leaderboard", "plays", "--as-of", "2001-01-01")
    assert "no numbers of that week yet" in older.out


def test_a_place_is_drawn_with_its_neighbours(starter_cli: Cli, tmp_path: Path) -> None:
    picture = tmp_path / "place.svg"
    drawn = ("--picture", str(picture), "--lang", "zh")
    told = starter_cli("leaderboard", "plays", "--creator", "demo-08", *drawn, "--json")
    assert told.json["mine"]["creator"] == "demo-08"
    assert told.json["places"][0]["of"] == 12
    words = "".join(ElementTree.parse(picture).getroot().itertext())
    assert "（我）" in words
    assert "rank " in starter_cli("leaderboard", "plays", "--creator", "demo-08").out


def test_a_board_is_made_again(starter_cli: Cli) -> None:
    again = starter_cli("leaderboard", "comment_rate", "--recompute")
    assert "Made again: there was none before; revision 1 is shown." in again.err
    assert "revision 1 had 0 other numbers" in starter_cli("leaderboard", "comment_rate", "--recompute").err


@pytest.mark.parametrize(
    ("argv", "code", "complaint"),
    [
        (("leaderboard", "nonsense"), 1, "There is no leaderboard 'nonsense'"),
        (("leaderboard", "plays", "--period", "year"), 2, "is not day, week or month"),
        (("leaderboard", "plays", "--tier", "亿粉"), 1, "There is no tier '亿粉'"),
        (("leaderboard", "plays", "--creator", "nobody"), 1, "no creator 'nobody'"),
        (("leaderboard", "plays", "--creator", "demo-01", "--tier", "万粉"), 2, "own category and tier"),
    ],
)
def test_bad_asking_is_refused(starter_cli: Cli, argv: tuple[str, ...], code: int, complaint: str) -> None:
    ran = starter_cli(*argv)
    assert (ran.code, complaint in ran.err) == (code, True), ran.err
