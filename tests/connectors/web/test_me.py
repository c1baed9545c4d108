"""What is kept about whoever asks over HTTP: seen, taken along and deleted; and the same by command."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.bootstrap import Services
from assistant.creators.accounts import Creator
from connectors.web.app import create_app
from tests.connectors.cli.conftest import commands_on

QUESTION = "完播率怎么算？"
OURS = {"creators": 1, "threads": 1, "turns": 1}  # at least: other parts of the house may keep something beside


@pytest.fixture
def client(starter: Services) -> Iterator[TestClient]:
    with TestClient(create_app(starter)) as client:
        yield client


def newcomer(services: Services, client: TestClient, creator: str) -> tuple[dict[str, str], str]:
    """A new creator's header, and the thread in which they asked something."""
    services.accounts.add(Creator(creator, "新人", "kuaishou", "美食"))
    header = {"Authorization": f"Bearer {services.tokens.issue(creator)}"}
    return header, client.post("/api/v1/chat", json={"text": QUESTION}, headers=header).json()["thread"]


def test_a_creator_sees_exports_and_deletes_everything(client: TestClient, starter: Services) -> None:
    header, thread = newcomer(starter, client, "leaves-1")
    other, others_thread = newcomer(starter, client, "stays-1")
    seen = client.get("/api/v1/me", headers=header).json()
    assert (seen["creator"], seen["scope"]) == ("leaves-1", "creator")
    assert OURS.items() <= seen["kept"].items()
    exported = client.get("/api/v1/me/export", headers=header)
    assert "attachment" in exported.headers["content-disposition"]
    assert exported.json()["kept"]["turns"][0]["question"] == QUESTION
    assert client.delete("/api/v1/me", headers=header).json() == {"deleted": seen["kept"]}
    assert client.get("/api/v1/me", headers=header).status_code == 401  # the token speaks for nobody now
    assert client.get(f"/api/v1/threads/{others_thread}", headers=other).status_code == 200
    assert client.get(f"/api/v1/threads/{thread}", headers=other).status_code == 404


def test_a_conversation_is_deleted_by_whoever_had_it(client: TestClient, starter: Services) -> None:
    header, thread = newcomer(starter, client, "stays-2")
    assert client.delete(f"/api/v1/threads/{thread}").status_code == 404
    assert client.delete(f"/api/v1/threads/{thread}", headers=header).status_code == 204
    assert client.delete(f"/api/v1/threads/{thread}", headers=header).status_code == 404


def test_a_page_that_many_share_deletes_nobody(client: TestClient, starter: Services) -> None:
    for choose in (None, "demo-01"):
        client.post("/api/v1/demonstration/session", json={"creator": choose})
        assert client.get("/api/v1/me").json()["scope"] == "conversation"
        for refused in (client.get("/api/v1/me/export"), client.delete("/api/v1/me")):
            assert refused.status_code == 403
            assert "threads" in refused.json()["detail"]
    assert starter.accounts.find("demo-01") is not None


def test_operators_export_and_forget_by_command(client: TestClient, starter: Services, tmp_path: Path) -> None:
    newcomer(starter, client, "leaves-2")
    cli = commands_on(starter, tmp_path)
    assert "rows about leaves-2 are in" in cli("creators", "export", "leaves-2", "mine.json").out
    assert json.loads((tmp_path / "mine.json").read_text("utf-8")) | {"exported_at": ""} == cli(
        "creators", "export", "leaves-2"
    ).json | {"exported_at": ""}
    told = cli("creators", "forget", "leaves-2")
    assert "Nothing is deleted yet" in told.out
    done = cli("creators", "forget", "leaves-2", "--yes", "--json").json
    assert (done["creator"], done["deleted"]) == ("leaves-2", True)
    assert OURS.items() <= done["rows"].items()
    assert cli("creators", "forget", "leaves-2", "--yes").code == 1
