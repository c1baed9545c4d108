"""Answers: what was asked and said, what each rested on, and the same question asked again. Never by whom."""

from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response

from assistant.learning.replay import Comparison
from assistant.staff.people import Person
from connectors.web.console.access import needs
from connectors.web.console.desk import Desk, PageNumber, is_partial
from connectors.web.console.markdown import rendered
from connectors.web.console.navigation import HOME
from connectors.web.console.testing import day_of

PATH = f"{HOME}/answers"
PAGE = 50
Show = Literal["all", "refused", "answered", "down"]
SHOWS: tuple[Show, ...] = get_args(Show)
TIMINGS = ("search", "first", "compose", "total")  # those that tell where the time of an answer went
REFUSED: dict[str, bool] = {"refused": True, "answered": False}


def answer_pages(desk: Desk) -> APIRouter:
    """/console/answers."""
    router = desk.router()
    viewer = Annotated[Person, Depends(needs("viewer"))]
    learning, library = desk.services.learning, desk.services.library
    zone = ZoneInfo(desk.services.settings.timezone)

    @router.get("/answers")
    def listed(
        request: Request,
        person: viewer,
        show: str = "all",
        release: str = "",
        text: str = "",
        since: str = "",
        page: PageNumber = 1,
    ) -> Response:
        """A page of answers that pass the filters, newest first."""
        day, number = day_of(since), max(page, 1)
        found = learning.answers.list(
            refused=REFUSED.get(show),
            down=show == "down",
            release=int(release) if release.isdigit() else None,
            text=text.strip(),
            since=datetime.combine(day, time.min, zone).astimezone(UTC).replace(tzinfo=None) if day else None,
            page=number,
            size=PAGE,
        )
        values: dict[str, Any] = {
            "found": found,
            "wanted": {"show": show if show in SHOWS else "all", "release": release, "text": text, "since": since},
            "number": number,
        }
        if is_partial(request):
            return desk.part(request, "answers_rows.html", **values)
        served = [one.number for one in library.releases.all() if one.served_at is not None]
        return desk.page(request, "answers.html", 200, shows=SHOWS, releases=served, **values)

    @router.get("/answers/{answer_id}")
    def one(answer_id: str, request: Request, person: viewer) -> Response:
        """An answer as it was given."""
        return shown(request, answer_id, None)

    @router.post("/answers/{answer_id}/again")
    async def again(answer_id: str, request: Request, person: viewer) -> Response:
        """The same question, asked now of what it was asked of then."""
        comparison = await learning.replay.again(answer_id)
        if is_partial(request):
            return desk.part(request, "answer_again.html", comparison=comparison, answer_id=answer_id)
        return shown(request, answer_id, comparison)

    def shown(request: Request, answer_id: str, comparison: Comparison | None) -> Response:
        answer = learning.replay.of(answer_id)
        cited = frozenset(passage.n for passage in answer.passages if passage.n is not None)
        return desk.page(
            request,
            "answer.html",
            answer=answer,
            answer_id=answer_id,
            text=rendered(answer.answer, "passage", cited),
            comparison=comparison,
            timings=TIMINGS,
        )

    return router
