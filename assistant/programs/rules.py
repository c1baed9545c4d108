"""Rules as data: what an incentive task asks and gives, what Star and the checklists look at.

Staff write them as forms or YAML (`rule_texts`); they are kept as JSON. A rule that was read can be carried out:
amounts are whole units, days are in order, every reward has a budget that pays at least one.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from assistant.errors import BadInput, Said
from assistant.programs.audience import AudienceRule
from assistant.programs.rewards import Budget, Reward, RewardKind, Yuan
from assistant.programs.rule_parts import Impossible, RulePart, Text

Kind = Literal["task", "star", "checklist"]
KINDS: tuple[Kind, ...] = ("task", "star", "checklist")
MOST_STEPS, MOST_GOALS, MOST_CRITERIA = 10, 5, 40
# The days of a window are counted as the bits of a number, see `assistant.creators.everyone`.
LONGEST_WINDOW_DAYS = 62


def _share(value: object) -> object:
    """30% is written for 0.3."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(Decimal(value.strip()[:-1]) / 100)
    return value


Target = Annotated[float | None, BeforeValidator(_share)]


class Condition(RulePart):
    """A metric (`slug`, of a custom one `slug@version` once it is kept) that must reach `at_least`, or stay `at_most`.

    Rates are fractions: 0.3, or 30% where they are written.
    """

    metric: str = Field(min_length=1, max_length=80)
    at_least: Target = None
    at_most: Target = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise Impossible("a goal has either at_least or at_most")
        if self.at_least is not None and self.at_least <= 0:
            raise Impossible("at_least is more than 0")
        return self

    @property
    def target(self) -> float:
        """The number it is about."""
        return self.at_least if self.at_least is not None else self.at_most or 0.0

    def met(self, value: float | None) -> bool:
        """Whether a number meets it; an unknown one does not."""
        if value is None:
            return False
        return value >= self.at_least if self.at_least is not None else value <= self.target


class Step(RulePart):
    """One stretch of a task: all its goals, and what they bring. Steps are done in their order."""

    title: Text
    goals: tuple[Condition, ...] = Field(min_length=1, max_length=MOST_GOALS)
    rewards: tuple[Reward, ...] = Field(min_length=1, max_length=3)

    @model_validator(mode="after")
    def _one_of_a_kind(self) -> Self:
        kinds = [reward.kind for reward in self.rewards]
        if len(set(kinds)) < len(kinds):
            raise Impossible("a step gives at most one reward of a kind")
        return self


class TaskRule(RulePart):
    """An incentive task. It is offered and joined from `opens` to `closes`, both included; what counts are the `days`
    days from joining, or the fixed days `first_day` to `last_day`. Numbers that arrive up to `grace_days` later still
    count. `needs_two_above`: an award of more yuan than that waits for two people.
    """

    title: Text
    about: Text
    demonstration: bool = False
    source: str = Field("", max_length=300)
    opens: date
    closes: date
    days: int | None = Field(None, ge=1, le=LONGEST_WINDOW_DAYS)
    first_day: date | None = None
    last_day: date | None = None
    audience: dict[str, Any] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MOST_STEPS)
    places: int | None = Field(None, gt=0, le=10**9)
    budget: Budget = Budget()
    grace_days: int = Field(3, ge=0, le=60)
    needs_two_above: Yuan | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.closes < self.opens:
            raise Impossible("closes is before opens")
        fixed = (self.first_day, self.last_day)
        if (self.days is None) == (None in fixed) or (self.days is not None and fixed != (None, None)):
            raise Impossible("give either days, or first_day and last_day")
        if self.first_day is not None and self.last_day is not None:
            if not self.first_day <= self.last_day < self.first_day + timedelta(days=LONGEST_WINDOW_DAYS):
                raise Impossible("first_day to last_day are 1 to {most} days", most=LONGEST_WINDOW_DAYS)
            if self.closes > self.last_day:
                raise Impossible("closes is after last_day: nobody could finish who joins then")
        for kind in ("cash", "traffic"):
            needed = self.cost(kind)
            if needed and (self.budget.total(kind) or 0) < needed:
                raise Impossible(
                    "the budget of {kind} does not pay one creator who finishes everything", kind=Said(kind)
                )
        try:
            AudienceRule.of(self.audience)
        except BadInput as error:
            raise Impossible(error.said) from error
        return self

    @property
    def rule(self) -> AudienceRule:
        """For whom it is."""
        return AudienceRule.of(self.audience)

    @property
    def width(self) -> int:
        """The days of its window."""
        if self.days is not None:
            return self.days
        assert self.first_day is not None
        assert self.last_day is not None
        return (self.last_day - self.first_day).days + 1

    def window(self, joined_on: date) -> tuple[date, date]:
        """The first and last day that count for one who joins on this day."""
        if self.first_day is not None and self.last_day is not None:
            return self.first_day, self.last_day
        return joined_on, joined_on + timedelta(days=self.width - 1)

    def days_left(self, today: date) -> int:
        """How many days of the window one has who joins today."""
        first, last = self.window(today)
        return (last - max(first, today)).days + 1

    def is_open(self, day: date) -> bool:
        """Whether it may be joined on a day."""
        return self.opens <= day <= self.closes

    def cost(self, kind: RewardKind) -> int:
        """What one creator gets who finishes every step."""
        return sum(reward.amount for step in self.steps for reward in step.rewards if reward.kind == kind)


class Criterion(RulePart):
    """One line of Star's criteria or of a checklist. `basis`: `published` by the platform or in law (then `document`
    names the article of the knowledge that says so), `house` is this agency's own, `unpublished` says that nobody
    published it, so that it is neither met nor missed.

    With a `condition` the creator's numbers of the last 28 days decide; without, the creator answers for it.
    `followers` asks for at least so many.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    title: Text
    basis: Literal["published", "house", "unpublished"]
    document: str = Field("", max_length=120)
    condition: Condition | None = None
    followers: int | None = Field(None, gt=0)
    hint: Text | None = None

    @model_validator(mode="after")
    def _has_a_ground(self) -> Self:
        if self.basis != "house" and not self.document:
            raise Impossible("{key} names no document; a published or unpublished criterion cites one", key=self.key)
        if self.basis == "unpublished" and (self.condition or self.followers):
            raise Impossible("{key} is unpublished: no number can decide it", key=self.key)
        if self.condition and self.followers:
            raise Impossible("{key} has a condition and followers; make two criteria of it", key=self.key)
        return self


class CriteriaRule(RulePart):
    """Star's criteria, or a checklist."""

    title: Text
    about: Text
    demonstration: bool = False
    criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=MOST_CRITERIA)

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [one.key for one in self.criteria]
        if len(set(keys)) < len(keys):
            raise Impossible("two criteria have the same key")
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition in it."""
        return tuple(one.condition for one in self.criteria if one.condition)


Rule = TaskRule | CriteriaRule
