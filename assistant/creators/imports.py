"""What is known of an import: where it came from, and what it changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assistant.creators import layout
from assistant.errors import BadInput, Conflict, NotFound

# What becomes of the names in the imports of somebody whose numbers are deleted, as SQL.
FORGOTTEN = {"creator_id": "NULL", "file": "''", "actor": "''", "report": "'{}'", "columns": "'{}'"}


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


def written(import_id: int, imported_at: datetime, origin: Origin, merged: Mapping[str, Merged]) -> dict[str, Any]:
    """An import's row in the table of imports, without how it was undone."""
    numbers = [merged[name] for name in ("work_numbers", "creator_days")]
    return {
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


def read(row: Sequence[Any]) -> Import:
    """An import out of its row, whose columns are those of `layout.IMPORTS`."""
    values = dict(zip(layout.IMPORTS, row, strict=True))
    return Import(**{**values, "report": json.loads(values["report"]), "columns": json.loads(values["columns"])})


def twice(name: str) -> BadInput:
    """The refusal of rows of which two are about the same."""
    known = ", ".join(layout.KEYS[name])
    return BadInput("Two rows for {name} have the same {known}; keep one of them.", name=name, known=known)


def unknown(import_id: int) -> NotFound:
    """The refusal of a number that no import has."""
    return NotFound("There is no import {import_id}; `heliotrope metrics imports` lists them.", import_id=import_id)


def refuse_undone(one: Import) -> None:
    """Raises Conflict for an import that is undone already."""
    if one.undone_at is not None:
        raise Conflict("Import {import_id} ({file}) is undone already.", import_id=one.id, file=one.file)


def built_on(import_id: int, later: int) -> Conflict:
    """The refusal to undo an import whose rows a later one changed."""
    return Conflict(
        "Import {later} changed numbers of import {import_id} later; undo {later} first.",
        later=later, import_id=import_id,
    )
