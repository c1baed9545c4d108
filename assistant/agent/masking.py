"""Personal data leaves for an outside model only as a placeholder: mobile numbers, e-mail addresses, identity cards and
bank cards in what people write. Published passages keep theirs, they are what a creator may be told."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from assistant.agent.evidence import Turn

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_IDENTITY = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_CARD = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_MOBILE = re.compile(r"(?:(?<![0-9])|(?<=(?<![0-9])86))1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])")
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
# GB 11643-1999: the last character of an identity card is the weighted sum of the others modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def masked(text: str) -> str:
    """The text with personal data as [phone], [email], [id card] and [bank card]. Long numbers without the check digit
    of a card stay: they are identifiers of works, or figures."""
    text = _EMAIL.sub("[email]", text.translate(_WIDE_DIGITS))
    text = _IDENTITY.sub(lambda found: "[id card]" if _is_identity(found[0]) else found[0], text)
    text = _MOBILE.sub("[phone]", text)  # before cards: 86 and a mobile number can pass for one
    return _CARD.sub(lambda found: "[bank card]" if _is_card(found[0]) else found[0], text)


def _is_identity(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return number[17].upper() == _CHECKS[total % 11]


def _is_card(number: str) -> bool:
    """Whether the number passes the Luhn check (ISO/IEC 7812-1)."""
    digits = [int(character) for character in reversed(number) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


class Masking(AgentMiddleware[Any, Turn]):
    """Masks what people wrote, and what was made of it, in every call of an outside model."""

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
