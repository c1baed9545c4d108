"""A creator's followers day by day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

import ibis.expr.types as ir

from assistant.creators.derived import net_of
from assistant.creators.warehouse import Row, Warehouse, parameter


@dataclass(frozen=True)
class FollowerDay:
    """One day with data: followers at its end, and the net change during it."""

    day: date
    followers: int | None
    net: int | None


@dataclass(frozen=True)
class FollowerSeries:
    """The days in order, from one source.

    `is_counted` says that the source gives changes only: followers are then counted up from 0 on the first day, which
    is right only for an account that began then, and must be said wherever the number is shown.
    """

    days: tuple[FollowerDay, ...]
    is_counted: bool

    @property
    def latest(self) -> int | None:
        """The last known number of followers."""
        return next((day.followers for day in reversed(self.days) if day.followers is not None), None)


def follower_series(warehouse: Warehouse, creator: str, today: date) -> FollowerSeries:
    """The follower days up to `today`, from the source that has most of them; of equals the last imported, to the
    second, then the first by name."""
    by_source: dict[str, list[Row]] = defaultdict(list)
    told = warehouse.prepared_rows(_follower_rows, creator=creator, today=today.isoformat())
    for row in sorted(told, key=lambda row: row["day"]):
        if row["followers"] is not None or row["net"] is not None:
            by_source[row["source"]].append(row)
    if not by_source:
        return FollowerSeries((), is_counted=False)

    def preference(rows: list[Row]) -> tuple[int, datetime]:
        return len(rows), max(row["imported_at"] for row in rows).replace(microsecond=0)

    rows = max((by_source[source] for source in sorted(by_source)), key=preference)
    if any(row["followers"] is not None for row in rows):
        return FollowerSeries(tuple(_with_net(rows)), is_counted=False)
    total, days = 0, []
    for row in rows:
        total += row["net"]
        days.append(FollowerDay(row["day"], total, row["net"]))
    return FollowerSeries(tuple(days), is_counted=True)


def _with_net(rows: list[Row]) -> list[FollowerDay]:
    """Where the source gives levels only, the net is the difference to the day before, when that day is there."""
    days: list[FollowerDay] = []
    for row in rows:
        net, before = row["net"], days[-1] if days else None
        if net is None and before is not None and (row["day"] - before.day).days == 1 and before.followers is not None:
            net = None if row["followers"] is None else row["followers"] - before.followers
        days.append(FollowerDay(row["day"], row["followers"], net))
    return days


def _follower_rows(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, today."""
    rows = warehouse.creator_days
    rows = rows.filter(rows.creator_id == parameter("creator"), rows.day <= parameter("today").cast("date"))
    return rows.select("day", "source", "imported_at", "followers", net=net_of(rows))
