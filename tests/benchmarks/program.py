"""A server as a process of its own: started, awaited, watched and ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.load import is_ready

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 180.0
POLL_SECONDS = 0.01
# What would make a server another one than the default that is measured.
OF_OTHERS = ("HELIOTROPE_", "OPENAI_", "TELEGRAM_", "OMP_")


@dataclass(frozen=True)
class Running:
    """A server that answers. `ready_seconds` went by from the start of the process to the first 200 of /readyz."""

    pid: int
    port: int
    ready_seconds: float


@contextmanager
def running(arguments: Sequence[str], port: int, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Python with `arguments`, until the block is left. Raises RuntimeError when the server ends or is never ready."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OF_OTHERS)}
    environment |= {"PYTHONPATH": str(ROOT), **(settings or {})}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while not is_ready(port):
            if process.poll() is not None:
                raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode} before it was ready")
            if time.perf_counter() - started > PATIENCE_SECONDS:
                raise RuntimeError(f"{' '.join(arguments)} was not ready after {PATIENCE_SECONDS:g} s")
            time.sleep(POLL_SECONDS)
        yield Running(process.pid, port, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of the loopback interface that nobody listens at now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
