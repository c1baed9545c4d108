"""Real servers that tests start for themselves, on ports that are free, and end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from setup import clickhouse

ROOT = Path(__file__).parents[2]


@contextmanager
def running_clickhouse() -> Iterator[str]:
    """The address of ClickHouse's engine in a process of its own (see `tests.clickhouse_server`)."""
    if not clickhouse.is_there():
        pytest.skip("ClickHouse's engine is not there: make clickhouse")
    surroundings = {**os.environ, "PYTHONPATH": str(clickhouse.FOLDER)}
    with TemporaryDirectory(prefix="heliotrope-clickhouse-") as folder:
        program = [sys.executable, "-m", "tests.clickhouse_server", folder]
        with subprocess.Popen(program, env=surroundings, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as process:  # fmt: skip
            assert process.stdout is not None
            yield process.stdout.readline().strip()
            process.kill()  # it would tidy up for long


class Chroma:
    """A Chroma server of its own on a folder, that can be stopped and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, folder: Path | None = None) -> None:
        """Start it, on another folder where one is given, and wait until it answers."""
        program = Path(sys.executable).with_name("chroma")
        given = "--path", str(folder or self._folder), "--host", "127.0.0.1", "--port", str(self.port)
        self._process = subprocess.Popen(
            [program, "run", *given], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder
        )
        for _ in range(1200):
            try:
                if httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1).status_code == 200:
                    return
            except httpx.HTTPError:
                assert self._process.poll() is None
                time.sleep(0.05)
        raise AssertionError("Chroma did not start")

    def stop(self) -> None:
        """End the process, as a machine that fails does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            self._process = None


@contextmanager
def running_chroma(folder: Path) -> Iterator[Chroma]:
    """A server that answers."""
    chroma = Chroma(folder)
    chroma.start()
    try:
        yield chroma
    finally:
        chroma.stop()
