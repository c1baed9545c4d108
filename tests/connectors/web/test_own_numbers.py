"""A creator brings a file of their own numbers: looked over first, imported with the second sending."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from connectors.web.app import create_app
from connectors.web.own_numbers import LARGEST_FILE
from tests.connectors.web.scripted import DEMO, REAL, ScriptedServices, scripted_services

ROWS = f"creator_id,day,work_id,play\n{REAL.id},2026-11-01,w1,5\n{REAL.id},2026-11-02,w1,6\nben,2026-11-01,w2,7\n"
CSV = {"Content-Type": "text/csv"}
PATH = "/api/v1/me/metrics"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedServices]:
    services = scripted_services(tmp_path_factory.mktemp("own"))
    yield services
    services.warehouse.close()


@pytest.fixture
def client(services: ScriptedServices) -> TestClient:
    return TestClient(create_app(services), headers={"Authorization": f"Bearer {services.tokens.issue(REAL.id)}"})


def test_it_is_read_without_being_kept_and_imported_when_it_comes_again(
    client: TestClient, services: ScriptedServices, tmp_path: Path
):
    preview = client.post(f"{PATH}?name=作品.csv&dry_run=true", content=ROWS, headers=CSV).json()
    assert (preview["file"], preview["new"], preview["import_id"]) == ("作品.csv", 2, None)
    assert services.warehouse.imports() == []
    assert client.post(f"{PATH}?name=作品.csv", content=ROWS, headers=CSV).json()["new"] == 2
    again = client.post(f"{PATH}?name=作品.csv&dry_run=true", content=ROWS, headers=CSV).json()
    assert (again["new"], again["changed"]) == (0, 0)
    rows = services.warehouse.rows(services.warehouse.work_numbers)
    assert {row["creator_id"] for row in rows} == {REAL.id}
    assert services.warehouse.imports()[0].actor == f"web {REAL.id}"


@pytest.mark.parametrize(
    ("content", "kind", "lang", "status", "said"),
    [
        ("甲,乙\n1,2\n", "text/csv", "zh-CN", 422, "不认识这个文件的列"),
        ("not a table", "application/vnd.apache.parquet", "zh-CN", 422, "这个文件读不了"),
        ("not a table", "application/vnd.apache.parquet", "en", 422, "could not be read"),
        (ROWS, "image/png", "en", 415, "CSV"),
        ("x" * (LARGEST_FILE + 1), "text/csv", "en", 413, "20480"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_in_the_creators_language(
    client: TestClient, content: str, kind: str, lang: str, status: int, said: str
):
    refused = client.post(PATH, content=content, headers={"Content-Type": kind, "Accept-Language": lang})
    assert (refused.status_code, said in refused.json()["detail"]) == (status, True)


def test_only_the_creator_brings_numbers(services: ScriptedServices):
    with TestClient(create_app(services)) as client:
        assert client.post(PATH, content=ROWS, headers=CSV).status_code == 403
        client.post("/api/v1/demonstration/session", json={"creator": DEMO.id})
        assert client.post(PATH, content=ROWS, headers=CSV).status_code == 403
