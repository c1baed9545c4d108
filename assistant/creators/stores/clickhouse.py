"""The warehouse in ClickHouse: for billions of creator-days, shared by any number of replicas.

`clickhouse_tables` says how an import is whole or not there at all without transactions. Whoever writes waits for the
writer before; across processes the state's database decides whose turn it is (`turn`).
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from assistant.creators import imports, layout
from assistant.creators.imports import Import, Merged
from assistant.creators.stores import clickhouse_dialect, clickhouse_tables
from assistant.creators.stores.clickhouse_cursor import ClickHouseCursor, connected
from assistant.creators.stores.clickhouse_tables import (
    BEGUN,
    CHANGE,
    COUNTS,
    DERIVED_KEYS,
    FAILED,
    UNDONE,
    rows_of,
)
from assistant.creators.stores.store import Turn, listed
from assistant.errors import Unavailable

_NO_DAY = "toDate32('1900-01-01')"  # stands for a null day where keys are compared


class ClickHouseStore:
    """A ClickHouse database by address."""

    dialect = "clickhouse"

    def __init__(self, url: str, turn: Turn) -> None:
        self._turn = turn
        self._writing = threading.Lock()
        self._client: Client | None = connected(url)

    def make_tables(self) -> bool:
        """Make what is missing, and drop what a process that died left of its own."""
        with self._writing, self._turn(), self.cursor() as cursor:
            for statement in clickhouse_tables.declarations():
                cursor.run(statement)
            today = f"own_{datetime.now():%Y%m%d}"
            left = "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'own_')"
            for (name,) in cursor.execute(f"{left} AND name < ?", [today]).fetchall():
                cursor.run(f"DROP TABLE IF EXISTS {name}")
        return False

    def compiled(self, expression: ir.Table) -> str:
        """The expression in ClickHouse's SQL."""
        return clickhouse_dialect.compiled(expression)

    def prepared(self, compiled: str) -> str:
        """ClickHouse names its parameters with their types."""
        return clickhouse_dialect.prepared(compiled)

    @contextmanager
    def cursor(self) -> Iterator[ClickHouseCursor]:
        """A cursor on what counts now."""
        yield ClickHouseCursor(self._opened())

    @contextmanager
    def transaction(self, keep: bool) -> Iterator[ClickHouseCursor]:
        """Who reads sees the changes that counted at the beginning. Who writes sees its own besides, which count for
        others from one row in `changes` on."""
        if keep:
            with self._writing, self._turn():
                yield from self._change()
            return
        client = self._opened()
        (last,) = ClickHouseCursor(client).execute("SELECT max(entry) FROM changes").fetchall()[0]
        cursor = ClickHouseCursor(client, at=last)
        try:
            yield cursor
        finally:
            cursor.close()

    def _change(self) -> Iterator[ClickHouseCursor]:
        client = self._opened()
        first = ClickHouseCursor(client)
        self._clean(first)
        (change, entry) = first.execute("SELECT max(id) + 1, max(entry) + 1 FROM changes").fetchall()[0]
        self._enter(first, [{"id": change, "entry": entry, "state": BEGUN}])
        cursor = ClickHouseCursor(client, change=change)
        try:
            yield cursor
            state = "SELECT argMax(state, entry), max(entry) + 1 FROM changes WHERE id = ?"
            state, entry = first.execute(state, [change]).fetchall()[0]
            if state != BEGUN:  # the turn was lost, and another process took this one for dead
                raise Unavailable("The import took longer than the database waited for it; nothing of it was kept.")
            counts = [{"id": change, "state": COUNTS}, *cursor.entries]
            whole = {row["id"]: row for row in counts}  # an import is a change that tells more
            self._enter(first, [{**row, "entry": entry} for row in whole.values()])
        except BaseException:
            with suppress(Unavailable):
                self._clean(first)
            raise
        finally:
            cursor.close()

    def _enter(self, cursor: ClickHouseCursor, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add entries, which are seen together: ClickHouse takes the rows of one request as one block."""
        columns = dict.fromkeys(name for row in rows for name in row)
        values = ", ".join("(" + ", ".join("?" for _ in columns) + ")" for _ in rows)
        given = [row.get(name) for row in rows for name in columns]
        cursor.run(f"INSERT INTO changes ({listed(columns)}) VALUES {values}", given)

    def _clean(self, cursor: ClickHouseCursor) -> None:
        """Take out what changes wrote that were never finished. Nobody sees it, so it may wait for the next writer."""
        begun = "SELECT id, max(entry) + 1 FROM changes GROUP BY id HAVING argMax(state, entry) = ?"
        for change, entry in cursor.execute(begun, [BEGUN]).fetchall():
            for name, column in CHANGE.items():
                written = f"{rows_of(name)} WHERE {column} = {change}"
                if cursor.execute(f"SELECT 1 FROM {written} LIMIT 1").fetchall():
                    cursor.run(f"ALTER TABLE {written.replace('WHERE', 'DELETE WHERE')}")
            self._enter(cursor, [{"id": change, "entry": entry, "state": FAILED}])

    def keep(self, cursor: ClickHouseCursor, name: str, compiled: str) -> None:
        """A table of the cursor's own."""
        cursor.keep(name, compiled)

    def arrow(self, cursor: ClickHouseCursor, sql: str) -> pa.Table:
        """The rows of a query as columns."""
        return cursor.arrow(sql)

    def next_import(self, cursor: ClickHouseCursor) -> int:
        """The number of the change; a dry run has none."""
        return cursor.change

    def merge(self, cursor: ClickHouseCursor, name: str, import_id: int) -> Merged:
        """Add the rows that are not there or say otherwise than what counts."""
        columns = [column for column in layout.TABLES[name] if column != "import_id"]
        keys, incoming = layout.KEYS[name], cursor.of("incoming")
        theirs = f"SELECT * FROM {cursor.of(name)} WHERE creator_id IN (SELECT creator_id FROM {incoming})"
        both = f"FROM {incoming} AS incoming LEFT JOIN ({theirs}) AS kept ON {_same_key(name)}"
        is_new, differs = "kept.creator_id IS NULL", f"kept.creator_id IS NOT NULL AND ({_differs(name)})"
        twice = f"count() - uniqExact(({', '.join(f'incoming.{key}' for key in keys)}))"
        counted = cursor.execute(f"SELECT countIf({is_new}), countIf({differs}), {twice} {both}").fetchall()[0]
        if counted[2]:
            raise imports.twice(name)
        merged = Merged(int(counted[0]), int(counted[1]))
        if cursor.change and merged != Merged():
            values = ", ".join(
                f'coalesce(incoming."{column}", kept."{column}")'
                if name == "works" and column not in keys
                else f'incoming."{column}"'
                for column in columns
            )
            cursor.run(
                f"INSERT INTO {rows_of(name)} ({listed(columns)}, import_id) "
                f"SELECT {values}, {cursor.change} {both} WHERE ({is_new}) OR ({differs})"
            )
        return merged

    def record(self, cursor: ClickHouseCursor, row: Mapping[str, Any]) -> None:
        """Told together with the change itself."""
        cursor.entries.append({**row, "state": COUNTS})

    def imports(self, cursor: ClickHouseCursor, limit: int) -> list[Import]:
        """The recorded imports, newest first."""
        rows = cursor.execute(f"{_IMPORTS} ORDER BY id DESC LIMIT ?", [limit]).fetchall()
        return [imports.read(row) for row in rows]

    def undo(self, cursor: ClickHouseCursor, import_id: int, now: datetime, actor: str) -> tuple[Import, list[str]]:
        """What it replaced counts again as soon as it does not."""
        rows = cursor.execute(f"{_IMPORTS} HAVING id = ?", [import_id]).fetchall()
        if not rows:
            raise imports.unknown(import_id)
        undone = imports.read(rows[0])
        imports.refuse_undone(undone)
        creators: set[str] = set()
        later = 0
        for name in layout.STORED:
            ours = f"FROM {rows_of(name)} WHERE import_id = {import_id}"
            key = ", ".join(_key(name, column) for column in layout.KEYS[name])
            newest = (
                f"SELECT max(import_id) FROM {cursor.of(name)} WHERE creator_id IN (SELECT creator_id {ours}) "
                f"AND ({key}) IN (SELECT {key} {ours})"
            )
            later = max(later, cursor.execute(newest).fetchall()[0][0] or 0)
            if name != "creator_days":
                found = cursor.execute(f"SELECT DISTINCT creator_id {ours}").fetchall()
                creators.update(creator for (creator,) in found)
        if later > import_id:
            raise imports.built_on(import_id, later)
        cursor.without = import_id
        row = dict(zip(layout.IMPORTS, rows[0], strict=True))
        cursor.entries.append({**row, "undone_at": now, "undone_by": actor, "state": UNDONE})
        return undone, sorted(creators)

    def derive(self, cursor: ClickHouseCursor, name: str, compiled: str) -> None:
        """Rows of the creators in `touched` that hide the earlier ones, after empty ones for those that vanish."""
        keys, rank = listed(DERIVED_KEYS[name]), 2 * cursor.change
        before = f"SELECT {keys} FROM {cursor.of(name)} WHERE creator_id IN (SELECT creator_id FROM {{touched}})"
        cursor.run(
            f"INSERT INTO {rows_of(name)} ({keys}, change, rank, gone) SELECT *, {cursor.change}, {rank}, true "
            f"FROM ({before.format(touched=cursor.of('touched'))})"
        )
        cursor.run(
            f"INSERT INTO {rows_of(name)} ({listed(layout.TABLES[name])}, change, rank, gone) "
            f"SELECT {listed(layout.TABLES[name])}, {cursor.change}, {rank + 1}, false FROM ({compiled})"
        )

    def insert(self, cursor: ClickHouseCursor, name: str, columns: Sequence[str], compiled: str) -> None:
        """Add rows of this change."""
        cursor.run(
            f"INSERT INTO {rows_of(name)} ({listed(columns)}, change) "
            f"SELECT {listed(columns)}, {cursor.change} FROM ({compiled})"
        )

    def forget(self, cursor: ClickHouseCursor, creator_id: str) -> dict[str, int]:
        """Delete every row that ever was of a creator. One table goes after the other: who is told that it failed asks
        for it again."""
        deleted = {}
        for name in CHANGE:
            if name in layout.STORED:
                count = f"SELECT count() FROM {cursor.of(name)} WHERE creator_id = ?"
                deleted[name] = int(cursor.execute(count, [creator_id]).fetchall()[0][0])
            cursor.run(f"ALTER TABLE {rows_of(name)} DELETE WHERE creator_id = ?", [creator_id])
        emptied = ", ".join(f"{column} = {value}" for column, value in imports.FORGOTTEN.items())
        cursor.run(f"ALTER TABLE changes UPDATE {emptied} WHERE creator_id = ?", [creator_id])
        return deleted

    def tidy(self, cursor: ClickHouseCursor) -> None:
        """ClickHouse lays the rows in order by itself."""

    def close(self) -> None:
        """Let the connections go; later calls raise Unavailable."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _opened(self) -> Client:
        if self._client is None:
            raise Unavailable("The warehouse of creators' numbers is closed; start again.")
        return self._client


_IMPORTS = (
    "SELECT id, "
    + ", ".join(f'argMax(tuple("{column}"), entry).1 AS "{column}"' for column in layout.IMPORTS if column != "id")
    + f" FROM changes WHERE state IN ('{COUNTS}', '{UNDONE}') AND isNotNull(file) GROUP BY id"
)


def _key(name: str, column: str) -> str:
    """A column of a key, null only as the day of a work's totals, as something that can be compared."""
    return f"ifNull(day, {_NO_DAY})" if (name, column) == ("work_numbers", "day") else column


def _same_key(name: str) -> str:
    return " AND ".join(
        f"ifNull(incoming.day, {_NO_DAY}) = ifNull(kept.day, {_NO_DAY})"
        if (name, key) == ("work_numbers", "day")
        else f'incoming."{key}" = kept."{key}"'
        for key in layout.KEYS[name]
    )


def _differs(name: str) -> str:
    """The condition that the row `incoming` says otherwise than the row `kept`."""
    compared = [one for one in layout.TABLES[name] if one not in (*layout.KEYS[name], "imported_at", "import_id")]
    known = 'isNotNull(incoming."{0}") AND ' if name == "works" else ""
    return " OR ".join(
        f'({known.format(one)}'
        f'ifNull(kept."{one}" <> incoming."{one}", isNull(kept."{one}") <> isNull(incoming."{one}")))'
        for one in compared
    )
