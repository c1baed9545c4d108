"""Questions over HTTP on kept connections, with a client that costs next to nothing beside what it measures."""

import http.client
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

PATH = "/api/v1/chat"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Load:
    """Many clients at once: answers a second in all, and what each answer took in milliseconds."""

    per_second: float
    milliseconds: list[float]


def one_by_one(port: int, questions: Sequence[str]) -> list[float]:
    """Milliseconds of each answer, one client. Raises RuntimeError for an answer that is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        return [_ask(connection, question) for question in questions]
    finally:
        connection.close()


def together(port: int, questions: Sequence[str], clients: int) -> Load:
    """The same with `clients` that each take the next question when their answer has come."""
    waiting: SimpleQueue[str] = SimpleQueue()
    for question in questions:
        waiting.put(question)

    def client(_number: int) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        taken = []
        try:
            while True:
                taken.append(_ask(connection, waiting.get_nowait()))
        except Empty:
            return taken
        finally:
            connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        parts = list(pool.map(client, range(clients)))
    seconds = time.perf_counter() - started
    return Load(len(questions) / seconds, [value for part in parts for value in part])


def is_ready(port: int) -> bool:
    """Whether /readyz says 200 just now."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _ask(connection: http.client.HTTPConnection, question: str) -> float:
    body = json.dumps({"text": question}).encode()
    started = time.perf_counter()
    connection.request("POST", PATH, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    milliseconds = (time.perf_counter() - started) * 1000
    if answer.status != 200 or not json.loads(text).get("text"):
        raise RuntimeError(f"no answer to “{question}”: {answer.status} {text[:200]!r}")
    return milliseconds
