"""The warehouse's tables in ClickHouse, where no transaction spans two statements.

Nothing is ever replaced. Every row names the change that wrote it (an import, an undoing, a board), and `changes` says
of each change whether it counts. A view gives for every key the row of the newest change that counts. So a change with
a million rows in five tables becomes visible by one row in `changes`, an import is undone by another one, and what a
change wrote that was never finished is seen by nobody.

A query names a view with three parameters: `at`, the last entry of `changes` that it sees, so that a computation of
several steps sees one state; `own`, the change of whoever asks while it is under way; `without`, an import that is
being undone.
"""

from collections.abc import Iterator, Mapping

from assistant.creators import derived, layout
from assistant.creators.stores.clickhouse_dialect import MICROSECONDS, compiled, placed

COUNTS, BEGUN, FAILED, UNDONE = "counts", "begun", "failed", "undone"
# A change that did not end well is known by its rows in these columns.
CHANGE = {name: "import_id" if name in layout.STORED else "change" for name in layout.TABLES if name in (
    *layout.STORED, *layout.DERIVED, "board_rows")}  # fmt: skip
# The keys of what is derived. Rows of these can vanish: an empty row with `gone` then hides the earlier ones. `rank`
# orders the rows of a key.
DERIVED_KEYS = {
    "lifetimes": ("creator_id", "work_id", "source"),
    "work_sums": ("creator_id", "basis", "source", "day", "known"),
}
# Rows lie in this order, a creator's together.
_ORDER = {
    "works": ("creator_id", "work_id"),
    "work_numbers": ("creator_id", "work_id", "source", "day"),
    "creator_days": ("creator_id", "source", "day"),
    **DERIVED_KEYS,
    "board_rows": ("board", "creator_id"),
}
VIEWS = (*_ORDER, "daily_sums")
TYPES = {
    "string": "Nullable(String)",
    "int64": "Nullable(Int64)",
    "float64": "Nullable(Float64)",
    "boolean": "Nullable(Bool)",
    "date": "Nullable(Date32)",
    "timestamp": f"Nullable({MICROSECONDS})",
}
_FEW = ("source", "definition", "basis")  # few different ones
_FILED = {"creator_days": "PARTITION BY toYYYYMM(day)"}  # a window of days is read from the months that it touches
_HIDDEN = (
    "SELECT id FROM changes GROUP BY id "
    f"HAVING (ifNull(argMaxIf(state, entry, entry <= {{at:Int64}}), '') <> '{COUNTS}' AND id <> {{own:Int64}}) "
    "OR id = {without:Int64}"
)


def rows_of(name: str) -> str:
    """Where the rows of a view are written."""
    return f"{name}_rows"


def view(name: str, at: object, own: object, without: object) -> str:
    """A view as it stands in a query."""
    return f'"{name}"(at = {at}, own = {own}, without = {without})'


def declarations() -> Iterator[str]:
    """The statements that make what is missing. Views hold nothing and are made anew."""
    yield (
        "CREATE TABLE IF NOT EXISTS changes (id Int64, entry Int64, state LowCardinality(String), "
        f"{_declared(layout.IMPORTS, 'id')}) ENGINE = MergeTree ORDER BY (id, entry)"
    )
    for name, order in _ORDER.items():
        more = ', "rank" Int64, "gone" Bool' if name in DERIVED_KEYS else ""
        yield (
            f"CREATE TABLE IF NOT EXISTS {rows_of(name)} ({_declared(layout.TABLES[name], 'import_id')}, "
            f"{CHANGE[name]} Int64{more}, INDEX of_change {CHANGE[name]} TYPE bloom_filter GRANULARITY 4) "
            f"ENGINE = MergeTree {_FILED.get(name, '')} ORDER BY ({', '.join(order)}) SETTINGS allow_nullable_key = 1"
        )
        added = ", ".join(
            f'ADD COLUMN IF NOT EXISTS "{column}" {_type(column, kind)}'
            for column, kind in layout.TABLES[name].items()
            if column != "import_id"
        )
        yield f"ALTER TABLE {rows_of(name)} {added}"
    for name, query in _views():
        yield f"CREATE OR REPLACE VIEW {name} AS {query}"


def _views() -> Iterator[tuple[str, str]]:
    for name in layout.STORED:
        newest = _newest(layout.TABLES[name], layout.KEYS[name], "rows.import_id")
        yield name, (
            f"SELECT {newest} FROM {rows_of(name)} AS rows WHERE rows.import_id NOT IN ({_HIDDEN}) "
            f"GROUP BY {', '.join(layout.KEYS[name])}"
        )
    for name, keys in DERIVED_KEYS.items():
        yield name, (
            f"SELECT {_newest(layout.TABLES[name], keys, 'rank')} FROM {rows_of(name)} "
            f"WHERE change NOT IN ({_HIDDEN}) GROUP BY {', '.join(keys)} HAVING NOT argMax(gone, rank)"
        )
    boards = ", ".join(f'"{column}"' for column in layout.BOARD_ROWS)
    yield "board_rows", f"SELECT {boards} FROM {rows_of('board_rows')} WHERE change NOT IN ({_HIDDEN})"
    # The parameters are handed on.
    handed = {name: view(name, "{at:Int64}", "{own:Int64}", "{without:Int64}") for name in _ORDER}
    yield "daily_sums", placed(compiled(derived.daily_sums("clickhouse")), handed)


def _newest(columns: Mapping[str, str], keys: tuple[str, ...], order: str) -> str:
    """Every column of the newest row of a key. In a tuple, for a null of the newest row is its value too."""
    return ", ".join(
        f'"{column}"' if column in keys
        else "toNullable(max(rows.import_id)) AS import_id" if column == "import_id"
        else f'argMax(tuple("{column}"), {order}).1 AS "{column}"'
        for column in columns
    )  # fmt: skip


def _declared(columns: Mapping[str, str], leaving: str) -> str:
    return ", ".join(f'"{name}" {_type(name, kind)}' for name, kind in columns.items() if name != leaving)


def _type(name: str, kind: str) -> str:
    return "LowCardinality(Nullable(String))" if name in _FEW else TYPES[kind]
