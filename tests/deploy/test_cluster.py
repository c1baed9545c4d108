"""Three replicas on one PostgreSQL, as `make cluster` starts them: any of them may die, and nobody's answer suffers."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from deploy.balancer import Balancer
from deploy.cluster import Replica, free_port, running_cluster

pytestmark = pytest.mark.cluster
QUESTION = "2024年光合计划给多少流量？"
RULE = "---\nslug: pk-rules\nkind: guide\ntitle: 连麦\nsource: 测试来源\n---\n## 每天能连麦几次\n每天最多连麦{}次。\n"
FOLLOWED_SECONDS = 60  # a second on an idle machine; opening a release takes longer beside other work


@pytest.fixture(scope="module")
def replicas() -> Iterator[list[Replica]]:
    with TemporaryDirectory(prefix="heliotrope-cluster-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL has an account of its own when the tests run as root
        with running_cluster(Path(folder), more={"HELIOTROPE_ANONYMOUS_LIMIT": "0"}) as started:
            yield started


@pytest.fixture(scope="module")
def address(replicas: list[Replica]) -> Iterator[str]:
    """Where the balancer listens."""
    port, loop, ready = free_port(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listening = asyncio.Event()
        serving = asyncio.create_task(Balancer([replica.port for replica in replicas]).serve(port, listening))
        await listening.wait()
        ready.set()
        await serving

    running = loop.create_task(serve())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait({running})), daemon=True)
    thread.start()
    assert ready.wait(60)
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(running.cancel)
    thread.join(60)


def _ask(address: str, text: str, token: str = "", thread: str = "") -> dict:
    """The answer, asked once more when the connection broke: what a client does of itself."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"text": text, "thread": thread} if thread else {"text": text}
    for attempt in range(2):
        try:
            answer = httpx.post(f"{address}/api/v1/chat", json=body, headers=headers, timeout=60)
        except httpx.TransportError:
            if attempt:
                raise
        else:
            assert answer.status_code == 200, answer.text
            return answer.json()
    raise AssertionError("not reached")


def test_a_session_and_a_conversation_go_on_at_any_replica(replicas: list[Replica]):
    token = json.loads(replicas[0].command("creators", "token", "demo-03", "--json"))["token"]
    thread = ""
    for replica, question in zip(replicas, ("我现在有多少粉丝", "那最近28天呢", "完播率怎么算"), strict=True):
        answer = _ask(f"http://127.0.0.1:{replica.port}", question, token, thread)
        thread = thread or answer["thread"]
        assert answer["thread"] == thread
    kept = httpx.get(
        f"http://127.0.0.1:{replicas[0].port}/api/v1/threads/{thread}", headers={"Authorization": f"Bearer {token}"}
    )
    assert len(kept.json()["turns"]) == 3


def test_a_replica_is_killed_under_questions_and_nobody_notices(replicas: list[Replica], address: str):
    answers: list[dict] = []
    stop = threading.Event()

    def ask_on() -> None:
        while not stop.is_set():
            answers.append(_ask(address, QUESTION))

    askers = [threading.Thread(target=ask_on) for _ in range(4)]
    for one in askers:
        one.start()
    while len(answers) < 8:
        time.sleep(0.05)
    replicas[1].kill()
    before = len(answers)
    while len(answers) < before + 8:
        time.sleep(0.05)
    stop.set()
    for one in askers:
        one.join(60)
        assert not one.is_alive()
    assert all("100亿" in answer["text"] for answer in answers)
    replicas[1].start_again()
    replicas[1].wait_until_ready()
    assert "100亿" in _ask(f"http://127.0.0.1:{replicas[1].port}", QUESTION)["text"]


def _served(replica: Replica) -> int:
    return int(_ask(f"http://127.0.0.1:{replica.port}", "每天能连麦几次")["release"])


def _wait_for(replicas: list[Replica], release: int) -> None:
    deadline = time.monotonic() + FOLLOWED_SECONDS
    while {_served(replica) for replica in replicas} != {release}:
        assert time.monotonic() < deadline, f"release {release} is not served everywhere"
        time.sleep(0.2)


def test_one_publishes_and_dies_the_others_serve_it(replicas: list[Replica], tmp_path: Path):
    first = _served(replicas[0])
    for number, times in enumerate(("三", "五"), 1):
        (tmp_path / "pk.md").write_text(RULE.format(times), "utf-8")
        replicas[0].command("knowledge", "add", str(tmp_path / "pk.md"))
        replicas[0].command("knowledge", "publish")
        if number == 2:
            replicas[0].kill()
        _wait_for(replicas[1:], first + number)
    assert "五次" in _ask(f"http://127.0.0.1:{replicas[2].port}", "每天能连麦几次")["text"]
    replicas[1].command("knowledge", "rollback", str(first + 1))
    replicas[0].start_again()
    replicas[0].wait_until_ready()
    _wait_for(replicas, first + 1)
    assert "三次" in _ask(f"http://127.0.0.1:{replicas[0].port}", "每天能连麦几次")["text"]
