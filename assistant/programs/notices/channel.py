"""The seam to the outside: what carries notices to creators. Telegram, e-mail and the inbox implement it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.programs.notices.notice import INBOX, Parcel


@dataclass(frozen=True)
class Handed:
    """It is with the creator, or with a queue of the channel that survives a stop and knows the parcel's key."""


@dataclass(frozen=True)
class Later:
    """Not now: the channel is down or asks to slow down. Nothing has arrived; it is tried again after `seconds`."""

    seconds: float
    reason: str


@dataclass(frozen=True)
class Refused:
    """Never by this channel: the chat is gone, the creator blocked the bot, the address does not exist. The notice
    stays in the inbox."""

    reason: str


Outcome = Handed | Later | Refused


class Channel(Protocol):
    """A way to creators.

    `name` is the channel's in `chat_links` (the account is taken from there), or one that `notices.reach` knows
    otherwise. `knows_keys`: handing over a parcel with a key that was handed over before changes nothing, so a try
    whose outcome is not known is simply made again; without it the outbox hands over one by one and marks a repeat.
    Handing over is called from worker threads and may block; an exception counts as not known.
    """

    name: str
    knows_keys: bool

    def hand_over(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """An outcome for each parcel, in order."""
        ...


class InboxChannel:
    """The inbox itself: the rows of the outbox, which the widget and the API read. Nothing leaves, nothing can fail."""

    name = INBOX
    knows_keys = True

    def hand_over(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """They are there already."""
        return [Handed()] * len(parcels)
