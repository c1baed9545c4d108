"""Gaps: what creators ask and the knowledge does not answer, and what staff do about it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from assistant.learning.closing import faq_fields, golden_id
from assistant.learning.gaps import STATES, State
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk, Number, PageNumber
from connectors.web.console.editor import Editor
from connectors.web.console.navigation import HOME
from connectors.web.console.testing import alternatives

PATH = f"{HOME}/gaps"
PAGE = 30
GROUPING_SECONDS = 1.0  # that opening the list may spend on questions which wait to be grouped
LONGEST_ANSWER = 4000  # characters of what a golden question insists on


def gap_pages(desk: Desk) -> APIRouter:
    """/console/gaps."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    editor = Annotated[Person, Depends(needs("editor"))]
    reason = Annotated[str, Form(max_length=400)]
    learning, golden = desk.services.learning, desk.services.golden
    editing = Editor(desk)

    @router.get("/gaps")
    def listed(request: Request, person: viewer, state: str = "open", page: PageNumber = 1) -> Response:
        """The gaps in one state, those asked most first; questions that wait are grouped beforehand."""
        waiting = learning.intake.refresh(GROUPING_SECONDS)
        chosen: State = state if state in STATES else "open"
        number = max(page, 1)
        return desk.page(
            request,
            "gaps.html",
            gaps=learning.gaps.all((chosen,), number, PAGE),
            counts=learning.gaps.counts(),
            states=STATES,
            state=chosen,
            waiting=waiting,
            number=number,
            size=PAGE,
        )

    @router.get("/gaps/{gap_id}")
    def one(gap_id: Number, request: Request, person: viewer) -> Response:
        """A gap: everything that was asked, and what can be done about it."""
        gap = learning.gaps.find(gap_id)
        kept = {one.question.id: one for one in golden.all()}
        return desk.page(
            request,
            "gap.html",
            gap=gap,
            asked=learning.gaps.asked(gap_id),
            turns={example.text: example.turn for example in gap.examples if example.turn},
            golden=kept.get(golden_id(gap)),
            entries=desk.services.library.trail.entries(area="gap", subject=str(gap_id)),
        )

    @router.get("/gaps/{gap_id}/draft")
    def draft(gap_id: Number, request: Request, person: editor) -> Response:
        """The editor with a FAQ begun from the gap; saving it there keeps it for the gap."""
        gap = learning.gaps.find(gap_id)
        if gap.document and editing.newest(gap.document):
            return desk.go(request, f"{HOME}/documents/{gap.document}/edit")
        return editing.shown(request, faq_fields(gap), 0, gap=gap_id)

    @router.post("/gaps/{gap_id}/golden")
    def ask_always(
        gap_id: Number,
        request: Request,
        person: editor,
        must_contain: Annotated[str, Form(max_length=LONGEST_ANSWER)] = "",
    ) -> Response:
        """Ask the gap's question of every release from now on."""
        learning.closing.golden_question(gap_id, alternatives(must_contain), person.name)
        return desk.go(request, f"{PATH}/{gap_id}", "gaps.golden_kept")

    @router.post("/gaps/{gap_id}/dismiss")
    def dismiss(gap_id: Number, request: Request, person: editor, reason: reason = "") -> Response:
        """It need not be answered."""
        learning.gaps.dismiss(gap_id, person.name, reason.strip())
        return desk.go(request, PATH, "gaps.dismissed")

    @router.post("/gaps/{gap_id}/reopen")
    def reopen(gap_id: Number, request: Request, person: editor, reason: reason = "") -> Response:
        """It is to be answered after all."""
        learning.gaps.reopen(gap_id, person.name, reason.strip())
        return desk.go(request, f"{PATH}/{gap_id}", "gaps.reopened")

    return router
