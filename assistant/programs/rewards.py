"""What a task gives, and what all of it together may cost."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from assistant.programs.rule_parts import RulePart

RewardKind = Literal["cash", "traffic", "badge"]
# Fen in a yuan: cash is kept in whole fen.
FEN = 100
Yuan = Annotated[
    Decimal, Field(gt=0, max_digits=12, decimal_places=2), PlainSerializer(str, return_type=str, when_used="json")
]


class Cash(RulePart):
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


class Traffic(RulePart):
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


class Badge(RulePart):
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


class Budget(RulePart):
    """What all rewards together may cost: yuan, and exposures."""

    cash: Yuan | None = None
    traffic: int | None = Field(None, gt=0, le=10**15)

    def total(self, kind: RewardKind) -> int | None:
        """In fen or exposures; None where nothing is set aside. Badges need none."""
        if kind == "cash":
            return None if self.cash is None else int(self.cash * FEN)
        return self.traffic if kind == "traffic" else None
