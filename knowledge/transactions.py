"""How transactions are begun, on the engine that whoever opened the database handed in (see
`assistant.database.engine`, which makes these words hold)."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.dialects import postgresql, sqlite


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read: none waits for a writer, and each sees the database as it was
    when it began."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(readonly=True)
    return engine.execution_options(readonly=True, isolation_level="REPEATABLE READ", postgresql_readonly=True)


def beside(engine: Engine) -> Engine:
    """The same engine for writes that are right beside any others: inserts, upserts and updates that carry their own
    condition, and that keep rows in a steady order when they touch several. On SQLite nothing changes."""
    return engine.execution_options(beside=True)


def upsert(connection: Connection, table: Table) -> Any:
    """An insert into `table` that can say what happens on a conflict: SQLAlchemy has no common form of it, though both
    databases word it alike."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


@contextmanager
def alone(engine: Engine, work: str, wait: bool = False) -> Iterator[bool]:
    """Whether this is the only process of those on the database that does this kind of work now; with `wait` it becomes
    so. The database forgets a process that dies.

    A SQLite file belongs to one process, which is always alone.
    """
    if engine.dialect.name == "sqlite":
        yield True
        return
    key = {"key": zlib.crc32(work.encode())}
    with beside(engine).connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")  # the lock belongs to the connection
        if wait:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
            is_alone = True
        else:
            is_alone = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key))
        try:
            yield is_alone
        finally:
            if is_alone:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
