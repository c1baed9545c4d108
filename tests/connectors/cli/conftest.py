"""Running commands in this process on services that are open already, and the program itself as a process."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.bootstrap import Services, open_services
from assistant.errors import Conflict
from assistant.home import Home, OwnerLock
from assistant.settings import Settings
from connectors.cli.console import Console
from connectors.cli.execution import execute
from connectors.cli.main import command_line
from tests.fakes import HashEmbedder

PROGRAM = [sys.executable, "-P", "-c", "from connectors.cli.main import main; main()"]
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ran:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said, read as JSON."""
        return json.loads(self.out)


class OpenSession:
    """A session on services that stay open after the command."""

    def __init__(self, console: Console, services: Services) -> None:
        self.console = console
        self._services = services

    def services(self) -> Services:
        return self._services

    def wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    def own_home(self) -> tuple[Settings, OwnerLock]:
        raise Conflict("These services are the test's own.")

    def record(self, error: Exception) -> Path | None:
        raise AssertionError("an unforeseen error") from error

    def close(self) -> None:
        """They stay open."""


Cli = Callable[..., Ran]


def commands_on(services: Services, cwd: Path) -> Cli:
    """Runs command lines on `services`; relative paths are below `cwd`."""
    command = command_line()

    def run(*argv: str, stdin: str = "") -> Ran:
        console = Console.in_memory(cwd, stdin)
        code = execute(command, argv, OpenSession(console, services))
        return Ran(code, *console.written())

    return run


@pytest.fixture
def house(tmp_path: Path, new_bare_home: Callable[[Path], Path]) -> Iterator[Services]:
    """The services on an empty home, with an embedder that needs no model."""
    services = open_services(Settings(home=new_bare_home(tmp_path / "home")), embedder=HashEmbedder())
    yield services
    services.close()


@pytest.fixture
def cli(house: Services, tmp_path: Path) -> Cli:
    """Commands on an empty home; relative paths are below tmp_path."""
    return commands_on(house, tmp_path)


@pytest.fixture
def starter_cli(starter: Services, tmp_path: Path) -> Cli:
    """Commands on the starter home, to read and talk in it."""
    return commands_on(starter, tmp_path)


@dataclass
class Program:
    """`heliotrope` as a process on a home of its own; without starter knowledge, unless told otherwise."""

    folder: Path

    def __post_init__(self) -> None:
        Home(self.folder / "home").is_bare = True

    def environment(self, **changes: str) -> dict[str, str]:
        """The process's environment: this repository, this home, nothing else of ours."""
        home = str(self.folder / "home")
        return {**os.environ, "PYTHONPATH": str(ROOT), "HELIOTROPE_HOME": home, **changes}

    def run(self, *argv: str, stdin: str | None = None, **changes: str) -> Ran:
        """Run to the end."""
        done = subprocess.run(
            [*PROGRAM, *argv],
            cwd=self.folder,
            env=self.environment(**changes),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *argv: str, **changes: str) -> "subprocess.Popen[str]":
        """Start, with both outputs in pipes."""
        return subprocess.Popen(
            [*PROGRAM, *argv],
            cwd=self.folder,
            env=self.environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
