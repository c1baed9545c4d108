"""Plans: what to do in the coming weeks, by which number it will show, kept, and looked back on.

Invariant: a plan keeps the numbers of the day on which it was made; a review computes before and after in the same way
and claims no cause.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from sqlalchemy import Engine, Row, insert, select

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.diagnosis import diagnose
from assistant.creators.digest import Digest, digest_of
from assistant.creators.figures import Figure
from assistant.creators.findings import Finding
from assistant.creators.growth import trajectory
from assistant.creators.intervals import wilson
from assistant.creators.metrics import last_day, measure
from assistant.creators.reasons import reasons_of
from assistant.creators.steps import NOTICEABLE_GAP
from assistant.creators.warehouse import Warehouse
from assistant.creators.worked import strengths_of
from assistant.database.engine import reading
from assistant.database.number_tables import plans
from assistant.errors import NotFound

REVIEWED_AFTER = (7, 14)  # days
WEEKLY_STEPS = 3
WORTH_A_TARGET = 0.03  # how far from the own usual a metric must be for the usual to be something to aim at
# What a diagnosis may find low that is no metric of the catalogue, and the metric that shows it day by day.
SHOWN_BY = {
    "two_second_exit_rate": "short_play_rate_3s",
    "five_second_rate": "valid_play_rate_7s",
    "profile_visit_rate": "follow_rate",
}


@dataclass(frozen=True)
class Opportunity:
    """Something a creator can take part in: a task or a campaign, the metric that shows it, and its last day."""

    title: str
    metric: str
    ends_on: date | None = None


class Opportunities(Protocol):
    """Who knows what a creator can take part in. The programs implement it."""

    def open_to(self, creator: str, today: date) -> Sequence[Opportunity]:
        """What fits this creator and runs today, the most fitting first."""
        ...


class NoOpportunities:
    """A house without programs."""

    def open_to(self, creator: str, today: date) -> Sequence[Opportunity]:
        """Nothing."""
        return ()


@dataclass(frozen=True)
class PlanStep:
    """What to do (`do`: a topic of the diagnosis, or `return`, `rhythm`, `slower`, `repeat`, `test`, `join`) and the
    metric that will show whether it worked: its `value` over the 28 days before the plan with `n`, and the `target`,
    the creator's own usual, where that is better. `subject` is a work or a task the step is about; `work` is the one
    work whose numbers `value`, `n` and `target` are, when they are not those of the 28 days."""

    week: int
    do: str
    metric: str
    value: float | None
    n: int
    target: float | None
    subject: str = ""
    work: str = ""


@dataclass(frozen=True)
class Plan:
    """A plan as it was given."""

    creator_id: str
    made_on: date
    weeks: int
    stage: str
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True)
class Effect:
    """A metric some days after a plan beside the same number of days before it; `after` is None while the days are not
    over. `is_clear`: the difference is at least a tenth, and for a rate the 95 % intervals do not meet."""

    step: PlanStep
    days: int
    before: Figure
    after: Figure | None
    is_clear: bool


class Plans:
    """Makes plans, keeps them, and looks back on the last one."""

    def __init__(self, engine: Engine, warehouse: Warehouse, opportunities: Opportunities | None = None) -> None:
        self._engine = engine
        self._warehouse = warehouse
        self._opportunities = opportunities or NoOpportunities()

    def make(self, creator: str, today: date, weeks: int) -> Plan | None:
        """A plan of one or four weeks from the creator's stage, what fell, the diagnosis of the last work, what worked,
        and what there is to take part in; None without numbers. It is not kept."""
        digest = digest_of(self._warehouse, creator, today)
        if digest.is_empty:
            return None
        growth = trajectory(self._warehouse, creator, today)
        stage = growth.stage.zh if growth.stage is not None else ""
        steps: dict[str, PlanStep] = {}
        for step in self._wanted(creator, today, stage, digest):
            steps.setdefault(step.metric, step)  # one step a metric: two could not be told apart
        most = WEEKLY_STEPS if weeks == 1 else weeks
        told = [replace(step, week=1 if weeks == 1 else place) for place, step in enumerate(steps.values(), 1)]
        return Plan(creator, today, weeks, stage, tuple(told[:most]))

    def keep(self, plan: Plan) -> None:
        """Keep a plan; it becomes the creator's latest."""
        row = {
            "creator_id": plan.creator_id,
            "made_on": plan.made_on.isoformat(),
            "weeks": plan.weeks,
            "stage": plan.stage,
            "steps": [asdict(step) for step in plan.steps],
            "created_at": datetime.now(UTC).replace(tzinfo=None),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(plans).values(**row))

    def latest(self, creator: str, today: date) -> Plan | None:
        """The last plan that was kept up to `today`."""
        own = select(plans).where(plans.c.creator_id == creator, plans.c.made_on <= today.isoformat())
        with reading(self._engine).begin() as connection:
            row = connection.execute(own.order_by(plans.c.made_on.desc(), plans.c.id.desc()).limit(1)).first()
        return None if row is None else _plan(row)

    def review(self, plan: Plan, today: date) -> list[Effect]:
        """What became of each step's metric after 7 and after 14 days, as far as there are numbers."""
        known = last_day(self._warehouse, plan.creator_id, today)
        return [self._effect(plan, step, days, known) for step in plan.steps for days in REVIEWED_AFTER]

    def _effect(self, plan: Plan, step: PlanStep, days: int, known: date | None) -> Effect:
        last = plan.made_on + timedelta(days=days - 1)
        before = self._measured(plan, step.metric, plan.made_on - timedelta(days=days), days)
        if known is None or known < last:
            return Effect(step, days, before, None, is_clear=False)
        after = self._measured(plan, step.metric, plan.made_on, days)
        return Effect(step, days, before, after, _is_clear(before, after))

    def _measured(self, plan: Plan, metric: str, first: date, days: int) -> Figure:
        return measure(self._warehouse, plan.creator_id, metric, first, first + timedelta(days=days - 1))

    def _wanted(self, creator: str, today: date, stage: str, digest: Digest) -> list[PlanStep]:
        """The steps that could be taken, the most pressing first."""
        wanted = [_step("return", "posting_frequency", digest)] if stage == "沉默" else []
        reasons = reasons_of(self._warehouse, creator, today)
        wanted += [_step(reason.do, reason.figure.metric, digest) for reason in reasons.found]
        try:
            diagnosis = diagnose(self._warehouse, creator, None, datetime.combine(today, time.max))
        except NotFound:
            findings, work = [], ""
        else:
            findings, work = diagnosis.findings, diagnosis.work.title
        wanted += [_of_finding(finding, work, digest) for finding in findings if finding.topic != "reach"]
        joins = self._opportunities.open_to(creator, today)[:1]
        strengths = strengths_of(self._warehouse, creator, today)
        best = strengths.works[:1]
        return [
            *wanted[:2],
            *(_step("join", one.metric, digest, one.title) for one in joins),
            *(_step("repeat", "median_plays_per_work", digest, work.title) for work in best),
            *wanted[2:],
            _step("test", "completion_rate", digest),
            _step("profile_follow", "follow_rate", digest),
        ]


def _step(do: str, metric: str, digest: Digest, subject: str = "") -> PlanStep:
    """A step over the last 28 days; its target is the own usual where that is noticeably better."""
    figure, usual = digest.figure(metric), digest.own_medians.get(metric)
    value, n = (figure.value, figure.n) if figure is not None else (None, 0)
    is_inverse = metric in CATALOGUE and CATALOGUE[metric].direction == "lower is better"
    is_short = False
    if value and usual:
        is_short = (value / usual if is_inverse else usual / value) >= 1 + WORTH_A_TARGET
    return PlanStep(1, do, metric, value, n, usual if is_short else None, subject)


def _of_finding(finding: Finding, work: str, digest: Digest) -> PlanStep:
    """A step about what fell short in one work; the number of the work is the one to improve on."""
    figure = finding.step.figure
    if figure.metric in SHOWN_BY:
        return _step(finding.topic, SHOWN_BY[figure.metric], digest)
    return PlanStep(1, finding.topic, figure.metric, figure.value, figure.n, figure.baseline, work=work)


def _is_clear(before: Figure, after: Figure) -> bool:
    if before.value is None or after.value is None or not before.value:
        return False
    if abs(after.value - before.value) / abs(before.value) < NOTICEABLE_GAP:
        return False
    if before.unit != "percent":
        return True
    one, other = wilson(before.value * before.n, before.n), wilson(after.value * after.n, after.n)
    return one is None or other is None or one[1] < other[0] or other[1] < one[0]


def _plan(row: Row[Any]) -> Plan:
    steps = tuple(PlanStep(**step) for step in row.steps)
    return Plan(row.creator_id, date.fromisoformat(row.made_on), row.weeks, row.stage, steps)
