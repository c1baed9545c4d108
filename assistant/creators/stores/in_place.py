"""Writing where a transaction spans several statements: rows are merged and replaced in place.

Every stored row names the import that wrote it, and what an import wrote over is kept as it was. So an import is undone
by taking its rows out and putting those back, as long as no later import has built on them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assistant.creators import imports, layout
from assistant.creators.imports import Import, Merged
from assistant.creators.stores.store import Cursor, listed


class WritesInPlace:
    """How a store with such transactions fills what `store.Store` asks of one that writes."""

    def next_import(self, cursor: Cursor) -> int:
        """The next number; they are never used again, for an undone import keeps its row."""
        return next_import(cursor)

    def merge(self, cursor: Cursor, name: str, import_id: int) -> Merged:
        """See `merge` below."""
        return merge(cursor, name, import_id)

    def record(self, cursor: Cursor, row: Mapping[str, Any]) -> None:
        """Keep what is known of an import."""
        places = ", ".join("?" for _ in row)
        cursor.execute(f"INSERT INTO imports ({listed(row)}) VALUES ({places})", list(row.values()))

    def imports(self, cursor: Cursor, limit: int) -> list[Import]:
        """The recorded imports, newest first."""
        cursor.execute(f"SELECT {listed(layout.IMPORTS)} FROM imports ORDER BY id DESC LIMIT ?", [limit])
        return [imports.read(row) for row in cursor.fetchall()]

    def undo(self, cursor: Cursor, import_id: int, now: datetime, actor: str) -> tuple[Import, list[str]]:
        """See `undo` below."""
        return undo(cursor, import_id, now, actor)

    def derive(self, cursor: Cursor, name: str, compiled: str) -> None:
        """Put what the query gives in place of the rows of the creators in `touched`."""
        cursor.execute(f"DELETE FROM {name} WHERE creator_id IN (SELECT creator_id FROM touched)")
        cursor.execute(f"INSERT INTO {name} {compiled}")

    def insert(self, cursor: Cursor, name: str, columns: Sequence[str], compiled: str) -> None:
        """Add the rows of a query."""
        cursor.execute(f"INSERT INTO {name} ({listed(columns)}) {compiled}")

    def forget(self, cursor: Cursor, creator_id: str) -> dict[str, int]:
        """Delete a creator's rows, and the names in its imports; the rows deleted by stored table."""
        deleted = {}
        for name in layout.TABLES:
            if name == "imports":
                emptied = ", ".join(f"{column} = {value}" for column, value in imports.FORGOTTEN.items())
                cursor.execute(f"UPDATE imports SET {emptied} WHERE creator_id = ?", [creator_id])
            else:
                count = number(cursor, f"DELETE FROM {name} WHERE creator_id = ?", [creator_id])
                deleted.update({name: count} if name in layout.STORED else {})
        return deleted


def next_import(cursor: Cursor) -> int:
    """The number of the import that begins now. Numbers are never used again, for an undone import keeps its row."""
    return number(cursor, "SELECT coalesce(max(id), 0) + 1 FROM imports")


def merge(cursor: Cursor, name: str, import_id: int) -> Merged:
    """Merge the relation `incoming` into one table; a column that it does not have is null.

    Numbers of the same key are replaced as a whole row, so that a rate never divides a new number by an old one; of a
    work's description only what the new row knows is replaced. Rows that say the same as before stay as they are.
    Raises BadInput when a key occurs twice.
    """
    columns, keys = layout.TABLES[name], layout.KEYS[name]
    if number(cursor, f"SELECT count(*) FROM (SELECT 1 FROM incoming GROUP BY {', '.join(keys)} HAVING count(*) > 1)"):
        raise imports.twice(name)
    changed = set_aside(cursor, name, import_id, "incoming")
    merges = name == "works"
    given = [column for column in columns if column != "import_id"]
    values = ", ".join(
        f'coalesce(incoming."{column}", was."{column}")' if merges and column not in keys else f'incoming."{column}"'
        for column in given
    )
    was = f"{same_key(name, 'was', 'incoming')} AND was.replaced_by = {import_id}"
    written = number(
        cursor,
        f"INSERT INTO {name} ({listed(given)}, import_id) SELECT {values}, {import_id} FROM incoming "
        + (f"LEFT JOIN {layout.REPLACED[name]} AS was ON {was} " if merges else "")
        + f"WHERE NOT EXISTS (SELECT 1 FROM {name} AS kept WHERE {same_key(name, 'kept', 'incoming')})",
    )
    return Merged(written - changed, changed)


def set_aside(cursor: Cursor, name: str, import_id: int, incoming: str, where: str = "true") -> int:
    """Move the rows of a table that `incoming` says otherwise to the replaced ones; returns how many."""
    condition = f"{same_key(name, 'kept', 'incoming')} AND ({_differs(name)}) AND {where}"
    columns = listed(layout.TABLES[name])
    kept = ", ".join(f'kept."{column}"' for column in layout.TABLES[name])
    cursor.execute(
        f"INSERT INTO {layout.REPLACED[name]} ({columns}, replaced_by) SELECT {kept}, {import_id} "
        f"FROM {name} AS kept JOIN {incoming} AS incoming ON {condition}"
    )
    return number(cursor, f"DELETE FROM {name} AS kept USING {incoming} AS incoming WHERE {condition}")


def undo(cursor: Cursor, import_id: int, now: datetime, actor: str) -> tuple[Import, list[str]]:
    """Take an import back; returns it and the creators of whose works something changed.

    Raises NotFound for a number that was never given, Conflict when it is undone already or a later import replaced
    some of its rows.
    """
    rows = cursor.execute(f"SELECT {listed(layout.IMPORTS)} FROM imports WHERE id = ?", [import_id]).fetchall()
    if not rows:
        raise imports.unknown(import_id)
    undone = imports.read(rows[0])
    imports.refuse_undone(undone)
    tables = " UNION ".join(f"SELECT replaced_by, import_id FROM {table}" for table in layout.REPLACED.values())
    later = number(cursor, f"SELECT coalesce(max(replaced_by), 0) FROM ({tables}) WHERE import_id = ?", [import_id])
    if later:
        raise imports.built_on(import_id, later)
    creators: set[str] = set()
    for name, target in layout.REPLACED.items():
        columns = listed(layout.TABLES[name])
        ours, theirs = f"{name} WHERE import_id = {import_id}", f"{target} WHERE replaced_by = {import_id}"
        if name != "creator_days":
            touched = f"SELECT creator_id FROM {ours} UNION SELECT creator_id FROM {theirs}"
            creators.update(one for (one,) in cursor.execute(touched).fetchall())
        cursor.execute(f"DELETE FROM {ours}")
        cursor.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {theirs}")
        cursor.execute(f"DELETE FROM {theirs}")
    cursor.execute("UPDATE imports SET undone_at = ?, undone_by = ? WHERE id = ?", [now, actor, import_id])
    return undone, sorted(creators)


def same_key(name: str, one: str, other: str) -> str:
    """The condition that two rows of a table are about the same. Only the day may be null, in a work's totals."""
    return " AND ".join(
        f'{one}."{key}" {"IS NOT DISTINCT FROM" if (name, key) == ("work_numbers", "day") else "="} {other}."{key}"'
        for key in layout.KEYS[name]
    )


def number(cursor: Cursor, sql: str, values: list[object] | None = None) -> int:
    """The one number that a statement gives: a count, or how many rows it changed."""
    rows = cursor.execute(sql, values or []).fetchall()
    return int(rows[0][0]) if rows else 0


def _differs(name: str) -> str:
    """The condition that the row `incoming` says otherwise than the row `kept`."""
    compared = [one for one in layout.TABLES[name] if one not in (*layout.KEYS[name], "imported_at", "import_id")]
    known = 'incoming."{0}" IS NOT NULL AND ' if name == "works" else ""
    return " OR ".join(f'({known.format(one)}kept."{one}" IS DISTINCT FROM incoming."{one}")' for one in compared)
