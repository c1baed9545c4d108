"""The examples of signing an identity, run by the very programs they are written for, as far as those are here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.sites.registry import Site
from tests.connectors.web.scripted import ScriptedServices, scripted_services

EXAMPLES = Path(__file__).parents[3] / "examples" / "widget" / "signing"
COMMANDS = {
    "sign.py": (sys.executable,),
    "sign.mjs": ("node",),
    "sign.php": ("php",),
    "sign.go": ("go", "run"),
    "Sign.java": ("java",),
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> ScriptedServices:
    services = scripted_services(tmp_path_factory.mktemp("signing"))
    services.sites.add(Site("shop", "某某商城", ("https://shop.example",)), "admin")
    return services


@pytest.mark.parametrize("example", COMMANDS)
def test_an_example_signs_what_is_taken_once(
    services: ScriptedServices, example: str, tmp_path_factory: pytest.TempPathFactory
):
    program, *more = COMMANDS[example]
    if shutil.which(program) is None:
        pytest.skip(f"no {program} here")
    key, secret = services.sites.new_secret("shop", "admin")
    command = [program, *more, EXAMPLES / example, key, secret, "shop", "real-1"]
    cache = {"GOCACHE": str(tmp_path_factory.mktemp("go")), "GOFLAGS": "-mod=mod"} if program == "go" else {}
    said = subprocess.run(command, env={**os.environ, **cache}, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    token = said.stdout.strip()
    _, visit = services.visits.open("shop", token, None)
    assert visit.creator == "real-1"
    with pytest.raises(Exception, match="used before"):
        services.visits.open("shop", token, None)
    services.sites.revoke_key("shop", key, "admin")


def test_the_page_shows_the_very_code():
    code = (EXAMPLES / "sign.py").read_text("utf-8")
    shown = code[code.index("def base64url") : code.index("if __name__")].rstrip()
    assert shown in (EXAMPLES.parents[2] / "docs" / "widget.md").read_text("utf-8")
