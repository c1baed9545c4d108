"""The files for real deployments name settings, commands and addresses that exist. Running them takes a Docker engine
or a cluster; see docs/capacity.md for what was tried."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.settings import PREFIX, Settings
from connectors.web import health

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = [*DEPLOY.glob("*.yaml"), *DEPLOY.glob("kubernetes/*.yaml"), DEPLOY / "Dockerfile"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_exists(file: Path):
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    aliases = [field.validation_alias for field in Settings.model_fields.values() if field.validation_alias]
    known |= {str(alias.choices[0]) for alias in aliases}
    named = set(re.findall(r"\b(?:HELIOTROPE|OPENAI|TELEGRAM)_[A-Z_]+\b", file.read_text()))
    assert named <= known


def _documents() -> list[dict[str, Any]]:
    return [document for file in DEPLOY.rglob("*.yaml") for document in yaml.safe_load_all(file.read_text())]


def test_kustomization_names_the_files_that_stand_beside_it():
    folder = DEPLOY / "kubernetes"
    resources = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert {*resources, "kustomization.yaml"} == {file.name for file in folder.glob("*.yaml")}


def test_probes_ask_addresses_that_are_served():
    source = Path(health.__file__).read_text()
    pods = [one for one in _documents() if one.get("kind") == "Deployment"]
    (container,) = pods[0]["spec"]["template"]["spec"]["containers"]
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        assert f'"{container[probe]["httpGet"]["path"]}"' in source
