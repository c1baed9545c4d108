"""What people wrote, and what was made of it, leaves for an outside model without personal data."""

from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from assistant.agent.evidence import Turn
from assistant.masking import masked


class Masking(AgentMiddleware[Any, Turn]):
    """Masks every call of an outside model. Published passages keep theirs: they are what a creator may be told."""

    async def awrap_model_call(
        self, request: ModelRequest[Turn], handler: Callable[[ModelRequest[Turn]], Awaitable[ModelResponse]]
    ) -> ModelResponse | AIMessage:
        return await handler(request.override(messages=[_masked_message(message) for message in request.messages]))


def _masked_message(message: Any) -> Any:
    if not isinstance(message, HumanMessage | AIMessage):
        return message
    changes: dict[str, Any] = {}
    if isinstance(message.content, str):
        changes["content"] = masked(message.content)
    if isinstance(message, AIMessage):
        changes["tool_calls"] = [{**call, "args": _masked_values(call["args"])} for call in message.tool_calls]
    copied: BaseMessage = message.model_copy(update=changes)
    return copied


def _masked_values(values: dict[str, Any]) -> dict[str, Any]:
    return {name: masked(value) if isinstance(value, str) else value for name, value in values.items()}
