"""Small stand-ins that implement the protocols of the house: an embedder without a model, and scripted chat models."""

import io
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from PIL import Image
from pydantic import Field

from knowledge.embeddings import Role, Vectors
from knowledge.errors import Unavailable
from knowledge.folding import fold, terms

WIDTH = 128


class HashEmbedder:
    """Unit vectors from the terms of a text: the same text gives the same vector, shared words bring texts near.

    `embedded` holds every text that was ever embedded, in order. `breaks_after` texts it stops answering.
    """

    model = "fake/hash"

    def __init__(self, breaks_after: int | None = None) -> None:
        self.embedded: list[str] = []
        self.breaks_after = breaks_after

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        """One unit row of WIDTH numbers a text; the role makes no difference."""
        if self.breaks_after is not None and len(self.embedded) + len(texts) > self.breaks_after:
            raise Unavailable("The fake embedder stopped answering.")
        self.embedded.extend(texts)
        return np.asarray([_vector(text) for text in texts], dtype=np.float32)


def _vector(text: str) -> Vectors:
    row = np.zeros(WIDTH, dtype=np.float32)
    for term in terms(fold(text)) or [text]:
        number = zlib.crc32(term.encode("utf-8", "replace"))
        row[number % WIDTH] += 1.0 if number & 1024 else -1.0
    length = np.linalg.norm(row)
    return row / length if length else np.eye(1, WIDTH, dtype=np.float32)[0]


Step = AIMessage | Callable[[Sequence[BaseMessage]], AIMessage]


class ScriptedModel(BaseChatModel):
    """A chat model that plays `script` one message a call, the last one for ever.

    `offered` keeps the names of the tools of every call, `seen` the messages.
    """

    script: list[Any] = Field(repr=False)  # LangChain writes every model out, at every call
    offered: list[list[str]] = Field(default_factory=list, repr=False)
    seen: list[list[BaseMessage]] = Field(default_factory=list, repr=False)
    tools: tuple[str, ...] = ()
    model_name: str = "scripted"

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> "ScriptedModel":
        """The same script and the same records, knowing which tools are offered."""
        bound = self.model_copy()
        bound.tools = tuple(tool.name for tool in tools)
        return bound

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        step = self.script[min(len(self.seen), len(self.script) - 1)]
        self.offered.append(list(self.tools))
        self.seen.append(list(messages))
        message = step(messages) if callable(step) else step
        return ChatResult(generations=[ChatGeneration(message=message)])


def scripted_model(*steps: Step) -> ScriptedModel:
    """A model that says these messages, one a call."""
    return ScriptedModel(script=list(steps))


def says(text: str) -> AIMessage:
    """A finished message."""
    return AIMessage(text, response_metadata={"finish_reason": "stop"})


def calls(name: str, **arguments: Any) -> AIMessage:
    """A message that wants a tool run."""
    return AIMessage(
        "",
        tool_calls=[{"name": name, "args": arguments, "id": f"call-{name}"}],
        response_metadata={"finish_reason": "tool_calls"},
    )


@tool
def look() -> str:
    """Look it up."""
    return "这里什么都没有。"


def png(colour: str = "orange", size: tuple[int, int] = (64, 36)) -> bytes:
    """A small picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "PNG")
    return written.getvalue()
