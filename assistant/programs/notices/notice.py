"""A notice as it is posted, handed to a channel, and read in the inbox."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

Kind = Literal["campaign", "report", "alert", "task", "case", "ticket", "rule"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What was not asked for counts towards the limit per week; an answer to something the creator began does not.
LIMITED: frozenset[Kind] = frozenset({"campaign", "report", "alert", "rule"})
# These wait for nobody: an answer is not put into a digest with others.
ALONE: frozenset[Kind] = frozenset({"ticket"})
# An answer to a ticket is always given; everything else can be switched off.
MUTABLE: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "ticket")
INBOX = "inbox"


@dataclass(frozen=True)
class Message:
    """What is said: a title of one line, a body of plain text with blank lines between paragraphs, an address to open,
    and a picture by its hash (see `campaigns.images`)."""

    title: str
    body: str
    link: str = ""
    image: str = ""


@dataclass(frozen=True)
class Post:
    """One notice to be kept: to whom, of which kind, and on which occasion. A second post with the same creator and
    occasion changes nothing. `not_before` is in UTC without a zone; None is at once."""

    creator_id: str
    kind: Kind
    occasion: str
    message: Message
    not_before: datetime | None = None
    campaign: int | None = None
    variant: str = ""


@dataclass(frozen=True)
class Parcel:
    """What a channel hands over: one message under a key that is the same at every try.

    `account` is the creator's account in the channel (a chat, an address). `is_repeat`: an earlier try may have
    arrived, and the channel is to say so if it cannot tell itself. `notices` are the ids that the message stands for,
    more than one for a digest.
    """

    key: str
    creator_id: str
    account: str
    kind: Kind
    message: Message
    language: str
    is_repeat: bool
    notices: tuple[int, ...]


@dataclass(frozen=True)
class Notice:
    """One entry of a creator's inbox; times are UTC. `channel` is where it went, `inbox` when nowhere else."""

    id: int
    kind: Kind
    title: str
    body: str
    link: str
    image: str
    channel: str
    at: datetime
    seen_at: datetime | None
    clicked_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        times = {name: value and value.isoformat() + "Z" for name, value in self._times().items()}
        return {**asdict(self), **times}

    def _times(self) -> dict[str, datetime | None]:
        return {"at": self.at, "seen_at": self.seen_at, "clicked_at": self.clicked_at}
