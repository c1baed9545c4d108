"""Where creators' numbers are kept: a store, read through Ibis expressions, written one import at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators import derived, imports, layout
from assistant.creators.bulk import Loaded, load
from assistant.creators.imports import Import, Merged, Origin
from assistant.creators.plain import PlainFile
from assistant.creators.stores.embedded import EmbeddedStore
from assistant.creators.stores.store import Cursor, Store, Turn, listed
from assistant.errors import BadInput, Misconfigured

Row = dict[str, Any]
# Queries by dialect and the function that builds them; filled as they are first asked for.
_PREPARED: dict[tuple[str, Callable[..., ir.Table]], str] = {}
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

    def __init__(self, store: Store, cursor: Cursor) -> None:
        self._store = store
        self._cursor = cursor

    def offer(self, name: str, rows: pa.Table) -> ir.Table:
        """Rows from elsewhere as a table."""
        self._cursor.register(name, rows)
        return ibis.table(ibis.schema(rows.schema), name=name)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """The rows of an expression, computed once, as a table; in place of an earlier one of that name."""
        self._store.keep(self._cursor, name, self._store.compiled(expression))
        return ibis.table(expression.schema(), name=name)

    def rows(self, expression: ir.Table) -> list[Row]:
        """The rows of an expression over any of these tables."""
        return _fetched(self._cursor.execute(self._store.compiled(expression)))

    def table(self, expression: ir.Table) -> pa.Table:
        """The same as columns, for results too large to be dictionaries."""
        return self._store.arrow(self._cursor, self._store.compiled(expression))

    def insert(self, name: str, expression: ir.Table) -> None:
        """Add the rows of an expression to a table of the warehouse that no import fills."""
        self._store.insert(self._cursor, name, expression.columns, self._store.compiled(expression))


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
    work_sums: ir.Table
    daily_sums: ir.Table
    board_rows: ir.Table

    def __init__(self, store: Store) -> None:
        for name in (*layout.STORED, *layout.DERIVED, *layout.VIEWS, "board_rows"):
            setattr(self, name, layout.table(name))
        self._store = store
        self._told: Callable[[int], object] = lambda _: None

    def rows(self, expression: ir.Table) -> list[Row]:
        """The rows of an Ibis expression, as dictionaries in the expression's order."""
        with self._store.cursor() as cursor:
            return _fetched(cursor.execute(self._store.compiled(expression)))

    def prepared_rows(self, build: Callable[["Warehouse"], ir.Table], **parameters: object) -> list[Row]:
        """The rows of `build(self)`, which is compiled once; each `parameter(name)` in it takes its value here.

        Building and compiling a wide expression costs more than running it, hence the cache. Values are bound by the
        database, never written into the query.
        """
        with self._store.cursor() as cursor:
            return _fetched(cursor.execute(self._prepared(build, self), parameters))

    @contextmanager
    def workbench(self, writes: bool = False) -> Iterator[Workbench]:
        """Several steps on one state of the numbers; with `writes` what they insert stays, all of it or nothing."""
        with self._store.transaction(keep=writes) as cursor:
            yield Workbench(self._store, cursor)

    def store(self, batch: Batch, imported_at: datetime, dry_run: bool = False, origin: Origin | None = None) -> Stored:
        """Keep the rows of one import in one transaction; with `dry_run` only count what would change.

        See `imports.merge` for what becomes of rows that are there already. Raises BadInput when a key occurs twice.
        """
        merged: dict[str, Merged] = {}
        with self._store.transaction(keep=not dry_run) as cursor:
            import_id = self._store.next_import(cursor)
            for name in layout.STORED:
                rows = getattr(batch, name)
                merged[name] = Merged()
                if rows:
                    cursor.register("incoming", _as_arrow(name, rows, imported_at))
                    merged[name] = self._store.merge(cursor, name, import_id)
                    cursor.unregister("incoming")
            if not dry_run:
                self._store.record(cursor, imports.written(import_id, imported_at, origin or Origin(), merged))
                if merged["works"] != Merged() or merged["work_numbers"] != Merged():
                    ids = {row["creator_id"] for rows in (batch.works, batch.work_numbers) for row in rows}
                    self._derive(cursor, _creators(sorted(ids)))
        return self._kept(merged, None if dry_run else import_id)

    def load(
        self, file: PlainFile, imported_at: datetime, origin: Origin, dry_run: bool = False
    ) -> tuple[Loaded, Stored]:
        """Keep a large file in the warehouse's own columns, read by DuckDB itself; otherwise as `store`.

        Raises BadInput when the file cannot be read so, or a creator's id in it cannot be one.
        """
        if isinstance(self._store, EmbeddedStore):
            return self._read(self._store, file, imported_at, origin, dry_run)
        with TemporaryDirectory(prefix="heliotrope-import-") as folder:
            staged = open_warehouse("", Path(folder))
            try:
                loaded, _ = staged.load(file, imported_at, origin)
                found = {name: staged._columns(name) for name in layout.STORED}
            finally:
                staged.close()
        merged = {}
        with self._store.transaction(keep=not dry_run) as cursor:
            import_id = self._store.next_import(cursor)
            for name, rows in found.items():
                cursor.register("incoming", rows)
                merged[name] = self._store.merge(cursor, name, import_id)
                cursor.unregister("incoming")
            if not dry_run:
                self._record(cursor, import_id, imported_at, origin, replace(loaded, merged=merged))
        return replace(loaded, merged=merged), self._kept(merged, None if dry_run else import_id)

    def _read(
        self, store: EmbeddedStore, file: PlainFile, imported_at: datetime, origin: Origin, dry_run: bool
    ) -> tuple[Loaded, Stored]:
        with file.offered_in(store.incoming) as path, store.transaction(keep=not dry_run) as cursor:
            import_id = self._store.next_import(cursor)
            loaded = load(cursor, file, path, import_id, imported_at)
            if not dry_run:
                self._record(cursor, import_id, imported_at, origin, loaded)
        return loaded, self._kept(loaded.merged, None if dry_run else import_id)

    def _record(self, cursor: Cursor, import_id: int, imported_at: datetime, origin: Origin, loaded: Loaded) -> None:
        whole = replace(origin, report={**origin.report, **loaded.report()})
        self._store.record(cursor, imports.written(import_id, imported_at, whole, loaded.merged))
        if loaded.has_works:
            brought = (table.filter(table.import_id == import_id) for table in (self.works, self.work_numbers))
            self._derive(cursor, self._store.arrow(cursor, self._store.compiled(_creators_of(*brought))))

    def _columns(self, name: str) -> pa.Table:
        """A stored table without the numbers of its imports."""
        given = [column for column in layout.TABLES[name] if column != "import_id"]
        with self._store.cursor() as cursor:
            return self._store.arrow(cursor, f"SELECT {listed(given)} FROM {name}")

    def follow(self, told: Callable[[int], object]) -> None:
        """Have `told` called with the number of every import, once it is committed."""
        self._told = told

    def creators_of(self, import_id: int) -> list[str]:
        """Whose numbers an import brought or changed."""
        parts = (f"SELECT creator_id FROM {name} WHERE import_id = {import_id:d}" for name in layout.STORED)
        with self._store.cursor() as cursor:
            return sorted(creator for (creator,) in cursor.execute(" UNION ".join(parts)).fetchall())

    def imports(self, limit: int = 50) -> list[Import]:
        """The imports so far, newest first."""
        with self._store.cursor() as cursor:
            return self._store.imports(cursor, limit)

    def undo(self, import_id: int, now: datetime, actor: str = "") -> Import:
        """Take an import back and restore what it replaced, in one transaction. Raises NotFound or Conflict."""
        with self._store.transaction(keep=True) as cursor:
            undone, creators = self._store.undo(cursor, import_id, now, actor)
            self._derive(cursor, _creators(creators))
        return undone

    def forget(self, creator_id: str) -> dict[str, int]:
        """Delete every number of a creator, in one transaction; returns the rows deleted by stored table.

        The imports that brought them keep their rows, without the names of files and columns.
        """
        with self._store.transaction(keep=True) as cursor:
            return self._store.forget(cursor, creator_id)

    def rebuild(self) -> None:
        """Make the derived tables anew for every creator, and lay the creators' days in the order of their reading."""
        with self._store.transaction(keep=True) as cursor:
            self._store.tidy(cursor)
            named = (layout.table(name) for name in ("works", "work_numbers", *layout.DERIVED))
            self._derive(cursor, self._store.arrow(cursor, self._store.compiled(_creators_of(*named))))

    def copy_to(self, path: Path) -> None:
        """Copy the embedded file as it is at one moment. Raises BadInput where the numbers are in a database server."""
        if not isinstance(self._store, EmbeddedStore):
            raise BadInput("The warehouse is a database server; back it up with that server's own tools.")
        self._store.copy_to(path)

    def close(self) -> None:
        """Write everything down and let the store go; later calls raise Unavailable."""
        self._store.close()

    def _derive(self, cursor: Cursor, creators: pa.Table) -> None:
        touched = ibis.table({"creator_id": "string"}, name="touched")
        cursor.register("touched", creators)
        for name, build in (("lifetimes", derived.lifetimes), ("work_sums", derived.work_sums)):
            self._store.derive(cursor, name, self._prepared(build, touched))
        cursor.unregister("touched")

    def _kept(self, merged: Mapping[str, Merged], import_id: int | None) -> Stored:
        if import_id is not None:
            self._told(import_id)
        return _stored(merged, import_id)

    def _prepared(self, build: Callable[..., ir.Table], reads: "Warehouse | ir.Table") -> str:
        """The query of `build(reads)`. It depends on the declared tables only, so every warehouse shares it."""
        key = (self._store.dialect, build)
        sql = _PREPARED.get(key)
        if sql is None:
            sql = _PREPARED[key] = self._store.prepared(self._store.compiled(build(reads)))
        return sql


def open_warehouse(url: str, home: Path, turn: Turn = nullcontext) -> Warehouse:
    """The warehouse at `url` with its tables made; without a url the DuckDB file `home/warehouse.duckdb`.

    A url is `duckdb:///path/to/file`, `postgresql://user:password@host/database` or
    `clickhouse://user:password@host:8123/database` (`clickhouses` over TLS). `turn` is for ClickHouse, which has no
    locks: while it is held no other process writes to this warehouse. Raises Misconfigured for any other url,
    Unavailable when the file is in use or the database does not answer.
    """
    store: Store
    if url.startswith("postgresql:"):
        from assistant.creators.stores.postgres import PostgresStore  # clients take a while to load

        store = PostgresStore(url)
    elif url.partition("://")[0] in ("clickhouse", "clickhouses", "http", "https"):
        from assistant.creators.stores.clickhouse import ClickHouseStore

        store = ClickHouseStore(url, turn)
    elif url and not url.startswith("duckdb:///"):
        raise Misconfigured(
            "HELIOTROPE_WAREHOUSE_URL must be duckdb:///PATH, postgresql://… or clickhouse://…, or empty for a file in "
            "the home folder."
        )
    else:
        store = EmbeddedStore(Path(url.removeprefix("duckdb:///")) if url else home / "warehouse.duckdb")
    is_outdated = store.make_tables()
    warehouse = Warehouse(store)
    if is_outdated:
        warehouse.rebuild()
    return warehouse


def _fetched(cursor: Cursor) -> list[Row]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _creators_of(*tables: ir.Table) -> ir.Table:
    """Everybody who has rows in any of the tables."""
    return ibis.union(*(table.select("creator_id") for table in tables), distinct=True)


def _creators(ids: Sequence[str]) -> pa.Table:
    return pa.table({"creator_id": pa.array(ids, pa.string())})


def _as_arrow(name: str, rows: Sequence[Row], imported_at: datetime) -> pa.Table:
    columns = layout.TABLES[name]
    values = {column: [row.get(column) for row in rows] for column in columns}
    if "imported_at" in columns:
        values["imported_at"] = [imported_at] * len(rows)
    return pa.table(values, schema=pa.schema([(column, _ARROW_TYPES[kind]) for column, kind in columns.items()]))


def _stored(merged: Mapping[str, Merged], import_id: int | None) -> Stored:
    new = {name: one.new for name, one in merged.items()}
    return Stored(new, {name: one.changed for name, one in merged.items()}, import_id)
