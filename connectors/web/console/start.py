"""The start page: what needs attention today, and where to go for it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk
from knowledge.overview import Overview
from knowledge.releases import Release

FEW = 5  # entries of a kind that are shown; the page behind has the rest
RECENTLY = timedelta(days=7)  # for answers that were thumbed down


def start_pages(desk: Desk) -> APIRouter:
    """/console."""
    router = desk.router()
    services = desk.services

    @router.get("")
    def start(request: Request, person: Annotated[Person, Depends(needs("viewer"))]) -> Response:
        """What waits for somebody, the release that is served, and the sections this person may use."""
        library, learning = services.library, services.learning
        releases = library.releases.all()
        week_ago = datetime.now(UTC).replace(tzinfo=None) - RECENTLY
        return desk.page(
            request,
            "start.html",
            served=next((one for one in releases if one.number == library.release), None),
            candidate=_candidate(releases, library.release),
            drafts=library.catalog.drafts(),
            coming=Overview(services.engine).coming(library.today()),
            gaps=learning.gaps.all(("open",), size=FEW),
            open_gaps=learning.gaps.counts()["open"],
            down=learning.answers.list(down=True, since=week_ago, size=FEW),
            held=services.programs.ledger.awards(("held",), limit=FEW),
            appeals=services.programs.tasks.appeals(),
            few=FEW,
        )

    return router


def _candidate(releases: list[Release], served: int | None) -> Release | None:
    """The newest release that was checked and may still be published or mended."""
    newest = releases[0] if releases else None
    return newest if newest and newest.state in ("ready", "blocked") and newest.base == served else None
