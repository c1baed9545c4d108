"""One creator's days as they are stored: how far they reach, and their sums over windows of equal length.

They are read from the tables and not through the view `daily_sums`, and added up here: for the few rows of one creator
the database takes longer to plan such sums than to find the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

import ibis
import ibis.expr.types as ir

from assistant.creators.catalogue import SUMMED
from assistant.creators.derived import CREATOR_DAYS, DAY_BASES, day_fields
from assistant.creators.warehouse import Row, Warehouse, parameter

# (basis, source) to window to the sums of that window, one row a set of known fields, with their `days`.
Groups = dict[tuple[str, str], dict[int, list[Row]]]


@dataclass(frozen=True)
class Extent:
    """The first and the last day of anything known of a creator, None without any, and how many days have numbers of
    their own (totals of works by their day of publication are none)."""

    first_day: date | None
    last_day: date | None
    days: int


def extent_of(warehouse: Warehouse, creator: str, today: date) -> Extent:
    """How far a creator's numbers reach, up to `today`."""
    rows = warehouse.prepared_rows(_bases, creator=creator, today=today.isoformat())
    days = [row["day"] for row in rows]
    own = {row["day"] for row in rows if row["basis"] in DAY_BASES}
    return Extent(min(days, default=None), max(days, default=None), len(own))


def last_day(warehouse: Warehouse, creator: str, today: date) -> date | None:
    """The creator's last day with data, at most `today`; None without any."""
    return extent_of(warehouse, creator, today).last_day


def window_sums(warehouse: Warehouse, creator: str, first: date, last: date, width: int) -> Groups:
    """The sums of `catalogue.SUMMED` over windows of `width` days from [first, last]; window 0 ends on `last`, window 1
    before it begins. A field that a row does not know is None: rows that know the same are added up together."""
    rows = warehouse.prepared_rows(_days, creator=creator, first=first.isoformat(), last=last.isoformat())
    together: dict[tuple[str, str, int, tuple[bool, ...]], list[Row]] = {}
    for row in rows:
        known = tuple([row[name] is not None for name in SUMMED])
        window = (last - row["day"]).days // width
        together.setdefault((row["basis"], row["source"], window, known), []).append(row)
    groups: Groups = {}
    for (basis, source, window, known), alike in together.items():
        groups.setdefault((basis, source), {}).setdefault(window, []).append(_sum(alike, known))
    return groups


def _sum(rows: Sequence[Row], known: Sequence[bool]) -> Row:
    # fsum: the order of the rows, which no database promises, changes nothing.
    return {
        "days": {row["day"] for row in rows},
        "imported_at": max(row["imported_at"] for row in rows),
        **{
            name: fsum([row[name] for row in rows]) if is_known else None
            for name, is_known in zip(SUMMED, known, strict=True)
        },
    }


def _days(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, first, last. The rows of `daily_sums`, with no more than is needed."""
    first, last = parameter("first").cast("date"), parameter("last").cast("date")

    def of_creator(rows: ir.Table) -> ir.Table:
        return rows.filter(rows.creator_id == parameter("creator"), rows.day >= first, rows.day <= last)

    days = of_creator(warehouse.creator_days)
    made = day_fields(days)
    fields = {name: made[name] if name in made else days[name] for name in SUMMED}
    own = days.select("source", "day", "imported_at", basis=ibis.literal(CREATOR_DAYS), **fields)
    return ibis.union(own, of_creator(warehouse.work_sums).select(*own.columns))


def _bases(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator, today. The days of `daily_sums` with their basis."""

    def of_creator(rows: ir.Table) -> ir.Table:
        return rows.filter(rows.creator_id == parameter("creator"), rows.day <= parameter("today").cast("date"))

    own = of_creator(warehouse.creator_days).select("day", basis=ibis.literal(CREATOR_DAYS))
    return ibis.union(own, of_creator(warehouse.work_sums).select("day", "basis"))
