"""Offer and enforce: a tool that the caller may not use is neither shown to the model nor run when named anyway, and a
turn has an end.

Both hooks are needed: with `wrap_model_call` alone, a model that names a hidden tool gets it run. Calls are counted
here and not by LangChain's own limits, which add three steps of the graph to every call: a fifth of a chat's cost.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.messages import AIMessage, ToolMessage

from assistant.agent.evidence import Turn
from knowledge.errors import Problem

log = logging.getLogger(__name__)
OWN_NUMBERS = "my_"
MODEL_CALLS = 4  # of a configured model in one turn, besides the digest that is planned before the first
TOOL_CALLS = 6  # by one model in one turn; what is called beyond is answered by a refusal
Handler = Callable[[ModelRequest[Turn]], Awaitable[ModelResponse]]
ToolHandler = Callable[[ToolCallRequest], Awaitable[ToolMessage | Any]]


def is_permitted(name: str, turn: Turn) -> bool:
    """Tools over a creator's own numbers are for callers who are linked to one."""
    return not name.startswith(OWN_NUMBERS) or turn.creator is not None


class Permissions(AgentMiddleware[Any, Turn]):
    """The gate before every model call and every tool call; a tool's foreseen failure becomes its answer."""

    async def awrap_model_call(self, request: ModelRequest[Turn], handler: Handler) -> ModelResponse:
        turn = cast(Turn, request.runtime.context)
        turn.called.models += 1
        if turn.called.models > MODEL_CALLS + 1:
            return ModelResponse(result=[AIMessage("")])
        return await handler(
            request.override(tools=[tool for tool in request.tools if is_permitted(name_of(tool), turn)])
        )

    async def awrap_tool_call(self, request: ToolCallRequest, handler: ToolHandler) -> ToolMessage | Any:
        call = request.tool_call
        turn = cast(Turn, request.runtime.context)
        turn.called.tools += 1
        if turn.called.tools > TOOL_CALLS:
            return _answer(call, "The limit of tool calls is reached. Answer from what you have.")
        if request.tool is None or not is_permitted(call["name"], turn):
            return _answer(call, "This tool is not available here. Answer from the passages you have.")
        try:
            return await handler(request)
        except Problem as problem:
            return _answer(call, f"This did not work: {problem} Answer from the passages you have.")
        except Exception:  # a broken tool must not take the conversation with it
            log.exception("the tool %s failed", call["name"])
            return _answer(call, "This did not work just now. Answer from the passages you have.")


def _answer(call: Any, text: str) -> ToolMessage:
    return ToolMessage(text, tool_call_id=call["id"], name=call["name"], status="error")


def name_of(tool: Any) -> str:
    """The name of a tool as a model is offered it, described or as it is."""
    return str(tool.get("name", "") if isinstance(tool, dict) else tool.name)
