"""`doctor`: every misconfiguration in a sentence that says what to mend."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.bootstrap import open_services
from assistant.settings import Settings
from tests.connectors.cli.conftest import Cli, Ran, commands_on
from tests.fakes import HashEmbedder

TOKEN = "123456789:AAE-token-of-the-tests-and-of-nobody-else0"
Examine = Callable[..., Ran]


@pytest.fixture
def outside() -> Iterator[tuple[str, dict[str, tuple[int, Any]]]]:
    """A server on loopback and what it answers by path; anything else is 404."""
    answers: dict[str, tuple[int, Any]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, {}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    server.server_close()


@pytest.fixture
def examined(tmp_path: Path) -> Examine:
    """What doctor says of an empty home with these settings."""

    def run(**settings: Any) -> Ran:
        services = open_services(Settings(home=tmp_path / "home", **settings), embedder=HashEmbedder())
        try:
            return commands_on(services, tmp_path)("doctor", "--json")
        finally:
            services.close()

    return run


def says(ran: Ran, part: str, is_well: bool) -> str:
    found = next(finding for finding in ran.json if finding["part"] == part)
    assert found["ok"] is is_well, found
    return str(found["says"])


def test_a_starter_home_is_well(starter_cli: Cli):
    told = {finding["part"]: finding for finding in starter_cli("doctor", "--json").json}
    assert [part for part, finding in told.items() if not finding["ok"] and part != "pages"] == []
    assert "each finds itself" in told["knowledge"]["says"]


def test_every_variable_that_cannot_be_used_is_named_at_once(cli: Cli, monkeypatch: pytest.MonkeyPatch):
    wrong = {"HELIOTROPE_TIMEZONE": "Mars/Base", "HELIOTROPE_CHAT_MODEL": "gpt", "HELIOTROPE_TYPO": "1"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    ran = cli("doctor", "--json")
    assert ran.code == 1
    assert {finding["part"] for finding in ran.json} == {"settings"}
    told = " ".join(finding["says"] for finding in ran.json)
    assert "Unknown setting HELIOTROPE_TYPO" in told
    assert "HELIOTROPE_TIMEZONE cannot be used: use a name such as Asia/Shanghai." in told
    assert "HELIOTROPE_CHAT_MODEL cannot be used" in told


def test_settings_that_belong_together_and_an_unpublished_home_are_told(examined: Examine):
    ran = examined(oidc_client_id="console")
    assert ran.code == 1
    assert says(ran, "settings", False) == (
        "HELIOTROPE_OIDC_CLIENT_ID is set and HELIOTROPE_OIDC_ISSUER is not; set both, or neither of them."
    )
    assert "Nothing has been published yet" in says(ran, "knowledge", False)


def test_a_token_that_is_none_is_told_without_repeating_it(examined: Examine):
    ran = examined(telegram_bot_token="not a token")
    assert "TELEGRAM_BOT_TOKEN" in says(ran, "telegram", False)
    assert "not a token" not in ran.out


def test_telegram_is_asked_whose_token_it_is(examined: Examine, outside: tuple[str, dict[str, tuple[int, Any]]]):
    address, answers = outside
    answers[f"/bot{TOKEN}/getMe"] = 200, {"ok": True, "result": {"username": "guide_bot"}}
    wanted = {"telegram_bot_token": TOKEN, "telegram_api_base_url": address}
    assert says(examined(**wanted), "telegram", True) == "the bot is @guide_bot"
    answers[f"/bot{TOKEN}/getMe"] = 401, {"ok": False}
    ran = examined(**wanted)
    assert "get a token from @BotFather" in says(ran, "telegram", False)
    assert TOKEN not in ran.out


def test_the_chat_models_endpoint_key_and_name_are_tried(
    examined: Examine, outside: tuple[str, dict[str, tuple[int, Any]]]
):
    address, answers = outside
    wanted = {"chat_model": "openai:small", "openai_base_url": f"{address}/v1", "openai_api_key": "sk-of-the-tests"}
    answers["/v1/models"] = 200, {"data": [{"id": "small"}]}
    assert f"openai:small answers at {address}/v1" in says(examined(**wanted), "chat model", True)
    answers["/v1/models"] = 200, {"data": [{"id": "large"}]}
    assert "has no model small" in says(examined(**wanted), "chat model", False)
    answers["/v1/models"] = 401, {}
    ran = examined(**wanted)
    assert "check OPENAI_API_KEY" in says(ran, "chat model", False)
    assert "sk-of-the-tests" not in ran.out


def test_what_cannot_be_reached_names_its_setting(examined: Examine, outside: tuple[str, dict[str, tuple[int, Any]]]):
    address, _ = outside
    nowhere = "127.0.0.1:9"  # the port that discards what it gets; nobody listens there
    ran = examined(
        chat_model="openai:small",
        openai_base_url=f"http://{nowhere}/v1",
        traces_url=f"http://{nowhere}",
        smtp_url=f"smtp://me:pass-word@{nowhere}",
        email_from="guide@example.org",
        oidc_issuer=address,
        oidc_client_id="console",
    )
    assert "check OPENAI_BASE_URL" in says(ran, "chat model", False)
    assert "check HELIOTROPE_TRACES_URL" in says(ran, "traces", False)
    assert "check HELIOTROPE_SMTP_URL" in says(ran, "mail", False)
    assert "check HELIOTROPE_OIDC_ISSUER" in says(ran, "single sign-on", False)
    assert "pass-word" not in ran.out


def test_a_chroma_server_that_is_away_or_is_something_else_is_told(
    examined: Examine, outside: tuple[str, dict[str, tuple[int, Any]]]
):
    away = says(examined(chroma_url="http://127.0.0.1:9"), "index server", False)
    assert away.startswith("The Chroma server at 127.0.0.1:9 does not answer; look at it, and at HELIOTROPE_CHROMA_URL")
    address, _ = outside
    other = says(examined(chroma_url=address), "index server", False)
    assert "is no Chroma server; check HELIOTROPE_CHROMA_URL" in other
