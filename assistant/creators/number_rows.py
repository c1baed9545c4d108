"""One relation over everything that is stored about one creator, so that every metric reads the same rows.

Each row belongs to a basis, which says what its day means:
  creator days   the platform's own sum for the creator on that day
  work days      one work's number on that day
  published      one work's total since publication, standing on the day it was published
  publications   that a work was published on that day, with no numbers
A figure is computed on one basis and one source and never mixes two: adding them would count plays twice, and dividing
one by the other would compare different days.
"""

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from assistant.creators.layout import COUNTS, YOUTUBE_DEFINITION

if TYPE_CHECKING:
    from assistant.creators.warehouse import Warehouse

CREATOR_DAYS, WORK_DAYS, PUBLISHED, PUBLICATIONS = "creator days", "work days", "published", "publications"
DAY_BASES = (CREATOR_DAYS, WORK_DAYS)

# What metrics may name: the stored counts, and four fields made here, row by row, before anything is summed.
DERIVED = {
    "clicks": "float64",
    "watched_seconds": "float64",
    "watched_shares": "float64",
    "net": "int64",
}
FIELDS = (*COUNTS, *DERIVED)
_PLACE = ("basis", "creator_id", "work_id", "source", "day", "imported_at")


def number_rows(warehouse: "Warehouse", creator: ir.StringValue) -> ir.Table:
    """All bases of one creator: basis, creator_id, work_id, source, day, imported_at and FIELDS."""
    days = warehouse.creator_days.filter(warehouse.creator_days.creator_id == creator)
    days = days.mutate(
        basis=ibis.literal(CREATOR_DAYS),
        work_id=ibis.null("string"),
        clicks=_clicks(days),
        watched_seconds=_watched_seconds(days),
        watched_shares=days.average_share_watched * days.play,
        net=ibis.coalesce(days.net_followers, days.new_followers - days.lost_followers, days.net_follow),
    )
    work_days = work_rows(warehouse, creator).filter(lambda row: row.day.notnull()).mutate(basis=ibis.literal(WORK_DAYS))
    published = lifetimes(warehouse, creator).mutate(
        basis=ibis.literal(PUBLISHED), day=lambda row: row.published_at.cast("date")
    )
    works = warehouse.works.filter(warehouse.works.creator_id == creator)
    publications = works.mutate(
        basis=ibis.literal(PUBLICATIONS),
        source=ibis.literal(""),
        day=works.published_at.cast("date"),
        imported_at=ibis.null("timestamp"),
        **{name: ibis.null(DERIVED.get(name, "int64")) for name in FIELDS},
    )
    parts = [part.select(*_PLACE, *FIELDS) for part in (days, work_days, published, publications)]
    return ibis.union(parts[0], *parts[1:]).filter(lambda row: row.day.notnull())


def work_rows(warehouse: "Warehouse", creator: ir.StringValue) -> ir.Table:
    """The numbers of one creator's works as stored, with what the work is and the DERIVED fields."""
    numbers = warehouse.work_numbers.filter(warehouse.work_numbers.creator_id == creator)
    works = warehouse.works.filter(warehouse.works.creator_id == creator)
    described = works.select("work_id", "title", "published_at", "duration_seconds")
    rows = numbers.left_join(described, "work_id").drop("work_id_right")
    return rows.mutate(
        clicks=_clicks(rows),
        watched_seconds=_watched_seconds(rows),
        watched_shares=ibis.coalesce(
            rows.average_share_watched * rows.play, rows.play_duration_seconds / rows.duration_seconds.nullif(0)
        ),
        net=ibis.coalesce(rows.net_follow, rows.follow - rows.cancel_follow),
    )


def lifetimes(warehouse: "Warehouse", creator: ir.StringValue) -> ir.Table:
    """One row a work and source: its totals since publication, with `through`, the last day they include (null: the
    day of the export).

    Where a source gives no totals, the days are summed, but only when they begin by the day of publication: the sum of
    a later stretch is not a life. A field that is missing on one of the days is missing in the sum.
    """
    rows = work_rows(warehouse, creator)
    told = rows.filter(rows.day.isnull()).mutate(through=ibis.null("date"))
    place = ("creator_id", "work_id", "source", "title", "published_at", "duration_seconds")
    summed = (
        rows.filter(rows.day.notnull())
        .group_by(*place)
        .agg(
            first_day=lambda row: row.day.min(),
            through=lambda row: row.day.max(),
            imported_at=lambda row: row.imported_at.max(),
            **{name: _complete_sum(name) for name in FIELDS},
        )
        .filter(lambda row: row.first_day <= row.published_at.cast("date"))
    )
    summed = summed.anti_join(told, ["work_id", "source"])
    columns = (*place, "imported_at", "through", *FIELDS)
    return ibis.union(told.select(*columns), summed.select(*columns))


def _complete_sum(name: str):  # type: ignore[no-untyped-def]  # ibis resolves the column when the table is known
    def build(rows: ir.Table) -> ir.Value:
        column = rows[name]
        total = column.sum().cast(DERIVED.get(name, "int64"))
        return ibis.cases((column.count() == rows.count(), total), else_=ibis.null(DERIVED.get(name, "int64")))

    return build


def _clicks(rows: ir.Table) -> ir.Value:
    """Plays that came from an impression. YouTube counts plays from outside too, so there only its own rate will do."""
    return ibis.cases(
        (rows.impressions_ctr.notnull(), rows.impressions_ctr * rows.show),
        (rows.definition == YOUTUBE_DEFINITION, ibis.null("float64")),
        else_=rows.play.cast("float64"),
    )


def _watched_seconds(rows: ir.Table) -> ir.Value:
    return ibis.coalesce(rows.play_duration_seconds, rows.average_watch_seconds * rows.play)
