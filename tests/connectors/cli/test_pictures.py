"""`growth --picture`, `diagnose --picture` and `metrics get --picture`."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.connectors.cli.conftest import Cli

PNG = b"\x89PNG\r\n\x1a\n"


def test_growth_is_drawn_beside_the_text(starter_cli: Cli, tmp_path: Path):
    told = starter_cli("growth", "demo-01", "--picture", str(tmp_path / "growth.png"))
    assert told.code == 0
    assert "in 30 days: about " in told.out
    assert "Drawn to " in told.err
    assert (tmp_path / "growth.png").read_bytes().startswith(PNG)


def test_a_diagnosis_is_drawn_in_chinese(starter_cli: Cli, tmp_path: Path):
    told = starter_cli("diagnose", "demo-11-070", "--picture", str(tmp_path / "work.svg"), "--lang", "zh", "--json")
    assert told.json["ranks"]
    assert told.json["steps"][0]["own"]["n"] >= 5
    words = "".join(ElementTree.parse(tmp_path / "work.svg").getroot().itertext())
    assert "完播率" in words


def test_a_metric_is_drawn_day_by_day(starter_cli: Cli, tmp_path: Path):
    arguments = ("metrics", "get", "completion_rate", "--creator", "demo-01", "--days", "14")
    assert starter_cli(*arguments, "--picture", str(tmp_path / "days.svg"), "--lang", "zh").code == 0
    words = "".join(ElementTree.parse(tmp_path / "days.svg").getroot().itertext())
    assert "完播率" in words


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--picture", "growth.gif"), "must end in .png or .svg"),
        (("--picture", "growth.png", "--lang", "fr"), "is not zh or en"),
    ],
)
def test_bad_options_are_refused(starter_cli: Cli, arguments: tuple[str, ...], complaint: str):
    told = starter_cli("growth", "demo-01", *arguments)
    assert told.code == 2
    assert complaint in told.err


def test_a_folder_that_is_not_there_is_one_sentence(starter_cli: Cli, tmp_path: Path):
    told = starter_cli("growth", "demo-01", "--picture", str(tmp_path / "none" / "growth.svg"))
    assert told.code == 1
    assert "could not be written (No such file or directory)" in told.err
    assert "Traceback" not in told.err
