"""Where creators' numbers are kept: DuckDB, read through Ibis expressions, written one import at a time."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators import derived, layout
from assistant.errors import BadInput, Misconfigured, Unavailable

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
    """What an import changed: rows that were not there before, and rows that were there with other values."""

    new: dict[str, int]
    changed: dict[str, int]


def parameter(name: str) -> ir.StringScalar:
    """A place in a prepared expression that is filled when it runs; cast it where it is not text."""
    return ibis.literal(f"$parameter:{name}")


class Warehouse:
    """Works, their numbers and creators' days.

    Reading goes through Ibis expressions on the tables, and is safe from any thread: every run has a cursor of its own.
    An import is one transaction, and storing the same rows twice changes nothing. `works`, `work_numbers` and
    `creator_days` are the truth; `lifetimes` and `daily_sums` are derived from them and made anew by `rebuild`.
    """

    works: ir.Table
    work_numbers: ir.Table
    creator_days: ir.Table
    lifetimes: ir.Table
    daily_sums: ir.Table

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        for name in layout.TABLES:
            setattr(self, name, layout.table(name))
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

    def store(self, batch: Batch, imported_at: datetime, dry_run: bool = False) -> Stored:
        """Keep the rows of one import in one transaction; with `dry_run` only count what would change.

        Numbers of the same key are replaced as a whole row, so that a rate never divides a new number by an old one;
        of a work's description only what the new row knows is replaced. Raises BadInput when a key occurs twice.
        """
        new: dict[str, int] = {}
        changed: dict[str, int] = {}
        with self._writing, self._transaction(keep=not dry_run) as cursor:
            for name in layout.STORED:
                rows = getattr(batch, name)
                new[name], changed[name] = _upsert(cursor, name, rows, imported_at) if rows else (0, 0)
            if not dry_run and any((*new.values(), *changed.values())):
                ids = {row["creator_id"] for name in layout.STORED for row in getattr(batch, name)}
                self._derive(cursor, pa.table({"creator_id": sorted(ids)}))
        return Stored(new, changed)

    def rebuild(self) -> None:
        """Make the derived tables anew from the stored ones, for every creator."""
        with self._writing, self._transaction(keep=True) as cursor:
            stored = " UNION ".join(f"SELECT creator_id FROM {name}" for name in (*layout.STORED, *layout.DERIVED))
            ids = [row[0] for row in cursor.execute(stored).fetchall()]
            self._derive(cursor, pa.table({"creator_id": pa.array(ids, pa.string())}))

    def close(self) -> None:
        """Write everything down and let the file go; later calls raise Unavailable."""
        with self._writing, self._opening:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _derive(self, cursor: duckdb.DuckDBPyConnection, creators: pa.Table) -> None:
        touched = ibis.table({"creator_id": "string"}, name="touched")
        cursor.register("touched", creators)
        for name, build in (("lifetimes", derived.lifetimes), ("daily_sums", derived.daily_sums)):
            cursor.execute(f"DELETE FROM {name} WHERE creator_id IN (SELECT creator_id FROM touched)")
            cursor.execute(f"INSERT INTO {name} {_prepared(build, touched)}")
        cursor.unregister("touched")

    def _run(self, sql: str, parameters: Mapping[str, object]) -> list[Row]:
        with self._cursor() as cursor:
            cursor.execute(sql, dict(parameters))
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

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
    for name, columns in layout.TABLES.items():
        declared = ", ".join(f'"{column}" {layout.SQL_TYPES[kind]}' for column, kind in columns.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({declared})")
    # From here on no query can reach files or the network, and none can take that back.
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return Warehouse(connection)


def _prepared(build: Callable[..., ir.Table], reads: "Warehouse | ir.Table") -> str:
    """The query of `build(reads)`. It depends on the declared tables only, so every warehouse shares it."""
    sql = _PREPARED.get(build)
    if sql is None:
        sql = _PREPARED[build] = _PARAMETER.sub(r"$\1", _compiled(build(reads)))
    return sql


def _compiled(expression: ir.Table) -> str:
    with _COMPILING:
        return str(ibis.to_sql(expression, dialect="duckdb"))


def _upsert(
    cursor: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Row], imported_at: datetime
) -> tuple[int, int]:
    """Merge rows into one table within the running transaction; (new, changed)."""
    columns, keys = layout.TABLES[name], layout.KEYS[name]
    if len({tuple(row.get(key) for key in keys) for row in rows}) != len(rows):
        raise BadInput(f"Two rows for {name} have the same {', '.join(keys)}; keep one of them.")
    values = {column: [row.get(column) for row in rows] for column in columns}
    if "imported_at" in columns:
        values["imported_at"] = [imported_at] * len(rows)
    schema = pa.schema([(column, _ARROW_TYPES[kind]) for column, kind in columns.items()])
    cursor.register("incoming", pa.table(values, schema=schema))
    same_key = " AND ".join(f'kept."{key}" IS NOT DISTINCT FROM incoming."{key}"' for key in keys)
    compared = [column for column in columns if column not in (*keys, "imported_at")]
    known = 'incoming."{0}" IS NOT NULL AND ' if name == "works" else ""
    differs = " OR ".join(
        f'({known.format(column)}kept."{column}" IS DISTINCT FROM incoming."{column}")' for column in compared
    )
    updated = [column for column in columns if column not in keys]
    merged = 'COALESCE(incoming."{0}", kept."{0}")' if name == "works" else 'incoming."{0}"'
    assignments = ", ".join(f'"{column}" = {merged.format(column)}' for column in updated)
    counted = cursor.execute(
        f"UPDATE {name} AS kept SET {assignments} FROM incoming WHERE {same_key} AND ({differs})"
    ).fetchone()
    added = cursor.execute(
        f"INSERT INTO {name} SELECT * FROM incoming WHERE NOT EXISTS (SELECT 1 FROM {name} AS kept WHERE {same_key})"
    ).fetchone()
    cursor.unregister("incoming")
    return (added[0] if added else 0), (counted[0] if counted else 0)
