"""Taking part in a task as it is kept: how it stands, how far it is, and an objection to being put out."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from assistant.creators.catalogue import Metric
from assistant.database.program_tables import appeals, enrolments
from assistant.errors import Conflict, NotFound, Said
from assistant.programs.measuring import Measured, growth_of
from assistant.programs.rules import Condition, TaskRule

State = Literal["joined", "completed", "missed", "withdrawn", "disqualified"]
table = enrolments.c


class NoSuchEnrolment(NotFound):
    """There is no such taking part, or not for who asks."""

    def __init__(self) -> None:
        super().__init__("There is no such task of this creator.")


class NotOpen(Conflict):
    """The task is over, not begun, full, or for others; `why` is closed, early, late, full, audience or budget."""

    SAID = {
        "closed": Said("This task takes nobody any more."),
        "early": Said("This task has not begun yet."),
        "late": Said("The last day for joining this task is over."),
        "full": Said("All places of this task are taken."),
        "audience": Said("This task is for other creators; see what its rule says about whom it is for."),
        "budget": Said("The budget of this task is used up."),
    }

    def __init__(self, why: str) -> None:
        super().__init__(self.SAID[why])
        self.why = why


class WrongState(Conflict):
    """What was asked does not go with how the taking part stands."""

    def __init__(self, state: str) -> None:
        super().__init__("This does not go with a task that is {state}.", state=Said(state))
        self.state = state


@dataclass(frozen=True)
class Enrolment:
    """One creator in one task; what counts are the days from `first_day` to `last_day`, both included."""

    id: int
    program: str
    version: int
    creator_id: str
    joined_at: datetime
    first_day: date
    last_day: date
    state: State
    steps_done: int
    told: int
    settled_at: datetime | None
    reason: str


@dataclass(frozen=True)
class GoalProgress:
    """A goal with what is reached of it; `share` is from 0 to 1. A level is judged when the days are over: until then
    `met` says only how it stands."""

    goal: Condition
    metric: Metric
    reached: Measured
    met: bool
    share: float

    @property
    def missing(self) -> float | None:
        """What is still needed of a number that adds up; None where nothing is known or it is a level."""
        if self.goal.at_least is None or growth_of(self.metric.expression) == "level":
            return None
        return max(0.0, self.goal.at_least - (self.reached.value or 0.0))


@dataclass(frozen=True)
class Progress:
    """How far a creator is: each step's goals, counted through `counted_until`."""

    enrolment: Enrolment
    rule: TaskRule
    steps: tuple[tuple[GoalProgress, ...], ...]
    counted_until: date

    @property
    def share(self) -> float:
        """From 0 to 1 over all steps, each by its hardest goal."""
        done = [1.0 if at < self.enrolment.steps_done else min(goal.share for goal in step)
                for at, step in enumerate(self.steps)]  # fmt: skip
        return sum(done) / len(done)


@dataclass(frozen=True)
class Appeal:
    """A creator's objection to a disqualification; without a verdict it waits for staff."""

    id: int
    enrolment: Enrolment
    text: str
    made_at: datetime
    verdict: str | None
    decided_by: str | None
    decided_at: datetime | None
    answer: str


def one(connection: Connection, *conditions: Any) -> Enrolment:
    """The taking part that these conditions tell. Raises NoSuchEnrolment."""
    row = connection.execute(select(enrolments).where(*conditions)).first()
    if row is None:
        raise NoSuchEnrolment
    return enrolment_of(row)


def enrolment_of(row: Row[Any]) -> Enrolment:
    """A row of the table."""
    return Enrolment(**row._mapping)


def appeal_of(connection: Connection, number: int) -> Appeal:
    """An appeal by its number. Raises NotFound."""
    row = connection.execute(select(appeals).where(appeals.c.id == number)).first()
    if row is None:
        raise NotFound("There is no such appeal.")
    known = {name: value for name, value in row._mapping.items() if name != "enrolment"}
    return Appeal(enrolment=one(connection, table.id == row.enrolment), **known)


def move(connection: Connection, found: Enrolment, *states: State, **values: Any) -> None:
    """Change one that is in one of these states; what happened meanwhile is not overwritten. Raises WrongState."""
    still = (table.id == found.id, table.state.in_(states))
    if connection.execute(update(enrolments).where(*still).values(**values)).rowcount != 1:
        raise WrongState(one(connection, table.id == found.id).state)
