"""What a rule would have come to: held against the numbers of days that have passed, before anybody is promised
anything.

The window is as long as the rule's and ends on the last day before today. Whom the rule is for is decided by what
creators are now: tiers and stages of the past are not kept. Nobody knows who would have joined, hence two counts: as if
everybody had whom the rule is for, which is the most it can cost, and as if only those had whom it would have been
offered to.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import and_
from typing import Any

import ibis
import ibis.expr.types as ir
from sqlalchemy import Engine

from assistant.creators.catalogue import Metric
from assistant.creators.custom import CustomMetrics
from assistant.creators.everyone import numbers_together
from assistant.creators.warehouse import Warehouse, Workbench
from assistant.programs.matching import PACE_DAYS, STRETCH, audience_table, goal_reach, goals_of
from assistant.programs.rewards import FEN, RewardKind
from assistant.programs.rules import TaskRule
from assistant.programs.settling import judged

BARS = 10  # of how far the audience would have come, in tenths


@dataclass(frozen=True)
class Outcome:
    """`joined` creators, of whom `done[k]` finish step k; `cost` by kind in fen or exposures, without any budget."""

    joined: int
    done: tuple[int, ...]
    cost: dict[RewardKind, int]

    @property
    def completed(self) -> int:
        """Who finishes everything."""
        return self.done[-1]


@dataclass(frozen=True)
class Simulation:
    """A rule over the days `first_day` to `last_day`. `tenths[k]` of the audience come from k to k + 1 tenths of the
    way; the last also holds who finish."""

    first_day: date
    last_day: date
    everybody: Outcome
    offered: Outcome
    tenths: tuple[int, ...]

    def fits_budget(self, rule: TaskRule) -> bool:
        """Whether the budget would have paid for everybody."""
        costs = ((kind, amount) for kind, amount in self.everybody.cost.items() if kind != "badge")
        return all(amount <= (rule.budget.total(kind) or 0) for kind, amount in costs)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON; cash in yuan."""

        def told(outcome: Outcome) -> dict[str, Any]:
            cost = {kind: amount / FEN if kind == "cash" else amount for kind, amount in outcome.cost.items()}
            return {"joined": outcome.joined, "done": list(outcome.done), "cost": cost}

        return {
            "first_day": self.first_day.isoformat(), "last_day": self.last_day.isoformat(),
            "everybody": told(self.everybody), "offered": told(self.offered), "tenths": list(self.tenths),
        }  # fmt: skip


class Simulator:
    """Holds rules against the past, all creators at once; nothing is written."""

    def __init__(self, engine: Engine, warehouse: Warehouse, metrics: CustomMetrics) -> None:
        self._engine = engine
        self._warehouse = warehouse
        self._metrics = metrics

    def simulate(self, rule: TaskRule, today: date) -> Simulation:
        """The rule over the days before today."""
        last = today - timedelta(days=1)
        first = last - timedelta(days=rule.width - 1)
        names = sorted({goal.metric for goal in goals_of(rule)})
        metrics = {name: self._metrics.metric(name, None) for name in names}
        with self._warehouse.workbench() as bench:
            people = bench.offer("people", audience_table(self._engine, [rule.rule], today, None))
            people = bench.keep("within", people.filter(people.within_0 == 1).select("creator_id"))
            before = self._beside(bench, people, metrics, first - timedelta(days=PACE_DAYS), first - timedelta(days=1))
            reaches = [
                goal_reach(before, names.index(goal.metric), goal, metrics[goal.metric], rule.width)
                for goal in goals_of(rule)
            ]
            fits = reduce(and_, (reach * STRETCH >= 1.0 for reach in reaches))
            offered = bench.keep("offered", before.select("creator_id", is_offered=fits))
            rows = self._beside(bench, offered, metrics, first, last).mutate(is_over=ibis.literal(True))
            done, share = judged(rows, rule, names, metrics)
            told = bench.keep("told", rows.select("is_offered", done=done, share=share))
            return Simulation(
                first_day=first,
                last_day=last,
                everybody=_outcome(bench, told, rule),
                offered=_outcome(bench, told.filter(told.is_offered), rule),
                tenths=_tenths(bench, told),
            )

    def _beside(
        self, bench: Workbench, rows: ir.Table, metrics: dict[str, Metric], first: date, last: date
    ) -> ir.Table:
        """The rows with the creators' numbers over some days."""
        for table in numbers_together(bench, self._warehouse, list(metrics.values()), first, last):
            rows = rows.left_join(table, "creator_id").drop("creator_id_right")
        return bench.keep(f"beside_{first:%Y%m%d}", rows)


def _outcome(bench: Workbench, told: ir.Table, rule: TaskRule) -> Outcome:
    steps = range(1, len(rule.steps) + 1)
    counts = {f"done_{step}": (told.done >= step).sum() for step in steps}
    row = bench.rows(told.agg(joined=told.count(), **counts))[0]
    done = tuple(int(row[f"done_{step}"] or 0) for step in steps)
    cost: dict[RewardKind, int] = {}
    for step, finished in zip(rule.steps, done, strict=True):
        for reward in step.rewards:
            cost[reward.kind] = cost.get(reward.kind, 0) + finished * reward.amount
    return Outcome(int(row["joined"]), done, cost)


def _tenths(bench: Workbench, told: ir.Table) -> tuple[int, ...]:
    bar = ibis.least((told.share * BARS).floor().cast("int64"), BARS - 1)
    rows = bench.rows(told.group_by(bar=bar).agg(creators=lambda some: some.count()))
    counts = {row["bar"]: row["creators"] for row in rows}
    return tuple(counts.get(at, 0) for at in range(BARS))
