"""Offer and enforce: a tool that the caller may not use is neither shown to the model nor run when named anyway, and a
turn has an end.

Both hooks are needed: with `wrap_model_call` alone, a model that names a hidden tool gets it run. Calls are counted
here and not by LangChain's own limits, which add three steps of the graph to every call: a fifth of a chat's cost.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.tools.tool_node import ToolCallRequest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool

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


class Asking(AgentMiddleware[Any, Turn]):
    """Asks a model with its tools, and is the gate before every call of either; a tool's foreseen failure becomes its
    answer."""

    def __init__(self, model: BaseChatModel, tools: Sequence[BaseTool]) -> None:
        super().__init__()
        self._model = model
        self._tools = tools
        self._bound: dict[tuple[str, ...], Runnable[Any, AIMessage]] = {}

    async def ask(self, messages: Sequence[BaseMessage], turn: Turn) -> AIMessage:
        """What the model says to these messages, offered the tools that the turn's caller may use."""
        turn.called.models += 1
        if turn.called.models > MODEL_CALLS + 1:
            return AIMessage("")
        return await self._asked(messages, [tool for tool in self._tools if is_permitted(tool.name, turn)], turn)

    async def _asked(self, messages: Sequence[BaseMessage], tools: Sequence[BaseTool], turn: Turn) -> AIMessage:
        return await self._with(tools).ainvoke(messages)

    def _with(self, tools: Sequence[BaseTool]) -> Runnable[Any, AIMessage]:
        """The model offered these tools, which are described to it once."""
        names = tuple(tool.name for tool in tools)
        if names not in self._bound:
            self._bound[names] = self._model.bind_tools(tools) if names else self._model
        return self._bound[names]

    async def awrap_model_call(self, request: ModelRequest[Turn], handler: Handler) -> ModelResponse:
        """How LangChain's graph has the model asked: it goes on after the message that was there when it began."""
        turn = cast(Turn, request.runtime.context)
        message, turn.called.first = turn.called.first, None
        return ModelResponse(result=[message or await self.ask(request.messages, turn)])

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
