"""For whom something is: a rule over what is known of every creator, and its set in SQL.

A rule is data: programs and campaigns keep it as JSON and staff put it together in a form. What it looks at is what
`creators` says itself and `creator_traits` derives from the warehouse (see `assistant.programs.traits`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, and_, select, true

from assistant.creators.stages import STAGES
from assistant.creators.tiers import TIERS
from assistant.database.program_tables import creator_traits
from assistant.database.tables import creators
from assistant.errors import BadInput, Said

# The names that are kept and compared; pages show them in the reader's language.
TIER_NAMES = tuple(tier.zh for tier in TIERS)
STAGE_NAMES = tuple(stage for stage, _ in STAGES)
LONGEST_JOINED_DAYS = 3660
MOST_NAMES, LONGEST_NAME = 50, 40  # of categories and regions; a name is as long as `creators` keeps it


@dataclass(frozen=True)
class Traits:
    """What a rule looks at in one creator. `tier` and `stage` are names from `TIER_NAMES` and `STAGE_NAMES`, empty
    where the numbers do not say; `joined_on` is the day the account was added, in UTC."""

    creator_id: str
    category: str
    region: str
    joined_on: date
    tier: str = ""
    stage: str = ""
    followers: int | None = None


@dataclass(frozen=True)
class AudienceRule:
    """Every part that is given must hold, an empty one asks nothing; a creator whose trait is unknown is not within a
    rule that asks for it. `joined_within_days` counts back from the day asked for, that day included."""

    tiers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    joined_within_days: int | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """The rule from its JSON, or from a form's fields. Raises BadInput with one sentence for what cannot be."""
        unknown = sorted(set(kept) - {field.name for field in fields(cls)})
        if unknown:
            raise BadInput(
                "An audience has no {name}; it has {known}.",
                name=unknown[0], known=", ".join(field.name for field in fields(cls)),
            )
        joined = kept.get("joined_within_days") or None
        if joined is not None and (not isinstance(joined, int) or not 1 <= joined <= LONGEST_JOINED_DAYS):
            raise BadInput(
                "joined_within_days is a number of days from 1 to {longest_joined_days}.",
                longest_joined_days=LONGEST_JOINED_DAYS,
            )
        return cls(
            _known(kept.get("tiers"), TIER_NAMES, "tier"),
            _known(kept.get("stages"), STAGE_NAMES, "stage"),
            _names(kept.get("categories"), "categories"),
            _names(kept.get("regions"), "regions"),
            joined,
        )

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON, without the parts that ask nothing; `of` reads it again."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in named.items() if value}

    def holds(self, traits: Traits, day: date) -> bool:
        """Whether one creator is within the rule on `day`; the same as `within` says of the set."""
        asked = (
            (self.tiers, traits.tier),
            (self.stages, traits.stage),
            (self.categories, traits.category),
            (self.regions, traits.region),
        )
        if any(wanted and value not in wanted for wanted, value in asked):
            return False
        return self.joined_within_days is None or traits.joined_on > day - timedelta(days=self.joined_within_days)

    def within(self, day: date) -> ColumnElement[bool]:
        """The condition over `creators` joined with `creator_traits` (see `creators_within`)."""
        asked = (
            (self.tiers, creator_traits.c.tier),
            (self.stages, creator_traits.c.stage),
            (self.categories, creators.c.category),
            (self.regions, creators.c.region),
        )
        conditions: list[ColumnElement[bool]] = [column.in_(wanted) for wanted, column in asked if wanted]
        if self.joined_within_days is not None:
            first = day - timedelta(days=self.joined_within_days - 1)
            conditions.append(creators.c.created_at >= datetime.combine(first, time.min))
        return and_(true(), *conditions)


def creators_within(rule: AudienceRule, day: date, *columns: Any) -> Select[Any]:
    """The creators within a rule as a query: their ids, or the given `columns` of `creators` and `creator_traits`."""
    joined = creators.outerjoin(creator_traits, creator_traits.c.creator_id == creators.c.id)
    return select(*(columns or (creators.c.id,))).select_from(joined).where(rule.within(day))


def _known(values: Any, known: Sequence[str], what: str) -> tuple[str, ...]:
    given = set(_listed(values, f"{what}s"))
    wrong = sorted(given - set(known))
    if wrong:
        raise BadInput(
            "There is no {what} {name!r}; there are {known}.",
            what=Said(what), name=wrong[0][:LONGEST_NAME], known=", ".join(known),
        )
    return tuple(name for name in known if name in given)


def _names(values: Any, what: str) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(name.strip() for name in _listed(values, what) if name.strip()))
    if len(given) > MOST_NAMES or any(len(name) > LONGEST_NAME for name in given):
        raise BadInput(
            "An audience names at most {most_names} {what} of at most {longest_name} characters.",
            most_names=MOST_NAMES, what=Said(what), longest_name=LONGEST_NAME,
        )
    return given


def _listed(values: Any, what: str) -> list[str]:
    if values is None:
        return []
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise BadInput("The {what} of an audience are a list of names.", what=Said(what))
    listed = list(values)
    if not all(isinstance(value, str) for value in listed):
        raise BadInput("The {what} of an audience are a list of names.", what=Said(what))
    return listed
