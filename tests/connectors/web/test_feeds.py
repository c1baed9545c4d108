"""POST /api/v1/metrics over real services."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.bootstrap import Services, open_services
from assistant.settings import Settings
from connectors.feeds.keys import FeedKeys
from connectors.web import feeds
from connectors.web.problems import tell_problems
from connectors.web.texts import open_texts
from tests.fakes import HashEmbedder

CSV = {"Content-Type": "text/csv"}
ROWS = "creator_id,day,play\nann,2026-03-01,5\nben,2026-03-01,6\n"


@pytest.fixture
def services(tmp_path: Path, new_bare_home: Callable[[Path], Path]) -> Iterator[Services]:
    opened = open_services(Settings(home=new_bare_home(tmp_path / "home")), embedder=HashEmbedder())
    yield opened
    opened.close()


@pytest.fixture
def client(services: Services) -> TestClient:
    app = FastAPI()
    tell_problems(app, open_texts())
    app.include_router(feeds.feed_routes(services))
    return TestClient(app)


def bearer(services: Services, creator: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {FeedKeys(services.engine).issue('nightly', creator, 'li')}"}


def test_a_file_is_pushed_with_a_key(client: TestClient, services: Services) -> None:
    key = bearer(services)
    answer = client.post("/api/v1/metrics", content=ROWS, headers={**key, **CSV})
    assert answer.status_code == 200
    assert (answer.json()["new"], answer.json()["totals"]) == (2, {"play": 11})
    assert services.warehouse.imports()[0].actor == "feed nightly"
    tried = client.post("/api/v1/metrics?dry_run=true", content=ROWS.replace("5", "7"), headers={**key, **CSV})
    assert (tried.json()["changed"], tried.json()["import_id"]) == (1, None)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer hf_wrong"}, {"Authorization": "Basic YTpi"}])
def test_without_a_key_nothing_is_taken(client: TestClient, services: Services, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/metrics", content=ROWS, headers={**headers, **CSV})
    assert answer.status_code == 403
    assert services.warehouse.imports() == []


def test_a_key_for_one_creator_brings_no_other(client: TestClient, services: Services) -> None:
    key = bearer(services, "ann")
    assert client.post("/api/v1/metrics?creator=ben", content=ROWS, headers={**key, **CSV}).status_code == 403
    assert client.post("/api/v1/metrics", content=ROWS, headers={**key, **CSV}).json()["new"] == 1
    days = services.warehouse.rows(services.warehouse.creator_days)
    assert {row["creator_id"] for row in days} == {"ann"}


@pytest.mark.parametrize(
    ("content", "headers", "complaint"),
    [
        ("a,b\n1,2\n", CSV, "not known"),
        (ROWS, {"Content-Type": "image/png"}, "Content-Type"),
        ("Date,Subscribers\n05-08-2020,4\n", CSV, "two ways"),
        ("not parquet", {"Content-Type": "application/vnd.apache.parquet"}, "Parquet"),
    ],
)
def test_a_bad_file_is_a_problem_in_a_sentence(
    client: TestClient, services: Services, content: str, headers: dict[str, str], complaint: str
) -> None:
    answer = client.post("/api/v1/metrics?creator=ann", content=content, headers={**bearer(services), **headers})
    assert answer.status_code == 422
    assert complaint in answer.json()["detail"]
    assert services.warehouse.imports() == []


def test_a_body_that_is_too_large_is_refused(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "LARGEST_BODY", 10)
    assert client.post("/api/v1/metrics", content=ROWS, headers={**bearer(services), **CSV}).status_code == 413
