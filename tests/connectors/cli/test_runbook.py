"""The runbook names only commands, settings and metrics that there are."""

import re
from pathlib import Path

import pytest

from assistant.settings import PREFIX, Settings
from connectors.cli.main import command_line
from tests.connectors.web.scripted import scripted_services

PAGE = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text("utf-8")


def exists(words: list[str]) -> bool:
    """Whether these words begin with a command."""
    at = command_line()
    for word in words:
        commands = getattr(at, "commands", None)
        if commands is None:
            return True
        if word not in commands:
            return False
        at = commands[word]
    return not hasattr(at, "commands")


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`heliotrope ([a-z][^`]*)`", PAGE))))
def test_every_command_exists(line: str):
    assert exists(line.split())


def test_every_setting_and_metric_exists(tmp_path: Path):
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(r"HELIOTROPE_[A-Z_]+", PAGE)) <= known
    names = {metric.name for metric in scripted_services(tmp_path).telemetry.meters.registry.collect()}
    for metric in set(re.findall(r"heliotrope_[a-z_]+", PAGE)):
        assert re.sub(r"_(total|bucket)$", "", metric) in names, metric


def test_there_are_ten_troubles():
    assert re.findall(r"^## (\d+)\.", PAGE, re.M) == [str(number) for number in range(1, 11)]
