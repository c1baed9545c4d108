"""What is computed from the stored rows when they change, so that reading a creator's figures stays a plain scan.

`lifetimes` and `work_sums` hold nothing of their own: `Warehouse.store` refreshes them for the creators it touched, and
`Warehouse.rebuild` makes them anew. `daily_sums` is a view: the creators' days as they are stored, beside `work_sums`.
Each row of `daily_sums` belongs to a basis, which says what its day means:

  creator days   the platform's own sum for the creator on that day
  work days      the sum of the works' numbers on that day
  published      the totals since publication of the works published on that day

A figure is computed on one basis and one source and never mixes two: adding them would count plays twice, and dividing
one by the other would compare different days.
"""

from collections.abc import Callable, Sequence
from functools import cache, reduce
from inspect import Parameter, Signature
from operator import add

import ibis
import ibis.expr.types as ir

from assistant.creators import layout
from assistant.creators.layout import FIELD_TYPES, FIELDS, PLAYS_FROM_ELSEWHERE

CREATOR_DAYS, WORK_DAYS, PUBLISHED = "creator days", "work days", "published"
DAY_BASES = (CREATOR_DAYS, WORK_DAYS)


def lifetimes(touched: ir.Table) -> ir.Table:
    """One row a work and source: its totals since publication, with `through`, the last day they include (null: the
    day of the export).

    Where a source gives no totals, the days are summed, but only when they begin by the day of publication: the sum of
    a later stretch is not a life. A field that is missing on one of the days is missing in the sum. A work without any
    totals has one row, without a source.
    """
    rows = _work_rows(touched)
    told = rows.filter(rows.day.isnull()).mutate(through=ibis.null("date"))
    place = ("creator_id", "work_id", "source", "title", "published_at", "duration_seconds")
    summed = (
        rows.filter(rows.day.notnull())
        .group_by(*place)
        .agg(
            first_day=rows.day.min(),
            through=rows.day.max(),
            imported_at=rows.imported_at.max(),
            **{name: _complete_sum(name) for name in FIELDS},
        )
        .filter(lambda row: row.first_day <= row.published_at.cast("date"))
        .anti_join(told, ["creator_id", "work_id", "source"])
    )
    columns = tuple(layout.TABLES["lifetimes"])
    known = ibis.union(told.select(*columns), summed.select(*columns))
    works = _of(layout.table("works"), touched).anti_join(known, ["creator_id", "work_id"])
    silent = {name: ibis.null(kind) for name, kind in layout.TABLES["lifetimes"].items() if name not in works.columns}
    return ibis.union(known, works.mutate(**silent).select(*columns))


def work_sums(touched: ir.Table) -> ir.Table:
    """One row a creator, basis, source, day and set of known fields, with the sums of FIELDS. Reads `lifetimes`.

    Rows with the same `known` have the same fields: within one row of sums either every summand had a field or none
    had, so that a rate can be formed from exactly the rows that have both its sides. Here bit i is FIELDS[i].
    """
    work_days = _work_rows(touched).mutate(basis=ibis.literal(WORK_DAYS))
    published = _of(layout.table("lifetimes"), touched).mutate(basis=ibis.literal(PUBLISHED))
    published = published.filter(published.source.notnull()).mutate(day=published.published_at.cast("date"))
    place = ("creator_id", "basis", "source", "day")
    parts = [part.select(*place, "imported_at", *FIELDS) for part in (work_days, published)]
    rows = ibis.union(parts[0], *parts[1:]).filter(lambda row: row.day.notnull())
    return (
        rows.mutate(known=_known(rows))
        .group_by(*place, "known")
        .agg(
            imported_at=lambda row: row.imported_at.max(),
            **{name: _sum(name) for name in FIELDS},
        )
        .select(*layout.VIEWS["daily_sums"])
    )


def daily_sums(dialect: str) -> ir.Table:
    """The view: `work_sums`, and the creators' days, which need no summing: each is the only row of its key."""
    pattern = _pattern if dialect == "postgres" else _hashed_pattern
    days = layout.table("creator_days")
    days = days.mutate(basis=ibis.literal(CREATOR_DAYS), **day_fields(days))
    columns = tuple(layout.VIEWS["daily_sums"])
    return ibis.union(days.mutate(known=pattern(days)).select(*columns), layout.table("work_sums").select(*columns))


def day_fields(days: ir.Table) -> dict[str, ir.Value]:
    """The fields that are made from a row of `creator_days`; the others stand in it."""
    return {**_made(days), "watched_shares": days.average_share_watched * days.play, "net": net_of(days)}


def net_of(days: ir.Table) -> ir.Value:
    """The net followers of each row of `creator_days`, in whichever way its source tells them."""
    return ibis.coalesce(days.net_followers, days.new_followers - days.lost_followers, days.net_follow)


def _work_rows(touched: ir.Table) -> ir.Table:
    """The works' numbers as stored, with what each work is and the fields made here."""
    numbers = _of(layout.table("work_numbers"), touched)
    works = _of(layout.table("works"), touched)
    described = works.select("creator_id", "work_id", "title", "published_at", "duration_seconds")
    rows = numbers.left_join(described, ["creator_id", "work_id"]).drop("creator_id_right", "work_id_right")
    return rows.mutate(
        **_made(rows),
        watched_shares=ibis.coalesce(
            rows.average_share_watched * rows.play, rows.play_duration_seconds / rows.duration_seconds.nullif(0)
        ),
        net=ibis.coalesce(rows.net_follow, rows.follow - rows.cancel_follow),
    )


def _of(rows: ir.Table, touched: ir.Table) -> ir.Table:
    return rows.semi_join(touched, "creator_id")


def _made(rows: ir.Table) -> dict[str, ir.Value]:
    """The fields that are made alike from a work's numbers and from a creator's day."""
    return {
        "clicks": _clicks(rows),
        "watched_seconds": ibis.coalesce(rows.play_duration_seconds, rows.average_watch_seconds * rows.play),
        "completed_plays": ibis.coalesce(rows.complete_play.cast("float64"), rows.completion_rate * rows.play),
        "five_second_plays": rows.five_second_rate * rows.play,
        "two_second_exits": rows.two_second_exit_rate * rows.play,
    }


def _pattern(rows: ir.Table) -> ir.Value:
    """A number for what is known of a stored row: a bit for each of its numbers."""
    return _bits(rows, (*layout.NUMBERS, *layout.FOLLOWERS))


def _hashed_pattern(rows: ir.Table) -> ir.Value:
    """The same where a query with so many bits takes longer to plan than to run."""
    unknown = [rows[name].isnull() for name in (*layout.NUMBERS, *layout.FOLLOWERS)]
    return (_hash()(*unknown) & 2**62 - 1).cast("int64")


@cache
def _hash() -> Callable[..., ir.IntegerValue]:
    """DuckDB's function of that name, or what takes its place. Ibis reads the number of arguments from a signature."""
    count = len(layout.NUMBERS) + len(layout.FOLLOWERS)

    def hashed(*_: object) -> None:
        """Run by the database."""

    names = [Parameter(f"of_{at}", Parameter.POSITIONAL_ONLY) for at in range(count)]
    hashed.__signature__ = Signature(names)  # type: ignore[attr-defined]
    return ibis.udf.scalar.builtin(hashed, name="hash", signature=(("boolean",) * count, "uint64"))


def _known(rows: ir.Table) -> ir.Value:
    return _bits(rows, FIELDS)


def _bits(rows: ir.Table, names: Sequence[str]) -> ir.Value:
    """Bit i says whether the i-th of the columns is known."""
    nothing = ibis.literal(0, "int64")
    bits = (rows[name].notnull().ifelse(ibis.literal(2**place, "int64"), nothing) for place, name in enumerate(names))
    return reduce(add, bits)


def _sum(name: str) -> Callable[[ir.Table], ir.Value]:
    return lambda rows: rows[name].sum().cast(FIELD_TYPES[name])


def _complete_sum(name: str) -> Callable[[ir.Table], ir.Value]:
    def build(rows: ir.Table) -> ir.Value:
        kind = FIELD_TYPES[name]
        return ibis.cases((rows[name].count() == rows.count(), rows[name].sum().cast(kind)), else_=ibis.null(kind))

    return build


def _clicks(rows: ir.Table) -> ir.Value:
    """Plays that came from an impression. Where a source counts plays from elsewhere too, only its own rate will do."""
    return ibis.cases(
        (rows.impressions_ctr.notnull(), rows.impressions_ctr * rows.show),
        (rows.definition.isin(PLAYS_FROM_ELSEWHERE), ibis.null("float64")),
        else_=rows.play.cast("float64"),
    )

