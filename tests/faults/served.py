"""What a served house does while its database is held or its disk is full, and when it is told to stop.

`python -m tests.faults.served` tries it at length, with the database held for ten seconds and a model that takes half a
minute; the tests do the same in short.
"""

import json
import os
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.faults.serving import QUESTION, Server, held_database
from tests.model_endpoint import ModelEndpoint

AT_ONCE = 8  # creators who ask while the database is held
TRUE = "2024 年光合计划给 100亿 流量。"


@dataclass
class Heard:
    """A streamed answer as its reader saw it. Moments are seconds since it was asked."""

    status: int = 0
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    first: float = 0.0
    ended: float = 0.0
    is_broken: bool = False
    begun: threading.Event = field(default_factory=threading.Event)

    @property
    def kinds(self) -> list[str]:
        """What kinds of events came."""
        return [kind for kind, _ in self.events]

    @property
    def text(self) -> str:
        """The sentences."""
        return "".join(data["text"] for kind, data in self.events if kind == "sentence")

    @property
    def thread(self) -> str:
        """The conversation that it belongs to."""
        return str(self.events[-1][1]["thread"])


def hear(server: Server, heard: Heard, text: str = QUESTION) -> Heard:
    """Read one streamed answer to its end."""
    asked = time.monotonic()
    try:
        with httpx.stream(
            "POST",
            f"{server.client.base_url}/api/v1/chat",
            json={"text": text},
            headers={"Accept": "text/event-stream"},
            timeout=60,
        ) as answer:
            heard.status = answer.status_code
            kind = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    heard.events.append((kind, json.loads(line[6:])))
                    if kind == "sentence" and not heard.first:
                        heard.first = time.monotonic() - asked
                        heard.begun.set()
    except httpx.HTTPError:
        heard.is_broken = True
    heard.ended = time.monotonic() - asked
    heard.begun.set()
    return heard


def asked_while_held(server: Server, seconds: float, at_once: int = AT_ONCE) -> tuple[float, list[Heard]]:
    """What several people hear who ask while another process holds the database: for so many seconds, and until each
    has heard a sentence. How long it was, and what they heard."""
    answers = [Heard() for _ in range(at_once)]
    with ThreadPoolExecutor(at_once) as pool:
        with held_database(server.home):
            started = time.monotonic()
            reading = [pool.submit(hear, server, heard) for heard in answers]
            for heard in answers:
                assert heard.begun.wait(14), "nothing is said while the database is held"
            time.sleep(max(0.0, seconds - (time.monotonic() - started)))
            held = time.monotonic() - started
        for one in reading:
            one.result()
    return held, answers


def is_kept(server: Server, heard: Heard) -> bool:
    """Whether the record has the answer."""
    turns = server.client.get(f"/api/v1/threads/{heard.thread}").json()["turns"]
    return [turn["question"] for turn in turns] == [QUESTION]


@dataclass
class Refused:
    """A write on a full disk: what was said, and how long it took."""

    code: int
    said: str
    seconds: float


def refused(server: Server, *argv: str) -> Refused:
    """A command that wants to write."""
    started = time.monotonic()
    ran = server.run(*argv)
    return Refused(ran.code, ran.said, time.monotonic() - started)


def writes(server: Server, folder: Path) -> dict[str, Callable[[], Refused]]:
    """Commands that need room: a draft, many texts, a release, numbers, an account."""
    draft, texts, numbers = folder / "small.md", folder / "great.md", folder / "numbers.csv"
    draft.write_text("---\nslug: small\ntitle: 小\nkind: guide\nsource: 测试\n---\n## 小\n写得很短。\n", "utf-8")
    parts = "\n\n".join(f"## 第 {part} 节\n{os.urandom(900).hex()}" for part in range(150))
    texts.write_text(f"---\nslug: great\ntitle: 大\nkind: guide\nsource: 测试\n---\n{parts}\n", "utf-8")
    rows = "".join(
        f"someone,work-{work},{os.urandom(300).hex()},2026-10-{day:02},{work + day}\n"
        for work in range(300)
        for day in (1, 2)
    )
    numbers.write_text("creator_id,work_id,title,day,play\n" + rows, "utf-8")
    return {
        "draft": lambda: refused(server, "knowledge", "add", str(draft)),
        "texts": lambda: refused(server, "knowledge", "add", str(texts)),
        "release": lambda: refused(server, "knowledge", "publish"),
        "numbers": lambda: refused(server, "metrics", "import", str(numbers)),
        "creator": lambda: refused(server, "creators", "add", "someone-new"),
    }


def complaints(server: Server) -> list[str]:
    """What is wrong with the home when there is room again; nothing should be."""
    found = []
    for name in ("heliotrope.db", "jobs.db"):
        with closing(sqlite3.connect(server.home / name)) as database:
            found += [f"{name}: {row[0]}" for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
    verified = server.run("knowledge", "verify")
    if verified.code:
        found.append(verified.said)
    return found


@dataclass
class Stopped:
    """How a server ended that was told to while it answered: exit code, seconds, and what the reader had."""

    code: int
    seconds: float
    heard: Heard


def stopped_while_answering(server: Server, endpoint: ModelEndpoint, words: int, again_after: float = 0.0) -> Stopped:
    """SIGTERM after the first sentence of an answer that goes on for `words` more (half a second each); and a second
    one after so many seconds."""
    endpoint.plays("slow", cited(TRUE + "祝你顺利。" * words), piece=1)
    heard = Heard()
    reader = threading.Thread(target=hear, args=(server, heard), daemon=True)
    reader.start()
    assert heard.begun.wait(30), "the answer does not begin"
    if again_after:
        threading.Timer(again_after, server.process.send_signal, (signal.SIGTERM,)).start()
    code, seconds = server.stop()
    reader.join(5)
    return Stopped(code, seconds, heard)


def cited(text: str) -> Callable[[str], str]:
    """Says `text` with the number of the passage about 2024 after its first sentence."""

    def said(prompt: str) -> str:
        offered = re.findall(r"^\[(\d+)\] [^\n]*\n((?:(?!\[\d+\] ).*\n?)*)", prompt, re.M)
        number = next(number for number, body in offered if "10亿元（十亿）现金加 100亿" in body)
        first, rest = text.split("。", 1)
        return f"{first}。[{number}]{rest}"

    return said
