"""What a turn may cost, and what it did cost: calls of a configured model, and tokens in and out.

An endpoint that tells the tokens of a call is believed; otherwise they are estimated, a little too high rather than
too low: a Han character (three bytes of UTF-8) is a token (o200k needs about 0.7), four of ASCII are one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.utils.function_calling import convert_to_openai_tool


@dataclass
class Usage:
    """The calls and tokens of one turn, and its budget: `tokens` over all calls, in and out."""

    tokens: int = 0
    calls: int = 0
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    is_estimated: bool = False

    @property
    def left(self) -> int:
        """What may still be spent."""
        return self.tokens - self.input_tokens - self.output_tokens

    def begin(self, estimate: int) -> None:
        """Count a call as it goes out, with what it will probably take in."""
        self.calls += 1
        self.input_tokens += estimate
        self.is_estimated = True

    def refused(self, estimate: int) -> None:
        """Take back a call that was begun with `estimate` and turned away: it took nothing in."""
        self.calls -= 1
        self.retries += 1
        self.input_tokens -= estimate

    def end(self, estimate: int, message: AIMessage) -> None:
        """Put in what a call that was begun with `estimate` took in and gave."""
        told = message.usage_metadata
        if told is None:
            calls = "".join(json.dumps(call["args"], ensure_ascii=False) for call in message.tool_calls)
            self.output_tokens += tokens_of(f"{message.text}{calls}")
            return
        self.input_tokens += told["input_tokens"] - estimate
        self.output_tokens += told["output_tokens"]
        self.is_estimated = self.calls > 1 and self.is_estimated

    def as_dict(self) -> dict[str, Any]:
        """As a reply and a turn keep it; empty when no configured model was called."""
        if not self.calls:
            return {}
        return {
            "calls": self.calls,
            "retries": self.retries,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "budget": self.tokens,
            "estimated": self.is_estimated,
        }


def tokens_of(text: str) -> int:
    """About how many tokens a text is."""
    wide = (len(text.encode(errors="replace")) - len(text)) // 2
    return wide + (len(text) - wide + 3) // 4


def tokens_of_messages(messages: Sequence[BaseMessage]) -> int:
    """About how many tokens the messages of a call are."""
    asked = (json.dumps(call["args"], ensure_ascii=False) for m in messages for call in getattr(m, "tool_calls", ()))
    said = (str(message.content) for message in messages)
    return sum(tokens_of(text) + 4 for text in (*said, *asked))


def tokens_of_tool(tool: Any) -> int:
    """About how many tokens it takes to offer a tool."""
    return tokens_of(json.dumps(convert_to_openai_tool(tool), ensure_ascii=False)) + 4
