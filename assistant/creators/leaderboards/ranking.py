"""Reading a board: who stands where in a cut of it, by 1-2-2-4.

A rank is one more than how many have a better value, so nothing needs to be sorted to know one. Of equal values the one
that rests on more comes first, then the id decides; that is an order to be listed in and gives no better rank.
"""

from collections.abc import Collection
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from assistant.creators.tiers import TIERS, Tier
from assistant.creators.warehouse import Row, Workbench
from assistant.errors import BadInput


@dataclass(frozen=True)
class Cut:
    """A part of a board; None means every category, every tier."""

    category: str | None = None
    tier: Tier | None = None

    def of(self, rows: ir.Table) -> ir.BooleanValue:
        """Whether a row is in it."""
        inside = ibis.literal(True)
        if self.category is not None:
            inside = inside & (rows.category == self.category)
        if self.tier is not None:
            inside = inside & (rows.tier == self.tier.floor)
        return inside


def cut_of(category: str | None, tier: str | None) -> Cut:
    """A cut by the names that people use. Raises BadInput for a tier that there is not."""
    if tier is None:
        return Cut(category)
    found = next((one for one in TIERS if tier.lower() in (one.zh, one.en.lower())), None)
    if found is None:
        names = ", ".join(f"{one.zh} ({one.en})" for one in TIERS)
        raise BadInput("There is no tier {tier!r}; there are {names}.", tier=tier, names=names)
    return Cut(category, found)


@dataclass(frozen=True)
class Reader:
    """The rows of one board and which way is better."""

    bench: Workbench
    rows: ir.Table
    lower_is_better: bool

    def top(self, cut: Cut, count: int) -> list[Row]:
        """The first `count` rows of a cut, with `rank`."""
        rows = self.rows.filter(cut.of(self.rows))
        found = self.bench.rows(rows.order_by(self._order(rows)).limit(count))
        rank = 0
        for at, row in enumerate(found):
            if at == 0 or row["value"] != found[at - 1]["value"]:
                rank = at + 1
            row["rank"] = rank
        return found

    def jumps(self, cut: Cut, count: int) -> list[Row]:
        """The first `count` marked rows of a cut, with the `rank` that they have among all."""
        rows = self.rows.filter(cut.of(self.rows) & self.rows.is_jump)
        found = self.bench.rows(rows.order_by(self._order(rows)).limit(count))
        ranks = self.ranks(cut, [row["creator_id"] for row in found]) if found else {}
        return [{**row, "rank": ranks[row["creator_id"]]} for row in found]

    def jump_count(self, cut: Cut) -> int:
        """How many rows of a cut are marked."""
        marked = self.rows.count(where=cut.of(self.rows) & self.rows.is_jump)
        return int(self.bench.rows(self.rows.agg(marked=marked))[0]["marked"])

    def row_of(self, creator: str) -> Row | None:
        """A creator's row; None for one who is not ranked."""
        found = self.bench.rows(self.rows.filter(self.rows.creator_id == creator))
        return found[0] if found else None

    def sizes(self, cuts: Collection[Cut], value: float | None = None) -> list[tuple[int, int]]:
        """Of each cut how many are ranked, and the rank that `value` has or would have there."""
        better = ibis.literal(False) if value is None else self._is_better(self.rows.value, ibis.literal(value))
        counts: dict[str, ir.Value] = {}
        for at, cut in enumerate(cuts):
            inside = cut.of(self.rows)
            counts[f"of{at}"] = self.rows.count(where=inside)
            counts[f"rank{at}"] = self.rows.count(where=inside & better) + 1
        row = self.bench.rows(self.rows.agg(**counts))[0]
        return [(row[f"of{at}"], row[f"rank{at}"]) for at in range(len(cuts))]

    def neighbours(self, mine: Row, cut: Cut, count: int) -> tuple[list[Row], list[Row]]:
        """Up to `count` rows listed just before and just after one, in the order of the board, without ranks."""
        rows = self.rows.filter(cut.of(self.rows))
        value, base, creator = rows.value, rows.base, rows.creator_id
        own = ibis.literal(mine["value"])
        ahead = self._is_better(value, own) | ((value == own) & (
            (base > mine["base"]) | ((base == mine["base"]) & (creator < mine["creator_id"]))
        ))  # fmt: skip
        above = rows.filter(ahead)
        nearest = above.order_by(self._order(above, backwards=True)).limit(count)
        below = rows.filter(~ahead & (creator != mine["creator_id"]))
        return self.bench.rows(nearest)[::-1], self.bench.rows(below.order_by(self._order(below)).limit(count))

    def ranks(self, cut: Cut, creators: Collection[str]) -> dict[str, int]:
        """The ranks of some creators in a cut; whoever is not in it is left out."""
        rows = self.rows.filter(cut.of(self.rows))
        some = self.bench.offer("some", pa.table({"creator_id": pa.array(sorted(set(creators)), pa.string())}))
        asked = rows.semi_join(some, "creator_id").select("creator_id", own=rows.value)
        pairs = asked.cross_join(rows.select("value"))
        ranks = pairs.group_by("creator_id").agg(rank=self._is_better(pairs.value, pairs.own).sum() + 1)
        return {row["creator_id"]: int(row["rank"]) for row in self.bench.rows(ranks)}

    def _is_better(self, value: ir.Value, other: ir.Value) -> ir.BooleanValue:
        return value < other if self.lower_is_better else value > other

    def _order(self, rows: ir.Table, backwards: bool = False) -> list[ir.Value]:
        value_first = rows.value.asc() if self.lower_is_better != backwards else rows.value.desc()
        if backwards:
            return [value_first, rows.base.asc(), rows.creator_id.desc()]
        return [value_first, rows.base.desc(), rows.creator_id.asc()]
