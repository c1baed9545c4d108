"""One run of a command: its console, its services, and the way to what is asynchronous.

Commands ask here for everything (`console()`, `services()`, `wait_for()`), so the very same command runs in a terminal,
where it opens the services itself, and inside the server that owns the home, where they are open already.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from assistant.errors import Conflict
from connectors.cli import logs
from connectors.cli.console import Console

if TYPE_CHECKING:  # these take a second to import, which `--help` need not wait for
    from assistant.bootstrap import Services
    from assistant.home import OwnerLock, Serving
    from assistant.settings import Settings

T = TypeVar("T")


class Elsewhere(Exception):  # noqa: N818 - not an error: the command goes to the process that owns the home
    """Raised by `services()` before anything was done when a server owns the home."""

    def __init__(self, serving: "Serving") -> None:
        super().__init__(serving.url)
        self.serving = serving


class Session(Protocol):
    """Where a command runs."""

    console: Console

    def services(self) -> "Services":
        """The open services of the home."""
        ...

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of asynchronous work."""
        ...

    def own_home(self) -> "tuple[Settings, OwnerLock]":
        """The settings and the home's lock, for a command that must own the home. Raises Conflict when it cannot."""
        ...

    def record(self, error: Exception) -> Path | None:
        """Keep the details of an unforeseen error; returns the file that took them, if one could be written."""
        ...

    def close(self) -> None:
        """Give back what was opened."""
        ...


class ServedSession:
    """A command inside the server: everything is open; asynchronous work runs on the server's own loop."""

    def __init__(self, console: Console, services: "Services", loop: asyncio.AbstractEventLoop, url: str) -> None:
        self.console = console
        self._services = services
        self._loop = loop
        self._url = url

    def services(self) -> "Services":
        return self._services

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def own_home(self) -> "tuple[Settings, OwnerLock]":
        raise Conflict(f"Heliotrope is already running at {self._url}; stop it first.")

    def record(self, error: Exception) -> Path | None:
        logs.unforeseen(error)
        return logs.file_of(self._services.settings.home)

    def close(self) -> None:
        """The services stay the server's."""


_current: ContextVar[Session] = ContextVar("session")


@contextmanager
def running(session: Session) -> Iterator[None]:
    """Make `session` the current one, and close it at the end."""
    token = _current.set(session)
    try:
        yield
    finally:
        _current.reset(token)
        session.close()


def console() -> Console:
    """The console of the running command."""
    return _current.get().console


def services() -> "Services":
    """The services of the running command, opened on first use.

    Commands call this before they write anything: where another process owns the home, it ends the command here, and
    the whole command runs there instead.
    """
    return _current.get().services()


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """The result of asynchronous work of the running command."""
    return _current.get().wait_for(work)


def own_home() -> "tuple[Settings, OwnerLock]":
    """The settings and the home's lock, for `init` and `serve`, which must own the home themselves."""
    return _current.get().own_home()
