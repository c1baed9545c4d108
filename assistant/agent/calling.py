"""How a configured model is called: within the turn's time and tokens, and again when the endpoint is only busy.

An error before the first word (429, 5xx, no connection) is tried again after a pause that doubles, or the one that the
endpoint asks for, as long as the pause ends in time. An error in the middle of an answer is never: part of it is out.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    SystemMessage,
    ToolMessage,
    message_chunk_to_message,
)
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.tools import BaseTool

from assistant.agent.allowance import Allowance
from assistant.agent.evidence import Called, Turn
from assistant.agent.kinds import KINDS
from assistant.agent.permissions import OWN_NUMBERS, Asking, ToolHandler
from assistant.agent.usage import tokens_of_messages, tokens_of_tool
from assistant.errors import ModelFailed
from assistant.masking import masked

if TYPE_CHECKING:
    import openai

log = logging.getLogger(__name__)
TRIES = 3
PAUSE = 0.4  # seconds before the second try; before the third twice as long
SEARCH = "search"  # the id of the call for the search that precedes every answer
SPARED = 0.3  # seconds that must be left for the answer after a pause
RESERVED = 2_000  # tokens that a call must leave for another one, to be allowed to ask for more
WITHHELD = "This tool is not available here. Answer from the passages you have."


class Calling(Asking):
    """Every call of an outside model: within what the caller may use, planned, masked, metered and tried again."""

    async def _asked(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], turn: Turn) -> AIMessage:
        allowance = turn.allowance
        assert allowance is not None  # the guide gives one to every turn of a configured model
        planned = _planned(messages, tools, turn)
        if planned is not None:
            return planned
        sent = [masked_message(allowance.veil.over(message)) for message in messages]
        if not allowance.allows_figures:
            # Offered to nobody, and below not run.
            tools = [tool for tool in tools if not tool.name.startswith(OWN_NUMBERS)]
        said = tokens_of_messages(sent)
        estimate = said + sum(self._tokens[tool.name] for tool in tools)
        if estimate + RESERVED > allowance.usage.left:
            # The last call that the tokens allow has no tools: it has to answer from what there is.
            tools, estimate = [], said
            if estimate > allowance.usage.left:
                raise ModelFailed("the token budget of the turn is used up")
        return await _patiently(partial(self._written, sent, tools, turn.called), allowance, estimate)

    @cached_property
    def _tokens(self) -> dict[str, int]:
        return {tool.name: tokens_of_tool(tool) for tool in self._tools}

    async def _written(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], called: Called) -> AIMessage:
        """The message that the model writes, told in pieces as it comes."""
        pieces: list[AIMessage] = []
        async for piece in self._with(tools).astream(messages):
            called.written.put_nowait(piece)
            pieces.append(piece)
        return _joined(pieces)

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolMessage | Any:
        return await super().awrap_tool_call(request, partial(self._ran, handler=handler))

    async def _ran(self, request: ToolCallRequest, handler: ToolHandler) -> ToolMessage | Any:
        """A tool whose results may not leave is not run for an outside model that names it anyway."""
        allowance = cast(Turn, request.runtime.context).allowance
        call = request.tool_call
        if allowance is not None and not allowance.allows_figures and call["name"].startswith(OWN_NUMBERS):
            return ToolMessage(WITHHELD, tool_call_id=call["id"], name=call["name"], status="error")
        return await handler(request)


async def _patiently(write: Callable[[], Awaitable[AIMessage]], allowance: Allowance, estimate: int) -> AIMessage:
    import openai  # half a second of a start that a house without a model does not pay

    for attempt in range(1, TRIES + 1):
        allowance.usage.begin(estimate)
        try:
            message = await write()
        except (openai.APIConnectionError, openai.APIStatusError) as error:
            pause = _pause(error, attempt)
            if pause is None or attempt == TRIES or time.monotonic() + pause + SPARED > allowance.first_by:
                raise
            log.info("the chat model is busy (%s), asking again in %.1f s", type(error).__name__, pause)
            allowance.usage.refused(estimate)
            await asyncio.sleep(pause)
        else:
            allowance.usage.end(estimate, message)
            return message
    raise AssertionError("unreachable")


def _joined(pieces: Sequence[AIMessage]) -> AIMessage:
    """One message of those it was told in."""
    chunks = [piece for piece in pieces if isinstance(piece, AIMessageChunk)]
    if not chunks:
        return pieces[-1]
    return cast(AIMessage, message_chunk_to_message(add_ai_message_chunks(chunks[0], *chunks[1:])))


def _pause(error: "openai.APIError", attempt: int) -> float | None:
    """Seconds until another try is worth making; None when none is."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return None
    if isinstance(error, openai.APIStatusError):
        if error.status_code != 429 and error.status_code < 500:
            return None
        told = _retry_after(error.response.headers.get("retry-after", ""))
        if told is not None:
            return told
    return float(PAUSE * 2 ** (attempt - 1) * random.uniform(0.8, 1.2))


def _retry_after(value: str) -> float | None:
    """The seconds of a Retry-After header (RFC 9110, 10.2.3): a number or a date; None for anything else."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _planned(messages: Sequence[BaseMessage], tools: Sequence[BaseTool], turn: Turn) -> AIMessage | None:
    """The creator's digest before the first call: the tools that the question's intent needs, as the extractive model
    plans them, so that one call of the outside model is enough."""
    kind = KINDS.get(turn.reading.intent)
    plan = kind.tools if kind is not None else ()
    last = messages[-1]
    is_first = isinstance(last, ToolMessage) and last.tool_call_id == SEARCH
    offered = {tool.name for tool in tools}
    calls = [{"name": name, "args": {}, "id": f"digest-{name}"} for name in plan if name in offered]
    return AIMessage("", tool_calls=calls) if calls and is_first else None


def masked_message(message: Any) -> Any:
    """A message as it may leave: without personal data in what people wrote and in what was made of it. Published
    passages keep theirs, they are what a creator may be told; in our own instructions nobody wrote any."""
    if isinstance(message, SystemMessage) or isinstance(message, ToolMessage) and message.name == "search_guidance":
        return message
    changes: dict[str, Any] = {}
    if isinstance(message.content, str) and (content := masked(message.content)) != message.content:
        changes["content"] = content
    if isinstance(message, AIMessage) and message.tool_calls:
        changes["tool_calls"] = [{**call, "args": _masked_values(call["args"])} for call in message.tool_calls]
    return message.model_copy(update=changes) if changes else message


def _masked_values(values: dict[str, Any]) -> dict[str, Any]:
    return {name: masked(value) if isinstance(value, str) else value for name, value in values.items()}
