"""The pieces of a streamed answer as plain JSON, several as one where they hold nothing but text.

The client makes objects of every piece, and the agent looks at each: 2 ms of the processor for a word or two. Nothing
can be shown before a sentence ends, so pieces of text wait for the end of one.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelFailed

if TYPE_CHECKING:
    from openai.resources.chat.completions import AsyncCompletions

ENDS = frozenset("。！？!?.;；\n]")
LONGEST = 120  # characters of text that wait together
LONGEST_LINE = 1_000_000  # bytes
REST_SECONDS, WAITED_SECONDS = 0.06, 0.005
END_SECONDS = 0.2  # after the last piece
Piece = dict[str, Any]


class PlainCompletions:
    """Stands where LangChain calls the client's streamed completions."""

    def __init__(self, completions: "AsyncCompletions") -> None:
        self._completions = completions

    async def create(self, **payload: Any) -> AbstractAsyncContextManager[AsyncIterator[Piece]]:
        """The pieces of one answer. Entering raises the client's own errors for a status that is none of success."""
        return self._opened(payload)

    @asynccontextmanager
    async def _opened(self, payload: dict[str, Any]) -> AsyncGenerator[AsyncIterator[Piece]]:
        # An `extra_body` goes out as it is: the client would look through all messages and tools for dates and files.
        opened = self._completions.with_streaming_response.create(
            model=payload["model"], messages=(), stream=True, extra_body=payload
        )
        async with opened as response:
            yield joined(response.iter_bytes())


async def joined(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Piece]:
    """The pieces in the bytes of an event stream. Raises ModelFailed for one that is no JSON or tells an error."""
    loop = asyncio.get_running_loop()
    waiting: Piece | None = None
    looked = loop.time()
    async for lines in _lines(chunks):
        for line in lines:
            if not line.startswith(b"data:"):
                continue
            data = line.removeprefix(b"data:").strip()
            if data == b"[DONE]":
                if waiting is not None:
                    yield waiting
                await _ended(chunks)
                return
            piece = _read(data)
            text = _only_text(piece)
            if waiting is not None and text is not None:
                waiting["choices"][0]["delta"]["content"] += text
            else:
                if waiting is not None:
                    yield waiting
                waiting = piece
            whole = _only_text(waiting)
            if whole is None or len(whole) >= LONGEST or not ENDS.isdisjoint(text or ""):
                yield waiting
                waiting = None
        if waiting is not None and loop.time() > looked + WAITED_SECONDS:
            # This was waited for. No hurry before a sentence ends: what comes in the meantime is read at once.
            await asyncio.sleep(REST_SECONDS)
        looked = loop.time()
    if waiting is not None:
        yield waiting


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[list[bytes]]:
    """The whole lines that have come, as often as something comes; at the end what stands after the last of them.
    Raises ModelFailed for a line that does not end."""
    begun = b""
    async for chunk in chunks:
        *lines, begun = (begun + chunk).split(b"\n")
        if len(begun) > LONGEST_LINE:
            raise ModelFailed("its endpoint sends a line without an end", is_endpoints=True)
        yield lines
    yield [begun]


async def _ended(chunks: AsyncIterator[bytes]) -> None:
    """Read to the end, for only then the connection serves the next call. An answer that does not end is left."""
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            async for _ in chunks:
                pass


def _read(data: bytes) -> Piece:
    try:
        piece = json.loads(data)
    except ValueError:
        raise ModelFailed("its endpoint sends what is no JSON", is_endpoints=True) from None
    if not isinstance(piece, dict) or piece.get("error"):
        raise ModelFailed("its endpoint tells an error", is_endpoints=True)
    return piece


def _only_text(piece: Piece) -> str | None:
    """The text of a piece that holds nothing else; None for any other."""
    choices = piece.get("choices")
    if not isinstance(choices, list) or len(choices) != 1 or piece.get("usage") or choices[0].get("finish_reason"):
        return None
    delta = choices[0].get("delta")
    text = delta.get("content") if isinstance(delta, dict) else None
    if not isinstance(text, str) or not text:
        return None
    return None if any(delta[name] for name in delta if name not in ("role", "content")) else text
