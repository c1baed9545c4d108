"""Many conversations at once with a model that streams: 41 pieces at 25 ms, so that no chat takes less than a second.

python -m tests.benchmarks.chats [--seconds 60] [--soak MINUTES]

One in five is a demonstration creator who asks for the own numbers: each answer must be the one that this
creator got when nobody else asked. The floor is a bare FastAPI relay before the same endpoint, asked the same way in
the same run; endpoint, relay, server and those who ask share the machine. `our share` of a first sentence is what it
took beyond the time that the model took to write it. `--soak` asks with 10 at once for so long, and looks at memory and
open files.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.figures import Figure, Findings, percentile, table
from tests.benchmarks.machine import resident_mb
from tests.benchmarks.program import Running, free_port, running
from tests.benchmarks.serving import SERVE
from tests.benchmarks.streaming_endpoint import PAUSE_SECONDS, PIECES

NAME = "chats"
SECONDS = 60
FEW, MANY, SOAKING = 25, 200, 10
ENDPOINT = "tests.benchmarks.streaming_endpoint"
CREATORS = tuple(f"demo-{number:02d}" for number in range(1, 11))
OWN = "我的数据怎么样？"
GENERAL = ("2024年光合计划给多少流量？", "完播率怎么算？", "封号了怎么申诉？", "保证金要交多少？", "怎么提高完播率？")
DOCUMENT = """---
title: 第 {number} 号说明
kind: guide
source: 测试
---
## 第 {number} 号问题
第 {number} 号问题的答复是 {answer}。
"""
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Chat:
    """One chat as the one who asked saw it. `first` is the time to the first sentence in seconds, `written` what the
    model took to write that sentence; `problem` is empty when a whole answer came."""

    first: float
    whole: float
    written: float = 0.0
    problem: str = ""
    asked_again: float | None = None  # seconds after which "busy" came
    come_back: float = 2.0  # seconds after which it says to ask again


@dataclass
class Seen:
    """What came of a run."""

    chats: list[Chat] = field(default_factory=list)
    seconds: float = 0.0
    wrong: int = 0

    @property
    def answered(self) -> list[Chat]:
        return [one for one in self.chats if not one.problem]

    @property
    def per_second(self) -> float:
        return len(self.answered) / self.seconds

    @property
    def problems(self) -> Counter[str]:
        return Counter(one.problem for one in self.chats if one.problem and one.asked_again is None)


@dataclass(frozen=True)
class Person:
    """Who asks what, with which cookie; `expected` is the answer that nobody else may get, empty for knowledge."""

    question: str
    cookie: str = ""
    expected: str = ""


def run(seconds: int = SECONDS, soak: float = 0) -> Findings:
    """25 and 200 at once, a publish of 500 documents under 25, and the soak when it is asked for."""
    with tempfile.TemporaryDirectory() as name:
        home, port, relay, model = Path(name) / "home", free_port(), free_port(), free_port()
        url = f"http://127.0.0.1:{model}/v1"
        settings = {
            "HELIOTROPE_HOME": str(home),
            "HELIOTROPE_ANONYMOUS_LIMIT": "0",
            "HELIOTROPE_CHAT_MODEL": "openai:scripted",
            "OPENAI_BASE_URL": url,
            "OPENAI_API_KEY": "none",
        }
        with (
            running(["-m", ENDPOINT, "endpoint", str(model)], model),
            running(["-m", ENDPOINT, "relay", str(relay), url], relay),
            running(["-c", SERVE, "serve", "--port", str(port)], port, settings) as server,
        ):
            people = asyncio.run(_people(port))
            if soak:
                return Findings(NAME, asyncio.run(_soaked(server, people, soak * 60)))
            figures = []
            for clients in (FEW, MANY):
                bare = asyncio.run(_asked(relay, [Person(one) for one in GENERAL], clients, seconds / 4))
                ours = asyncio.run(_asked(port, people, clients, seconds))
                figures += _figures(clients, ours, bare)
            figures += asyncio.run(_publishing(home, port, people))
    return Findings(NAME, figures)


def _figures(clients: int, ours: Seen, bare: Seen) -> list[Figure]:
    shares = [one.first - one.written for one in ours.answered]
    busy = [one.asked_again for one in ours.chats if one.asked_again is not None]
    problems = ", ".join(f"{name} × {count}" for name, count in ours.problems.items())
    at_once = f"{clients} at once"
    ratio = 0.6 * bare.per_second if clients == MANY else 15
    figures = [
        Figure(
            f"{at_once}: chats a second", ours.per_second, "/s", at_least=ratio, floor=bare.per_second,
            remark=f"{len(ours.answered)} answers in {ours.seconds:.0f} s",
        ),
        Figure(f"{at_once}: a chat, p95", 1000 * percentile([one.whole for one in ours.answered], 0.95), "ms",
               floor=1000 * percentile([one.whole for one in bare.answered], 0.95)),
        Figure(f"{at_once}: our share of the first sentence, p95", 1000 * percentile(shares, 0.95), "ms",
               at_most=500 if clients == FEW else None),
        Figure(f"{at_once}: failed or broken", sum(ours.problems.values()), "", at_most=0, remark=problems),
        Figure(f"{at_once}: answers to the wrong person", ours.wrong, "", at_most=0),
    ]  # fmt: skip
    if busy:
        figures.append(Figure(f"{at_once}: told to come back, the last after", 1000 * max(busy), "ms", at_most=2000,
                              remark=f"{len(busy)} times"))  # fmt: skip
    return figures


async def _people(port: int) -> list[Person]:
    """Creators with the answer that each gets alone, and four times as many who ask about rules."""
    people = []
    for number, creator in enumerate(CREATORS):
        cookie = await _cookie(port, creator)
        await _chat(port, Person(OWN, cookie))  # what is computed first takes longer
        _, alone = await _chat(port, Person(OWN, cookie))
        people += [Person(OWN, cookie, alone), *(Person(GENERAL[(number + at) % len(GENERAL)]) for at in range(4))]
    own = [one.expected for one in people if one.expected]
    assert len(set(own)) == len(own), "the creators' answers tell them apart"
    return people


async def _asked(port: int, people: Sequence[Person], clients: int, seconds: float) -> Seen:
    """`clients` who each ask again as soon as they are answered, for so long."""
    seen, end = Seen(), time.perf_counter() + seconds
    others = {one.expected for one in people if one.expected}

    async def client(number: int) -> None:
        turn = number
        await asyncio.sleep(number * PAUSE_SECONDS % 1)  # nobody sits down at the very same moment
        while time.perf_counter() < end:
            person = people[turn % len(people)]
            chat, text = await _chat(port, person)
            seen.chats.append(chat)
            seen.wrong += bool(person.expected) and text != person.expected and text in others
            turn += 1
            if chat.asked_again is not None:
                await asyncio.sleep(chat.come_back)

    started = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(clients)))
    seen.seconds = time.perf_counter() - started
    return seen


async def _publishing(home: Path, port: int, people: Sequence[Person]) -> list[Figure]:
    """500 documents come in and are published while 25 ask."""
    before = await _asked(port, people, FEW, 20)
    documents = home.parent / "documents"
    documents.mkdir()
    for number in range(500):
        (documents / f"note-{number}.md").write_text(DOCUMENT.format(number=number, answer=number * 7), "utf-8")
    asking = asyncio.create_task(_asked(port, people, FEW, 45))
    await asyncio.sleep(2)
    started = time.perf_counter()
    for arguments in (["knowledge", "add", str(documents)], ["knowledge", "publish", "--waive", "a trial under load"]):
        process = await asyncio.create_subprocess_exec(
            *_command(arguments), env=os.environ | {"HELIOTROPE_HOME": str(home)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {said.decode()[-500:]}")
    taken = time.perf_counter() - started
    during = await asking
    failed = sum(during.problems.values())
    usual, busy = (1000 * percentile([one.whole for one in seen.answered], 0.95) for seen in (before, during))
    return [
        Figure("a chat while 500 documents are published, p95", busy, "ms", at_most=2 * usual, floor=usual,
               remark=f"published after {taken:.0f} s"),
        Figure("failed or broken meanwhile", failed, "", at_most=0, remark=str(dict(during.problems) or "")),
    ]  # fmt: skip


async def _soaked(server: Running, people: Sequence[Person], seconds: float) -> list[Figure]:
    """Memory and open files after a tenth of the time, and at the end."""
    first = await _asked(server.port, people, SOAKING, seconds / 10)
    memory, files = resident_mb(server.pid), _open_files(server.pid)
    second = await _asked(server.port, people, SOAKING, seconds * 0.9)
    problems = first.problems + second.problems
    count, growth = len(first.answered) + len(second.answered), 100 * (resident_mb(server.pid) / memory - 1)
    return [
        Figure("memory grew by", growth, "%", at_most=10, remark=f"{memory:.0f} MB after a tenth; {count} answers"),
        Figure("open files more", _open_files(server.pid) - files, "", at_most=5, remark=f"{files} after a tenth"),
        Figure("failed or broken", sum(problems.values()), "", at_most=0),
        Figure("answers to the wrong person", first.wrong + second.wrong, "", at_most=0),
    ]


async def _chat(port: int, person: Person) -> tuple[Chat, str]:
    """One question on a connection of its own, and the answer's text."""
    body = json.dumps({"text": person.question}).encode()
    head = (
        "POST /api/v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{person.cookie}\r\n"
    )
    started = time.perf_counter()
    received, first = bytearray(), 0.0
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while piece := await reader.read(65536):
                received += piece
                if not first and (b"event: sentence" in received or b'"content": "' in received):
                    first = time.perf_counter() - started
        writer.close()
    except (OSError, TimeoutError) as error:
        return Chat(first, time.perf_counter() - started, problem=type(error).__name__), ""
    return _judged(received.decode(), first, time.perf_counter() - started)


def _judged(received: str, first: float, whole: float) -> tuple[Chat, str]:
    status = received[9:12]
    if status != "200":
        told = re.search(r"^retry-after: (\d+)", received, re.M | re.I)
        if status != "429" or told is None:
            return Chat(first, whole, problem=status), ""
        return Chat(first, whole, problem=status, asked_again=whole, come_back=float(told[1])), ""
    if not received.rstrip().endswith("\r\n0"):
        return Chat(first, whole, problem="broken off"), ""
    if "[DONE]" in received:  # the relay's
        return Chat(first, whole), ""
    sentences = [json.loads(one) for one in re.findall(r"^event: sentence\s+data: (.*)$", received, re.M)]
    done = re.search(r"^event: done\s+data: (.*)$", received, re.M)
    if done is None:
        is_busy = '"status":429' in received
        return Chat(first, whole, problem="no end", asked_again=whole if is_busy else None), ""
    reply = json.loads(done[1])
    text = str(reply["text"])
    said = len(sentences[0]["text"]) if sentences else len(text)
    share = min(1.0, said / max(1, len(text)))
    problem = "" if reply["model"] != "extractive" else "answered without the model"
    return Chat(first, whole, share * PIECES * PAUSE_SECONDS, problem), text


async def _cookie(port: int, creator: str) -> str:
    """The header of a session in which a demonstration creator asks."""
    body = json.dumps({"creator": creator}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        "POST /api/v1/demonstration/session HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Origin: http://127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = (await reader.read()).decode()
    writer.close()
    cookie = re.search(r"set-cookie: ([^;\r]+)", answer, re.I)
    if cookie is None:
        raise RuntimeError(f"no session for {creator}: {answer[:300]}")
    return f"Cookie: {cookie[1]}\r\nOrigin: http://127.0.0.1\r\n"


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-c", SERVE, *arguments]


def _open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def main() -> None:
    """Measure for as long as one likes."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.chats")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of each of the two loads")
    parser.add_argument("--soak", type=float, default=0, help="minutes of the soak; nothing else is measured then")
    asked = parser.parse_args()
    print(table([run(asked.seconds, asked.soak)]))


if __name__ == "__main__":
    main()
