"""A chat endpoint that writes as fast as a real one, and a bare relay before it.

python -m tests.benchmarks.streaming_endpoint endpoint|relay PORT [URL OF THE ENDPOINT]

The endpoint says what it was given, in 41 pieces at 25 ms: the last computed result when there is one, else the first
passage. The relay passes its pieces on and does nothing else: the floor for anything that stands between the two.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse

from tests.benchmarks.model_cost import first_passage

PIECES, PAUSE_SECONDS = 41, 0.025


def endpoint() -> FastAPI:
    """POST /v1/chat/completions, streamed."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> StreamingResponse:
        return StreamingResponse(_pieces(_said(await request.json())), media_type="text/event-stream")

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ok"}

    return app


def relay(url: str) -> FastAPI:
    """POST /api/v1/chat: the question sent on, the pieces sent back."""
    app = FastAPI()
    client = httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None, max_keepalive_connections=None))

    @app.post("/api/v1/chat")
    async def chat(request: Request) -> StreamingResponse:
        asked = (await request.json())["text"]
        body = {"model": "scripted", "stream": True, "messages": [{"role": "user", "content": asked}]}

        async def passed_on() -> AsyncIterator[str]:
            async with client.stream("POST", f"{url}/chat/completions", json=body) as answer:
                async for line in answer.aiter_lines():
                    if line:
                        yield line + "\n\n"

        return StreamingResponse(passed_on(), media_type="text/event-stream")

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ok"}

    return app


async def _pieces(text: str) -> AsyncIterator[str]:
    yield _chunk({"role": "assistant", "content": ""})
    for place in range(PIECES):
        await asyncio.sleep(PAUSE_SECONDS)
        start, end = (len(text) * at // PIECES for at in (place, place + 1))
        yield _chunk({"content": text[start:end]})
    yield _chunk({}, "stop")
    yield "data: [DONE]\n\n"


def _said(body: dict[str, Any]) -> str:
    computed = [one["content"] for one in body["messages"] if one["role"] == "tool"][1:]  # the first is the search
    if computed:
        return str(computed[-1])[:400]
    asked = "\n".join(str(one.get("content") or "") for one in body["messages"])
    return first_passage(asked) if "\n[1] " in f"\n{asked}" else "光合计划 2024 年拿出 10 亿元现金和 100 亿流量。" * 4


def _chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    about = {"id": "x", "created": 0, "model": "scripted", "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {json.dumps(about)}\n\n"


def main() -> None:
    """Serve one of the two until the process is ended."""
    app = endpoint() if sys.argv[1] == "endpoint" else relay(sys.argv[3])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
