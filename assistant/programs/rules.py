"""Rules as data: what an incentive task asks and gives, what Star and the checklists look at.

Staff write them as forms or YAML; they are kept as JSON. A rule that was read can be carried out: amounts are whole
units, days are in order, every reward has a budget that pays at least one.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, model_validator

from assistant.errors import BadInput, Said, Spoken
from assistant.programs.audience import AudienceRule

Kind = Literal["task", "star", "checklist"]
RewardKind = Literal["cash", "traffic", "badge"]
KINDS: tuple[Kind, ...] = ("task", "star", "checklist")
# Fen in a yuan: cash is kept in whole fen.
FEN = 100
MOST_STEPS, MOST_GOALS, MOST_CRITERIA = 10, 5, 40
# The days of a window are counted as the bits of a number, see `assistant.creators.everyone`.
LONGEST_WINDOW_DAYS = 62


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Wording(_Rule):
    """A text in Chinese and English; without an English one the Chinese stands for both."""

    zh: str = Field(min_length=1, max_length=400)
    en: str = Field("", max_length=800)

    def told(self, lang: str) -> str:
        """The text in `zh` or `en`."""
        return self.en or self.zh if lang == "en" else self.zh


def _wording(value: object) -> object:
    return {"zh": value} if isinstance(value, str) else value


def _share(value: object) -> object:
    """30% is written for 0.3."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(Decimal(value.strip()[:-1]) / 100)
    return value


Text = Annotated[Wording, BeforeValidator(_wording)]
Target = Annotated[float | None, BeforeValidator(_share)]
Yuan = Annotated[
    Decimal, Field(gt=0, max_digits=12, decimal_places=2), PlainSerializer(str, return_type=str, when_used="json")
]


class Condition(_Rule):
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


class Cash(_Rule):
    """Money in yuan."""

    kind: Literal["cash"]
    yuan: Yuan

    @property
    def amount(self) -> int:
        """In fen."""
        return int(self.yuan * FEN)

    @property
    def label(self) -> str:
        """Money has no name of its own."""
        return ""


class Traffic(_Rule):
    """Exposures that the platform adds to a creator's works."""

    kind: Literal["traffic"]
    exposures: int = Field(gt=0, le=10**12)

    @property
    def amount(self) -> int:
        """The exposures."""
        return self.exposures

    @property
    def label(self) -> str:
        """Traffic has no name of its own."""
        return ""


class Badge(_Rule):
    """A mark on the creator's page; it costs nothing."""

    kind: Literal["badge"]
    name: str = Field(min_length=1, max_length=40)

    @property
    def amount(self) -> int:
        """One badge."""
        return 1

    @property
    def label(self) -> str:
        """What it is called."""
        return self.name


Reward = Annotated[Cash | Traffic | Badge, Field(discriminator="kind")]


class Step(_Rule):
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


class Budget(_Rule):
    """What all rewards together may cost: yuan, and exposures."""

    cash: Yuan | None = None
    traffic: int | None = Field(None, gt=0, le=10**15)

    def total(self, kind: RewardKind) -> int | None:
        """In fen or exposures; None where nothing is set aside. Badges need none."""
        if kind == "cash":
            return None if self.cash is None else int(self.cash * FEN)
        return self.traffic if kind == "traffic" else None


class TaskRule(_Rule):
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


class Criterion(_Rule):
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


class CriteriaRule(_Rule):
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


class Impossible(Spoken, ValueError):
    """What validators raise."""


FAULTS = {
    "missing": Said("it is missing"),
    "extra_forbidden": Said("there is no such field"),
    "greater_than": Said("it must be more than {gt}"),
    "greater_than_equal": Said("it must be at least {ge}"),
    "less_than": Said("it must be less than {lt}"),
    "less_than_equal": Said("it must be at most {le}"),
    "string_too_short": Said("it must have at least {min_length} characters"),
    "string_too_long": Said("it may have at most {max_length} characters"),
    "too_short": Said("it must have at least {min_length} entries"),
    "too_long": Said("it may have at most {max_length} entries"),
    "literal_error": Said("it must be {expected}"),
    "string_pattern_mismatch": Said("it is not written as it must be"),
    "finite_number": Said("it must be a finite number"),
    "int_parsing": Said("it must be a whole number"),
    "int_from_float": Said("it must be a whole number"),
    "int_type": Said("it must be a whole number"),
    "decimal_parsing": Said("it must be a number"),
    "float_parsing": Said("it must be a number"),
    "date_from_datetime_parsing": Said("it must be a day such as 2026-11-30"),
    "date_parsing": Said("it must be a day such as 2026-11-30"),
    "date_type": Said("it must be a day such as 2026-11-30"),
    "string_type": Said("it must be a text"),
}


class UnusableRule(BadInput):
    """A rule that cannot be: where in it, and why."""

    def __init__(self, place: str, fault: str | Said, /, **values: object) -> None:
        self.place, self.fault = place, fault if isinstance(fault, Said) else Said(fault, **values)
        if place:
            super().__init__("The rule cannot be used: {place}: {fault}.", place=place, fault=self.fault)
        else:
            super().__init__("The rule cannot be used: {fault}.", fault=self.fault)


def rule_of(kind: Kind, kept: Mapping[str, Any]) -> Rule:
    """The rule of its JSON. Raises UnusableRule, which says in one sentence what to mend."""
    try:
        return TaskRule.model_validate(kept) if kind == "task" else CriteriaRule.model_validate(kept)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("cash", "traffic", "badge"))
        raise UnusableRule(place, _fault_of(first["type"], first.get("ctx", {}))) from error


def _fault_of(kind: str, context: Mapping[str, Any]) -> Said:
    """What Pydantic has to say of a value. Its kinds of errors are in pydantic_core.list_all_errors()."""
    own = context.get("error")
    if isinstance(own, Impossible):
        return own.said
    known = FAULTS.get(kind, Said("this value cannot be used here")).sentence
    return Said(known, **{name: value for name, value in context.items() if f"{{{name}}}" in known})


def read_yaml(text: str) -> dict[str, Any]:
    """A rule as it is written by hand. Raises UnusableRule for what is no YAML mapping."""
    try:
        # A few lines of aliases can stand for gigabytes.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise UnusableRule("", "a rule has no YAML aliases")
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a day such as 2026-02-30
        mark = getattr(error, "problem_mark", None)
        raise UnusableRule(f"line {mark.line + 1}" if mark else "", "this is no YAML") from error
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise UnusableRule("", "a rule is a YAML mapping")
    return data


def write_yaml(rule: Rule) -> str:
    """The rule as it is written by hand, without what is left at its default; `read_yaml` reads it again."""
    kept = rule.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(_plain(kept), allow_unicode=True, sort_keys=False, width=110)


def _plain(value: Any) -> Any:
    """A text that has no English is written without its language."""
    if isinstance(value, dict):
        return value["zh"] if set(value) == {"zh"} else {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
