"""What a person sees of the set-up: one line a step with its seconds, and the output of a tool only when it failed."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LAST_LINES = 40
Command = Sequence[str | Path]


class SetupFailed(Exception):
    """A step failed. The message is for the person at the terminal and says what to do."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Show that `name` is being done and, once it is, how long it took; on a terminal the seconds run."""
    started, ended = time.monotonic(), threading.Event()
    print(f"{name} … ", end="", flush=True)

    def tick() -> None:
        while not ended.wait(1.0):
            print(f"\r{name} … {time.monotonic() - started:.0f} s", end="", flush=True)

    clock = threading.Thread(target=tick, daemon=True)
    if sys.stdout.isatty():
        clock.start()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    else:
        begin = f"\r{name} … " if sys.stdout.isatty() else ""
        print(f"{begin}{time.monotonic() - started:.1f} s", flush=True)
    finally:
        ended.set()


def run(command: Command, folder: Path, environment: Mapping[str, str], advice: str) -> str:
    """Run a tool in `folder` and return what it wrote. Raises SetupFailed with `advice` and its last lines."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise SetupFailed(f"{command[0]} could not be started ({error.strerror}). {advice}") from error
    if done.returncode:
        said = "\n".join(f"    {line}" for line in done.stdout.rstrip().splitlines()[-LAST_LINES:])
        raise SetupFailed(f"{said}\n{advice}" if said else advice)
    return done.stdout
