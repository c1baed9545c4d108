"""A chat model of any OpenAI-compatible endpoint whose output ends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI

from assistant.errors import ModelFailed

LONGEST_STREAM = 12_000  # characters of text and arguments; LangChain joins them in time that grows with the square


class BoundedModel(ChatOpenAI):
    """An OpenAI-compatible model whose output ends. What never ends would hold up the whole process."""

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        length = 0
        async for chunk in super()._astream(*args, **kwargs):
            calls = getattr(chunk.message, "tool_call_chunks", ())
            length += len(chunk.text) + sum(len(call["args"] or "") for call in calls)
            if length > LONGEST_STREAM:
                raise ModelFailed("its answer does not end", is_endpoints=True)
            yield chunk
            await asyncio.sleep(0)  # pieces that come at once are still read one by one, and others get their turn
