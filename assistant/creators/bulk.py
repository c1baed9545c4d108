"""A large file in the warehouse's own columns, brought in by the database itself: no row passes through Python.

The rows are written first and checked where they then stand, which is much faster than looking at them on the way;
what is not sound, repeats another row or says nothing new is taken out again within the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from assistant.creators import layout
from assistant.creators.imports import Merged
from assistant.creators.plain import DESCRIPTION, KINDS, LINES_NAMED, PlainFile, Reading, faults, quoted
from assistant.creators.stores.in_place import merge, number, same_key, set_aside
from assistant.errors import BadInput

LONGEST_ID = 64
# So many rows show in which order the others are.
_LOOKED_AT = 50_000
# Of so many days the seen ones fit the bits of one number.
_DAYS_IN_A_MASK = 120


@dataclass
class Loaded:
    """What a file brought: rows read, rows left out by line, sums of what was taken, and how the tables changed.

    `others` counts rows of other creators than the one asked for, `unnamed` those left out beyond the lines named.
    """

    read: int = 0
    works: int = 0
    days: int = 0
    others: int = 0
    unnamed: int = 0
    undated: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)
    totals: dict[str, float] = field(default_factory=dict)
    merged: dict[str, Merged] = field(default_factory=dict)

    @property
    def has_works(self) -> bool:
        """Whether anything about works changed."""
        return any(self.merged[name] != Merged() for name in ("works", "work_numbers"))

    def report(self) -> Mapping[str, object]:
        """What is kept of it with the import."""
        return {
            "read": self.read,
            "skipped": [{"line": line, "reason": reason} for line, reason in self.skipped],
            "works": self.works,
            "days": self.days,
            "totals": self.totals,
        }


def load(
    cursor: duckdb.DuckDBPyConnection, file: PlainFile, path: Path, import_id: int, imported_at: datetime
) -> Loaded:
    """Read `path` into the tables within the running transaction. Raises BadInput when it cannot be read."""
    try:
        return _load(cursor, file, Reading(cursor, file, path), import_id, imported_at)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        first = str(error).splitlines()[0].replace(str(path), file.path.name)
        raise BadInput("{name} cannot be read: {first}", name=file.path.name, first=first) from error


def _load(
    cursor: duckdb.DuckDBPyConnection, file: PlainFile, reading: Reading, import_id: int, imported_at: datetime
) -> Loaded:
    loaded = Loaded(merged=dict.fromkeys(layout.STORED, Merged()))
    if reading.has_works and not file.is_parquet:  # it is read several times, and parsing is what takes long
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE parsed AS FROM {reading.relation}")
        reading.relation = "parsed"
    origin = f"{quoted(file.source)} AS source, {quoted(file.definition)} AS definition, " \
             f"TIMESTAMP '{imported_at}' AS imported_at, {import_id}::BIGINT AS import_id"  # fmt: skip
    order = _order(cursor, reading)
    left_out = 0
    for name in ("work_numbers", "creator_days") if reading.has_works else ("creator_days",):
        given = {*file.header, *layout.KEYS[name]} & KINDS.keys()  # the others are left out: to write nulls takes time
        columns = reading.columns(one for one in layout.TABLES[name] if one in given)
        writing = f"INSERT INTO {name} BY NAME SELECT {columns}, {origin} FROM {{}} "
        writing += f"WHERE {reading.about_works(name == 'work_numbers')} {{}}"
        faulty = " OR ".join(condition for condition, _ in faults(file, name))
        taking_out = f"DELETE FROM {name} WHERE import_id = {import_id} AND ({faulty})"
        written = number(cursor, writing.format(reading.relation, order))
        faulted = number(cursor, taking_out)
        repeating = _repeating(cursor, file, name, import_id)
        if repeating and order:  # sorting mixed up which came first in the file; to know it costs a second reading
            number(cursor, f"DELETE FROM {name} WHERE import_id = {import_id}")
            numbered = "rowid" if reading.relation == "parsed" else "line"
            relation = reading.relation if reading.relation == "parsed" else reading.scan("line")
            number(cursor, writing.format(relation, f"{order}, {numbered}"))
            number(cursor, taking_out)
        repeats = _without_repeats(cursor, name, import_id, repeating) if repeating else 0
        loaded.read += written
        left_out += faulted + repeats
        _add_up(cursor, file, name, import_id, loaded)
        unchanged, changed = _reconciled(cursor, name, import_id)
        loaded.merged[name] = Merged(written - faulted - repeats - unchanged - changed, changed)
    if reading.has_works:
        _describe_works(cursor, file, reading, import_id, loaded)
    if reading.asked() != "true":
        loaded.others = number(cursor, f"SELECT count(*) FROM {reading.relation} WHERE ({reading.asked()}) IS NOT TRUE")
    rejected = [] if file.is_parquet else _rejected(cursor)
    loaded.read += loaded.others + len(rejected)
    if left_out:
        _name_lines(cursor, file, reading, rejected, loaded)
    loaded.skipped = sorted([*loaded.skipped, *rejected])
    loaded.unnamed = left_out + len(rejected) - len(loaded.skipped)
    cursor.execute("DROP TABLE IF EXISTS parsed")
    return loaded


def _order(cursor: duckdb.DuckDBPyConnection, reading: Reading) -> str:
    """How the rows are sorted on the way in: not at all when a creator's rows come together.

    A creator's figures are read from the few blocks that hold the rows; scattered over the whole table they take five
    times as long. What the beginning of the file shows is taken for the rest: it decides about speed only.
    """
    together = cursor.execute(
        "SELECT bool_and(creator_id >= before) AND count(DISTINCT creator_id) < count(*) "
        "FROM (SELECT creator_id, lag(creator_id) OVER () AS before "
        f"FROM (SELECT {reading.columns(['creator_id'])} FROM {reading.relation} LIMIT {_LOOKED_AT}))"
    ).fetchall()[0][0]
    return "" if together else "ORDER BY creator_id, day"


def _repeating(cursor: duckdb.DuckDBPyConnection, file: PlainFile, name: str, import_id: int) -> str:
    """The condition on the import's rows that may repeat one another; empty when none do.

    Comparing every key of a large file takes long, so of creators' days it is asked whether any creator has fewer
    different days than rows. Raises BadInput for an impossible creator.
    """
    ours = f"{name} WHERE import_id = {import_id}"
    ((first, last),) = cursor.execute(f"SELECT min(day), max(day) FROM {ours}").fetchall()
    fits = name == "creator_days" and first is not None and (last - first).days < _DAYS_IN_A_MASK
    days = f"bit_count(bit_or(1::HUGEINT << (day - DATE '{first}')::INTEGER))" if fits else "NULL"
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE creators AS SELECT creator_id, count(*) IS DISTINCT FROM {days} AS repeats "
        f"FROM {ours} GROUP BY creator_id"
    )
    odd = cursor.execute(
        f"SELECT creator_id FROM creators WHERE length(creator_id) > {LONGEST_ID} OR creator_id <> trim(creator_id) "
        "OR regexp_matches(creator_id, '[[:cntrl:]]') LIMIT 1"
    ).fetchall()
    if odd:
        raise BadInput(
            "{name}: a creator's id must be 1 to {longest_id} printable characters without spaces around; {id!r} "
            "is not.",
            name=file.path.name, longest_id=LONGEST_ID, id=odd[0][0][:80],
        )
    suspects = "creator_id IN (SELECT creator_id FROM creators WHERE repeats)"
    key = ", ".join(layout.KEYS[name])
    repeated = f"SELECT 1 FROM {ours} AND {suspects} GROUP BY {key} HAVING count(*) > 1 LIMIT 1"
    return suspects if number(cursor, f"SELECT count(*) FROM ({repeated})") else ""


def _without_repeats(cursor: duckdb.DuckDBPyConnection, name: str, import_id: int, repeating: str) -> int:
    """Take out all but the first row of every key; returns how many went."""
    ours = f"{name} WHERE import_id = {import_id} AND {repeating}"
    first = f"SELECT min(rowid) FROM {ours} GROUP BY {', '.join(layout.KEYS[name])}"
    return number(cursor, f"DELETE FROM {ours} AND rowid NOT IN ({first})")


def _reconciled(cursor: duckdb.DuckDBPyConnection, name: str, import_id: int) -> tuple[int, int]:
    """Set aside the older rows that the import says otherwise, and drop its rows that say the same: (same, changed)."""
    older = f"kept.import_id IS DISTINCT FROM {import_id}"
    if not number(cursor, f"SELECT count(*) FROM (SELECT 1 FROM {name} AS kept WHERE {older} LIMIT 1)"):
        return 0, 0
    ours = f"(FROM {name} WHERE import_id = {import_id})"
    changed = set_aside(cursor, name, import_id, ours, older)
    others = f"(FROM {name} WHERE import_id IS DISTINCT FROM {import_id})"
    same = number(
        cursor,
        f"DELETE FROM {name} AS kept USING {others} AS incoming "
        f"WHERE kept.import_id = {import_id} AND {same_key(name, 'kept', 'incoming')}",
    )
    return same, changed


def _describe_works(
    cursor: duckdb.DuckDBPyConnection, file: PlainFile, reading: Reading, import_id: int, loaded: Loaded
) -> None:
    """Merge what the file says of the works whose numbers were taken."""
    described = ", ".join(f'first("{one}") FILTER ("{one}" IS NOT NULL) AS "{one}"' for one in DESCRIPTION)
    faulty = " OR ".join(condition for condition, _ in faults(file, "works"))
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT creator_id, work_id, {described} "
        f"FROM (SELECT {reading.columns(('creator_id', 'work_id', *DESCRIPTION))} FROM {reading.relation} "
        f"WHERE {reading.about_works(True)}) WHERE ({faulty}) IS NOT TRUE GROUP BY creator_id, work_id"
    )
    loaded.merged["works"] = merge(cursor, "works", import_id)
    loaded.undated = number(
        cursor,
        "SELECT count(*) FROM incoming JOIN works USING (creator_id, work_id) WHERE works.published_at IS NULL",
    )
    cursor.execute("DROP TABLE incoming")


def _add_up(cursor: duckdb.DuckDBPyConnection, file: PlainFile, name: str, import_id: int, loaded: Loaded) -> None:
    added = [one for one in (*layout.COUNTS, "play_duration_seconds", *layout.FOLLOWERS[1:])
             if one in file.header and one in layout.TABLES[name]]  # fmt: skip
    ours = f"FROM {name} WHERE import_id = {import_id}"
    # Each by itself: beside sums, counting what is different takes three times as long.
    if name == "work_numbers":
        loaded.works += number(cursor, f"SELECT count(DISTINCT (creator_id, work_id)) {ours}")
    loaded.days = max(loaded.days, number(cursor, f"SELECT count(DISTINCT day) {ours}"))
    if not added:
        return
    listed = ", ".join(f'sum("{one}")' for one in added)
    (sums,) = cursor.execute(f"SELECT {listed} {ours}").fetchall()
    for one, total in zip(added, sums, strict=True):
        if total is not None:
            loaded.totals[one] = loaded.totals.get(one, 0) + total


def _rejected(cursor: duckdb.DuckDBPyConnection) -> list[tuple[int, str]]:
    """The lines that could not be parsed as CSV with these columns, from DuckDB's own list of them."""
    found = "SELECT DISTINCT ON (line) line, column_name, error_type::VARCHAR FROM reject_errors"
    rows = cursor.execute(found).fetchall()
    cursor.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    words = {"CAST": "{} is not written plainly", "MISSING COLUMNS": "has fewer cells than the header",
             "TOO MANY COLUMNS": "has more cells than the header"}  # fmt: skip
    return [(line, words.get(kind, "is damaged ({1})").format(column, kind)) for line, column, kind in rows]


def _name_lines(
    cursor: duckdb.DuckDBPyConnection,
    file: PlainFile,
    reading: Reading,
    rejected: list[tuple[int, str]],
    loaded: Loaded,
) -> None:
    """Read the file once more to tell the lines of what was left out after it had been parsed."""
    tables = ("work_numbers", "creator_days", "works") if reading.has_works else ("creator_days",)
    words = " ".join(
        f"WHEN {'work_id IS NULL AND ' if name == 'creator_days' else 'work_id IS NOT NULL AND '}({condition}) "
        f"THEN {quoted(reason)}"
        for name in tables for condition, reason in faults(file, name)
    )  # fmt: skip
    columns = reading.columns(one for one in KINDS)
    named = cursor.execute(
        f"SELECT line, coalesce(reason, 'repeats line'), first FROM (SELECT line, reason, "
        f"first_value(line) OVER (PARTITION BY creator_id, work_id, day, reason IS NULL ORDER BY line) AS first FROM "
        f"(SELECT line, creator_id, work_id, day, CASE {words} END AS reason FROM "
        f"(SELECT line, {columns} FROM {reading.scan('line')} WHERE {reading.asked()}))) "
        f"WHERE reason IS NOT NULL OR first < line ORDER BY line LIMIT {LINES_NAMED}"
    ).fetchall()
    broken = sorted(line for line, _ in rejected)

    def line_of(row: int) -> int:
        """The line of a parsed row: below the header, and below the lines that could not be parsed."""
        line = row if file.is_parquet else row + 1
        for other in broken:
            if other > line:
                break
            line += 1
        return line

    for row, reason, first in named:
        loaded.skipped.append((line_of(row), f"{reason} {line_of(first)}" if reason == "repeats line" else reason))
