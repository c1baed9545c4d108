"""`make cluster`: three replicas on one PostgreSQL behind a small balancer, on this machine and without Docker.

Each replica has a home folder of its own, which holds its index and nothing that cannot be made anew: state and metrics
stand in the database, files that people handed in in one folder that all share.
"""

import argparse
import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

from deploy.balancer import Balancer
from deploy.postgres import running_postgres

READY_SECONDS = 300
STOP_SECONDS = 15


class Replica:
    """One `heliotrope serve` in a process of its own."""

    def __init__(self, home: Path, port: int, surroundings: Mapping[str, str]) -> None:
        self.port = port
        self._home = home
        self._surroundings = {**surroundings, "HELIOTROPE_HOME": str(home)}
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        self._home.mkdir(parents=True, exist_ok=True)
        command = [str(Path(sys.executable).with_name("heliotrope")), "serve", "--port", str(self.port)]
        with (self._home / "output").open("ab") as output:
            return subprocess.Popen(command, env=self._surroundings, stdout=output, stderr=subprocess.STDOUT)

    def wait_until_ready(self) -> None:
        """Return when it answers. Raises RuntimeError with what it printed when it ended instead."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError(f"A replica did not start:\n{(self._home / 'output').read_text(errors='replace')[-2000:]}")

    def command(self, *arguments: str) -> str:
        """What a `heliotrope` command prints that is run where this replica lives. Raises CalledProcessError when it
        fails."""
        program = Path(sys.executable).with_name("heliotrope")
        done = subprocess.run([program, *arguments], env=self._surroundings, capture_output=True, check=True)
        return done.stdout.decode()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """Start it on the same home and port."""
        self.process = self._started()

    def stop(self) -> None:
        """Let it drain and end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def running_cluster(folder: Path, replicas: int = 3, more: Mapping[str, str] | None = None) -> Iterator[list[Replica]]:
    """Replicas that are ready, on a fresh PostgreSQL in `folder`, for as long as the block runs; `more` are settings
    for all of them."""
    with ExitStack() as stack:
        database = stack.enter_context(running_postgres(folder / "postgres")).new_database()
        surroundings = {
            **os.environ,
            "HELIOTROPE_DATABASE_URL": database,
            "HELIOTROPE_WAREHOUSE_URL": database.replace("+psycopg", ""),
            "HELIOTROPE_FILES_FOLDER": str(folder / "files"),
            "HELIOTROPE_SECRET": secrets.token_hex(32),
            **(more or {}),
        }
        started: list[Replica] = []
        for number in range(1, replicas + 1):
            replica = Replica(folder / f"replica-{number}", free_port(), surroundings)
            stack.callback(replica.stop)
            started.append(replica)
        for replica in started:
            replica.wait_until_ready()
        yield started


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run the cluster until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Three replicas, PostgreSQL and a balancer on this machine.")
    parser.add_argument("--port", type=int, default=8300, help="where the balancer listens")
    parser.add_argument("--replicas", type=int, default=3)
    given = parser.parse_args()
    folder = Path(mkdtemp(prefix="heliotrope-cluster-"))
    folder.chmod(0o755)  # PostgreSQL runs under an account of its own when this is run as root
    try:
        with running_cluster(folder, given.replicas) as replicas:
            print(f"{len(replicas)} replicas on one PostgreSQL; the balancer is at http://127.0.0.1:{given.port}/")
            for replica in replicas:
                print(f"  replica {replica.process.pid} at http://127.0.0.1:{replica.port}/")
            print(f"  everything is in {folder}; Ctrl-C stops it", flush=True)
            asyncio.run(Balancer([replica.port for replica in replicas]).serve(given.port))
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
