"""A model with its tools: asked by itself first, and in LangChain's graph where it wants tools run.

Most answers need one call and no tool. The graph takes a millisecond for it, a seventh of all that the house itself
takes until the first sentence.
"""

from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Any

import langsmith
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.tools import BaseTool

from assistant.agent.evidence import Turn
from assistant.agent.permissions import Asking

# What is asked goes to the configured model and to nobody else, whatever the environment says of LangSmith.
langsmith.configure(enabled=False)


async def _in_place(_threaded: Any, context: Context, work: Callable[..., Any], *args: Any, **given: Any) -> Any:
    """Where nothing is traced, nothing is to be done in a thread, which LangChain's middleware wants at every call."""
    return context.run(work, *args, **given)


langsmith.set_runtime_overrides(aio_to_thread=_in_place)


class Agent:
    """Runs one model until it wants no more tools. `asking` is how it is asked."""

    def __init__(self, model: BaseChatModel, tools: Sequence[BaseTool], asking: type[Asking] = Asking) -> None:
        self._asking = asking(model, tools)
        self._graph: Any = create_agent(model, list(tools), middleware=[self._asking], context_schema=Turn)

    async def run(self, messages: Sequence[BaseMessage], turn: Turn) -> list[BaseMessage]:
        """The messages with those that follow; the last is the model's final one. What a tool or the caller's rights
        refuse is answered to the model; what the model itself raises is raised."""
        first = await self._asking.ask(messages, turn)
        if not first.tool_calls:
            return [*messages, first]
        turn.called.first = first
        state = await self._graph.ainvoke({"messages": list(messages)}, context=turn)
        return list(state["messages"])
