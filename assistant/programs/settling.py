"""Settling: everybody who takes part is held against the warehouse, and what was reached is written down and rewarded.

Progress itself is kept nowhere: it is computed from the numbers for all at once, and only what changes is written. To
settle again changes nothing. A total counts as soon as it is reached; a step with a level (a rate) is judged when its
days are over. Until `grace_days` later numbers may still arrive; then what is not done is missed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from operator import and_
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlalchemy import Connection, String, cast, select, update

from assistant.creators.catalogue import Metric
from assistant.creators.everyone import numbers_of_spans
from assistant.creators.warehouse import Workbench
from assistant.database.columns import columns_of
from assistant.database.program_tables import enrolments
from assistant.programs.ground import Ground
from assistant.programs.matching import goals_of
from assistant.programs.measuring import growth_of
from assistant.programs.notifier import Occasion, Told
from assistant.programs.register import Version
from assistant.programs.rules import Condition, TaskRule
from knowledge import audit

# What somebody was told already, as bits of `enrolments.told`.
HALFWAY, ENDING = 1, 2
HALF = 0.5
ENDING_DAYS = 3
AT_ONCE = 200  # enrolments that one transaction settles
SETTLER = "heliotrope"
_SPANS = pa.schema(
    [
        ("span", pa.int64()),
        ("creator_id", pa.string()),
        ("first_day", pa.date32()),
        ("last_day", pa.date32()),
        ("program", pa.string()),
        ("version", pa.int64()),
        ("steps_done", pa.int64()),
        ("told", pa.int64()),
    ]
)
_DUE = pa.schema(
    [
        *(field for field in _SPANS if field.name != "first_day"),
        ("done", pa.int64()),
        ("share", pa.float64()),
        ("is_lost", pa.bool_()),
        ("is_ending", pa.bool_()),
    ]
)
Key = tuple[str, int]
Versions = Mapping[Key, Version[TaskRule]]
table = enrolments.c


@dataclass(frozen=True)
class Settled:
    """What one run changed. `unfunded` steps were done when the budget was used up: they brought nothing."""

    looked_at: int = 0
    steps: int = 0
    completed: int = 0
    missed: int = 0
    unfunded: int = 0


class Settling:
    """Safe to run at any time, twice, and in many processes at once: each step of each enrolment is done once."""

    def __init__(self, ground: Ground) -> None:
        self._on = ground

    def settle(self, today: date, creators: Collection[str] | None = None) -> Settled:
        """Settle everybody who takes part, or these creators."""
        versions = self._on.register.task_versions()
        looked_at, due = self.due(today, creators)
        due = due.sort_by([("program", "ascending"), ("span", "ascending")])
        counts = dict.fromkeys(("steps", "completed", "missed", "unfunded"), 0)
        for first in range(0, due.num_rows, AT_ONCE):
            with self._on.engine.begin() as connection:
                for row in due.slice(first, AT_ONCE).to_pylist():
                    version = versions[row["program"], row["version"]]
                    for name in self._settle(connection, row, version.rule, today):
                        counts[name] += 1
        return Settled(looked_at, **counts)

    def due(self, today: date, creators: Collection[str] | None = None) -> tuple[int, pa.Table]:
        """How many take part, and those for whom something is due: with `done`, the steps done by the numbers, `share`,
        how far they are, and whether their days and the grace are over (`is_lost`) or about to be (`is_ending`)."""
        spans = self.open_spans(today, creators)
        found = [_DUE.empty_table()]
        with self._on.warehouse.workbench() as bench:
            for told in self.standing(bench, spans, today):
                is_news = (told.share >= HALF) & (told.done == 0) & ((told.told & HALFWAY) == 0)
                is_last_call = told.is_ending & ((told.told & ENDING) == 0)
                due = told.filter((told.done > told.steps_done) | told.is_lost | is_news | is_last_call)
                found.append(bench.table(due.select(*_DUE.names)).cast(_DUE))
        return spans.num_rows, pa.concat_tables(found)

    def open_spans(self, today: date, creators: Collection[str] | None = None, program: str = "") -> pa.Table:
        """Everybody who takes part now, as spans with what they take part in."""
        days = [cast(table.first_day, String), cast(table.last_day, String)]
        query = select(table.id, table.creator_id, *days, table.program, table.version, table.steps_done, table.told)
        query = query.where(table.state == "joined", table.first_day <= today)
        if creators is not None:
            query = query.where(table.creator_id.in_(creators))
        if program:
            query = query.where(table.program == program)
        told = pa.schema([(field.name, pa.string() if field.type == pa.date32() else field.type) for field in _SPANS])
        return columns_of(self._on.engine, query, told).cast(_SPANS)

    def standing(self, bench: Workbench, spans: pa.Table, today: date) -> Iterator[ir.Table]:
        """Each of the spans with `done`, `share`, `is_over`, `is_lost` and `is_ending`, in a few tables; each is to be
        read before the next one is asked for."""
        versions = self._on.register.task_versions()
        programs = spans.select(["program", "version"]).group_by(["program", "version"]).aggregate([]).to_pylist()
        by_width: dict[int, list[Key]] = {}
        for key in sorted((row["program"], row["version"]) for row in programs):
            by_width.setdefault(self._width(versions[key].rule), []).append(key)
        everybody = bench.offer("everybody", spans) if by_width else None
        for width, keys in by_width.items():
            assert everybody is not None
            yield self._standing(bench, everybody, width, keys, versions, today)

    def _standing(
        self, bench: Workbench, everybody: ir.Table, width: int, keys: Sequence[Key], versions: Versions, today: date
    ) -> ir.Table:
        names = sorted({goal.metric for key in keys for goal in goals_of(versions[key].rule)})
        metrics = {name: self._on.matcher.metric(name) for name in names}
        tasks = pa.table(
            {
                "program": [key[0] for key in keys],
                "version": [key[1] for key in keys],
                "task": range(len(keys)),
                "grace": [versions[key].rule.grace_days for key in keys],
            }
        )
        own = everybody.join(bench.offer("tasks", tasks), ["program", "version"])
        rows = bench.keep("standing", own)
        spans = rows.select("span", "creator_id", "first_day", "last_day")
        for numbers in numbers_of_spans(bench, self._on.warehouse, list(metrics.values()), bench.table(spans), width):
            rows = rows.left_join(numbers, "span").drop("span_right")
        now = ibis.literal(today)
        is_over = rows.last_day < now
        rows = rows.mutate(
            is_over=is_over,
            is_lost=rows.last_day.delta(now, unit="day") < -rows.grace,
            is_ending=~is_over & (rows.last_day.delta(now, unit="day") <= ENDING_DAYS),
        )
        verdicts = [judged(rows, versions[key].rule, names, metrics) for key in keys]
        return rows.mutate(
            done=ibis.cases(*((rows.task == at, done) for at, (done, _) in enumerate(verdicts)), else_=0),
            share=ibis.cases(*((rows.task == at, share) for at, (_, share) in enumerate(verdicts)), else_=0.0),
        )

    def _width(self, rule: TaskRule) -> int:
        """The days of the window where a metric asks for them, else 0, so that the rest is computed together."""
        units = {self._on.matcher.metric(goal.metric).unit for goal in goals_of(rule)}
        return rule.width if "per_week" in units else 0

    def _settle(self, connection: Connection, row: Mapping[str, Any], rule: TaskRule, today: date) -> list[str]:
        """Write down what is due to one; returns what happened by the names of `Settled`."""
        happened: list[str] = []
        for step in range(row["steps_done"], row["done"]):
            is_last = step + 1 == len(rule.steps)
            values: dict[str, Any] = {"steps_done": step + 1}
            if is_last:
                values |= {"state": "completed", "settled_at": _now()}
            if not _changed(connection, row["span"], table.steps_done == step, **values):
                return happened  # somebody else is settling it, or it has ended
            happened.append("steps")
            is_paid = self._on.ledger.award(
                connection, row["program"], row["version"], rule, row["span"], row["creator_id"], step
            )
            if not is_paid:
                happened.append("unfunded")
            subject = f"{row['program']}/{row['creator_id']}"
            audit.record(connection, SETTLER, "task.step_done", subject, step=step + 1, rewarded=is_paid)
            occasion: Occasion = "task_completed" if is_last else "task_step"
            self._tell(connection, row, rule, occasion, str(step + 1), step=step + 1, rewarded=is_paid)
            if is_last:
                return [*happened, "completed"]
        if row["is_lost"]:
            ended = _changed(connection, row["span"], state="missed", settled_at=_now())
            if ended:
                audit.record(connection, SETTLER, "task.missed", f"{row['program']}/{row['creator_id']}")
                self._tell(connection, row, rule, "task_missed", "")
            return [*happened, "missed"] if ended else happened
        for bit, is_due, occasion in (
            (HALFWAY, row["share"] >= HALF and row["done"] == 0, "task_halfway"),
            (ENDING, row["is_ending"], "task_ending"),
        ):
            if is_due and not row["told"] & bit:
                not_yet = table.told.bitwise_and(bit) == 0
                if _changed(connection, row["span"], not_yet, told=table.told + bit):
                    left = (row["last_day"] - today).days
                    self._tell(connection, row, rule, occasion, "", share=round(row["share"], 2), days_left=left)
        return happened

    def _tell(
        self,
        connection: Connection,
        row: Mapping[str, Any],
        rule: TaskRule,
        occasion: Occasion,
        key: str,
        **values: Any,
    ) -> None:
        told = {"program": row["program"], "enrolment": row["span"], "title": rule.title.model_dump()} | values
        name = f"{occasion}:{row['span']}:{row['version']}:{key}"
        self._on.notifier.tell(connection, Told(row["creator_id"], occasion, name, told))


def judged(
    rows: ir.Table, rule: TaskRule, names: Sequence[str], metrics: Mapping[str, Metric]
) -> tuple[ir.IntegerValue, ir.FloatingValue]:
    """How many steps are done, in their order, and how far the whole is, from 0 to 1. `rows` has `value_i` and `base_i`
    of the metrics by their places in `names`, and `is_over`, whether the days are over."""
    done: ir.IntegerValue = ibis.literal(0)
    shares = []
    whole: ir.BooleanValue = ibis.literal(True)
    for step in rule.steps:
        goals = [_goal(rows, names.index(goal.metric), goal, metrics[goal.metric]) for goal in step.goals]
        whole = whole & reduce(and_, (met for met, _ in goals))
        done = done + whole.cast("int64")
        shares.append(reduce(lambda left, right: ibis.least(left, right), [share for _, share in goals]))
    share = reduce(lambda left, right: left + right, shares) / float(len(shares))
    return done, share


def _goal(rows: ir.Table, place: int, goal: Condition, metric: Metric) -> tuple[ir.BooleanValue, ir.FloatingValue]:
    """Whether a goal is met for good, and how far it is."""
    value, base = rows[f"value_{place}"], rows[f"base_{place}"]
    reached = value >= float(goal.target) if goal.at_least is not None else value <= float(goal.target)
    counts = reached
    if growth_of(metric.expression) == "level" or goal.at_most is not None:
        reached = reached & (base >= metric.minimum_base)
        counts = reached & rows.is_over
    part = value / float(goal.at_least) if goal.at_least else ibis.literal(0.0)
    # Unknown is nothing; the database's least and greatest would pass over it.
    part = ibis.greatest(0.0, ibis.least(1.0, ibis.coalesce(part, 0.0)))
    return ibis.coalesce(counts, False), ibis.cases((ibis.coalesce(reached, False), 1.0), else_=part)


def _changed(connection: Connection, enrolment: int, *conditions: Any, **values: Any) -> bool:
    """Change one that still takes part; False when somebody else was first."""
    still = (table.id == enrolment, table.state == "joined", *conditions)
    return connection.execute(update(enrolments).where(*still).values(**values)).rowcount == 1


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
