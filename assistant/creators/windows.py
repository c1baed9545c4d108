"""A formula's numbers for one creator, over windows of equal length, on the basis that tells most."""

import math
from dataclasses import dataclass, field
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from assistant.creators.derived import CREATOR_DAYS, DAY_BASES
from assistant.creators.language.compiling import base_of, covered, rows_known, value_of
from assistant.creators.language.trees import Formula, every_field, looks_back
from assistant.creators.warehouse import Row, Warehouse


@dataclass(frozen=True)
class Windows:
    """`values[k]` is the number of the window that ends k steps before the last day, missing where there is none;
    `samples` are what they rest on."""

    basis: str = ""
    values: dict[int, float] = field(default_factory=dict)
    samples: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What a basis and source tell of a metric in the windows that matter: days or works covered, and how fresh."""

    covered: int
    imported_at: datetime


def preferred(told: dict[tuple[str, str], Told]) -> tuple[str, str] | None:
    """The (basis, source) that covers most; of equals, the platform's own sum, then daily numbers, then the last
    imported, to the second, then the first source by name.

    Totals of published works serve only where there are no daily numbers. None when nothing is told.
    """

    def rank(place: tuple[str, str]) -> tuple[bool, int, bool, bool, datetime]:
        one, is_daily = told[place], place[0] in DAY_BASES
        imported_at = one.imported_at.replace(microsecond=0)
        return is_daily and one.covered > 0, one.covered, place[0] == CREATOR_DAYS, is_daily, imported_at

    return max(sorted(told), key=rank, default=None)


def windows_of(
    warehouse: Warehouse, creator: str, formula: Formula, end: date, width: int, count: int, step: int, recent: int
) -> Windows:
    """`formula` over `count` windows of `width` days, the first ending on `end`, each `step` days before the other.

    All on one basis and one source: the one that tells most of the `recent` last windows.
    """
    rows = creator_rows(warehouse, creator, formula, end)
    if width == step and not looks_back(formula):
        rows = rows.filter(rows.back < width * count).mutate(window=rows.back // width, back=rows.back % width)
    else:
        starts = ibis.range(count).unnest().name("window").as_table()
        rows = rows.cross_join(starts)
        rows = rows.mutate(back=rows.back - rows.window * step).filter(lambda row: row.back >= 0)
    computed = warehouse.rows(
        rows.group_by("basis", "source", "window").agg(
            value=value_of(formula, rows, width),
            base=base_of(formula, rows, width),
            covered=covered(formula, rows, width),
            imported_at=rows.imported_at.max(),
        )
    )
    return _chosen(computed, recent)


def creator_rows(warehouse: Warehouse, creator: str, formula: Formula, end: date) -> ir.Table:
    """One creator's rows of the kind that the formula takes, up to `end`, with `back`, the days before `end`."""
    if formula.rows == "work":
        lives = warehouse.lifetimes
        return work_rows(lives.filter(lives.creator_id == creator), formula, end)
    days = warehouse.daily_sums
    days = days.filter(days.creator_id == creator, days.day <= end)
    if formula.rows == "day":
        days = day_rows(days, formula)
    return days.mutate(back=ibis.literal(end).delta(days.day, unit="day"))


def work_rows(lives: ir.Table, formula: Formula, end: date) -> ir.Table:
    """One row a work and source of `lifetimes` published up to `end`, with its day, and `back` from `end`."""
    published = lives.published_at.cast("date")
    lives = lives.filter(published <= end)
    fields = every_field(formula)
    if not fields:
        # How many works there are does not depend on who counted their plays.
        described = {name: lives[name].max() for name in ("title", "published_at", "imported_at")}
        lives = lives.group_by("creator_id", "work_id").agg(**described).mutate(source=ibis.literal(""))
    published = lives.published_at.cast("date")
    return lives.filter(lives.source.notnull()).select(
        "creator_id", "work_id", "title", "published_at", "source", "imported_at", *fields,
        basis=ibis.literal(""), day=published, back=ibis.literal(end).delta(published, unit="day"),
    )  # fmt: skip


def day_rows(sums: ir.Table, formula: Formula) -> ir.Table:
    """One row a creator, basis, source and day of `daily_sums`, from what has every field of the formula. Totals of
    works by their day of publication are no days and left out."""
    days = sums.filter(sums.basis.isin(DAY_BASES), rows_known(formula, sums))
    return days.group_by("creator_id", "basis", "source", "day").agg(
        imported_at=days.imported_at.max(), **{name: days[name].sum() for name in every_field(formula)}
    )


def _chosen(computed: list[Row], recent: int) -> Windows:
    told: dict[tuple[str, str], Told] = {}
    for row in computed:
        place = row["basis"], row["source"]
        before = told.get(place, Told(0, datetime.min))
        here = row["covered"] if row["window"] < recent and row["value"] is not None else 0
        told[place] = Told(before.covered + here, max(before.imported_at, row["imported_at"]))
    best = preferred(told)
    if best is None:
        return Windows()
    values: dict[int, float] = {}
    samples: dict[int, int] = {}
    for row in computed:
        value = row["value"]
        if (row["basis"], row["source"]) == best and row["covered"] and value is not None and math.isfinite(value):
            values[row["window"]], samples[row["window"]] = float(value), round(row["base"] or 0)
    return Windows(best[0], values, samples)
