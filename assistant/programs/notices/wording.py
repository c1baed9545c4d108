"""What a notice says on its way: its own words, the address that counts a click, and several as one digest."""

import hashlib
import hmac
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Row

from assistant.programs.notices.notice import Message

WORDING = Path(__file__).with_name("wording.yaml")
DIGEST_SHOWN = 8  # notices that a digest names; the rest are counted
_BODY_IN_DIGEST = 80  # characters


def message_of(row: Row[Any], public_url: str, secret: str) -> Message:
    """The message of a kept notice. With a public address its link counts the click on the way (see `go_path`)."""
    counted = row.link.startswith(("https://", "http://")) and public_url
    link = f"{public_url}{go_path(row.id, secret)}" if counted else row.link
    return Message(row.title, row.body, link, row.image)


def digest_of(messages: Sequence[Message], language: str) -> Message:
    """Several messages as one: a line for each."""
    lines = [f"• {one.title}\n  {_first_line(one.body)}".rstrip() for one in messages[:DIGEST_SHOWN]]
    if len(messages) > DIGEST_SHOWN:
        lines.append(say("digest_more", language, count=len(messages) - DIGEST_SHOWN))
    return Message(say("digest_title", language, count=len(messages)), "\n\n".join(lines))


def go_path(notice: int, secret: str) -> str:
    """The path that counts a click on a notice's link and leads there; nobody can make one up."""
    return f"/go/{notice}/{signature(notice, secret)}"


def signature(notice: int, secret: str) -> str:
    """What proves that a path to a notice's link came from us."""
    return hmac.new(secret.encode(), f"notice-link:{notice}".encode(), hashlib.sha256).hexdigest()[:24]


def say(key: str, language: str, **values: object) -> str:
    """A text of `wording.yaml`, Chinese unless the language is English."""
    text: str = _texts()[key]["en" if language.startswith("en") else "zh"]
    return text.format(**values)


@cache
def _texts() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(WORDING.read_text("utf-8"))
    return loaded


def _first_line(body: str) -> str:
    line = body.strip().split("\n", 1)[0]
    return line if len(line) <= _BODY_IN_DIGEST else line[: _BODY_IN_DIGEST - 1] + "…"
