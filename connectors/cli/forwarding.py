"""Commands while a server owns the home: sent to it, and what they said there brought back."""

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.errors import Conflict, Problem, Unavailable
from connectors.cli.console import Console

if TYPE_CHECKING:
    from assistant.home import Serving

PATH = "/api/v1/operator/commands"
CONNECT_SECONDS = 5.0


class Gone(Unavailable):
    """Nobody answers at that address any more, or somebody else does: the command was not run there."""


@dataclass(frozen=True)
class Outcome:
    """What a command that ran elsewhere said, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str


def send(serving: "Serving", argv: Sequence[str], console: Console) -> Outcome:
    """Run a command in the server. Raises Gone when it was not run there, Conflict when it is too long to be sent.

    The answer takes as long as the command does. The standard library's client is used, because it knows no proxies.
    """
    address = urlsplit(serving.url)
    body = json.dumps({"argv": list(argv), "cwd": str(console.cwd), "stdin": console.stdin_text})
    headers = {"Authorization": f"Bearer {serving.token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=CONNECT_SECONDS)
    try:
        try:
            connection.connect()
            if connection.sock is not None:
                connection.sock.settimeout(None)
        except OSError as error:
            raise Gone(f"The server at {serving.url} does not answer.") from error
        try:
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(
                f"The server at {serving.url} ended before the command did; look whether it took effect."
            ) from error
    finally:
        connection.close()
    return _outcome(status, text, serving.url)


def _outcome(status: int, text: bytes, url: str) -> Outcome:
    try:
        answer = json.loads(text)
        if status == 200:
            return Outcome(int(answer["exit_code"]), str(answer["stdout"]), str(answer["stderr"]))
        detail = str(answer["detail"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"The server at {url} answered with something else ({status}).") from error
    if status in (401, 403, 404):
        raise Gone(f"The server at {url} does not take this home's commands.")
    if status == 413:
        raise Conflict("This command is too long for the running server; give a folder or a file instead.")
    raise Problem(detail)
