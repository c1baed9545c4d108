"""The warehouse in PostgreSQL: for several replicas that share one, up to some hundred million creator-days.

The tables stand in a schema of their own, so that one database can hold the state as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ibis
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from psycopg.types.numeric import FloatLoader
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from assistant.creators import derived, layout
from assistant.creators.stores.in_place import WritesInPlace
from assistant.creators.stores.store import FULL, OF_ARROW, compiled_for, listed
from assistant.errors import Misconfigured, Unavailable

SCHEMA = "warehouse"
WRITERS = 7216  # names the advisory lock of those who write; see `assistant.database.engine` for the other one
CONNECTIONS = 20
_PARAMETER = re.compile(r"'\$parameter:(\w+)'")
# Text compares by bytes, as in DuckDB.
_TYPES = {
    "string": 'TEXT COLLATE "C"',
    "int64": "BIGINT",
    "float64": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
_ARROW_BY_OID = {
    16: pa.bool_(),
    20: pa.int64(),
    23: pa.int64(),
    25: pa.string(),
    701: pa.float64(),
    1043: pa.string(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1700: pa.float64(),
}
# What the warehouse's queries call and PostgreSQL has not: the bits of a number (it counts those of strings of bits),
# and the value at the highest rank, passing over values that are null.
_FUNCTIONS = (
    "CREATE OR REPLACE FUNCTION bit_count(bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE "
    "AS 'SELECT pg_catalog.bit_count($1::bit(64))'",
    "DO $$ BEGIN CREATE TYPE ranked AS (value double precision, rank bigint); "
    "EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    "CREATE OR REPLACE FUNCTION higher_ranked(ranked, double precision, bigint) RETURNS ranked LANGUAGE sql IMMUTABLE "
    "PARALLEL SAFE AS "
    "'SELECT CASE WHEN $2 IS NULL OR $3 IS NULL OR ($1).rank >= $3 THEN $1 ELSE ROW($2, $3)::ranked END'",
    "CREATE OR REPLACE FUNCTION ranked_value(ranked) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE "
    "AS 'SELECT ($1).value'",
    "CREATE OR REPLACE AGGREGATE arg_max(double precision, bigint) "
    "(SFUNC = higher_ranked, STYPE = ranked, FINALFUNC = ranked_value)",
)
# What is looked up: a creator's rows, and the rows of an import.
_INDEXES = {
    "works": ("creator_id, work_id", "import_id"),
    "work_numbers": ("creator_id, work_id", "import_id"),
    "creator_days": ("creator_id, source, day", "import_id"),
    "lifetimes": ("creator_id",),
    "work_sums": ("creator_id",),
    **dict.fromkeys(layout.REPLACED.values(), ("replaced_by", "import_id")),
}


class PostgresCursor:
    """A psycopg connection as the warehouse wants it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self.description: Sequence[Any] | None = None

    def execute(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> "PostgresCursor":
        """Run a statement; positional values stand for `?`."""
        if isinstance(parameters, Mapping):
            self._cursor.execute(sql.encode(), parameters or None)
        elif parameters:
            self._cursor.execute(sql.replace("%", "%%").replace("?", "%s").encode(), parameters)
        else:
            self._cursor.execute(sql.encode())
        self.description = self._cursor.description
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows, or how many a statement without rows has changed."""
        return self._cursor.fetchall() if self._cursor.description else [(self._cursor.rowcount,)]

    def register(self, name: str, rows: pa.Table) -> None:
        """A temporary table that goes with the transaction, filled by COPY, in place of an earlier one of that name."""
        columns = ", ".join(f'"{field.name}" {_TYPES[OF_ARROW[field.type]]}' for field in rows.schema)
        self.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"')
        self.execute(f'CREATE TEMP TABLE "{name}" ({columns}) ON COMMIT DROP')
        with self._cursor.copy(f'COPY "{name}" ({listed(rows.column_names)}) FROM STDIN'.encode()) as copy:
            for batch in rows.to_batches():
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)
        self.execute(f'ANALYZE "{name}"')

    def unregister(self, name: str) -> None:
        """Drop it before the transaction ends."""
        self.execute(f'DROP TABLE "{name}"')


class PostgresStore(WritesInPlace):
    """A PostgreSQL database by address; any number of processes may share it."""

    dialect = "postgres"

    def __init__(self, url: str) -> None:
        try:
            address = make_url(url).set(drivername="postgresql+psycopg")
            options = {"options": f"-c search_path={SCHEMA},pg_catalog -c jit=off", "autocommit": True}
            self._engine: Engine = create_engine(
                address, connect_args=options, pool_pre_ping=True, pool_size=5, max_overflow=CONNECTIONS - 5
            )
        except ArgumentError as error:
            raise Misconfigured(f"HELIOTROPE_WAREHOUSE_URL cannot be used: {error}") from error
        self._is_open = True

    def make_tables(self) -> bool:
        """Make what is missing, one process after the other."""
        with self.transaction(keep=True) as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            for function in _FUNCTIONS:
                cursor.execute(function)
            for name, columns in layout.TABLES.items():
                declared = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in columns.items())
                cursor.execute(f"CREATE TABLE IF NOT EXISTS {name} ({declared})")
                for column, kind in columns.items():
                    cursor.execute(f'ALTER TABLE {name} ADD COLUMN IF NOT EXISTS "{column}" {_TYPES[kind]}')
                for number, indexed in enumerate(_INDEXES.get(name, ())):
                    cursor.execute(f"CREATE INDEX IF NOT EXISTS {name}_{number} ON {name} ({indexed})")
            view = ibis.to_sql(derived.daily_sums(self.dialect), dialect=self.dialect)
            cursor.execute(f"CREATE OR REPLACE VIEW daily_sums AS {view}")
        return False

    def compiled(self, expression: ir.Table) -> str:
        """The expression in PostgreSQL's SQL."""
        return compiled_for(self.dialect, expression)

    def prepared(self, compiled: str) -> str:
        """psycopg names its parameters `%(name)s`; a percent sign of the query's own is doubled."""
        return _PARAMETER.sub(r"%(\1)s", compiled.replace("%", "%%"))

    @contextmanager
    def cursor(self) -> Iterator[PostgresCursor]:
        """A connection out of the pool. Raises Unavailable when the database does not answer, goes away or is full."""
        if not self._is_open:
            raise Unavailable("The warehouse of creators' numbers is closed; start again.")
        try:
            pooled = self._engine.raw_connection()
        except OperationalError as error:
            raise Unavailable("The warehouse does not answer: {orig}", orig=error.orig) from error
        try:
            connection = pooled.driver_connection
            assert isinstance(connection, psycopg.Connection)
            connection.adapters.register_loader("numeric", FloatLoader)
            yield PostgresCursor(connection)
        except psycopg.errors.DiskFull as error:
            raise Unavailable(FULL) from error
        except psycopg.OperationalError as error:
            raise Unavailable("The warehouse does not answer: {orig}", orig=error) from error
        finally:
            pooled.close()

    @contextmanager
    def transaction(self, keep: bool) -> Iterator[PostgresCursor]:
        """Who writes waits for the writer before, in whichever process; who reads sees the numbers of one moment."""
        with self.cursor() as cursor:
            cursor.execute("BEGIN" if keep else "BEGIN ISOLATION LEVEL REPEATABLE READ")
            try:
                if keep:
                    cursor.execute(f"SELECT pg_advisory_xact_lock({WRITERS})")
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT" if keep else "ROLLBACK")

    def keep(self, cursor: PostgresCursor, name: str, compiled: str) -> None:
        """A temporary table that goes with the transaction."""
        cursor.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"')
        cursor.execute(f'CREATE TEMP TABLE "{name}" ON COMMIT DROP AS {compiled}')
        cursor.execute(f'ANALYZE "{name}"')

    def arrow(self, cursor: PostgresCursor, sql: str) -> pa.Table:
        """The rows of a query as columns."""
        rows = cursor.execute(sql).fetchall()
        described = cursor.description or ()
        columns = [[row[place] for row in rows] for place in range(len(described))]
        schema = pa.schema([(column.name, _ARROW_BY_OID[column.type_code]) for column in described])
        return pa.table(columns, schema=schema)

    def tidy(self, cursor: PostgresCursor) -> None:
        """The index finds a creator's rows wherever they lie."""

    def close(self) -> None:
        """Let the connections go; later calls raise Unavailable."""
        self._is_open = False
        self._engine.dispose()
