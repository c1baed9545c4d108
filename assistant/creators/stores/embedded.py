"""The warehouse in a DuckDB file of this process's own: the default, and the fastest on one machine."""

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from re import compile as pattern
from tempfile import TemporaryDirectory

import duckdb
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators import derived, layout
from assistant.creators.stores.in_place import WritesInPlace
from assistant.creators.stores.store import FULL, compiled_for
from assistant.errors import Unavailable

_NO_SPACE = os.strerror(errno.ENOSPC)
_PARAMETER = pattern(r"'\$parameter:(\w+)'")


@cache
def _daily_sums() -> str:
    return compiled_for("duckdb", derived.daily_sums("duckdb"))


class EmbeddedStore(WritesInPlace):
    """A DuckDB file. Files to import are read from `incoming` beside it, and from nowhere else."""

    dialect = "duckdb"

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection: duckdb.DuckDBPyConnection | None = duckdb.connect(str(path))
        except duckdb.IOException as error:
            raise Unavailable(
                "The warehouse {name} is in use by another process or cannot be read.",
                name=path.name,
            ) from error
        self._opening = threading.Lock()
        self._writing = threading.Lock()
        self.incoming = path.parent / "incoming"

    def make_tables(self) -> bool:
        """Make what is missing, in a file of an earlier version too. From here on no query can reach the network or
        files, except what is being imported, and none can take that back."""
        with self.cursor() as cursor:
            was_a_table = cursor.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'daily_sums'").fetchall()
            if was_a_table:
                cursor.execute("DROP TABLE daily_sums")
            known = cursor.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal")
            there = set(known.fetchall())
            for name, columns in layout.TABLES.items():
                declared = ", ".join(layout.declaration(name, column) for column in columns)
                cursor.execute(f"CREATE TABLE IF NOT EXISTS {name} ({declared})")
                for column in columns:
                    if there and (name, column) not in there:
                        added = layout.declaration(name, column)
                        cursor.execute(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {added}")
            cursor.execute(f"CREATE OR REPLACE VIEW daily_sums AS {_daily_sums()}")
            readable = str(self.incoming).replace("'", "''")
            cursor.execute(f"SET allowed_directories=['{readable}/']")
            cursor.execute("SET enable_external_access=false")
            cursor.execute("SET lock_configuration=true")
        return bool(was_a_table)

    def compiled(self, expression: ir.Table) -> str:
        """The expression in DuckDB's SQL."""
        return compiled_for(self.dialect, expression)

    def prepared(self, compiled: str) -> str:
        """DuckDB names its parameters `$name`."""
        return _PARAMETER.sub(r"$\1", compiled)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of one's own: concurrent queries on one connection fail. Raises Unavailable when the disk is
        full; what is in the file stays as it was."""
        with self._opening:
            if self._connection is None:
                raise Unavailable("The warehouse of creators' numbers is closed; start again.")
            cursor = self._connection.cursor()
        try:
            yield cursor
        except duckdb.Error as error:
            if _NO_SPACE in str(error):  # DuckDB has no code for it
                raise Unavailable(FULL) from error
            raise
        finally:
            cursor.close()

    @contextmanager
    def transaction(self, keep: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """Who writes waits for the writer before; who reads waits for nobody."""
        if keep:
            self._writing.acquire()
        try:
            with self.cursor() as cursor:
                cursor.execute("BEGIN")
                try:
                    yield cursor
                except BaseException:
                    cursor.execute("ROLLBACK")
                    raise
                cursor.execute("COMMIT" if keep else "ROLLBACK")
        finally:
            if keep:
                self._writing.release()

    def keep(self, cursor: duckdb.DuckDBPyConnection, name: str, compiled: str) -> None:
        """A temporary table is the cursor's own."""
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {compiled}")

    def arrow(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
        """The rows of a query as columns."""
        return cursor.sql(sql).to_arrow_table()

    def tidy(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Rows come in the order of the files; a creator whose days stand together is read faster."""
        cursor.execute("CREATE TEMP TABLE ordered AS FROM creator_days ORDER BY creator_id, source, day")
        cursor.execute("DELETE FROM creator_days")
        cursor.execute("INSERT INTO creator_days FROM ordered")
        cursor.execute("DROP TABLE ordered")

    def copy_to(self, path: Path) -> None:
        """Copy the file as it is at one moment, while others read and write. DuckDB may reach `incoming` alone, so the
        copy is made there."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.incoming) as folder, self.cursor() as cursor:
            made = Path(folder) / "copy.duckdb"
            (own,) = cursor.execute("SELECT current_database()").fetchone() or ("",)
            name = Path(folder).name.replace("-", "_")
            cursor.execute(f"ATTACH '{str(made).replace(chr(39), chr(39) * 2)}' AS \"{name}\"")
            try:
                cursor.execute(f'COPY FROM DATABASE "{own}" TO "{name}"')
            finally:
                cursor.execute(f'DETACH "{name}"')
            shutil.move(made, path)

    def close(self) -> None:
        """Write everything down and let the file go; later calls raise Unavailable."""
        with self._writing, self._opening:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
