"""The API held against its own description by schemathesis: every operation, examples and edge cases. A longer run
with random data is `make fuzz`."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.sites.registry import Site
from connectors.web.app import create_app
from tests.connectors.web.conftest import served
from tests.connectors.web.scripted import ScriptedServices, scripted_services

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> ScriptedServices:
    services = scripted_services(tmp_path_factory.mktemp("openapi"))
    services.sites.add(Site("my-shop", "某某商城", ("https://shop.example",), visitor_questions=0), "admin")
    return services


def test_every_operation_answers_as_its_description_says(services: ScriptedServices, tmp_path: Path):
    with served(create_app(services)) as address:
        session, _ = services.visits.open("my-shop", None, None)
        said = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json", "--no-color"]
            + ["--phases=examples,coverage", f"--checks={','.join(CHECKS)}", "--continue-on-failure", "--mode=all"]
            + ["--request-timeout=60", "-H", f"Authorization: Bearer {session}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
        )
    assert said.returncode == 0, said.stdout[-6000:] + said.stderr[-1000:]
    operations = sum(len(one) for one in create_app(services).openapi()["paths"].values())
    assert f"Selected: {operations}/{operations}" in said.stdout


@pytest.mark.parametrize(("language", "program"), [("python", sys.executable), ("js", "node"), ("sh", "sh")])
def test_the_pages_own_examples_run(services: ScriptedServices, language: str, program: str):
    if shutil.which(program) is None or (language == "sh" and shutil.which("curl") is None):
        pytest.skip(f"no {program} here")
    example = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)[0]
    flag = {"python": "-c", "js": "--input-type=module", "sh": "-c"}[language]
    with served(create_app(services)) as address:
        code = example.replace("http://127.0.0.1:8300", address)
        command = [program, flag, "-e", code] if language == "js" else [program, flag, code]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr
    assert "100 亿流量" in said.stdout


def test_every_operation_is_described_with_an_example_and_its_problems(services: ScriptedServices):
    for path, operations in create_app(services).openapi()["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["description"], place
            assert operation["tags"], place
            for status, answer in operation["responses"].items():
                kinds = answer.get("content", {})
                if status.startswith("2"):
                    is_file = any(kind.startswith("image/") for kind in kinds)
                    assert status == "204" or is_file or all("example" in one for one in kinds.values()), place
                else:
                    assert list(kinds) == ["application/problem+json"], f"{place} {status}"
