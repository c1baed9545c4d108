"""Writing to the warehouse within one transaction: merging rows, recording the import, and undoing it.

Every stored row names the import that wrote it, and what an import wrote over is kept as it was. So an import is undone
by taking its rows out and putting those back, as long as no later import has built on them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assistant.creators import layout
from assistant.creators.stores.store import Cursor, listed
from assistant.errors import BadInput, Conflict, NotFound


@dataclass(frozen=True)
class Origin:
    """Where an import comes from; kept as long as its numbers are.

    `columns` says of each field which column of the file filled it and what that column means; `report` is what was
    read and left out. Both are plain JSON.
    """

    file: str = ""
    preset: str = ""
    definition: str = ""
    creator_id: str | None = None
    actor: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Import:
    """A recorded import. `new` and `changed` count rows of numbers; `undone_at` is None while it is in force."""

    id: int
    imported_at: datetime
    file: str
    preset: str
    definition: str
    creator_id: str | None
    actor: str
    new: int
    changed: int
    report: dict[str, Any]
    columns: dict[str, Any]
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True)
class Merged:
    """What merging rows into one table did."""

    new: int = 0
    changed: int = 0


def next_import(cursor: Cursor) -> int:
    """The number of the import that begins now. Numbers are never used again, for an undone import keeps its row."""
    return number(cursor, "SELECT coalesce(max(id), 0) + 1 FROM imports")


def record_import(
    cursor: Cursor,
    import_id: int,
    imported_at: datetime,
    origin: Origin,
    merged: Mapping[str, Merged],
) -> None:
    """Keep what is known of an import."""
    numbers = [merged[name] for name in ("work_numbers", "creator_days")]
    values = {
        "id": import_id,
        "imported_at": imported_at,
        "file": origin.file,
        "preset": origin.preset,
        "definition": origin.definition,
        "creator_id": origin.creator_id,
        "actor": origin.actor,
        "new": sum(one.new for one in numbers),
        "changed": sum(one.changed for one in numbers),
        "report": json.dumps(origin.report, ensure_ascii=False, default=str),
        "columns": json.dumps(origin.columns, ensure_ascii=False),
    }
    places = ", ".join("?" for _ in values)
    cursor.execute(f"INSERT INTO imports ({listed(values)}) VALUES ({places})", list(values.values()))


def recorded_imports(cursor: Cursor, limit: int) -> list[Import]:
    """The recorded imports, newest first."""
    cursor.execute(f"SELECT {listed(layout.IMPORTS)} FROM imports ORDER BY id DESC LIMIT ?", [limit])
    return [_import(row) for row in cursor.fetchall()]


def merge(cursor: Cursor, name: str, import_id: int) -> Merged:
    """Merge the relation `incoming` into one table; a column that it does not have is null.

    Numbers of the same key are replaced as a whole row, so that a rate never divides a new number by an old one; of a
    work's description only what the new row knows is replaced. Rows that say the same as before stay as they are.
    Raises BadInput when a key occurs twice.
    """
    columns, keys = layout.TABLES[name], layout.KEYS[name]
    if number(cursor, f"SELECT count(*) FROM (SELECT 1 FROM incoming GROUP BY {', '.join(keys)} HAVING count(*) > 1)"):
        raise BadInput("Two rows for {name} have the same {known}; keep one of them.", name=name, known=", ".join(keys))
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
        raise NotFound("There is no import {import_id}; `heliotrope metrics imports` lists them.", import_id=import_id)
    undone = _import(rows[0])
    if undone.undone_at is not None:
        raise Conflict("Import {import_id} ({file}) is undone already.", import_id=import_id, file=undone.file)
    tables = " UNION ".join(f"SELECT replaced_by, import_id FROM {table}" for table in layout.REPLACED.values())
    later = number(cursor, f"SELECT coalesce(max(replaced_by), 0) FROM ({tables}) WHERE import_id = ?", [import_id])
    if later:
        raise Conflict(
            "Import {later} changed numbers of import {import_id} later; undo {later} first.",
            later=later, import_id=import_id,
        )
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


def _import(row: tuple[Any, ...]) -> Import:
    values = dict(zip(layout.IMPORTS, row, strict=True))
    return Import(**{**values, "report": json.loads(values["report"]), "columns": json.loads(values["columns"])})
