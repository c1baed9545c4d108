"""The counter: where conversations are handed to staff, and where answers go back from.

Invariant: an answer is on the ticket, in the conversation that the ticket came from, and in the outbox, all in one
transaction: it is never given without reaching the creator, nor told without standing on the ticket.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from assistant.database.case_tables import ticket_entries, tickets
from assistant.database.engine import reading
from assistant.database.program_tables import star_nominations
from assistant.database.tables import staff, threads, turns
from assistant.errors import BadInput
from assistant.identity import Caller
from assistant.programs.notices.notice import Message, Post
from assistant.programs.notices.outbox import cut
from assistant.programs.notices.service import Notices
from assistant.programs.notices.wording import say
from assistant.programs.tickets.hours import ServiceHours
from assistant.programs.tickets.ticket import (
    CREATOR,
    LONGEST,
    STATES,
    Act,
    Entry,
    NoSuchTicket,
    NothingSaid,
    State,
    Ticket,
    TicketClosed,
)
from knowledge.audit import record

FIRST_ANSWER_MINUTES = 60  # of service, in which the first answer is due
STAFF_MODEL = "staff"  # what an answer by staff has in the place of a model's name
_COLUMNS = [tickets.c[field.name] for field in fields(Ticket)]


@dataclass(frozen=True)
class Statistics:
    """Of the tickets opened in a period: how many, how many have a first answer, how many of these in time, and the
    median of their minutes of service (None without any)."""

    opened: int
    answered: int
    in_time: int
    median_minutes: int | None


class Counter:
    """Opens, answers and closes tickets."""

    def __init__(self, engine: Engine, notices: Notices, hours: ServiceHours) -> None:
        self._engine = engine
        self._notices = notices
        self.hours = hours

    def open(self, caller: Caller, text: str, lang: str, now: datetime | None = None) -> Ticket:
        """Hand a conversation over with what the creator said. One that is still open takes it up instead of a second.

        The answers come back to the conversation in which this was said last.
        """
        said, moment = _said(text), now or _now()
        with self._engine.begin() as connection:
            still_open = select(tickets.c.id).where(tickets.c.owner == caller.owner, tickets.c.state != "closed")
            found = connection.scalar(still_open.order_by(tickets.c.id.desc()).limit(1))
            if found is None:
                made = {
                    "owner": caller.owner,
                    "creator_id": caller.creator,
                    "channel": caller.channel,
                    "thread_id": _thread_of(connection, caller, said) or "",
                    "lang": lang,
                    "subject": cut(said.split("\n")[0], 80),
                    "state": "open",
                    "assignee": _contact_of(connection, caller.creator),
                    "opened_at": moment,
                    "due_at": self.hours.after(moment, FIRST_ANSWER_MINUTES),
                    "changed_at": moment,
                }
                found = connection.execute(insert(tickets).values(made).returning(tickets.c.id)).scalar_one()
            self._add(connection, found, "said", CREATOR, said, moment, "open")
            return self._need(connection, found)

    def answer(self, ticket: int, author: str, text: str, now: datetime | None = None) -> Ticket:
        """Staff answer: it goes into the creator's conversation and out as a notice. Raises NoSuchTicket, TicketClosed,
        NothingSaid."""
        said, moment = _said(text), now or _now()
        with self._engine.begin() as connection:
            found = self._need_open(connection, ticket)
            entry = self._add(connection, ticket, "answered", author, said, moment, "answered")
            values: dict[str, Any] = {} if found.assignee else {"assignee": author}
            if found.first_answered_at is None:
                minutes = self.hours.minutes_between(found.opened_at, moment)
                values |= {"first_answered_at": moment, "first_answer_minutes": minutes}
            if values:
                connection.execute(update(tickets).where(tickets.c.id == ticket).values(**values))
            if found.thread_id:
                _say_in_thread(connection, found, author, said, moment)
            if found.creator_id is not None:
                message = Message(say("ticket_title", found.lang, subject=found.subject), said)
                self._notices.post_within(
                    connection, [Post(found.creator_id, "ticket", f"ticket:{ticket}:{entry}", message)]
                )
            record(connection, author, "ticket.answered", str(ticket))
            answered = self._need(connection, ticket)
        self._notices.wake()
        return answered

    def say_more(self, caller: Caller, ticket: int, text: str) -> Ticket:
        """The creator says more on one of their own tickets."""
        said = _said(text)
        with self._engine.begin() as connection:
            found = self._need_open(connection, ticket)
            if found.owner != caller.owner:
                raise NoSuchTicket
            self._add(connection, ticket, "said", CREATOR, said, _now(), "open")
            return self._need(connection, ticket)

    def note(self, ticket: int, author: str, text: str) -> None:
        """Keep a note that only staff read."""
        with self._engine.begin() as connection:
            state = self._need(connection, ticket).state
            self._add(connection, ticket, "noted", author, _said(text), _now(), state)

    def assign(self, ticket: int, author: str, assignee: str) -> None:
        """Give it to somebody of the staff, or to nobody. Raises BadInput for a name that is no active account."""
        with self._engine.begin() as connection:
            found = self._need_open(connection, ticket)
            known = select(staff.c.id).where(staff.c.name == assignee, staff.c.active.is_(True))
            if assignee and connection.scalar(known) is None:
                raise BadInput("There is no active staff account {assignee!r}.", assignee=assignee)
            self._add(connection, ticket, "assigned", author, assignee, _now(), found.state)
            connection.execute(update(tickets).where(tickets.c.id == ticket).values(assignee=assignee))
            record(connection, author, "ticket.assigned", str(ticket), assignee=assignee)

    def close(self, ticket: int, author: str) -> None:
        """It is settled."""
        with self._engine.begin() as connection:
            self._need_open(connection, ticket)
            self._add(connection, ticket, "closed", author, "", _now(), "closed")
            connection.execute(update(tickets).where(tickets.c.id == ticket).values(closed_at=_now()))
            record(connection, author, "ticket.closed", str(ticket))

    def reopen(self, ticket: int, author: str) -> None:
        """It is not settled after all."""
        with self._engine.begin() as connection:
            if self._need(connection, ticket).state != "closed":
                return
            self._add(connection, ticket, "reopened", author, "", _now(), "open")
            connection.execute(update(tickets).where(tickets.c.id == ticket).values(closed_at=None))
            record(connection, author, "ticket.reopened", str(ticket))

    def find(self, ticket: int) -> Ticket:
        """Raises NoSuchTicket."""
        with reading(self._engine).begin() as connection:
            return self._need(connection, ticket)

    def entries(self, ticket: int, *, with_notes: bool = True) -> list[Entry]:
        """What was said and done, oldest first."""
        query = select(ticket_entries).where(ticket_entries.c.ticket == ticket).order_by(ticket_entries.c.id)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query)
            return [
                Entry(row.id, row.at, row.act, row.author, row.text) for row in rows if with_notes or row.act != "noted"
            ]

    def list(self, state: State, assignee: str = "", page: int = 1, size: int = 30) -> list[Ticket]:
        """Tickets in a state: open ones by when they are due, others by the last change."""
        query = select(*_COLUMNS).where(tickets.c.state == state)
        if assignee:
            query = query.where(tickets.c.assignee == assignee)
        order = (tickets.c.due_at, tickets.c.id) if state == "open" else (tickets.c.changed_at.desc(),)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query.order_by(*order).limit(size).offset((page - 1) * size))
            return [_ticket(row) for row in rows]

    def counts(self) -> dict[State, int]:
        """How many tickets are in each state."""
        with reading(self._engine).begin() as connection:
            counted = connection.execute(select(tickets.c.state, func.count()).group_by(tickets.c.state)).all()
        return {**dict.fromkeys(STATES, 0), **{row[0]: row[1] for row in counted}}

    def of(self, caller: Caller, size: int = 5) -> Sequence[Ticket]:
        """The caller's own tickets, newest first."""
        query = select(*_COLUMNS).where(tickets.c.owner == caller.owner).order_by(tickets.c.id.desc()).limit(size)
        with reading(self._engine).begin() as connection:
            return [_ticket(row) for row in connection.execute(query)]

    def statistics(self, days: int, now: datetime | None = None) -> Statistics:
        """Of the tickets opened in the last `days` days."""
        since = (now or _now()) - timedelta(days=days)
        query = select(tickets.c.first_answer_minutes).where(tickets.c.opened_at >= since)
        with reading(self._engine).begin() as connection:
            minutes = list(connection.scalars(query))
        told = sorted(minute for minute in minutes if minute is not None)
        middle = told[(len(told) - 1) // 2] if told else None
        return Statistics(len(minutes), len(told), sum(one <= FIRST_ANSWER_MINUTES for one in told), middle)

    def _add(
        self, connection: Connection, ticket: int, act: Act, author: str, text: str, at: datetime, state: State
    ) -> int:
        values = {"ticket": ticket, "at": at, "act": act, "author": author, "text": text}
        adding = insert(ticket_entries).values(values).returning(ticket_entries.c.id)
        entry: int = connection.execute(adding).scalar_one()
        connection.execute(update(tickets).where(tickets.c.id == ticket).values(state=state, changed_at=at))
        return entry

    def _need(self, connection: Connection, ticket: int) -> Ticket:
        row = connection.execute(select(*_COLUMNS).where(tickets.c.id == ticket)).first()
        if row is None:
            raise NoSuchTicket
        return _ticket(row)

    def _need_open(self, connection: Connection, ticket: int) -> Ticket:
        found = self._need(connection, ticket)
        if found.state == "closed":
            raise TicketClosed
        return found


def _thread_of(connection: Connection, caller: Caller, said: str) -> str | None:
    """The caller's conversation in which this was said, else the one that was used last."""
    theirs = select(turns.c.thread_id).join(threads).where(threads.c.owner == caller.owner)
    newest = theirs.order_by(turns.c.asked_at.desc()).limit(1)
    return connection.scalar(newest.where(turns.c.question == said)) or connection.scalar(newest)


def _contact_of(connection: Connection, creator_id: str | None) -> str:
    """The named contact of a Star, who receives hand-offs; empty for everybody else."""
    if creator_id is None:
        return ""
    accepted = (star_nominations.c.creator_id == creator_id, star_nominations.c.state == "accepted")
    query = select(star_nominations.c.contact).where(*accepted).order_by(star_nominations.c.id.desc()).limit(1)
    return connection.scalar(query) or ""


def _say_in_thread(connection: Connection, ticket: Ticket, author: str, text: str, at: datetime) -> None:
    """Put the answer into the conversation, as a turn to which nobody asked anything."""
    answer_id = uuid.uuid4().hex
    empty: dict[str, list[object]] = {"citations": [], "figures": [], "charts": [], "suggestions": [], "actions": []}
    reply: dict[str, Any] = {
        "text": text,
        "grounded": True,
        "refused": False,
        **empty,
        "release": None,
        "model": STAFF_MODEL,
    }
    reply |= {"thread": ticket.thread_id, "answer_id": answer_id, "lang": ticket.lang, "timings_ms": {}}
    connection.execute(
        insert(turns).values(
            id=answer_id,
            thread_id=ticket.thread_id,
            asked_at=at,
            as_of=at.date().isoformat(),
            today=at.date().isoformat(),
            question="",
            answer=text,
            reply={**reply, "author": author},
            passages=[],
            model=STAFF_MODEL,
            grounded=True,
            refused=False,
            intent=STAFF_MODEL,
            timings_ms={},
        )
    )


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(**row._mapping)


def _said(text: str) -> str:
    clean = text.replace("\0", "").strip()
    if not 0 < len(clean) <= LONGEST:
        raise NothingSaid
    return clean


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
