"""The HTTP API, version 1: chat, threads, and the demonstration creators whom anybody may try the guide as."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from assistant.agent.answers import Event
from assistant.bootstrap import Services
from assistant.creators.accounts import Creator
from assistant.identity import Caller
from connectors.web import examples
from connectors.web.admission import Admission
from connectors.web.limits import LimitedRoute
from connectors.web.openapi import answers, problems
from connectors.web.problems import Refusal, problem_of
from connectors.web.repeats import REPEATABLE
from connectors.web.sessions import Sessions
from connectors.web.shapes import Chosen, Demonstration, History, Reply, Threads
from connectors.web.streams import EventStream
from connectors.web.texts import Texts, language_asked_for

THREAD = r"^[A-Za-z0-9_-]{1,64}$"


def _day(value: object) -> date | None:
    """A day as YYYY-MM-DD and nothing else: pydantic alone would read 20240101 as seconds since 1970."""
    if value is None:
        return None
    try:
        if isinstance(value, str) and len(value) == len("2024-01-01"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "not a day")


def _readable(text: str) -> str:
    """Half of a surrogate pair can be written in JSON, but neither stored nor sent on."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("unreadable", "not readable text")
    return text


class Question(BaseModel):
    """What `POST /api/v1/chat` takes."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, AfterValidator(_readable)] = Field(
        description="The question, in Chinese or English.", examples=["2024年光合计划给多少流量？"]
    )
    thread: str | None = Field(
        None, pattern=THREAD, description="The `thread` of an earlier reply; null begins a new one."
    )
    as_of: Annotated[date | None, BeforeValidator(_day)] = Field(
        None, description="The day whose rules apply, as YYYY-MM-DD; null is today."
    )


class Again(BaseModel):
    """What `POST /api/v1/threads/{thread}/again` takes."""

    model_config = ConfigDict(extra="forbid")

    missed: bool = Field(False, description="It was not what was asked: say what may have been meant instead.")


class Choice(BaseModel):
    """What `POST /api/v1/demonstration/session` takes."""

    model_config = ConfigDict(extra="forbid")

    creator: str | None = Field(max_length=64, description="A demonstration creator's id; null asks anonymously again.")


Cursor = Annotated[
    str | None, Query(min_length=1, max_length=200, description="The `next` of the page before; none for the first.")
]
ActionName = Annotated[str, Path(max_length=64, description="The `id` of an action of a reply.")]
ThreadName = Annotated[str, Path(pattern=THREAD, description="The `thread` of a reply.")]


def api_routes(
    services: Services, sessions: Sessions, admission: Admission, texts: Texts, repeatable: type[LimitedRoute]
) -> APIRouter:
    """The routes under /api/v1. Each states in its signature who may call it."""
    router = APIRouter(prefix="/api/v1", route_class=repeatable)
    asking = Annotated[Caller, Depends(sessions.caller)]
    whole = "The answer, whole; or, with `Accept: text/event-stream`, its events."
    answered = answers(Reply, whole, examples.REPLY, {"text/event-stream": examples.EVENTS})

    async def answer(request: Request, caller: Caller, text: str, said: AsyncIterator[Event]) -> Response:
        """The events as they come where the request asks for that, else what the last one holds: the whole reply."""
        events = admission.answering(request, caller, text, said)
        if "text/event-stream" not in request.headers.get("accept", ""):
            try:
                return JSONResponse([event.data async for event in events][-1])
            except asyncio.CancelledError:  # the server stops and waits for this answer no longer
                raise Refusal(503, "problem.stopping", headers={"Retry-After": "5"}) from None
        lang = language_asked_for(request.headers.get("accept-language", ""))
        return EventStream(events, lambda error: problem_of(error, texts, lang)[0])

    @router.post(
        "/chat",
        responses=answered | problems(401, 403, 404, 409, 413, 422, 429, 503),
        openapi_extra=REPEATABLE,
        tags=["chat"],
    )
    async def chat(question: Question, request: Request, caller: asking) -> Response:
        """Ask one question. JSON by default; with `Accept: text/event-stream` the answer's events as they come."""
        await admission.admit(request, question.text)
        events = services.assistant.reply(caller, question.thread, question.text, question.as_of)
        return await answer(request, caller, question.text, events)

    @router.post(
        "/threads/{thread}/again",
        responses=answered | problems(401, 403, 404, 409, 413, 422, 429, 503),
        openapi_extra=REPEATABLE,
        tags=["chat"],
    )
    async def again(thread: ThreadName, wish: Again, request: Request, caller: asking) -> Response:
        """The last question of one of the caller's own threads answered anew, as a turn of its own."""
        await admission.admit(request, "")
        return await answer(request, caller, "", services.assistant.again(caller, thread, wish.missed))

    @router.post(
        "/actions/{action}",
        responses=answers(Reply, "What came of it, as a turn of the conversation.", examples.REPLY)
        | problems(401, 403, 404, 409, 413, 422, 503),
        openapi_extra=REPEATABLE,
        tags=["chat"],
    )
    async def act(action: ActionName, caller: asking) -> Response:
        """Press a button of one of the caller's own answers. It is done once, however often it is pressed."""
        return JSONResponse((await services.assistant.act(caller, action)).as_dict())

    @router.get(
        "/threads",
        responses=answers(Threads, "A page of them.", examples.THREADS) | problems(401, 403, 422),
        tags=["conversations"],
    )
    async def threads(
        caller: asking, limit: Annotated[int, Query(ge=1, le=100)] = 20, cursor: Cursor = None
    ) -> dict[str, Any]:
        """The caller's own conversations, the one used last first. Of an unknown visitor: those of this session."""
        page = await run_in_threadpool(services.assistant.threads, caller, limit, cursor)
        return {"threads": page.items, "next": page.following}

    @router.get(
        "/threads/{thread}",
        responses=answers(History, "A page of it.", examples.HISTORY) | problems(401, 403, 404, 422),
        tags=["conversations"],
    )
    async def history(
        thread: ThreadName,
        caller: asking,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Cursor = None,
    ) -> dict[str, Any]:
        """The last questions and replies of one of the caller's own threads, oldest first; another's is 404."""
        page = await run_in_threadpool(services.assistant.turns, caller, thread, limit, cursor)
        return {"thread": thread, "turns": page.items, "next": page.following}

    everybody = answers(Demonstration, "All of them.", examples.DEMONSTRATION)
    chosen = answers(Chosen, "The session's cookie is set, or cleared.", examples.CHOSEN)

    @router.get("/demonstration", responses=everybody, tags=["demonstration"])
    def demonstration(request: Request, response: Response) -> dict[str, Any]:
        """The demonstration creators, all invented, and which of them this page's session speaks for."""
        current = sessions.demonstration(request)
        if current is None:
            sessions.forget(request, response)
        return {"creators": [_shown(creator) for creator in sessions.demonstration_creators()], "current": current}

    @router.post(
        "/demonstration/session",
        responses=chosen | problems(403, 404, 413, 422),
        tags=["demonstration"],
    )
    def choose(choice: Choice, request: Request, response: Response) -> dict[str, Any]:
        """Ask as a demonstration creator from now on, or anonymously again with null."""
        creator = sessions.choose(request, response, choice.creator)
        return {"current": creator and _shown(creator)}

    return router


def _shown(creator: Creator) -> dict[str, Any]:
    names = ("id", "name", "platform", "category", "story", "synthetic")
    return {name: getattr(creator, name) for name in names}
