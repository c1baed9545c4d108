"""The columns of the warehouse, declared once: the tables are made, read and written after these lists.

The counts follow the field dictionary that Kuaishou published with KuaiRand. A number that a source gives only as a
rate stands in a column of its own and is never turned into a count.
"""

import ibis
import ibis.expr.types as ir

# Counts of events. `net_follow` is what some sources give instead of follow and cancel_follow.
COUNTS = (
    "show",
    "play",
    "complete_play",
    "valid_play",
    "long_time_play",
    "short_time_play",
    "like",
    "comment",
    "share",
    "collect",
    "follow",
    "cancel_follow",
    "net_follow",
    "is_profile_enter",
    "dislike",
    "cancel_like",
    "cancel_collect",
    "reduce_similar",
    "report",
)
# Shares that a source tells, as fractions: 0.0316 is 3.16 %. completion_rate, five_second_rate and two_second_exit_rate
# are shares of plays; average_share_watched is how much of the video an average play lasts, which is another thing.
RATES = ("average_share_watched", "impressions_ctr", "completion_rate", "five_second_rate", "two_second_exit_rate")
MEASURES = ("play_duration_seconds", "average_watch_seconds", *RATES)
NUMBERS = (*COUNTS, *MEASURES)
FOLLOWERS = ("followers", "new_followers", "lost_followers", "net_followers")

# How a source counts. It decides, for instance, whether every play came from an impression.
KUAIRAND_DEFINITION = "kuairand"
YOUTUBE_DEFINITION = "youtube_studio"
XIAOHONGSHU_DEFINITION = "xiaohongshu"
OWN_DEFINITION = "heliotrope"
# Where plays also come from elsewhere than impressions, so that plays ÷ impressions is no click-through rate.
PLAYS_FROM_ELSEWHERE = (YOUTUBE_DEFINITION, XIAOHONGSHU_DEFINITION)

_NUMBER_TYPES = {**dict.fromkeys(COUNTS, "int64"), **dict.fromkeys(MEASURES, "float64")}
# `import_id` leads to the import that wrote the row, and from there to the file and its columns; null in rows that are
# older than the numbering.
_ORIGIN_TYPES = {"source": "string", "definition": "string", "imported_at": "timestamp", "import_id": "int64"}

WORKS = {
    "creator_id": "string",
    "work_id": "string",
    "title": "string",
    # In the platform's local time. A time of exactly midnight means that only the day is known.
    "published_at": "timestamp",
    "duration_seconds": "float64",
    "kind": "string",
    "tags": "string",
    "import_id": "int64",
}
WORK_NUMBERS = {
    "creator_id": "string",
    "work_id": "string",
    # Null for the totals from publication up to the import.
    "day": "date",
    **_NUMBER_TYPES,
    **_ORIGIN_TYPES,
}
CREATOR_DAYS = {
    "creator_id": "string",
    "day": "date",
    **dict.fromkeys(FOLLOWERS, "int64"),
    **_NUMBER_TYPES,
    **_ORIGIN_TYPES,
}

# What a metric may name: the counts, and seven fields that `derived` makes row by row before anything is summed.
FIELD_TYPES = {
    **dict.fromkeys(COUNTS, "int64"),
    "clicks": "float64",
    "watched_seconds": "float64",
    "watched_shares": "float64",
    "completed_plays": "float64",
    "five_second_plays": "float64",
    "two_second_exits": "float64",
    "net": "int64",
}
FIELDS = tuple(FIELD_TYPES)
LIFETIMES = {
    "creator_id": "string",
    "work_id": "string",
    "source": "string",
    "title": "string",
    "published_at": "timestamp",
    "duration_seconds": "float64",
    "through": "date",
    "imported_at": "timestamp",
    **FIELD_TYPES,
}
DAILY_SUMS = {
    "creator_id": "string",
    "basis": "string",
    "source": "string",
    "day": "date",
    "known": "int64",
    "imported_at": "timestamp",
    **FIELD_TYPES,
}

# The rows of leaderboards that were kept; `board` is the id under which SQL knows which it is. `tier` is the tier's
# floor, null where followers are not known; `before` the value in the period before.
BOARD_ROWS = {
    "board": "int64",
    "creator_id": "string",
    "category": "string",
    "tier": "int64",
    "value": "float64",
    "base": "float64",
    "before": "float64",
    "is_jump": "boolean",
}

STORED = ("works", "work_numbers", "creator_days")
# Made from the stored tables, in this order: the second reads the first.
DERIVED = ("lifetimes", "work_sums")
# Every import, for ever; an undone one keeps its row. `report` and `columns` are JSON.
IMPORTS = {
    "id": "int64",
    "imported_at": "timestamp",
    "file": "string",
    "preset": "string",
    "definition": "string",
    "creator_id": "string",
    "actor": "string",
    "new": "int64",
    "changed": "int64",
    "report": "string",
    "columns": "string",
    "undone_at": "timestamp",
    "undone_by": "string",
}
# What an import wrote over, as it was before; `replaced_by` is that import. Undoing it puts the rows back.
REPLACED = {name: f"{name}_replaced" for name in STORED}
TABLES = {
    "works": WORKS,
    "work_numbers": WORK_NUMBERS,
    "creator_days": CREATOR_DAYS,
    "lifetimes": LIFETIMES,
    "work_sums": DAILY_SUMS,
    "imports": IMPORTS,
    "board_rows": BOARD_ROWS,
    **{
        REPLACED[name]: {**columns, "replaced_by": "int64"}
        for name, columns in zip(STORED, (WORKS, WORK_NUMBERS, CREATOR_DAYS), strict=True)
    },
}
# `daily_sums` holds nothing: a creator's days are read where they are stored, and `work_sums` are put beside them.
VIEWS = {"daily_sums": DAILY_SUMS}
# A row is known by these columns. The source belongs to the key: numbers of two sources are kept side by side and a
# figure never mixes them.
KEYS = {
    "works": ("creator_id", "work_id"),
    "work_numbers": ("creator_id", "work_id", "day", "source"),
    "creator_days": ("creator_id", "day", "source"),
}

SQL_TYPES = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


# The counts that most sources give. The others are null in most rows.
_USUAL = frozenset(
    ("show", "play", "complete_play", "valid_play", "long_time_play", "short_time_play", "like", "comment", "share")
    + ("collect", "follow", "cancel_follow", "is_profile_enter", "followers", "new_followers", "lost_followers")
)


def table(name: str) -> ir.Table:
    """The unbound Ibis table or view of that name; an expression on it is run by `Warehouse.rows`."""
    return ibis.table(TABLES.get(name) or VIEWS[name], name=name)


def declaration(name: str, column: str) -> str:
    """One column of a stored table as `CREATE TABLE` has it.

    Left to itself DuckDB tries every compression on every column, nulls too: measured, half the time of a large import.
    So it is told which: what suits the usual counts, days, moments and names, runs for what all rows of an import have
    in common, and none for what is mostly absent (a column of nulls takes no room either way) and for fractions, which
    shrink little and take long to try.
    """
    kind = TABLES[name][column]
    whole = dict.fromkeys(("int64", "date", "timestamp"), "bitpacking")
    compression = {**whole, "string": "dict_fsst"}.get(kind)
    if column in ("imported_at", "import_id"):
        compression = "rle"
    if name == "board_rows" and column == "creator_id":  # no two alike, in no order
        compression = "uncompressed"
    if (column in NUMBERS or column in FOLLOWERS) and column not in _USUAL:
        compression = "uncompressed"
    return f'"{column}" {SQL_TYPES[kind]}' + (f" USING COMPRESSION {compression}" if compression else "")
