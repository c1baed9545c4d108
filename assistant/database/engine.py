"""Opening the SQL truth: one engine a process, SQLite by default, PostgreSQL by address; migrated before first use."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, ExceptionContext, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from assistant.errors import Misconfigured, Unavailable
from knowledge.transactions import alone, beside, reading, upsert

__all__ = ["alone", "beside", "migrate", "open_database", "reading", "upsert"]

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "head"
BUSY = "Another program holds the database, so nothing was written; try again in a moment."
FULL = "The disk of the database is full, so nothing was written; make room and try again."
BROKEN = "The database cannot be written at the moment, so nothing was changed; look at its disk and try again."
GONE = "The database does not answer, so nothing was read or written; try again in a moment."
# What SQLite's primary result codes and PostgreSQL's states mean to whoever wanted something written.
_REFUSALS = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: BROKEN,
    sqlite3.SQLITE_READONLY: BROKEN,
    sqlite3.SQLITE_CANTOPEN: BROKEN,
    "53100": FULL,
}
WRITERS = 7215  # names the advisory lock of PostgreSQL; any number that nobody else in the database uses


def open_database(url: str, revision: str = NEWEST) -> Engine:
    """An engine on `url` with the migrations applied up to `revision`. Raises Misconfigured when the address cannot be
    used."""
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    except (ArgumentError, ModuleNotFoundError) as error:
        raise Misconfigured(f"HELIOTROPE_DATABASE_URL cannot be used: {error}") from error
    event.listen(engine, "handle_error", _tell_refusals)
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine)
    else:
        _write_in_turn(engine)
    try:
        migrate(engine, revision)
    except (OperationalError, ProgrammingError) as error:
        raise Misconfigured(f"The database does not answer or cannot be migrated: {error.orig}") from error
    event.listen(engine, "handle_error", _tell_absence)
    return engine


def migrate(engine: Engine, revision: str = NEWEST) -> None:
    """Bring the schema to a revision; nothing happens when it is there already."""
    if revision == NEWEST and _revision_of(engine) == newest_revision():
        return
    from alembic import command  # half a second of a start, which most of them do not need
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def newest_revision() -> str:
    """The revision that the migrations lead to: their files begin with their numbers."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision_of(engine: Engine) -> str | None:
    """The revision that a database is at; None for a new one."""
    with reading(engine).begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _tell_refusals(context: ExceptionContext) -> None:
    """A database that is full, held by another program or on a broken disk is nobody's mistake: a sentence goes to
    whoever asked, as Unavailable."""
    error = context.original_exception
    code = getattr(error, "sqlite_errorcode", None)
    sentence = _REFUSALS.get(code & 0xFF if code is not None else getattr(error, "sqlstate", None))
    if sentence is not None:
        raise Unavailable(sentence) from error


def _tell_absence(context: ExceptionContext) -> None:
    """A server that was there at the start and goes away: a sentence, too, until it is there again. What it says itself
    comes with a state; what only its client says, such as that nobody listens, has none."""
    is_without_state = getattr(context.original_exception, "sqlstate", "") is None
    is_clients = isinstance(context.sqlalchemy_exception, OperationalError) and is_without_state
    if (context.is_disconnect or is_clients) and not context.is_pre_ping:
        raise Unavailable(GONE) from context.original_exception


def _tune_sqlite(engine: Engine) -> None:
    """WAL, enforced foreign keys, and BEGIN IMMEDIATE.

    SQLAlchemy's default begins a transaction lazily: two that read, then write, lose one of the writes without an
    error (measured: 176 of 240). BEGIN IMMEDIATE takes the write lock first and lost none. Read-only work asks for
    `reading(engine)`, which begins plainly and never waits for a writer.
    """

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        readonly = connection.get_execution_options().get("readonly", False)
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def _write_in_turn(engine: Engine) -> None:
    """PostgreSQL: transactions that write come one after the other, as in SQLite, whichever process begins them.

    Code that reads, decides and then writes is right without thinking of others. What creators do many times a second
    decides nothing from what it read and is let go side by side: see `beside`.
    """

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        options = connection.get_execution_options()
        if not (options.get("readonly") or options.get("beside")):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")
