"""`heliotrope serve` as a process of its own, asked over HTTP."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from connectors.cli.forwarding import PATH

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-P", "-c", "from connectors.cli.main import main; main()"]
START_SECONDS = 90.0
QUESTION = "2024 年光合计划给多少流量？"
HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
held.execute("ROLLBACK")
"""


@dataclass(frozen=True)
class Ran:
    """What a command ended with and said."""

    code: int
    said: str


@dataclass
class Server:
    """A server on a home, and a client of it. `said` is what it wrote to its terminal."""

    home: Path
    process: "subprocess.Popen[str]"
    client: httpx.Client
    said: list[str] = field(default_factory=list)

    def ask(self, text: str = QUESTION, **more: Any) -> httpx.Response:
        """One question, answered whole."""
        return self.client.post("/api/v1/chat", json={"text": text}, **more)

    def run(self, *argv: str) -> "Ran":
        """A command on the same home, handed to the server as a command in a terminal does it."""
        serving = json.loads((self.home / "owner.json").read_text("utf-8"))
        command = {"argv": argv, "cwd": str(self.home.parent)}
        told = self.client.post(PATH, json=command, headers={"Authorization": f"Bearer {serving['token']}"}).json()
        return Ran(told["exit_code"], (told["stdout"] + told["stderr"]).strip())

    @property
    def log(self) -> str:
        """What stands in the log file."""
        file = self.home / "log" / "heliotrope.log"
        return file.read_text("utf-8") if file.exists() else ""

    def stop(self, seconds: float = 60) -> tuple[int, float]:
        """SIGTERM: the exit code, and how long it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds), time.monotonic() - started


@contextmanager
def serving(home: Path, before: tuple[str, ...] = (), **settings: str) -> Iterator[Server]:
    """A server on `home` that is killed in the end if it still runs; `before` stands before its command line."""
    ours = ("HELIOTROPE_", "OPENAI_", "TELEGRAM_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment = {**plain, "PYTHONPATH": str(ROOT), "HELIOTROPE_HOME": str(home), "HELIOTROPE_ANONYMOUS_LIMIT": "0"}
    environment |= settings
    process = subprocess.Popen(
        [*before, *PROGRAM, "serve", "--port", "0"],
        cwd=home.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (found := re.search(r"Chat:\s+(http\S+)/", "".join(said))):
            assert process.poll() is None, "".join(said)
            assert time.monotonic() < deadline, "".join(said)
            time.sleep(0.02)
        with httpx.Client(base_url=found[1], timeout=120) as client:
            yield Server(home, process, client, said)
    finally:
        process.kill()
        process.wait()


@contextmanager
def held_database(home: Path) -> Iterator[None]:
    """Another process holds the database of `home` while the body runs."""
    command = [sys.executable, "-c", HOLD, str(home / "heliotrope.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            yield
        finally:
            holder.communicate("now\n")
