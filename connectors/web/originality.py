"""Originality cases over HTTP: creators report copied works with their evidence, follow their cases, and answer."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from assistant.bootstrap import Services
from assistant.creators.works import works_between
from assistant.identity import Caller
from assistant.programs.campaigns.images import KINDS, MOST_BYTES
from assistant.programs.cases.desk import LONGEST, Case, Report, Role
from assistant.programs.cases.states import CreatorsAct, acts_for
from connectors.web import examples
from connectors.web.charts import HEADERS as PRIVATE
from connectors.web.limits import LimitedRoute, small_body
from connectors.web.notices import PICTURES
from connectors.web.openapi import answers, problems
from connectors.web.problems import Refusal
from connectors.web.sessions import Sessions
from connectors.web.shapes import OriginalityCase, OriginalityCases
from connectors.web.texts import language_asked_for

SHOWN = 50  # cases of a side, and own works to choose from
_Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The `id` of a case.")]
_File = Annotated[int, Path(ge=1, le=2**31 - 1, description="The `id` of a file of the case.")]
_PICTURE = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind, _ in KINDS.values()},
}


class Copied(BaseModel):
    """What `POST /api/v1/cases` takes: the creator's own work, and the work that copies it."""

    model_config = ConfigDict(extra="forbid")

    own_title: str = Field(min_length=1, max_length=200, description="The title of the creator's own work.")
    other_url: str = Field(min_length=1, max_length=500, description="The address of the work that copies it.")
    statement: str = Field(min_length=1, max_length=LONGEST, description="What was copied, and what proves it.")
    own_url: str = Field("", max_length=500, description="The address of the own work.")
    other_title: str = Field("", max_length=200, description="The title of the other work.")
    other_name: str = Field("", max_length=100, description="The account that published it.")


class Answer(BaseModel):
    """What `POST /api/v1/cases/{case}/steps` takes: one of the case's `acts`, and what is said with it."""

    model_config = ConfigDict(extra="forbid")

    act: CreatorsAct
    text: str = Field("", max_length=LONGEST)


def originality_routes(services: Services, sessions: Sessions, write: type[LimitedRoute]) -> APIRouter:
    """`/api/v1/cases…`, for creators; another's case is 404. The course is that of `assistant.programs.cases.states`,
    the same as in the chat."""
    router = APIRouter()
    limited = APIRouter(prefix="/api/v1/cases", route_class=write, tags=["originality"])
    large = APIRouter(prefix="/api/v1/cases", tags=["originality"])  # pictures are more than the other routes take

    def creator_of(caller: Annotated[Caller, Depends(sessions.caller)]) -> str:
        if caller.creator is None:
            raise Refusal(401, "problem.needs_creator", headers={"WWW-Authenticate": "Bearer"})
        return caller.creator

    asking = Annotated[str, Depends(creator_of)]
    one = answers(OriginalityCase, "The case as it stands.", examples.CASE)

    @limited.get("", responses=answers(OriginalityCases, "All of them.", examples.CASES) | problems(401, 403))
    def listed(creator: asking) -> dict[str, Any]:
        """The caller's own reports and the complaints against them, newest first; and their works to choose from."""
        found = [*services.cases.of(creator, "report", SHOWN), *services.cases.of(creator, "complaint", SHOWN)]
        works = works_between(services.warehouse, creator, date.min, date.max)[:SHOWN]
        return {
            "cases": [_shown(case) for case in sorted(found, key=lambda case: case.id, reverse=True)],
            "works": list(dict.fromkeys(work.title for work in works)),
        }

    @limited.post("", responses=one | problems(401, 403, 409, 413, 422))
    def report(copied: Copied, request: Request, creator: asking) -> dict[str, Any]:
        """Report a copied work. The same pair of works reported again names the earlier case in `duplicate_of`."""
        own = services.cases.own_work(creator, copied.own_title)
        named = {} if own is None else {"own_work": own[0], "own_title": own[1], "own_published_at": own[2]}
        told = Report(**{**{name: text.strip() for name, text in copied.model_dump().items()}, **named})
        lang = language_asked_for(request.headers.get("accept-language", ""))
        return _shown(services.cases.file(creator, told, lang=lang))

    @limited.get("/{case}", responses=one | problems(401, 403, 404, 422))
    def find(case: _Number, creator: asking) -> dict[str, Any]:
        """One of the caller's own cases."""
        return _shown(services.cases.find(case, creator))

    @limited.post("/{case}/steps", responses=one | problems(401, 403, 404, 409, 413, 422))
    def step(case: _Number, answer: Answer, creator: asking) -> dict[str, Any]:
        """Supply what staff asked for, withdraw, counter a complaint, or appeal."""
        return _shown(services.cases.move(case, answer.act, "creator", "creator", answer.text, creator))

    @large.post(
        "/{case}/files",
        responses=one | problems(401, 403, 404, 409, 413, 422),
        openapi_extra={"requestBody": _PICTURE},
    )
    async def add_file(
        case: _Number,
        request: Request,
        creator: asking,
        role: Annotated[Role, Query(description="What the picture shows.")],
        name: Annotated[str, Query(max_length=200, description="What the file is called.")] = "",
    ) -> dict[str, Any]:
        """Put a picture to a case that is under way, as the body. With both covers there their likeness is computed."""
        data = await small_body(request, MOST_BYTES)
        await run_in_threadpool(services.cases.add_file, case, role, name, data, "creator", creator)
        return _shown(await run_in_threadpool(services.cases.find, case, creator))

    @limited.get("/{case}/files/{file}", response_class=Response, responses=PICTURES | problems(401, 403, 404, 422))
    def file(case: _Number, file: _File, creator: asking) -> Response:
        """A picture of one of the caller's own cases."""
        services.cases.find(case, creator)
        data, paper = services.cases.content(case, file)
        return Response(data, 200, PRIVATE, paper.media_type)

    def _shown(case: Case) -> dict[str, Any]:
        history = services.cases.entries(case.id, with_notes=False)
        names = ("id", "side", "state", "own_title", "own_url", "other_title", "other_url", "other_name", "statement",
                 "duplicate_of", "title_likeness", "cover_likeness")  # fmt: skip
        return {
            **{name: getattr(case, name) for name in names},
            **{name: _moment(getattr(case, name)) for name in ("opened_at", "due_at", "changed_at", "decided_at")},
            "acts": acts_for(case.side, case.state, "creator", case.is_appealed),
            "files": [{"id": one.id, "role": one.role, "name": one.name} for one in services.cases.files(case.id)],
            "history": [
                {"at": _moment(entry.at), "act": entry.act, "by": "creator" if entry.author == "creator" else "staff",
                 "text": entry.text, "state": entry.state}
                for entry in history
            ],
        }  # fmt: skip

    router.routes.extend(limited.routes)
    router.routes.extend(large.routes)
    return router


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat() + "Z"
