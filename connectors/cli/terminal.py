"""A command in a process of its own: it owns the home while it runs, and opens the services when it needs them."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.errors import Conflict, Problem
from connectors.cli import garbage, logs
from connectors.cli.console import Console
from connectors.cli.session import Elsewhere

if TYPE_CHECKING:
    from assistant.bootstrap import Services
    from assistant.home import Home, OwnerLock
    from assistant.settings import Settings

T = TypeVar("T")

PATIENCE_SECONDS = 10.0  # another command, or a server that is ending, is waited for so long
PAUSE_SECONDS = 0.1


class TerminalSession:
    """Opens on first use, closes at the end. What it imports there takes seconds, which `--help` need not wait for."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._opened = ExitStack()
        self._owned: tuple[Settings, OwnerLock] | None = None
        self._services: Services | None = None

    def services(self) -> "Services":
        """The services of the home that the environment names, initialised on first use. Raises Elsewhere."""
        if self._services is None:
            settings, _ = self._own(elsewhere=True)
            from assistant.bootstrap import initialise, open_services  # after the line that may end it: takes seconds
            from assistant.home import Home

            self._services = open_services(settings)
            self._opened.callback(self._services.close)
            initialise(self._services, Home(settings.home).is_bare, self.console.progress)
            garbage.from_now_on()
        return self._services

    def own_home(self) -> "tuple[Settings, OwnerLock]":
        """The settings and the home's lock, which stays held to the end of the command. Raises Conflict."""
        return self._own(elsewhere=False)

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of asynchronous work, on a loop of its own."""
        return asyncio.run(work)

    def record(self, error: Exception) -> Path | None:
        """Write the error to the log file of the home, where there is one that can be written."""
        from assistant.home import Home
        from assistant.settings import Settings

        try:
            settings = Settings.from_environment()
            home = Home(settings.home)
            logs.start(home.folder, settings.secrets)
        except (Problem, OSError):
            return None
        logs.unforeseen(error)
        return logs.file_of(home.folder)

    def close(self) -> None:
        """Close the services and give the home back."""
        self._opened.close()

    def _own(self, elsewhere: bool) -> "tuple[Settings, OwnerLock]":
        from assistant.home import Home
        from assistant.settings import Settings

        if self._owned is None:
            settings = Settings.from_environment()
            home = Home(settings.home)
            self._owned = settings, self._lock(home, elsewhere)
            logs.start(home.folder, settings.secrets)
        return self._owned

    def _lock(self, home: "Home", elsewhere: bool) -> "OwnerLock":
        from assistant.home import Occupied

        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._opened.enter_context(home.owner_lock())
            except Occupied as occupied:
                if occupied.serving and elsewhere:
                    raise Elsewhere(occupied.serving) from occupied
                if occupied.serving:
                    raise Conflict(
                        f"Heliotrope is already running at {occupied.serving.url}; stop it first."
                    ) from occupied
                if time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE_SECONDS)
