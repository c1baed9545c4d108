"""Which few tasks fit a creator: for whom they are, what is left of them, and whether the creator can finish them.

Feasible is decided from the creator's own last 28 days, goal by goal (an editorial rule, no platform's):

  a total (plays)         the own rate a day × the days one has, on at least a week of data
  a level (a rate)        the own level, on at least the metric's minimum base
  works to publish        a matter of will: one every two days, or twice the own rhythm, whichever is more

A goal is within reach when that comes to it with a stretch of a fifth at most; a task when all its goals are. What is
unknown is not within reach. All creators are matched in one query; a single one is the same query.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import add, and_
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlalchemy import BigInteger, Engine, Select, case, cast, func, select

from assistant.creators.catalogue import Metric
from assistant.creators.custom import CustomMetrics
from assistant.creators.everyone import numbers_together
from assistant.creators.warehouse import Warehouse, Workbench
from assistant.database.columns import columns_of
from assistant.database.engine import reading
from assistant.database.program_tables import creator_traits, enrolments
from assistant.database.tables import creators as creators_table
from assistant.programs.audience import AudienceRule, creators_within
from assistant.programs.measuring import Measured, growth_of
from assistant.programs.register import Register, Version
from assistant.programs.rules import Condition, TaskRule

PACE_DAYS = 28
LEAST_DAYS = 7
STRETCH = 1.2
WORKS_A_DAY = 0.5
FEW = 3
# Bits of a number of 64 that stand for audiences; a second number begins after so many.
_BITS = 60
# A creator's tasks as numbers that sort the best first: reach in thousandths, then the task's place.
_PLACES, _FULL = 1000, 1000


@dataclass(frozen=True)
class Outlook:
    """A goal as one creator stands to it: what the own rate would come to in the days there are. `reach` is that over
    the target, at most 1."""

    goal: Condition
    metric: Metric
    expected: float | None
    reach: float


@dataclass(frozen=True)
class Offer:
    """A task that fits. `reach` is that of its hardest goal; `fits` are the parts of the audience rule that this
    creator is within, as (part, trait)."""

    version: Version[TaskRule]
    reach: float
    fits: tuple[tuple[str, str], ...]
    outlooks: tuple[tuple[Outlook, ...], ...]

    @property
    def slug(self) -> str:
        """The program's name."""
        return self.version.program


class Matcher:
    """Matches every creator to the tasks in force. It reads only; nothing is kept of what it finds."""

    def __init__(self, engine: Engine, warehouse: Warehouse, metrics: CustomMetrics, register: Register) -> None:
        self._engine = engine
        self._warehouse = warehouse
        self._metrics = metrics
        self._register = register

    def available(self, today: date) -> list[Version[TaskRule]]:
        """The tasks that may be joined today and still have places and money, those that give most first."""
        taken = self.participants()
        purses = self._register.all_purses()
        open_now = [
            version
            for version in self._register.tasks_in_force()
            if version.rule.is_open(today)
            and (version.rule.places is None or taken.get(version.program, 0) < version.rule.places)
            and all(purse.left >= version.rule.cost(purse.kind) for purse in purses.get(version.program, ()))
        ]
        return sorted(open_now, key=lambda one: (-one.rule.cost("cash"), -one.rule.cost("traffic"), one.rule.closes))

    def participants(self) -> dict[str, int]:
        """How many take part in each task, those who withdrew left out."""
        query = select(enrolments.c.program, func.count()).where(enrolments.c.state != "withdrawn")
        with reading(self._engine).begin() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(enrolments.c.program))}

    def metric(self, name: str) -> Metric:
        """The metric of a goal."""
        return self._metrics.metric(name, None)

    def offers(self, creator: str, today: date, most: int = FEW) -> list[Offer]:
        """The tasks that fit one creator best, best first."""
        versions = self.available(today)
        with self._warehouse.workbench() as bench:
            table, names = self._fitting(bench, versions, today, [creator])
            rows = bench.rows(table)
        if not rows or not rows[0]["picks"]:
            return []
        row = rows[0]
        numbers = {
            name: Measured(row.get(f"value_{at}"), round(row.get(f"base_{at}") or 0)) for at, name in enumerate(names)
        }
        places = [_PLACES - 1 - (-pick % _PLACES) for pick in row["picks"][:most]]
        return [self._offer(versions[place], creator, numbers, today) for place in places]

    def fit_everyone(self, today: date) -> pa.Table:
        """Every creator whom some task fits, with the best few: `tasks` (places in `available`), best first, and the
        `reaches` of them."""
        versions = self.available(today)
        with self._warehouse.workbench() as bench:
            table, _ = self._fitting(bench, versions, today, None)
            table = table.filter(table.picks.length() > 0)
            return bench.table(
                table.select(
                    "creator_id",
                    tasks=table.picks.map(lambda pick: _PLACES - 1 - (-pick) % _PLACES),
                    reaches=table.picks.map(lambda pick: ((-pick) // _PLACES) / float(_FULL)),
                )
            )

    def counts(self, today: date) -> dict[str, int]:
        """How many creators each task fits, whether or not it is among their best few."""
        versions = self.available(today)
        if not versions:
            return {}
        with self._warehouse.workbench() as bench:
            table, _ = self._fitting(bench, versions, today, None)
            sums = {f"n_{at}": table[f"reach_{at}"].count() for at in range(len(versions))}
            row = bench.rows(table.agg(**sums))[0]
        return {version.program: int(row[f"n_{at}"]) for at, version in enumerate(versions)}

    def _fitting(
        self, bench: Workbench, versions: Sequence[Version[TaskRule]], today: date, wanted: Collection[str] | None
    ) -> tuple[ir.Table, list[str]]:
        """One row a creator whom some task is for: `picks`, the best tasks as numbers that sort the best first,
        `reach_k` of each task that fits, and the creator's own numbers by the metrics' places in the list returned."""
        names = sorted({goal.metric for version in versions for goal in goals_of(version.rule)})
        metrics = {name: self.metric(name) for name in names}
        people = bench.offer("people", audience_table(self._engine, [v.rule.rule for v in versions], today, wanted))
        done = bench.offer("enrolled", self._enrolled([version.program for version in versions], wanted))
        rows = people.left_join(done, "creator_id").drop("creator_id_right")
        start, end = today - timedelta(days=PACE_DAYS), today - timedelta(days=1)
        for table in numbers_together(bench, self._warehouse, list(metrics.values()), start, end, wanted):
            rows = rows.left_join(table, "creator_id").drop("creator_id_right")
        reaches = {
            f"reach_{at}": _reach_of(rows, at, version.rule, names, metrics, today)
            for at, version in enumerate(versions)
        }
        rows = bench.keep("reaches", rows.mutate(**reaches))
        codes = [
            -((rows[f"reach_{at}"] * _FULL).floor().cast("int64") * _PLACES + (_PLACES - 1 - at))
            for at in range(len(versions))
        ]
        empty = ibis.literal([], "array<int64>")
        picks = ibis.array(codes).filter(lambda code: code.notnull()).sort()[:FEW] if codes else empty
        return rows.mutate(picks=picks), names

    def _enrolled(self, slugs: Sequence[str], wanted: Collection[str] | None) -> pa.Table:
        """Who takes part in which of the tasks already: bit k of `enrolled_j` is task j × 60 + k."""
        groups = _groups(len(slugs))
        bits = [
            cast(func.sum(case(*((enrolments.c.program == slugs[at], 1 << at % _BITS) for at in group))), BigInteger)
            for group in groups
        ]
        query = select(enrolments.c.creator_id, *bits).where(enrolments.c.program.in_(slugs))
        query = query.where(enrolments.c.state != "withdrawn").group_by(enrolments.c.creator_id)
        if wanted is not None:
            query = query.where(enrolments.c.creator_id.in_(wanted))
        return _table(self._engine, query, "enrolled", len(groups))

    def _offer(self, version: Version[TaskRule], creator: str, numbers: Mapping[str, Measured], today: date) -> Offer:
        days = version.rule.days_left(today)
        outlooks = tuple(
            tuple(outlook(goal, self.metric(goal.metric), numbers[goal.metric], days) for goal in step.goals)
            for step in version.rule.steps
        )
        reach = min(one.reach for step in outlooks for one in step)
        return Offer(version, reach, self._fits(version.rule.rule, creator), outlooks)

    def _fits(self, rule: AudienceRule, creator: str) -> tuple[tuple[str, str], ...]:
        """Which parts of the rule speak for this creator, with the trait that does."""
        columns = (creators_table.c.category, creators_table.c.region, creator_traits.c.tier, creator_traits.c.stage)
        query = creators_within(AudienceRule(), date.max, *columns).where(creators_table.c.id == creator)
        with reading(self._engine).begin() as connection:
            row = connection.execute(query).one()
        asked = (
            ("tier", rule.tiers, row.tier),
            ("stage", rule.stages, row.stage),
            ("category", rule.categories, row.category),
            ("region", rule.regions, row.region),
        )
        fits = [(part, value) for part, wanted, value in asked if wanted]
        if rule.joined_within_days is not None:
            fits.append(("joined", str(rule.joined_within_days)))
        return tuple(fits)


def goals_of(rule: TaskRule) -> list[Condition]:
    """All goals of all steps."""
    return [goal for step in rule.steps for goal in step.goals]


def outlook(goal: Condition, metric: Metric, own: Measured, days: int) -> Outlook:
    """How one creator stands to a goal, by the rule at the head of this module; the same as the query decides."""
    growth, target = growth_of(metric.expression), goal.target
    expected: float | None = None
    if growth == "own hands":
        rhythm = max(WORKS_A_DAY, 2 * (_works(metric, own.value or 0.0, PACE_DAYS) / PACE_DAYS))
        expected, target = rhythm * days, _works(metric, target, days)
    elif own.value is not None and growth == "total" and own.base >= _least(metric):
        expected = own.value / (own.base if metric.expression.rows != "work" else PACE_DAYS) * days
    elif own.value is not None and growth == "level" and own.base >= metric.minimum_base:
        expected = own.value
    if expected is None:
        return Outlook(goal, metric, None, 0.0)
    if goal.at_most is not None:
        reach = 1.0 if expected <= target else target / expected if target > 0 else 0.0
    else:
        reach = expected / target
    shown = expected * 7 / days if metric.unit == "per_week" and growth == "own hands" else expected
    return Outlook(goal, metric, shown, max(0.0, min(1.0, reach)))


def _reach_of(
    rows: ir.Table, at: int, rule: TaskRule, names: Sequence[str], metrics: Mapping[str, Metric], today: date
) -> ir.FloatingValue:
    """The reach of a task's hardest goal, for whom it is for and can finish it; null for everybody else."""
    days = rule.days_left(today)
    goals = [goal_reach(rows, names.index(goal.metric), goal, metrics[goal.metric], days) for goal in goals_of(rule)]
    hardest = reduce(lambda left, right: ibis.least(left, right), goals)
    bit = 1 << at % _BITS
    is_for = (rows[f"within_{at // _BITS}"] & bit) != 0
    is_new = (ibis.coalesce(rows[f"enrolled_{at // _BITS}"], 0) & bit) == 0
    fits = reduce(and_, [is_for, is_new, *(goal * STRETCH >= 1.0 for goal in goals)])
    return ibis.cases((fits, hardest), else_=ibis.null("float64"))


def goal_reach(rows: ir.Table, place: int, goal: Condition, metric: Metric, days: int) -> ir.FloatingValue:
    """`outlook` as an expression."""
    growth, target = growth_of(metric.expression), goal.target
    value, base = rows[f"value_{place}"], rows[f"base_{place}"]
    if growth == "own hands":
        rhythm = ibis.greatest(WORKS_A_DAY, 2.0 * _works(metric, ibis.coalesce(value, 0.0), PACE_DAYS) / PACE_DAYS)
        expected, target = rhythm * float(days), _works(metric, target, days)
    elif growth == "total":
        a_day = value / (base if metric.expression.rows != "work" else float(PACE_DAYS))
        expected = ibis.cases((base >= _least(metric), a_day * float(days)), else_=ibis.null("float64"))
    else:
        expected = ibis.cases((base >= metric.minimum_base, value), else_=ibis.null("float64"))
    if goal.at_most is None:
        reach = expected / float(target)
    else:
        reach = ibis.cases((expected <= target, 1.0), else_=float(target) / expected.nullif(0.0))
    # Unknown is nothing; the database's least and greatest would pass over it.
    return ibis.greatest(0.0, ibis.least(1.0, ibis.coalesce(reach, 0.0)))


def _works(metric: Metric, value, days: int):  # type: ignore[no-untyped-def]  # a number, or a column of them
    """A number of works, whatever it is counted in: works a week become works."""
    return value * days / 7.0 if metric.unit == "per_week" else value


def _least(metric: Metric) -> int:
    return LEAST_DAYS if metric.expression.rows != "work" else 1


def audience_table(
    engine: Engine, rules: Sequence[AudienceRule], today: date, wanted: Collection[str] | None
) -> pa.Table:
    """Everybody with the audiences they are within: bit k of `within_j` is audience j × 60 + k. SQL decides, by the
    very conditions that audiences are made of."""
    groups = _groups(len(rules))
    bits = [
        reduce(add, (case((rules[at].within(today), 1 << at % _BITS), else_=0) for at in group)) for group in groups
    ]
    query = creators_within(AudienceRule(), today, creators_table.c.id, *bits)
    if wanted is not None:
        query = query.where(creators_table.c.id.in_(wanted))
    return _table(engine, query, "within", len(groups))


def _table(engine: Engine, query: Select[Any], prefix: str, count: int) -> pa.Table:
    """The rows of a query over creators as columns: `creator_id`, then `prefix_j`."""
    numbers = [(f"{prefix}_{at}", pa.int64()) for at in range(count)]
    return columns_of(engine, query, pa.schema([("creator_id", pa.string()), *numbers]))


def _groups(count: int) -> list[range]:
    return [range(first, min(first + _BITS, count)) for first in range(0, count, _BITS)]
