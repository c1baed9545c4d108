"""Rewards: what was awarded, large awards that wait for two people, and what goes to the payer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.programs.awards import STATES, State
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk, Number, PageNumber, number_of
from connectors.web.console.navigation import HOME
from connectors.web.console.showing import Showing

PATH = f"{HOME}/rewards"
PAGE = 50


def reward_pages(desk: Desk) -> APIRouter:
    """/console/rewards."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    publisher = Annotated[Person, Depends(needs("publisher"))]
    admin = Annotated[Person, Depends(needs("admin"))]
    reason = Annotated[str, Form(max_length=400)]

    @router.get("/rewards")
    def listed(request: Request, person: viewer, state: str = "", program: str = "", page: PageNumber = 1) -> Response:
        """The totals, what waits for somebody, the payouts, and the ledger."""
        programs = desk.services.programs
        chosen: tuple[State, ...] = tuple(known for known in STATES if known == state) or STATES
        number = max(page, 1)
        return desk.page(
            request,
            "rewards.html",
            totals=programs.ledger.totals(),
            held=programs.ledger.awards(("held",)),
            payouts=programs.payouts.all(),
            awards=programs.ledger.awards(chosen, program, limit=PAGE + 1, page=number),
            differences=programs.ledger.differences(),
            has_webhook=bool(desk.services.settings.payer_webhook),
            states=STATES,
            state=state if len(chosen) == 1 else "",
            program=program,
            number=number,
            size=PAGE,
            show=Showing(desk.services, person.language),
        )

    @router.get("/rewards/awards/{award}")
    def history(award: str, request: Request, person: viewer) -> Response:
        """One award with its entries."""
        ledger = desk.services.programs.ledger
        found, lines = ledger.find(award), ledger.history(award)
        show = Showing(desk.services, person.language)
        return desk.page(request, "award.html", found=found, lines=lines, show=show)

    @router.post("/rewards/awards/{award}/approve")
    def approve(award: str, request: Request, person: publisher) -> Response:
        """One person's yes."""
        found = desk.services.programs.ledger.approve(award, person.name)
        return desk.go(request, PATH, "rewards.approved" if found.state == "payable" else "rewards.approved_once")

    @router.post("/rewards/awards/{award}/refuse")
    def refuse(award: str, request: Request, person: publisher, reason: reason = "") -> Response:
        """No, with a reason."""
        desk.services.programs.ledger.refuse(award, person.name, reason.strip())
        return desk.go(request, PATH, "rewards.refused")

    @router.post("/rewards/payouts")
    def pay(request: Request, person: admin) -> Response:
        """Put everything payable into a payout; with a webhook it goes to the payer within a minute."""
        made = desk.services.programs.payouts.make(person.name)
        return desk.go(request, PATH, "rewards.payout_made", number=made.id, count=made.awards)

    @router.get("/rewards/payouts/{name}")
    def sheet(name: str, request: Request, person: viewer) -> Response:
        """A payout as CSV: `NUMBER.csv`."""
        number = name.removesuffix(".csv")
        text = desk.services.programs.payouts.sheet(number_of(number) or 0)
        headers = {"Content-Disposition": f'attachment; filename="payout-{number}.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    @router.post("/rewards/payouts/{number}/confirm")
    def confirm(number: Number, request: Request, person: admin) -> Response:
        """The payer has paid."""
        count = desk.services.programs.payouts.confirm(number, person.name)
        return desk.go(request, PATH, "rewards.payout_paid", number=number, count=count)

    @router.post("/rewards/payouts/{number}/again")
    def again(number: Number, request: Request, person: admin) -> Response:
        """Send it to the payer's webhook once more."""
        desk.services.programs.payouts.send_again(number, person.name)
        return desk.go(request, PATH, "rewards.payout_again", number=number)

    return router
