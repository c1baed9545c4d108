"""Star: how creators stand to its criteria and the checklists, nominations, decisions, and what was promised."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.errors import BadInput
from assistant.programs.criteria import Readiness
from assistant.programs.register import NoSuchProgram
from assistant.programs.rewards import FEN
from assistant.programs.star import BENEFITS, SLUG, STATES, State
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import MOST, Desk, Number
from connectors.web.console.navigation import HOME
from connectors.web.console.showing import Showing

PATH = f"{HOME}/star"


def star_pages(desk: Desk) -> APIRouter:
    """/console/star."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    publisher = Annotated[Person, Depends(needs("publisher"))]
    text = Annotated[str, Form(max_length=2000)]

    def readiness(slug: str, creator: str) -> Readiness | None:
        programs = desk.services.programs
        try:
            return programs.reader.readiness(programs.register.criteria(slug), creator, programs.today())
        except NoSuchProgram:
            return None

    @router.get("/star")
    def listed(request: Request, person: viewer, state: str = "", creator: str = "", list: str = SLUG) -> Response:  # noqa: A002 - the name of the field
        """The nominations; and, for a creator who is named, how they stand to a list."""
        programs = desk.services.programs
        chosen: tuple[State, ...] = tuple(known for known in STATES if known == state)
        lists = [*programs.register.all("star"), *programs.register.all("checklist")]
        asked = creator.strip()
        found = desk.services.accounts.find(asked) if asked else None
        return desk.page(
            request,
            "star.html",
            nominations=programs.star.all(chosen),
            counts=programs.star.counts(),
            states=STATES,
            state=state if chosen else "",
            creators=desk.services.accounts.all()[:500],
            lists=[one for one in lists if one.published],
            list=list,
            asked=asked,
            creator=found,
            readiness=readiness(list, found.id) if found else None,
            is_star_list=list == SLUG,
            show=Showing(desk.services, person.language),
        )

    @router.post("/star")
    def nominate(
        request: Request, person: editor, creator: Annotated[str, Form(max_length=64)], note: text = ""
    ) -> Response:
        """Propose a creator."""
        programs = desk.services.programs
        desk.services.accounts.get(creator)
        found = programs.star.nominate(creator, person.name, note, programs.today())
        return desk.go(request, f"{PATH}/{found.id}", "star.nominated")

    @router.get("/star/{number}")
    def one(number: Number, request: Request, person: viewer) -> Response:
        """A nomination: how the creator stood and stands, the decision, the benefits."""
        programs = desk.services.programs
        found = programs.star.find(number)
        return desk.page(
            request,
            "nomination.html",
            found=found,
            creator=desk.services.accounts.find(found.creator_id),
            readiness=readiness(SLUG, found.creator_id),
            stood={one["key"]: one["verdict"] for one in found.readiness["criteria"]},
            kinds=BENEFITS,
            staff=[member.name for member in desk.services.staff.all() if member.active],
            entries=desk.services.library.trail.entries(area="star", subject=found.creator_id),
            today=programs.today(),
            show=Showing(desk.services, person.language),
        )

    @router.post("/star/{number}/decide")
    def decide(
        number: Number,
        request: Request,
        person: publisher,
        verdict: Annotated[str, Form()],
        reason: text = "",
        contact: Annotated[str, Form(max_length=100)] = "",
    ) -> Response:
        """Take the creator, or decline."""
        accepted = verdict == "accepted"
        desk.services.programs.star.decide(number, person.name, accepted, reason, contact)
        return desk.go(request, f"{PATH}/{number}", "star.accepted" if accepted else "star.declined")

    @router.post("/star/{number}/contact")
    def contact(
        number: Number, request: Request, person: publisher, contact: Annotated[str, Form(max_length=100)]
    ) -> Response:
        """Name another contact."""
        desk.services.programs.star.set_contact(number, person.name, contact)
        return desk.go(request, f"{PATH}/{number}", "star.contact_kept", name=contact)

    @router.post("/star/{number}/benefits")
    def promise(
        number: Number,
        request: Request,
        person: publisher,
        kind: Annotated[str, Form()],
        amount: Annotated[str, Form(max_length=20)],
        note: text = "",
        due_on: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        """Write down what is promised."""
        due = _day(due_on)
        desk.services.programs.star.promise(number, person.name, kind, _amount(kind, amount), note, due)
        return desk.go(request, f"{PATH}/{number}", "star.promised")

    @router.post("/star/{number}/benefits/{benefit}")
    def deliver(number: Number, benefit: Number, request: Request, person: publisher) -> Response:
        """It was given."""
        desk.services.programs.star.deliver(number, benefit, person.name)
        return desk.go(request, f"{PATH}/{number}", "star.delivered")

    @router.post("/star/{number}/end")
    def end(number: Number, request: Request, person: publisher, reason: text = "") -> Response:
        """A Star no more."""
        desk.services.programs.star.end(number, person.name, reason)
        return desk.go(request, f"{PATH}/{number}", "star.ended")

    return router


def _amount(kind: str, typed: str) -> int:
    """Yuan with two places become fen; anything else is whole."""
    try:
        number = Decimal(typed.replace(",", "").strip())
    except InvalidOperation as error:
        raise BadInput("The amount is a number.") from error
    if not number.is_finite() or abs(number) > MOST:
        raise BadInput("The amount is a number.")
    return int(number * (FEN if kind == "guarantee" else 1))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise BadInput("A day is written as 2026-11-30.") from error
