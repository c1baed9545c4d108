"""What the programs tell creators, whoever delivers it."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy import Connection

Occasion = Literal["task_joined", "task_halfway", "task_ending", "task_step", "task_completed", "task_missed",
                   "task_disqualified", "task_appeal", "reward_refused", "star_decided"]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Something to tell one creator. `key` is the occasion's own: whatever was told under it is not told again.
    `values` are what the text is made of, as plain JSON."""

    creator_id: str
    occasion: Occasion
    key: str
    values: dict[str, Any]


class Notifier(Protocol):
    """Takes what is to be told in the transaction of what happened, so that neither is ever without the other."""

    def tell(self, connection: Connection, told: Told) -> None:
        """Keep it for delivery; once a key."""
        ...


class Silence:
    """Tells nobody: where no channel delivers notices."""

    def tell(self, connection: Connection, told: Told) -> None:
        """Nothing is kept."""
