"""What stands on a board: everybody's number in a period with category, tier, the number before, and unusual jumps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators.catalogue import Metric
from assistant.creators.everyone import followers_at, values_of
from assistant.creators.leaderboards.periods import Span
from assistant.creators.tiers import TIERS
from assistant.creators.warehouse import Warehouse, Workbench

# Float sums depend a little on the order in which a database adds; what differs less is a tie.
ROUNDED = 10
# A value is an unusual jump from so many times the creator's own before, or the board's median where that is higher.
# Editorial: it asks for a look and is no verdict.
JUMP_OF_COUNTS = 5.0
JUMP_OF_RATES = 3.0


@dataclass(frozen=True)
class Computed:
    """A board that was computed: `rows` as in `layout.BOARD_ROWS` without `board`. `usual` is the median value of the
    ranked; `below_base` creators have a number that rests on too little to be ranked."""

    metric: Metric
    rows: ir.Table
    ranked: int
    below_base: int
    usual: float | None


def computed_boards(
    bench: Workbench, warehouse: Warehouse, metrics: Sequence[Metric], span: Span, categories: pa.Table
) -> Iterator[Computed]:
    """The boards of several metrics of one period.

    `categories` has `creator_id` and `category`; whoever is not in it stands on the boards of no category.
    """
    people = _people(bench, warehouse, span, categories)
    before = dict(_by_name(values_of(bench, warehouse, metrics, span.previous.first, span.previous.last)))
    for metric, values in values_of(bench, warehouse, metrics, span.first, span.last):
        fit = values.base >= metric.minimum_base
        usual = values.value.round(ROUNDED).median(where=fit).cast("float64")
        found = bench.rows(values.agg(usual=usual, ranked=values.count(where=fit), all=values.count()))[0]
        rows = values.filter(fit).left_join(people, "creator_id").drop("creator_id_right")
        earlier = before[metric.name]
        earlier = earlier.filter(earlier.base >= metric.minimum_base)
        rows = rows.left_join(earlier.select("creator_id", before=earlier.value.round(ROUNDED)), "creator_id")
        rows = rows.select(
            "creator_id", "tier", "base", "before",
            category=rows.category.fill_null(""), value=rows.value.round(ROUNDED),
        )  # fmt: skip
        marked = rows.mutate(is_jump=_is_jump(rows, metric, found["usual"]))
        yield Computed(metric, marked, found["ranked"], found["all"] - found["ranked"], found["usual"])


def jump_factor(metric: Metric) -> float:
    """From how many times the value before on a value is marked."""
    return JUMP_OF_COUNTS if metric.unit in ("count", "per_week") else JUMP_OF_RATES


def tier_floor(followers: ir.IntegerValue) -> ir.IntegerValue:
    """`tiers.tier_of` as an expression: the floor of the tier."""
    above = [(followers >= tier.floor, ibis.literal(tier.floor, "int64")) for tier in reversed(TIERS) if tier.floor]
    return ibis.cases((followers.isnull(), ibis.null("int64")), *above, else_=ibis.literal(0, "int64"))


def _people(bench: Workbench, warehouse: Warehouse, span: Span, categories: pa.Table) -> ir.Table:
    told = followers_at(bench, warehouse, span.last)
    listed = bench.offer("categories", categories)
    both = told.outer_join(listed, "creator_id")
    creator = ibis.coalesce(both.creator_id, both.creator_id_right)
    tier = tier_floor(both.followers)
    return bench.keep("people", both.select(creator_id=creator, tier=tier, category=both.category))


def _by_name(values: Iterator[tuple[Metric, ir.Table]]) -> Iterator[tuple[str, ir.Table]]:
    return ((metric.name, table) for metric, table in values)


def _is_jump(rows: ir.Table, metric: Metric, usual: float | None) -> ir.BooleanValue:
    """Whether a value is far from both the creator's own before and what is usual on the board."""
    if usual is None:
        return ibis.literal(False)
    factor = jump_factor(metric)
    if metric.direction == "lower is better":
        compared = ibis.least(rows.before, usual)
        jumped = (compared > 0) & (rows.value * factor <= compared)
    else:
        compared = ibis.greatest(rows.before, usual)
        jumped = (compared > 0) & (rows.value >= compared * factor)
    return rows.before.notnull() & jumped
