"""Tickets: conversations that creators handed to staff, and the answers that go back into them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.programs.tickets.ticket import CREATOR, LONGEST, STATES, State
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk, Number, PageNumber
from connectors.web.console.navigation import HOME

PATH = f"{HOME}/tickets"
PAGE = 30
STATISTICS_DAYS = 28
CANNED = 4  # passages that are offered as answers
LONGEST_SEARCH = 300  # characters of what the creator said that are searched for


def ticket_pages(desk: Desk) -> APIRouter:
    """/console/tickets."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    word = Annotated[str, Form(max_length=LONGEST * 2)]
    counter, library = desk.services.tickets, desk.services.library

    @router.get("/tickets")
    def listed(
        request: Request, person: viewer, state: str = "open", mine: bool = False, page: PageNumber = 1
    ) -> Response:
        """The tickets in one state; open ones by when their first answer is due."""
        chosen: State = state if state in STATES else "open"
        return desk.page(
            request,
            "tickets.html",
            tickets=counter.list(chosen, person.name if mine else "", max(page, 1), PAGE),
            counts=counter.counts(),
            states=STATES,
            state=chosen,
            mine=mine,
            number=max(page, 1),
            size=PAGE,
            statistics=counter.statistics(STATISTICS_DAYS),
            days=STATISTICS_DAYS,
            hours=counter.hours,
            now=_now(),
        )

    @router.get("/tickets/{ticket}")
    def one(ticket: Number, request: Request, person: viewer, text: str = "") -> Response:
        """A ticket with everything said on it, and what the knowledge has for an answer; `text` begins the answer."""
        found, entries = counter.find(ticket), counter.entries(ticket)
        asked = next((entry.text for entry in reversed(entries) if entry.author == CREATOR), found.subject)
        hits = library.search(asked[:LONGEST_SEARCH], CANNED).hits if found.state != "closed" else []
        creator = desk.services.accounts.find(found.creator_id) if found.creator_id else None
        return desk.page(
            request,
            "ticket.html",
            ticket=found,
            entries=entries,
            creator=creator,
            hits=hits,
            text=text[:LONGEST],
            people=[member.name for member in desk.services.staff.all() if member.active],
            longest=LONGEST,
            now=_now(),
        )

    @router.post("/tickets/{ticket}/answer")
    def answer(ticket: Number, request: Request, person: editor, text: word = "") -> Response:
        """Answer the creator."""
        counter.answer(ticket, person.name, text)
        return desk.go(request, f"{PATH}/{ticket}", "tickets.answered")

    @router.post("/tickets/{ticket}/note")
    def note(ticket: Number, request: Request, person: editor, text: word = "") -> Response:
        """Keep a note for the staff."""
        counter.note(ticket, person.name, text)
        return desk.go(request, f"{PATH}/{ticket}", "tickets.noted")

    @router.post("/tickets/{ticket}/assign")
    def assign(
        ticket: Number, request: Request, person: editor, assignee: Annotated[str, Form(max_length=100)] = ""
    ) -> Response:
        """Give it to somebody."""
        counter.assign(ticket, person.name, assignee)
        return desk.go(request, f"{PATH}/{ticket}", "tickets.assigned_done")

    @router.post("/tickets/{ticket}/close")
    def close(ticket: Number, request: Request, person: editor) -> Response:
        """It is settled."""
        counter.close(ticket, person.name)
        return desk.go(request, PATH, "tickets.closed_done", number=ticket)

    @router.post("/tickets/{ticket}/reopen")
    def reopen(ticket: Number, request: Request, person: editor) -> Response:
        """It is not."""
        counter.reopen(ticket, person.name)
        return desk.go(request, f"{PATH}/{ticket}", "tickets.reopened_done")

    return router


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
