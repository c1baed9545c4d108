"""Where creators' numbers are kept: DuckDB, read through Ibis expressions, written one import at a time."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators import derived, imports, layout
from assistant.creators.bulk import Loaded, load
from assistant.creators.imports import Import, Merged, Origin
from assistant.creators.plain import PlainFile
from assistant.errors import Misconfigured, Unavailable

Row = dict[str, Any]
# Queries by the function that builds them; filled as they are first asked for.
_PREPARED: dict[Callable[..., ir.Table], str] = {}
_COMPILING = threading.Lock()
_PARAMETER = re.compile(r"'\$parameter:(\w+)'")
_ARROW_TYPES = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


@dataclass
class Batch:
    """Rows of one import, by table; a column that a row leaves out is null. Keys are those of `layout.KEYS`."""

    works: Sequence[Row] = field(default_factory=list)
    work_numbers: Sequence[Row] = field(default_factory=list)
    creator_days: Sequence[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Stored:
    """What an import changed: rows that were not there before, and rows that were there with other values.

    `import_id` is the number under which it can be undone; None after a dry run.
    """

    new: dict[str, int]
    changed: dict[str, int]
    import_id: int | None = None


class Workbench:
    """Steps of one computation over many creators: tables that nobody else sees, beside the warehouse's own. They last
    as long as `Warehouse.workbench` is open."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def offer(self, name: str, rows: pa.Table) -> ir.Table:
        """Rows from elsewhere as a table."""
        self._cursor.register(name, rows)
        return ibis.table(ibis.schema(rows.schema), name=name)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """The rows of an expression, computed once, as a table; in place of an earlier one of that name."""
        self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {_compiled(expression)}")
        return ibis.table(expression.schema(), name=name)

    def rows(self, expression: ir.Table) -> list[Row]:
        """The rows of an expression over any of these tables."""
        return _fetched(self._cursor, _compiled(expression), {})

    def table(self, expression: ir.Table) -> pa.Table:
        """The same as columns, for results too large to be dictionaries."""
        return self._cursor.sql(_compiled(expression)).to_arrow_table()

    def insert(self, name: str, expression: ir.Table) -> int:
        """Add the rows of an expression to a table of the warehouse; returns how many."""
        columns = ", ".join(f'"{column}"' for column in expression.columns)
        return imports.number(self._cursor, f"INSERT INTO {name} ({columns}) {_compiled(expression)}")


def parameter(name: str) -> ir.StringScalar:
    """A place in a prepared expression that is filled when it runs; cast it where it is not text."""
    return ibis.literal(f"$parameter:{name}")


class Warehouse:
    """Works, their numbers and creators' days.

    Reading goes through Ibis expressions on the tables, and is safe from any thread: every run has a cursor of its own.
    An import is one transaction, storing the same rows twice changes nothing, and an import can be undone. `works`,
    `work_numbers` and `creator_days` are the truth; `lifetimes` and `daily_sums` are derived from them and made anew by
    `rebuild`.
    """

    works: ir.Table
    work_numbers: ir.Table
    creator_days: ir.Table
    lifetimes: ir.Table
    daily_sums: ir.Table
    board_rows: ir.Table

    def __init__(self, connection: duckdb.DuckDBPyConnection, incoming: Path) -> None:
        for name in (*layout.STORED, *layout.DERIVED, *layout.VIEWS, "board_rows"):
            setattr(self, name, layout.table(name))
        self._incoming = incoming
        self._connection: duckdb.DuckDBPyConnection | None = connection
        self._opening = threading.Lock()
        self._writing = threading.Lock()

    def rows(self, expression: ir.Table) -> list[Row]:
        """The rows of an Ibis expression, as dictionaries in the expression's order."""
        return self._run(_compiled(expression), {})

    def prepared_rows(self, build: Callable[["Warehouse"], ir.Table], **parameters: object) -> list[Row]:
        """The rows of `build(self)`, which is compiled once; each `parameter(name)` in it takes its value here.

        Building and compiling a wide expression costs more than running it, hence the cache. Values are bound by the
        database, never written into the query.
        """
        return self._run(_prepared(build, self), parameters)

    @contextmanager
    def workbench(self, writes: bool = False) -> Iterator[Workbench]:
        """Several steps on one state of the numbers; with `writes` what they insert stays, all of it or nothing."""
        with self._writing if writes else nullcontext(), self._transaction(keep=writes) as cursor:
            yield Workbench(cursor)

    def store(
        self, batch: Batch, imported_at: datetime, dry_run: bool = False, origin: Origin | None = None
    ) -> Stored:
        """Keep the rows of one import in one transaction; with `dry_run` only count what would change.

        See `imports.merge` for what becomes of rows that are there already. Raises BadInput when a key occurs twice.
        """
        merged: dict[str, Merged] = {}
        with self._writing, self._transaction(keep=not dry_run) as cursor:
            import_id = imports.next_import(cursor)
            for name in layout.STORED:
                rows = getattr(batch, name)
                merged[name] = Merged()
                if rows:
                    cursor.register("incoming", _as_arrow(name, rows, imported_at))
                    merged[name] = imports.merge(cursor, name, import_id)
                    cursor.unregister("incoming")
            if not dry_run:
                imports.record_import(cursor, import_id, imported_at, origin or Origin(), merged)
                if merged["works"] != Merged() or merged["work_numbers"] != Merged():
                    ids = {row["creator_id"] for rows in (batch.works, batch.work_numbers) for row in rows}
                    self._derive(cursor, pa.table({"creator_id": sorted(ids)}))
        return _stored(merged, None if dry_run else import_id)

    def load(
        self, file: PlainFile, imported_at: datetime, origin: Origin, dry_run: bool = False
    ) -> tuple[Loaded, Stored]:
        """Keep a large file in the warehouse's own columns, read by the database itself; otherwise as `store`.

        Raises BadInput when the file cannot be read so, or a creator's id in it cannot be one.
        """
        with file.offered_in(self._incoming) as path, self._writing, self._transaction(keep=not dry_run) as cursor:
            import_id = imports.next_import(cursor)
            loaded = load(cursor, file, path, import_id, imported_at)
            if not dry_run:
                whole = replace(origin, report={**origin.report, **loaded.report()})
                imports.record_import(cursor, import_id, imported_at, whole, loaded.merged)
                if loaded.has_works:
                    touched = f"SELECT creator_id FROM works WHERE import_id = {import_id} UNION "
                    touched += f"SELECT creator_id FROM work_numbers WHERE import_id = {import_id}"
                    self._derive(cursor, cursor.sql(touched).to_arrow_table())
        return loaded, _stored(loaded.merged, None if dry_run else import_id)

    def imports(self, limit: int = 50) -> list[Import]:
        """The imports so far, newest first."""
        with self._cursor() as cursor:
            return imports.recorded_imports(cursor, limit)

    def undo(self, import_id: int, now: datetime, actor: str = "") -> Import:
        """Take an import back and restore what it replaced, in one transaction. Raises NotFound or Conflict."""
        with self._writing, self._transaction(keep=True) as cursor:
            undone, creators = imports.undo(cursor, import_id, now, actor)
            self._derive(cursor, pa.table({"creator_id": pa.array(creators, pa.string())}))
        return undone

    def forget(self, creator_id: str) -> dict[str, int]:
        """Delete every number of a creator, in one transaction; returns the rows deleted by stored table.

        The imports that brought them keep their rows, without the names of files and columns.
        """
        deleted = {}
        with self._writing, self._transaction(keep=True) as cursor:
            for name in layout.TABLES:
                if name == "imports":
                    emptied = "creator_id = NULL, file = '', actor = '', report = '{}', columns = '{}'"
                    cursor.execute(f"UPDATE imports SET {emptied} WHERE creator_id = ?", [creator_id])
                else:
                    count = imports.number(cursor, f"DELETE FROM {name} WHERE creator_id = ?", [creator_id])
                    deleted.update({name: count} if name in layout.STORED else {})
        return deleted

    def rebuild(self) -> None:
        """Make the derived tables anew for every creator, and lay the creators' days in the order of their reading.

        Rows come in the order of the files; a creator whose days stand together is read faster.
        """
        with self._writing, self._transaction(keep=True) as cursor:
            cursor.execute("CREATE TEMP TABLE ordered AS FROM creator_days ORDER BY creator_id, source, day")
            cursor.execute("DELETE FROM creator_days")
            cursor.execute("INSERT INTO creator_days FROM ordered")
            cursor.execute("DROP TABLE ordered")
            named = ("works", "work_numbers", *layout.DERIVED)
            stored = " UNION ".join(f"SELECT creator_id FROM {name}" for name in named)
            self._derive(cursor, cursor.sql(stored).to_arrow_table())

    def close(self) -> None:
        """Write everything down and let the file go; later calls raise Unavailable."""
        with self._writing, self._opening:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _derive(self, cursor: duckdb.DuckDBPyConnection, creators: pa.Table) -> None:
        touched = ibis.table({"creator_id": "string"}, name="touched")
        cursor.register("touched", creators)
        for name, build in (("lifetimes", derived.lifetimes), ("work_sums", derived.work_sums)):
            cursor.execute(f"DELETE FROM {name} WHERE creator_id IN (SELECT creator_id FROM touched)")
            cursor.execute(f"INSERT INTO {name} {_prepared(build, touched)}")
        cursor.unregister("touched")

    def _run(self, sql: str, parameters: Mapping[str, object]) -> list[Row]:
        with self._cursor() as cursor:
            return _fetched(cursor, sql, parameters)

    @contextmanager
    def _transaction(self, keep: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT" if keep else "ROLLBACK")

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._opening:
            if self._connection is None:
                raise Unavailable("The warehouse of creators' numbers is closed; start again.")
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def open_warehouse(url: str, home: Path) -> Warehouse:
    """The warehouse at `url` with its tables made; without a url the DuckDB file `home/warehouse.duckdb`.

    A url is `duckdb:///path/to/file`. Raises Misconfigured for any other, Unavailable when the file is in use.
    """
    if url and not url.startswith("duckdb:///"):
        raise Misconfigured("HELIOTROPE_WAREHOUSE_URL must be duckdb:///PATH, or empty for a file in the home folder.")
    path = Path(url.removeprefix("duckdb:///")) if url else home / "warehouse.duckdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path))
    except duckdb.IOException as error:
        raise Unavailable(f"The warehouse {path.name} is in use by another process or cannot be read.") from error
    is_outdated = _make_tables(connection)
    # From here on no query can reach the network or files, except what is being imported, and none can take that back.
    incoming = path.parent / "incoming"
    connection.execute(f"SET allowed_directories=[{_quoted(str(incoming) + '/')}]")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    warehouse = Warehouse(connection, incoming)
    if is_outdated:
        warehouse.rebuild()
    return warehouse


def _make_tables(connection: duckdb.DuckDBPyConnection) -> bool:
    """Make what is missing, in a file of an earlier version too; returns whether derived tables must be made anew."""
    was_a_table = connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'daily_sums'").fetchall()
    if was_a_table:
        connection.execute("DROP TABLE daily_sums")
    known = connection.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal")
    there = set(known.fetchall())
    for name, columns in layout.TABLES.items():
        declared = ", ".join(layout.declaration(name, column) for column in columns)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({declared})")
        for column in columns:
            if there and (name, column) not in there:
                connection.execute(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {layout.declaration(name, column)}")
    connection.execute(f"CREATE OR REPLACE VIEW daily_sums AS {_compiled(derived.daily_sums())}")
    return bool(was_a_table)


def _prepared(build: Callable[..., ir.Table], reads: "Warehouse | ir.Table") -> str:
    """The query of `build(reads)`. It depends on the declared tables only, so every warehouse shares it."""
    sql = _PREPARED.get(build)
    if sql is None:
        sql = _PREPARED[build] = _PARAMETER.sub(r"$\1", _compiled(build(reads)))
    return sql


def _fetched(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> list[Row]:
    cursor.execute(sql, dict(parameters))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _compiled(expression: ir.Table) -> str:
    with _COMPILING:
        return str(ibis.to_sql(expression, dialect="duckdb"))


def _as_arrow(name: str, rows: Sequence[Row], imported_at: datetime) -> pa.Table:
    columns = layout.TABLES[name]
    values = {column: [row.get(column) for row in rows] for column in columns}
    if "imported_at" in columns:
        values["imported_at"] = [imported_at] * len(rows)
    return pa.table(values, schema=pa.schema([(column, _ARROW_TYPES[kind]) for column, kind in columns.items()]))


def _stored(merged: Mapping[str, Merged], import_id: int | None) -> Stored:
    new = {name: one.new for name, one in merged.items()}
    return Stored(new, {name: one.changed for name, one in merged.items()}, import_id)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
