"""The chat completions of OpenAI's API, so that any program that speaks it can use the guide.

https://platform.openai.com/docs/api-reference/chat: what is needed of it. The Bearer token is a site's API key, or the
session of a visit, which speaks for the creator whom the site vouched for. The user's last message is the question; the
conversation is kept here under `metadata.thread`, not read from earlier messages.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response, StreamingResponse

from assistant.agent.answers import Event
from assistant.bootstrap import Services
from assistant.identity import Caller
from connectors.web import examples
from connectors.web.admission import Admission
from connectors.web.limits import LimitedRoute
from connectors.web.openapi import answers, problems
from connectors.web.problems import Refusal, problem_of
from connectors.web.sessions import Sessions
from connectors.web.shapes import ChatCompletion, Models
from connectors.web.texts import Texts, language_written

MODEL = "heliotrope"


class Part(BaseModel):
    """A part of a message; text is what is read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """A message as clients send it."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """What it says."""
        parts = self.content or ""
        return parts if isinstance(parts, str) else "\n".join(part.text for part in parts if part.type == "text")


class Metadata(BaseModel):
    """What is read of `metadata`."""

    thread: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The `heliotrope.thread` of an earlier answer."
    )


class Completion(BaseModel):
    """What `POST /v1/chat/completions` takes; whatever else clients send is not used."""

    model_config = ConfigDict(extra="ignore")

    messages: list[Message] = Field(min_length=1, max_length=1000)
    model: str = Field(MODEL, max_length=200)
    stream: bool = False
    metadata: Metadata = Field(default_factory=Metadata)


def completion_routes(services: Services, sessions: Sessions, admission: Admission, texts: Texts) -> APIRouter:
    """`/v1/models` and `/v1/chat/completions`."""
    router = APIRouter(prefix="/v1", route_class=LimitedRoute, tags=["openai"])

    def known(request: Request) -> Caller:
        """Whoever a token speaks for; here nobody asks without one."""
        if "authorization" not in request.headers:
            raise Refusal(401, "problem.not_bearer", headers={"WWW-Authenticate": "Bearer"})
        return sessions.caller(request)

    @router.get("/models", responses=answers(Models, "It.", examples.MODELS) | problems(401))
    def models(_: Annotated[Caller, Depends(known)]) -> dict[str, Any]:
        """The one model there is."""
        return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}]}

    @router.post(
        "/chat/completions",
        response_model=None,
        responses=answers(ChatCompletion, "The answer; with `stream` as chunks.", examples.COMPLETION, examples.CHUNKS)
        | problems(401, 404, 413, 422, 429, 503),
    )
    async def complete(
        completion: Completion, request: Request, caller: Annotated[Caller, Depends(known)]
    ) -> Response:
        """Ask the guide. The answer carries its sources as text, and the whole reply under `heliotrope`."""
        question = next((one.text for one in reversed(completion.messages) if one.role == "user"), "")
        await admission.admit(request, question)
        thread, lang = completion.metadata.thread, language_written(question)
        answer = services.assistant.reply(caller, thread, question)
        events = admission.answering(request, caller, question, answer)
        if completion.stream:
            first = await anext(aiter(events))  # what is wrong with the thread shows here, before the status is sent
            return StreamingResponse(_streamed(first, events, texts, lang), media_type="text/event-stream")
        reply = [event.data async for event in events][-1]
        text = reply["text"] + _sources(reply, texts, lang)
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        whole = {**_head(reply["answer_id"], "chat.completion"), "choices": [choice], "heliotrope": reply}
        return JSONResponse(whole)

    return router


async def _streamed(first: Event, events: AsyncIterator[Event], texts: Texts, lang: str) -> AsyncIterator[bytes]:
    """The answer's sentences as chunks. What was sent cannot be taken back: an answer that begins anew says so."""
    head = _head("stream", "chat.completion.chunk")
    yield _chunk(head, {"role": "assistant", "content": ""})
    event: Event | None = first
    try:
        while event is not None:
            if event.kind == "sentence":
                yield _chunk(head, {"content": event.data["text"]})
            elif event.kind == "restart":
                yield _chunk(head, {"content": f"\n\n{texts.text(lang, 'completion.restart')}\n\n"})
            elif event.kind == "done":
                yield _chunk(head, {"content": _sources(event.data, texts, lang)})
                yield _chunk({**head, "heliotrope": event.data}, {}, "stop")
            event = await anext(events, None)
    except Exception as error:  # the status is sent already, so it is told as OpenAI tells errors inside a stream
        problem, _ = problem_of(error, texts, lang)
        yield _line({"error": {"message": problem["detail"], "type": "server_error", "code": problem["status"]}})
        return
    yield b"data: [DONE]\n\n"


def _head(answer: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{answer}", "object": kind, "created": int(time.time()), "model": MODEL}


def _chunk(head: dict[str, Any], delta: dict[str, str], finish: str | None = None) -> bytes:
    return _line({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _line(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def _sources(reply: dict[str, Any], texts: Texts, lang: str) -> str:
    """What the marks in the text point to, as such programs can show it."""
    lines = [
        f"[{one['n']}] " + " · ".join(filter(None, (one["title"], one["source"], one["source_date"], one["url"])))
        for one in reply["citations"]
    ]
    return f"\n\n{texts.text(lang, 'answer.sources')}\n" + "\n".join(lines) if lines else ""
