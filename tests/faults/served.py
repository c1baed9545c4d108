"""What a served house does while its database is held or its disk is full, and when it is told to stop.

`python -m tests.faults.served` tries it at length, with the database held for ten seconds and a model that takes half a
minute; the tests do the same in short.
"""

import json
import os
import re
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.faults.serving import QUESTION, Server, held_database, serving
from tests.faults.small_disk import MEGABYTE, SmallDisk, size_of, small_disk
from tests.model_endpoint import ModelEndpoint, running_model_endpoint

AT_ONCE = 8  # creators who ask while the database is held
TRUE = "2024 年光合计划给 100亿 流量。"


@dataclass
class Heard:
    """A streamed answer as its reader saw it. Moments are seconds since it was asked, `asked` itself by the monotonic
    clock."""

    asked: float = 0.0
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
    asked = heard.asked = time.monotonic()
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
    has heard a sentence. When it was let go by the monotonic clock, and what they heard."""
    answers = [Heard() for _ in range(at_once)]
    with ThreadPoolExecutor(at_once) as pool:
        with held_database(server.home):
            started = time.monotonic()
            reading = [pool.submit(hear, server, heard) for heard in answers]
            for heard in answers:
                assert heard.begun.wait(60), "nothing is said while the database is held"
            time.sleep(max(0.0, seconds - (time.monotonic() - started)))
            released = time.monotonic()
        for one in reading:
            one.result()
    return released, answers


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
    assert heard.begun.wait(60), "the answer does not begin"
    if again_after:
        threading.Timer(again_after, server.process.send_signal, (signal.SIGTERM,)).start()
    code, seconds = server.stop()
    reader.join(60)
    return Stopped(code, seconds, heard)


def cited(text: str) -> Callable[[str], str]:
    """Says `text` with the number of the passage about 2024 after its first sentence."""

    def said(prompt: str) -> str:
        offered = re.findall(r"^\[(\d+)\] [^\n]*\n((?:(?!\[\d+\] ).*\n?)*)", prompt, re.M)
        number = next(number for number, body in offered if "10亿元（十亿）现金加 100亿" in body)
        first, rest = text.split("。", 1)
        return f"{first}。[{number}]{rest}"

    return said


def main() -> None:
    """All of it at length, on a starter home of its own."""
    from assistant.bootstrap import initialise, open_services
    from assistant.settings import Settings

    with tempfile.TemporaryDirectory() as name, running_model_endpoint() as endpoint:
        pristine = Path(name) / "pristine"
        services = open_services(Settings(home=pristine))
        initialise(services, empty=False, progress=lambda *_: None)
        services.close()
        model = {"HELIOTROPE_CHAT_MODEL": "openai:scripted", "OPENAI_BASE_URL": endpoint.url, "OPENAI_API_KEY": "key"}

        def home() -> Path:
            return shutil.copytree(pristine, Path(tempfile.mkdtemp(dir=name)) / "home")

        with small_disk(Path(name) / "small", size_of(pristine) // MEGABYTE + 24) as disk:
            on_disk = shutil.copytree(pristine, disk.folder / "home")
            with serving(on_disk) as server:
                _held(server, 10)
                if disk.why_not:
                    print(disk.why_not)
                else:
                    _filled(server, disk, Path(name))
        for words, again in ((4, 0.0), (50, 0.0), (50, 1.0)):
            with serving(home(), **model) as server:
                server.ask()
                stopped = stopped_while_answering(server, endpoint, words, again)
            heard = stopped.heard
            print(
                f"SIGTERM, {words / 2:.0f} s of answer left{', a second one' if again else ''}: exit {stopped.code} in "
                f"{stopped.seconds:.1f} s, the stream ends with {heard.kinds[-1]}, broken: {heard.is_broken}"
            )


def _held(server: Server, seconds: float) -> None:
    server.ask()
    released, answers = asked_while_held(server, seconds)
    kept = sum(is_kept(server, one) for one in answers)
    print(
        f"database held for {seconds} s, {len(answers)} ask: statuses {({one.status for one in answers})}, first "
        f"sentence after at most {max(one.first for one in answers):.2f} s, ended at most "
        f"{max(one.asked + one.ended - released for one in answers):.1f} s after it was let go, kept {kept}"
    )


def _filled(server: Server, disk: SmallDisk, folder: Path) -> None:
    wanted = writes(server, folder)
    wanted["draft"]()
    disk.fill()
    for kind in ("texts", "release", "numbers", "creator"):
        told = wanted[kind]()
        print(f"full disk, {kind}: exit {told.code} after {told.seconds:.2f} s: {told.said}")
    answers = [hear(server, Heard()) for _ in range(20)]
    cited = sum("100亿" in one.text and "citation" in one.kinds for one in answers)
    print(f"full disk: {cited} of {len(answers)} questions answered, at most {max(one.ended for one in answers):.2f} s")
    time.sleep(70)  # the rounds of a minute
    disk.make_room()
    print(f"room again: complaints {complaints(server)}, a release: {wanted['release']()}")
    lines = [json.loads(line) for line in server.log.splitlines()]
    told_of = Counter(f"{line['level']} {line['logger']}" for line in lines if line["level"] != "INFO")
    print(f"the log: {dict(told_of)}; the terminal: {len(server.said)} lines")


if __name__ == "__main__":
    main()
