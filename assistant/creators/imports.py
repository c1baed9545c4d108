"""What is known of an import: where it came from, and what it changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assistant.creators import layout

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
