"""The log file: a JSON object a line, with the answer it belongs to and without secrets."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import Settings
from assistant.telemetry.references import begin_answer
from connectors.cli import logs

TOKEN = "123456:the-token-of-the-bot"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose log has been started, on a root logger without other handlers."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers[:] = []
    logs.start(tmp_path, {TOKEN, 'qu"oted', "abc"})
    yield tmp_path
    root.handlers[:], level = before
    root.setLevel(level)


def written(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logs.file_of(home).read_text("utf-8").splitlines()]


def test_a_record_is_one_line_with_its_answer_and_fields(home: Path):
    begin_answer("a1b2")
    logging.getLogger("assistant.x").info("two\nlines", extra={"fields": {"channel": "web", "refused": False}})
    (line,) = written(home)
    assert line["at"].endswith("+00:00")
    del line["at"]
    assert line == {
        "level": "INFO", "logger": "assistant.x", "message": "two\nlines",
        "answer": "a1b2", "channel": "web", "refused": False,
    }  # fmt: skip


def test_secrets_are_written_nowhere(home: Path, monkeypatch: pytest.MonkeyPatch):
    try:
        raise ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe failed, qu\"oted, abc")
    except ValueError:
        logging.getLogger("httpx").warning("POST %s", TOKEN, exc_info=True)
    text = logs.file_of(home).read_text("utf-8")
    assert TOKEN not in text
    assert 'qu\\"oted' not in text
    assert "abc" in text  # too short to be taken out everywhere
    assert written(home)[0]["message"] == "POST [secret]"


def test_the_secrets_of_the_settings_are_keys_tokens_and_passwords_in_addresses(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("HELIOTROPE_DATABASE_URL", "postgresql+psycopg://me:pass-word@127.0.0.1/db")
    assert Settings.from_environment().secrets == {TOKEN, "sk-secret", "pass-word"}


def test_personal_data_is_masked_in_messages_and_errors(home: Path):
    logs.start(home)
    try:
        raise ValueError("no card 4111 1111 1111 1111")
    except ValueError:
        logging.getLogger("assistant.test").exception("called by %s", "13812345678")
    written = logs.file_of(home).read_text("utf-8").splitlines()[-1]
    assert "13812345678" not in written
    assert "4111" not in written
    assert json.loads(written)["message"] == "called by [phone]"
