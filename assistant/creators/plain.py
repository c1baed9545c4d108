"""A large file in the warehouse's own columns, as the SQL that reads it.

It must be written plainly: whole numbers and fractions without signs, days as 2026-05-08, nothing in empty cells, CSV
in UTF-8. A row that is not is left out and named with its line, as everywhere; the many other ways of writing are read
from smaller files.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import duckdb

from assistant.creators import layout

# So many lines are named; the others are counted.
LINES_NAMED = 10_000
# Beyond this a count is a damaged cell.
LARGEST = 10**15
# What the columns of a file hold.
_ORIGIN = ("source", "definition", "imported_at", "import_id")
KINDS = {
    name: kind
    for columns in (layout.WORKS, layout.WORK_NUMBERS, layout.CREATOR_DAYS)
    for name, kind in columns.items()
    if name not in _ORIGIN
}
# What stands for a cell that cannot be read. Each is refused wherever it appears.
_UNREADABLE = {
    "BIGINT": f"{-(2**62)}",
    "DOUBLE": "'-1e300'::DOUBLE",
    "DATE": "DATE '9999-12-31'",
    "TIMESTAMP": "TIMESTAMP '9999-12-31'",
}
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_MAY_BE_NEGATIVE = frozenset({"net_follow", "net_followers"})
_MAY_EXCEED_ONE = "average_share_watched"
DESCRIPTION = ("title", "published_at", "duration_seconds", "kind", "tags")


@dataclass(frozen=True)
class PlainFile:
    """A CSV or Parquet file whose columns are those of the warehouse; `header` is all of them, in their order.

    `creator_id` is whose rows they are where the file does not say; rows of others are left out. Rows are stored under
    `source` and `definition`. Days after `today` are left out.
    """

    path: Path
    header: tuple[str, ...]
    delimiter: str
    creator_id: str | None
    today: date
    source: str
    definition: str = layout.OWN_DEFINITION

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet; otherwise it is CSV."""
        return self.path.suffix.lower() == ".parquet"

    @contextmanager
    def offered_in(self, folder: Path) -> Iterator[Path]:
        """The file under a name of its own in the one folder that the database may read from, while it is read."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        offered = folder / f"{uuid4().hex}{self.path.suffix.lower()}"
        try:
            try:
                os.link(self.path.resolve(), offered)
            except OSError:  # on another disk, or not ours to link
                shutil.copyfile(self.path, offered)
            yield offered
        finally:
            offered.unlink(missing_ok=True)


class Reading:
    """The SQL that reads a file: every column as its type, and what can be wrong with a row.

    A cell that cannot be read becomes a value that no sound cell has, so that the row is found in the table afterwards:
    a CSV file is parsed only once.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, file: PlainFile, path: Path) -> None:
        self._file = file
        self._path = quoted(str(path))
        self.has_works = "work_id" in file.header
        self.relation = self.scan()
        described = cursor.execute(f"DESCRIBE FROM {self.relation}").fetchall()
        self._types = {name: kind for name, kind, *_ in described}

    def scan(self, lines: str = "") -> str:
        """The file as a relation. `lines` names a further column that counts its rows from 1."""
        if self._file.is_parquet:
            line = f", file_row_number + 1 AS {lines}" if lines else ""
            return f"(SELECT *{line} FROM read_parquet({self._path}, file_row_number = {str(bool(lines)).lower()}))"
        kinds = ", ".join(f"{quoted(name)}: {quoted(_parsed_as(name))}" for name in self._file.header)
        line = f", row_number() OVER () AS {lines}" if lines else ""
        return (
            f"(SELECT *{line} FROM read_csv({self._path}, auto_detect = false, header = true, columns = {{{kinds}}}, "
            f"delim = {quoted(self._file.delimiter)}, quote = '\"', escape = '\"', "
            f"nullstr = '', store_rejects = true, rejects_limit = {LINES_NAMED}))"
        )

    def columns(self, names: Iterable[str]) -> str:
        """These columns of the file as their types; what the file does not have is null."""
        return ", ".join(f'{self._typed(name)} AS "{name}"' for name in names)

    def about_works(self, is_so: bool) -> str:
        """The condition that a row is about a work, or about a creator's day; and of the creator asked for."""
        work = f"{self._typed('work_id')} IS {'NOT ' if is_so else ''}NULL"
        return f"{work} AND {self.asked()}"

    def asked(self) -> str:
        """The condition that a row is of the creator asked for."""
        if self._file.creator_id is None or "creator_id" not in self._file.header:
            return "true"
        return f"{self._typed('creator_id')} = {quoted(self._file.creator_id)}"

    def _typed(self, name: str) -> str:
        if name == "creator_id" and self._file.creator_id is not None:
            given = quoted(self._file.creator_id)
            return f"coalesce(nullif(creator_id::VARCHAR, ''), {given})" if name in self._file.header else given
        kind = layout.SQL_TYPES[KINDS[name]]
        if name not in self._file.header:
            return f"NULL::{kind}"
        cell = f'"{name}"'
        if kind == "VARCHAR":
            return f"{cell}::VARCHAR" if name == "creator_id" else f"nullif(trim({cell}::VARCHAR), '')"
        is_from = self._types[name]
        if kind == is_from or (kind == "BIGINT" and is_from in _WHOLE):
            return f"{cell}::{kind}"
        if kind == "BIGINT" and is_from in ("DOUBLE", "FLOAT"):
            return f"CASE WHEN {cell} <> floor({cell}) THEN {_UNREADABLE[kind]} ELSE {cell}::BIGINT END"
        if kind == "BIGINT":
            read = f"CASE WHEN TRY_CAST({cell} AS DOUBLE) % 1 = 0 THEN TRY_CAST({cell} AS BIGINT) END"
        else:
            read = f"TRY_CAST({cell} AS {kind})"
        return f"CASE WHEN {cell} IS NOT NULL THEN coalesce({read}, {_UNREADABLE[kind]}) END"


def faults(file: PlainFile, name: str) -> list[tuple[str, str]]:
    """What can be wrong with a row of one table: a condition on its columns, and the words for it."""
    found = [("creator_id IS NULL OR creator_id = ''", "creator_id is empty")]
    if name == "creator_days":
        found.append(("day IS NULL", "has neither a work_id nor a day"))
    for column in ("day", "published_at"):
        if column in file.header and column in (*layout.TABLES[name], *(DESCRIPTION if name == "works" else ())):
            unreadable = _UNREADABLE[layout.SQL_TYPES[KINDS[column]]]
            found.append((f"{column} = {unreadable}", f"{column} is not written as 2026-05-08"))
            found.append((f"{column}::DATE > DATE '{file.today}'", f"{column} is in the future"))
    numbers = (*layout.NUMBERS, *layout.FOLLOWERS, "duration_seconds")
    for column in (one for one in numbers if one in file.header and one in layout.TABLES[name]):
        unreadable = _UNREADABLE[layout.SQL_TYPES[KINDS[column]]]
        kind = "whole number" if KINDS[column] == "int64" else "number"
        found.append((f'"{column}" = {unreadable}', f"{column} is not a plain {kind}"))
        if column not in _MAY_BE_NEGATIVE:
            found.append((f'"{column}" < 0', f"{column} is negative"))
        if column in layout.RATES and column != _MAY_EXCEED_ONE:
            found.append((f'"{column}" > 1', f"{column} is not between 0 and 1; write 0.0316"))
        found.append((f'NOT abs("{column}") <= {LARGEST}', f"{column} is not a possible number"))
    return found


def _parsed_as(name: str) -> str:
    """The type that a CSV column is parsed as. Counts are parsed as fractions: as whole numbers, 1.5 would become 2."""
    kind = KINDS.get(name, "string")
    return "DOUBLE" if kind == "int64" else layout.SQL_TYPES[kind]


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
