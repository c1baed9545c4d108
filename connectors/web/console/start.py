"""The start page: what there is, and what needs attention."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk


def start_pages(desk: Desk) -> APIRouter:
    """/console."""
    router = desk.router()

    @router.get("")
    def start(request: Request, person: Annotated[Person, Depends(needs("viewer"))]) -> Response:
        """The sections this person may use, and the release that is served."""
        return desk.page(request, "start.html", release=desk.services.library.release)

    return router
