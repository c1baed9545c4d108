"""An OpenAI-compatible chat endpoint on a loopback port that answers well or fails in the ways real ones do."""

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Mode = Literal[
    "answer",
    "http 429",
    "http 500",
    "http 503",
    "http 401",
    "hang",
    "html",
    "empty",
    "not json",
    "cut",
    "no finish",
    "length",
    "ghost tool",
    "tool loop",
    "tool flood",
    "bad arguments",
    "endless",
    "one great piece",
    "slow",
    "obey",
]
GREAT = 10_000_000  # characters


@dataclass
class ModelEndpoint:
    """Says `text` (or what it makes of the prompt) in pieces of `piece` characters, or fails in the way of `mode`.

    A `tool` is called first when given; with `obey` whatever `@@CALL name {…}` in the prompt asks for. With `fails`
    only so many requests fail, then it answers; `retry_after` goes with a refusal, `usage` at the end of an answer.
    `prompts` keeps the messages of every request as one text, `requests` the whole of them; `left` counts the answers
    that nobody stayed for.
    """

    url: str = ""
    mode: Mode = "answer"
    text: str | Callable[[str], str] = "好的。"
    piece: int = 3
    tool: tuple[str, dict[str, Any]] | None = None
    fails: int = -1
    retry_after: str = ""
    usage: tuple[int, int] | None = None
    prompts: list[str] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    left: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def plays(self, mode: Mode = "answer", text: str | Callable[[str], str] = "好的。", piece: int = 3) -> None:
        """From now on behave like this, with nothing remembered."""
        self.mode, self.text, self.piece, self.tool = mode, text, piece, None
        self.fails, self.retry_after, self.usage, self.left = -1, "", None, 0
        self.prompts.clear()
        self.requests.clear()

    async def complete(self, request: Request) -> Response:
        """POST /v1/chat/completions"""
        body = await request.json()
        prompt = "\n".join(str(message.get("content") or "") for message in body["messages"])
        self.prompts.append(prompt)
        self.requests.append(body)
        if self.fails == 0:
            self.mode = "answer"
        self.fails -= 1
        if self.mode.startswith("http"):
            status = int(self.mode.split()[1])
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return JSONResponse({"error": {"message": "upstream failed", "code": str(status)}}, status, headers)
        if self.mode == "html":
            return HTMLResponse("<html><body>bad gateway</body></html>")
        if self.mode == "not json":
            return Response("data: {oops\n\n", media_type="text/event-stream")
        return StreamingResponse(self._watched(self._chunks(body, prompt)), media_type="text/event-stream")

    async def _watched(self, chunks: AsyncIterator[str]) -> AsyncIterator[str]:
        try:
            async for chunk in chunks:
                yield chunk
        except asyncio.CancelledError:
            self.left += 1
            raise

    async def _chunks(self, body: dict[str, Any], prompt: str) -> AsyncIterator[str]:
        yield _chunk({"role": "assistant", "content": ""})
        while self.mode == "hang" and not self.closing.is_set():
            await asyncio.sleep(0.05)
        calls = self._calls(body, prompt)
        if self.mode == "one great piece":
            yield _chunk({"content": "向光" * (GREAT // 2)})
        elif self.mode == "endless":
            for _ in range(0, GREAT, 1000):
                yield _chunk({"content": "好" * 1000})
        elif calls:
            yield _chunk({"tool_calls": calls})
            yield _chunk({}, "tool_calls")
        else:
            text = "" if self.mode == "empty" else self.text if isinstance(self.text, str) else self.text(prompt)
            until = len(text) // 2 if self.mode in ("cut", "no finish") else len(text)
            for start in range(0, until, self.piece):
                yield _chunk({"content": text[start : start + self.piece]})
                if self.mode == "slow":
                    await asyncio.sleep(0.1)
            if self.mode == "cut":
                raise ConnectionError("the line is cut")
            if self.mode == "no finish":
                return
            yield _chunk({}, "length" if self.mode == "length" else "stop")
        if self.usage is not None:
            taken, given = self.usage
            told = {"prompt_tokens": taken, "completion_tokens": given, "total_tokens": taken + given}
            yield f"data: {json.dumps({**json.loads(_chunk({})[6:]), 'choices': [], 'usage': told})}\n\n"
        yield "data: [DONE]\n\n"

    def _calls(self, body: dict[str, Any], prompt: str) -> list[dict[str, Any]]:
        searched = 1  # the search that precedes every answer stands in the messages already
        ran = sum(message["role"] == "tool" for message in body["messages"]) - searched
        has_tools = bool(body.get("tools"))
        if self.mode == "tool loop" and has_tools:
            return [_tool_call("search_guidance", {"query": f"again {ran}"})]
        if self.mode == "tool flood" and has_tools:
            return [_tool_call("search_guidance", {"query": f"flood {place}"}, place) for place in range(40)]
        if ran == 0 and self.mode == "obey":  # every order that stands anywhere in what it is sent
            ordered = re.findall(r"@@CALL (\w+) (\{.*?\})", prompt)
            return [_tool_call(name, arguments, place) for place, (name, arguments) in enumerate(ordered[:5])]
        if ran == 0 and self.mode == "ghost tool":
            return [_tool_call("delete_everything", {"yes": True})]
        if ran == 0 and self.mode == "bad arguments":
            return [_tool_call("search_guidance", '{"query": ')]
        if ran == 0 and self.tool is not None:
            return [_tool_call(*self.tool)]
        return []


@contextmanager
def running_model_endpoint() -> Iterator[ModelEndpoint]:
    """An endpoint that listens on a free port for as long as the body runs."""
    endpoint = ModelEndpoint()
    app = Starlette(routes=[Route("/v1/chat/completions", endpoint.complete, methods=["POST"])])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        endpoint.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield endpoint
        finally:
            endpoint.closing.set()
            server.should_exit = True
            thread.join(5)


def _chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    about = {"id": "x", "created": 0, "model": "scripted", "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {json.dumps(about)}\n\n"


def _tool_call(name: str, arguments: dict[str, Any] | str, place: int = 0) -> dict[str, Any]:
    written = arguments if isinstance(arguments, str) else json.dumps(arguments)
    call = {"index": place, "id": f"call_{time.monotonic_ns()}_{place}", "type": "function"}
    return {**call, "function": {"name": name, "arguments": written}}
