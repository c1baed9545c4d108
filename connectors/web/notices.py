"""Notices over HTTP: a creator's inbox, how they want to be told, and the links that count a click."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.identity import Caller
from assistant.programs.campaigns.images import KINDS, Pictures
from assistant.programs.notices.notice import MUTABLE
from assistant.programs.notices.service import Notices
from connectors.web import examples
from connectors.web.charts import HEADERS as PRIVATE
from connectors.web.limits import LimitedRoute
from connectors.web.openapi import Responses, answers, problems
from connectors.web.problems import Refusal
from connectors.web.sessions import Sessions
from connectors.web.shapes import InboxPage, Link, Marked, NoticeWishes

LARGEST_ID = 2**53 - 1  # what JSON carries exactly everywhere; SQL takes more
_Id = Annotated[int, Path(ge=0, le=LARGEST_ID, description="The `id` of a notice.")]


PICTURES: Responses = {
    200: {
        "description": "The picture.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind, _ in KINDS.values()},
    }
}


class Seen(BaseModel):
    """What `POST /api/v1/notices/seen` takes."""

    model_config = ConfigDict(extra="forbid")

    through: int = Field(
        ge=0, le=LARGEST_ID, description="The id of the newest notice that has been seen; older ones count as seen."
    )


class Changes(BaseModel):
    """What `PATCH /api/v1/notices/settings` takes: what is to change."""

    model_config = ConfigDict(extra="forbid")

    timezone: str | None = Field(None, max_length=60, description="A name such as Asia/Shanghai; empty: the server's.")
    quiet_from: int | None = Field(None, ge=0, le=23, description="The local hour from which nothing is sent.")
    quiet_until: int | None = Field(None, ge=0, le=23, description="The local hour from which it is again.")
    weekly: int | None = Field(None, ge=0, le=50, description="Messages a week that were not asked for.")
    muted: list[str] | None = Field(None, description=f"Kinds that are switched off, of {', '.join(MUTABLE)}.")
    channel: str | None = Field(None, max_length=20, description="The preferred channel: telegram, email or inbox.")
    email: str | None = Field(None, max_length=200, description="Where notices by e-mail go; empty: nowhere.")
    language: str | None = Field(
        None, pattern="^(|zh|en)$", description="The language of notices; empty: the server's."
    )
    daily_digest: bool | None = Field(None, description="Everything of a day in one message at nine in the morning.")


def notice_routes(notices: Notices, pictures: Pictures, sessions: Sessions) -> APIRouter:
    """`/api/v1/notices…` for creators, and `/go/…` for whoever opens a link out of a notice."""
    router = APIRouter(route_class=LimitedRoute)
    asking = Annotated[Caller, Depends(sessions.caller)]

    page, wishes = (
        answers(InboxPage, "A page of them.", examples.INBOX),
        answers(NoticeWishes, "All of it.", examples.TOLD),
    )
    marked = answers(Marked, "How many that were not seen before.", {"marked": 2})
    link = answers(Link, "Where it leads; empty when nowhere.", {"link": "https://www.example.com/tasks"})

    shown = PICTURES | problems(401, 403, 404, 422)

    @router.get("/api/v1/notices", responses=page | problems(401, 403, 422), tags=["notices"])
    def listed(
        caller: asking,
        before: Annotated[int | None, Query(ge=0, le=LARGEST_ID)] = None,
        after: Annotated[int | None, Query(ge=0, le=LARGEST_ID)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> dict[str, Any]:
        """The caller's notices, newest first, a page at a time: pass `next` as `before` for older ones, or the newest
        known id as `after` to ask for news. `unseen` counts all that were not seen and not sent elsewhere."""
        found = notices.inbox.page(_creator(caller), before, after, limit).as_dict()
        for one in found["notices"]:
            one["image"] = one["image"] and f"/api/v1/notices/{one['id']}/picture"
        return found

    @router.get("/api/v1/notices/{notice}/picture", response_class=Response, responses=shown, tags=["notices"])
    def picture(notice: _Id, caller: asking) -> Response:
        """The picture of one of the caller's own notices; another's is 404."""
        data, media_type = pictures.read(notices.inbox.picture(_creator(caller), notice))
        return Response(data, 200, PRIVATE, media_type)

    @router.post("/api/v1/notices/seen", responses=marked | problems(401, 403, 413, 422), tags=["notices"])
    def seen(marks: Seen, caller: asking) -> dict[str, int]:
        """Mark everything up to a notice as seen. What waited for another channel is not sent there any more."""
        return {"marked": notices.inbox.mark_seen(_creator(caller), marks.through)}

    @router.post("/api/v1/notices/{notice}/open", responses=link | problems(401, 403, 404, 422), tags=["notices"])
    def opened(notice: _Id, caller: asking) -> dict[str, str]:
        """Count a click on a notice's link, and get the link."""
        return {"link": notices.inbox.follow(_creator(caller), notice)}

    @router.get("/api/v1/notices/settings", responses=wishes | problems(401, 403), tags=["notices"])
    def settings(caller: asking) -> dict[str, Any]:
        """How the caller wants to be told."""
        return vars(notices.wishes.of(_creator(caller)))

    @router.patch("/api/v1/notices/settings", responses=wishes | problems(401, 403, 413, 422), tags=["notices"])
    def change(changes: Changes, caller: asking) -> dict[str, Any]:
        """Change some of it; returns the whole."""
        creator, wanted = _creator(caller), changes.model_dump(exclude_unset=True)
        for kind in set(wanted.get("muted") or ()) - set(notices.wishes.of(creator).muted):
            notices.inbox.mute(creator, kind)
        return vars(notices.wishes.change(creator, {key: value for key, value in wanted.items() if _says(key, value)}))

    @router.get("/go/{notice}/{signed}", include_in_schema=False)
    def go(notice: _Id, signed: str) -> RedirectResponse:
        """On to where a notice's link leads."""
        return RedirectResponse(notices.inbox.open(notice, signed), 303, {"Referrer-Policy": "no-referrer"})

    return router


def _creator(caller: Caller) -> str:
    if caller.creator is None:
        raise Refusal(401, "problem.needs_creator", headers={"WWW-Authenticate": "Bearer"})
    return caller.creator


def _says(key: str, value: object) -> bool:
    """Null means no change, except for the limit, where it is the house's."""
    return value is not None or key == "weekly"
