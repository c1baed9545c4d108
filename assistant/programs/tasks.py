"""Taking part in incentive tasks: joining, leaving, being disqualified, appealing; and how far somebody is."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.creators.catalogue import Metric
from assistant.database.engine import reading
from assistant.database.program_tables import appeals, enrolments, programs
from assistant.database.tables import creators
from assistant.errors import BadInput, Conflict
from assistant.programs.audience import creators_within
from assistant.programs.enrolment import (
    Appeal,
    Enrolment,
    GoalProgress,
    NotOpen,
    Progress,
    State,
    WrongState,
    appeal_of,
    enrolment_of,
    move,
    one,
    table,
)
from assistant.programs.ground import Ground
from assistant.programs.matching import goals_of
from assistant.programs.measuring import Measured, growth_of, measure_span
from assistant.programs.notifier import Told
from assistant.programs.register import NoSuchProgram, Version
from assistant.programs.rules import Condition, TaskRule
from knowledge import audit

LONGEST_APPEAL = 2000


class Tasks:
    """Who takes part in what. A promise holds: who joined under a version of a rule is judged by that version."""

    def __init__(self, ground: Ground) -> None:
        self._on = ground

    def join(self, creator: str, slug: str, today: date, actor: str = "") -> Enrolment:
        """Take part from today on; joining again changes nothing, after leaving it begins anew.

        Raises NoSuchProgram; NotOpen, which says why; WrongState for one that is over for this creator.
        """
        program = self._on.register.task(slug)
        version = program.published
        if version is None:
            raise NoSuchProgram(slug)
        rule = version.rule
        self._refuse_closed(version, program.closed_at is not None, today)
        first, last = rule.window(today)
        values = {
            "version": version.number, "joined_at": _now(), "first_day": first, "last_day": last, "state": "joined",
            "steps_done": 0, "told": 0, "settled_at": None, "reason": "",
        }  # fmt: skip
        try:
            with self._on.engine.begin() as connection:
                # Who joins holds the program, so that places are counted one after the other.
                connection.execute(select(programs.c.slug).where(programs.c.slug == slug).with_for_update())
                known = connection.execute(
                    select(enrolments).where(table.creator_id == creator, table.program == slug)
                ).first()
                if known is not None and known.state == "joined":
                    return enrolment_of(known)
                if known is not None and known.state != "withdrawn":
                    raise WrongState(known.state)
                within = creators_within(rule.rule, today).where(creators.c.id == creator)
                if connection.execute(within).first() is None:
                    raise NotOpen("audience")
                self._refuse_full(connection, slug, rule)
                if known is None:
                    connection.execute(insert(enrolments).values(program=slug, creator_id=creator, **values))
                else:
                    connection.execute(update(enrolments).where(table.id == known.id).values(**values))
                found = one(connection, table.creator_id == creator, table.program == slug)
                audit.record(connection, actor or creator, "task.joined", f"{slug}/{creator}", revision=version.number)
                self._tell(connection, found, rule, "task_joined", f"{found.joined_at.isoformat()}")
        except IntegrityError:  # the same creator joined at the very same time
            return self._latest(creator, slug)
        return found

    def withdraw(self, creator: str, enrolment: int) -> Enrolment:
        """Leave a task that is not over. Raises NoSuchEnrolment, WrongState."""
        with self._on.engine.begin() as connection:
            found = one(connection, table.id == enrolment, table.creator_id == creator)
            move(connection, found, "joined", state="withdrawn", settled_at=_now())
            audit.record(connection, creator, "task.withdrawn", f"{found.program}/{creator}")
            return one(connection, table.id == enrolment)

    def disqualify(self, enrolment: int, actor: str, reason: str) -> int:
        """Put somebody out and take back what has not gone to the payer; returns how many awards had gone already.

        Raises NoSuchEnrolment, BadInput without a reason, WrongState.
        """
        if not reason.strip():
            raise BadInput("Say why: the creator reads it and may appeal.")
        with self._on.engine.begin() as connection:
            found = one(connection, table.id == enrolment)
            move(
                connection, found, "joined", "completed", state="disqualified", settled_at=_now(), reason=reason[:400]
            )
            gone = self._on.ledger.take_back(connection, found.id, actor, reason[:400])
            audit.record(connection, actor, "task.disqualified", f"{found.program}/{found.creator_id}", reason[:400])
            rule = self._rule(found)
            self._tell(connection, found, rule, "task_disqualified", _now().isoformat(), reason=reason[:400])
        return gone

    def appeal(self, creator: str, enrolment: int, text: str) -> Appeal:
        """Object to being disqualified. Raises NoSuchEnrolment, WrongState, BadInput, Conflict for a second one."""
        if not text.strip() or len(text) > LONGEST_APPEAL:
            raise BadInput(
                "Write in 1 to {longest_appeal} characters why the decision is wrong.",
                longest_appeal=LONGEST_APPEAL,
            )
        with self._on.engine.begin() as connection:
            found = one(connection, table.id == enrolment, table.creator_id == creator)
            if found.state != "disqualified":
                raise WrongState(found.state)
            # Two at once: whoever holds the enrolment first asks first.
            connection.execute(select(table.id).where(table.id == enrolment).with_for_update())
            if connection.scalar(select(func.count()).where(appeals.c.enrolment == enrolment)):
                raise Conflict("There is an appeal already; one is decided for good.")
            made = connection.execute(
                insert(appeals).values(enrolment=enrolment, text=text.strip(), made_at=_now(), answer="")
            ).inserted_primary_key
            assert made is not None
            audit.record(connection, creator, "task.appealed", f"{found.program}/{creator}")
            return appeal_of(connection, made[0])

    def decide_appeal(self, appeal: int, actor: str, upheld: bool, answer: str) -> Appeal:
        """Decide an appeal. Upheld, the creator is back where they stood, with what was taken back.

        Who put them out may not decide. Raises NotFound, Conflict, BadInput without an answer, BudgetExhausted.
        """
        if not answer.strip():
            raise BadInput("Say why: the creator reads the answer.")
        with self._on.engine.begin() as connection:
            found = appeal_of(connection, appeal)
            own = found.enrolment
            subject = f"{own.program}/{own.creator_id}"
            if _last_actor(connection, "task.disqualified", subject) == actor:
                raise Conflict("You decided this yourself; another person has to look at the appeal.")
            values = {"decided_by": actor, "decided_at": _now(), "answer": answer.strip()[:400]}
            undecided = (appeals.c.id == appeal, appeals.c.verdict.is_(None))
            verdict = "upheld" if upheld else "rejected"
            if connection.execute(update(appeals).where(*undecided).values(verdict=verdict, **values)).rowcount != 1:
                raise Conflict("This appeal is decided already.")
            rule = self._rule(own)
            if upheld:
                state = "completed" if own.steps_done == len(rule.steps) else "joined"
                move(connection, own, "disqualified", state=state, reason="")
                self._on.ledger.give_again(connection, own.id, actor, answer.strip()[:400])
            audit.record(connection, actor, f"task.appeal_{verdict}", subject, answer.strip()[:400])
            self._tell(connection, own, rule, "task_appeal", f"{appeal}", verdict=verdict, answer=answer.strip()[:400])
            return appeal_of(connection, appeal)

    def of_creator(self, creator: str) -> list[Enrolment]:
        """Everything a creator takes or took part in, the newest first."""
        return self._list(select(enrolments).where(table.creator_id == creator).order_by(table.joined_at.desc()))

    def of_program(self, slug: str, states: Sequence[State] = (), limit: int = 50, page: int = 1) -> list[Enrolment]:
        """Who takes part in a task, the newest first."""
        query = select(enrolments).where(table.program == slug).order_by(table.id.desc())
        if states:
            query = query.where(table.state.in_(states))
        return self._list(query.limit(limit).offset((page - 1) * limit))

    def find(self, enrolment: int) -> Enrolment:
        """One taking part. Raises NoSuchEnrolment."""
        with reading(self._on.engine).begin() as connection:
            return one(connection, table.id == enrolment)

    def counts(self) -> dict[str, dict[State, int]]:
        """By task and state, how many take or took part."""
        found: dict[str, dict[State, int]] = {}
        query = select(table.program, table.state, func.count()).group_by(table.program, table.state)
        with reading(self._on.engine).begin() as connection:
            for program, state, count in connection.execute(query):
                found.setdefault(program, {})[state] = count
        return found

    def appeals(self, waiting: bool = True, enrolment: int | None = None) -> list[Appeal]:
        """The appeals that wait for a decision, the oldest first; or all."""
        query = select(appeals.c.id).order_by(appeals.c.made_at)
        if waiting:
            query = query.where(appeals.c.verdict.is_(None))
        if enrolment is not None:
            query = query.where(appeals.c.enrolment == enrolment)
        with reading(self._on.engine).begin() as connection:
            return [appeal_of(connection, number) for number in connection.scalars(query).all()]

    def progress(self, enrolment: Enrolment, today: date) -> Progress:
        """How far somebody is, from the numbers as they are now."""
        rule = self._rule(enrolment)
        until = min(today, enrolment.last_day)
        goals = goals_of(rule)
        metrics = {goal.metric: self._on.matcher.metric(goal.metric) for goal in goals}
        # A rhythm is one over all the days there are, not only those gone by: hence the width.
        numbers = measure_span(
            self._on.warehouse, enrolment.creator_id, metrics, enrolment.first_day, until, width=rule.width
        )
        steps = tuple(
            tuple(_goal(goal, metrics[goal.metric], numbers[goal.metric]) for goal in step.goals) for step in rule.steps
        )
        return Progress(enrolment, rule, steps, until)

    def _refuse_closed(self, version: Version[TaskRule], is_closed: bool, today: date) -> None:
        rule = version.rule
        if is_closed:
            raise NotOpen("closed")
        if today < rule.opens:
            raise NotOpen("early")
        if today > rule.closes:
            raise NotOpen("late")
        if any(purse.left < rule.cost(purse.kind) for purse in self._on.register.purses(version.program)):
            raise NotOpen("budget")

    def _refuse_full(self, connection: Connection, slug: str, rule: TaskRule) -> None:
        if rule.places is None:
            return
        taken = connection.scalar(
            select(func.count()).where(table.program == slug, table.state != "withdrawn").select_from(enrolments)
        )
        if (taken or 0) >= rule.places:
            raise NotOpen("full")

    def _rule(self, enrolment: Enrolment) -> TaskRule:
        return self._on.register.task_versions()[(enrolment.program, enrolment.version)].rule

    def _tell(
        self, connection: Connection, found: Enrolment, rule: TaskRule, occasion: Any, key: str, **values: Any
    ) -> None:
        told = {"program": found.program, "enrolment": found.id, "title": rule.title.model_dump()} | values
        name = f"{occasion}:{found.id}:{key}"
        self._on.notifier.tell(connection, Told(found.creator_id, occasion, name, told))

    def _latest(self, creator: str, slug: str) -> Enrolment:
        with reading(self._on.engine).begin() as connection:
            return one(connection, table.creator_id == creator, table.program == slug)

    def _list(self, query: Select[Any]) -> list[Enrolment]:
        with reading(self._on.engine).begin() as connection:
            return [enrolment_of(row) for row in connection.execute(query)]


def _goal(goal: Condition, metric: Metric, reached: Measured) -> GoalProgress:
    known = reached.value is not None and reached.base >= (
        metric.minimum_base if growth_of(metric.expression) == "level" else 0
    )
    met = known and goal.met(reached.value)
    if met:
        return GoalProgress(goal, metric, reached, True, 1.0)
    if reached.value is None or goal.at_least is None:
        return GoalProgress(goal, metric, reached, False, 0.0)
    return GoalProgress(goal, metric, reached, False, max(0.0, min(1.0, reached.value / goal.at_least)))


def _last_actor(connection: Connection, action: str, subject: str) -> str | None:
    entries = audit.audit.c
    query = select(entries.actor).where(entries.action == action, entries.subject == subject)
    return connection.scalar(query.order_by(entries.id.desc()).limit(1))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
