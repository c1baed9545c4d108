"""The guide: one LangChain agent, two models, the same rules. Sentences leave it only through the gate.

A configured model that fails, times out, ends without a `finish_reason` or says nothing that can be grounded is
replaced, within the same turn, by the extractive one.
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelCallLimitMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool

from assistant.agent.answers import Basis, Citation
from assistant.agent.composing import Composer
from assistant.agent.evidence import Turn
from assistant.agent.extractive import ExtractiveModel
from assistant.agent.grounding import Gate, Shown, sentences
from assistant.agent.masking import Masking
from assistant.agent.permissions import Permissions
from assistant.agent.reading import in_traditional
from assistant.agent.tools.guidance import OFFERED, numbered
from assistant.errors import ModelFailed
from prompts.texts import Prompts

log = logging.getLogger(__name__)
MODEL_CALLS = 5
_MARK_BEGUN = re.compile(r"[ ]?(?:\[\d{0,2})?")
LANGUAGES = {"zh": "Simplified Chinese", "zh-Hant": "Traditional Chinese", "en": "English"}


@dataclass
class Outcome:
    """How a turn ended, filled while its sentences stream."""

    model: str = ""
    refused: bool = False
    suggestions: tuple[str, ...] = ()
    citations: list[Citation] = field(default_factory=list)
    dropped: int = 0
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Restart:
    """What was shown so far is void: another model begins the answer anew."""


class Guide:
    """Answers a turn. `model` None means the extractive model alone."""

    def __init__(
        self,
        prompts: Prompts,
        composer: Composer,
        tools: Sequence[BaseTool],
        model: BaseChatModel | None,
        deadline: float,
    ) -> None:
        self._prompts = prompts
        self._composer = composer
        self._deadline = deadline
        self._labels = [
            prompts.say(f"label_{name}", lang) for name in ("policy", "guidance", "data") for lang in ("zh", "en")
        ]
        self._model_name = getattr(model, "model_name", "") if model is not None else ""
        self._extractive = _agent(ExtractiveModel(composer=composer), tools)
        self._configured = _agent(model, tools, Masking()) if model is not None else None

    async def answer(
        self, turn: Turn, history: Sequence[BaseMessage], outcome: Outcome, extractive: bool = False
    ) -> AsyncIterator[Shown | Restart]:
        """Grounded sentences in order; `outcome` is complete when they end. `extractive` asks that model alone."""
        # Whether a metric was kept is told by who kept it, not retold.
        is_retold = turn.reading.intent != "my_metrics"
        if self._configured is not None and is_retold and not extractive:
            shown = 0
            try:
                async for sentence in self._from_configured(turn, history, outcome):
                    shown += 1
                    yield sentence
                return
            except ModelFailed as failure:
                log.warning("the chat model failed, answering extractively: %s", failure)
                outcome.timings_ms["model_failed"] = 1.0
            if shown:
                yield Restart()
        for sentence in await self._from_extractive(turn, outcome):
            yield sentence

    async def _from_extractive(self, turn: Turn, outcome: Outcome) -> list[Shown]:
        started = time.perf_counter()
        gate = Gate(turn, attaches=False)
        state = await self._extractive.ainvoke(
            {"messages": [HumanMessage(turn.question), *_searched(turn, "")]}, context=turn
        )
        final: AIMessage = state["messages"][-1]
        shown = [sentence for part in sentences(str(final.content)) if (sentence := gate.check(part)) is not None]
        outcome.model = "extractive"
        outcome.refused = bool(final.additional_kwargs.get("refused"))
        outcome.suggestions = tuple(final.additional_kwargs.get("suggestions", ()))
        outcome.citations, outcome.dropped = gate.citations, gate.dropped
        outcome.timings_ms["compose"] = (time.perf_counter() - started) * 1000
        return [_in_script(sentence, turn) for sentence in _tagged(shown)]

    async def _from_configured(
        self, turn: Turn, history: Sequence[BaseMessage], outcome: Outcome
    ) -> AsyncIterator[Shown]:
        started = time.perf_counter()
        gate = Gate(turn, attaches=True, labels=self._labels)
        kept = 0
        pending = ""
        try:
            async with asyncio.timeout(self._deadline):
                async for text in self._streamed(turn, history):
                    pending += text
                    *whole, pending = _whole_sentences(pending)
                    for part in whole:
                        if (sentence := gate.check(part)) is not None:
                            if not kept:
                                outcome.timings_ms["first_sentence"] = (time.perf_counter() - started) * 1000
                            kept += bool(sentence.text.strip())
                            yield _in_script(sentence, turn)
        except TimeoutError as error:
            raise ModelFailed(f"no complete answer within {self._deadline:g} s") from error
        if (last := gate.check(pending)) is not None and pending.strip():
            kept += 1
            yield _in_script(last, turn)
        if not kept:
            raise ModelFailed("nothing of its answer could be grounded")
        outcome.model = f"openai:{self._model_name}"
        outcome.citations, outcome.dropped = gate.citations, gate.dropped
        outcome.refused = not turn.evidence.figures and all(citation.passage.unpublished for citation in gate.citations)
        outcome.suggestions = self._composer.suggestions(turn)
        outcome.timings_ms["compose"] = (time.perf_counter() - started) * 1000

    async def _streamed(self, turn: Turn, history: Sequence[BaseMessage]) -> AsyncIterator[str]:
        """The text of the configured model's final message as it comes. Raises ModelFailed unless it ends properly."""
        assert self._configured is not None
        offered = "\n\n".join(numbered(turn, hit.passage) for hit in turn.found.hits[:OFFERED])
        messages = [
            SystemMessage(self._instructions(turn)),
            *history,
            HumanMessage(turn.question),
            *_searched(turn, offered),
        ]
        finished = ""
        try:
            async for chunk, about in self._configured.astream(
                {"messages": messages}, context=turn, stream_mode="messages"
            ):
                if not isinstance(chunk, AIMessageChunk | AIMessage) or about.get("langgraph_node") != "model":
                    continue
                if isinstance(chunk.content, str) and chunk.content and not chunk.tool_calls:
                    yield chunk.content
                finished = chunk.response_metadata.get("finish_reason") or finished
        except ModelFailed:
            raise
        except Exception as error:  # whatever an endpoint and its client can raise ends in the extractive answer
            raise ModelFailed(type(error).__name__) from error
        if finished != "stop":
            raise ModelFailed(f"its answer ended with {finished or 'nothing'} instead of stop")

    def _instructions(self, turn: Turn) -> str:
        labels = " ".join(self._prompts.say(f"label_{name}", turn.text_lang) for name in ("policy", "guidance", "data"))
        return self._prompts.system.render(
            today=turn.today,
            day=turn.day,
            creator=turn.creator is not None,
            labels=labels,
            language=LANGUAGES[turn.lang],
            sentences=8,
        )


def _agent(model: BaseChatModel, tools: Sequence[BaseTool], *more: AgentMiddleware[Any, Any]) -> Any:
    rules: list[AgentMiddleware[Any, Any]] = [
        Permissions(),
        ModelCallLimitMiddleware(run_limit=MODEL_CALLS, exit_behavior="end"),
        *more,
    ]
    return create_agent(
        model,
        list(tools),
        middleware=rules,
        context_schema=Turn,
    )


def _searched(turn: Turn, offered: str) -> list[BaseMessage]:
    """The search that precedes every answer, as the conversation sees it: asked for and answered. The turn is its
    artifact."""
    call = {"name": "search_guidance", "args": {"query": turn.question}, "id": "search"}
    return [
        AIMessage("", tool_calls=[call]),
        ToolMessage(offered, tool_call_id="search", name="search_guidance", artifact=turn),
    ]


def _whole_sentences(text: str) -> list[str]:
    """The complete sentences of a growing text, and what is left. A sentence is complete when the next has begun,
    because its citation marks may still follow, in pieces too: `[`, `1`, `]`."""
    parts = list(sentences(text))
    if len(parts) > 1 and _MARK_BEGUN.fullmatch(parts[-1]):
        parts[-2:] = ["".join(parts[-2:])]
    return parts or [""]


def _tagged(shown: list[Shown]) -> list[Shown]:
    """Sentences of a quotation rest on what the mark at its end names: they take the basis of their paragraph."""
    tagged: list[Shown] = []
    basis: Basis = "note"
    for sentence in reversed(shown):
        if "\n\n" in sentence.text:
            basis = "note"
        if sentence.basis != "note":
            basis = sentence.basis
        tagged.append(Shown(sentence.text, basis if sentence.text.strip() else sentence.basis))
    return tagged[::-1]


def _in_script(sentence: Shown, turn: Turn) -> Shown:
    return Shown(in_traditional(sentence.text), sentence.basis) if turn.lang == "zh-Hant" else sentence
