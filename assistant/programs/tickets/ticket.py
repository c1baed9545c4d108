"""A ticket and what was said on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from assistant.errors import BadInput, Conflict, NotFound

State = Literal["open", "answered", "closed"]
STATES: tuple[State, ...] = get_args(State)
Act = Literal["said", "answered", "noted", "assigned", "closed", "reopened"]
CREATOR = "creator"
LONGEST = 2000  # characters of one word on a ticket


@dataclass(frozen=True)
class Ticket:
    """As listed. Times are UTC; `first_answer_minutes` counts service hours only; `assignee` is empty while nobody has
    taken it."""

    id: int
    owner: str
    creator_id: str | None
    channel: str
    thread_id: str
    lang: str
    subject: str
    state: State
    assignee: str
    opened_at: datetime
    due_at: datetime
    first_answered_at: datetime | None
    first_answer_minutes: int | None
    changed_at: datetime
    closed_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the first answer should have been given by now."""
        return self.first_answered_at is None and self.state == "open" and self.due_at < now


@dataclass(frozen=True)
class Entry:
    """One word or act. `author` is `creator` or the name of who of the staff."""

    id: int
    at: datetime
    act: Act
    author: str
    text: str


class NoSuchTicket(NotFound):
    """There is no ticket of this number, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such ticket.")


class TicketClosed(Conflict):
    """Nothing is said on a closed ticket."""

    def __init__(self) -> None:
        super().__init__("This ticket is closed; open it again first.")


class NothingSaid(BadInput):
    """A word on a ticket has 1 to 2,000 characters."""

    def __init__(self) -> None:
        super().__init__("Write 1 to {longest} characters.", longest=LONGEST)
