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
# Measures that are not counts. impressions_ctr and average_share_watched are fractions: 0.0316 is 3.16 %.
MEASURES = ("play_duration_seconds", "average_watch_seconds", "average_share_watched", "impressions_ctr")
NUMBERS = (*COUNTS, *MEASURES)
FOLLOWERS = ("followers", "new_followers", "lost_followers", "net_followers")

# How a source counts. It decides, for instance, whether every play came from an impression.
KUAIRAND_DEFINITION = "kuairand"
YOUTUBE_DEFINITION = "youtube_studio"
OWN_DEFINITION = "heliotrope"

_NUMBER_TYPES = {**dict.fromkeys(COUNTS, "int64"), **dict.fromkeys(MEASURES, "float64")}
_ORIGIN_TYPES = {"source": "string", "definition": "string", "imported_at": "timestamp"}

WORKS = {
    "creator_id": "string",
    "work_id": "string",
    "title": "string",
    # In the platform's local time. A time of exactly midnight means that only the day is known.
    "published_at": "timestamp",
    "duration_seconds": "float64",
    "kind": "string",
    "tags": "string",
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

# What a metric may name: the counts, and four fields that `derived` makes row by row before anything is summed.
FIELD_TYPES = {
    **dict.fromkeys(COUNTS, "int64"),
    "clicks": "float64",
    "watched_seconds": "float64",
    "watched_shares": "float64",
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

STORED = ("works", "work_numbers", "creator_days")
# Made from the stored tables, in this order: the second reads the first.
DERIVED = ("lifetimes", "daily_sums")
TABLES = {
    "works": WORKS,
    "work_numbers": WORK_NUMBERS,
    "creator_days": CREATOR_DAYS,
    "lifetimes": LIFETIMES,
    "daily_sums": DAILY_SUMS,
}
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
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


def table(name: str) -> ir.Table:
    """The unbound Ibis table of that name; an expression on it is run by `Warehouse.rows`."""
    return ibis.table(TABLES[name], name=name)
