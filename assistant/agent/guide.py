"""The guide: one LangChain agent, several models, the same rules. Sentences leave it only through the gate.

The configured models are asked in their order. One that fails, is late, ends without a `finish_reason`, leaks its
instructions or says nothing that can be grounded is replaced, within the same turn, by the next; the extractive one is
always the last.
"""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from typing import cast

from anyio.to_thread import run_sync
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool

from assistant.agent.allowance import Allowance, Veil
from assistant.agent.answers import Basis, Citation
from assistant.agent.calling import SEARCH, Calling
from assistant.agent.composing import Composer
from assistant.agent.evidence import Turn
from assistant.agent.extractive import ExtractiveModel
from assistant.agent.grounding import Gate, Shown, sentences
from assistant.agent.leaving import Leaving
from assistant.agent.models import Endpoint
from assistant.agent.quoting import trusted
from assistant.agent.reading import Lang, in_script
from assistant.agent.remembering import Exchange, remembered
from assistant.agent.running import Agent
from assistant.agent.tools.guidance import OFFERED, numbered
from assistant.agent.usage import Usage
from assistant.creators.figures import Language
from assistant.errors import ModelFailed
from knowledge.folding import clean
from prompts.texts import Prompts

log = logging.getLogger(__name__)
LONGEST_ANSWER, LONGEST_SENTENCE = 6_000, 1_500  # characters; what goes on is not what was asked for
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
    usage: Usage = field(default_factory=Usage)
    timings_ms: dict[str, float] = field(default_factory=dict)
    answer_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class Restart:
    """What was shown so far is void: another model begins the answer anew."""


@dataclass(frozen=True)
class Limits:
    """What one turn may take: seconds to its first sentence and in all, and tokens."""

    first_seconds: float = 5.0
    seconds: float = 25.0
    tokens: int = 16_000


class Guide:
    """Answers a turn. Without endpoints the extractive model answers alone. `names_among` tells which of some texts
    are names of creators."""

    def __init__(
        self,
        prompts: Prompts,
        composer: Composer,
        tools: Sequence[BaseTool],
        endpoints: Sequence[Endpoint],
        limits: Limits,
        leaving: Leaving,
        names_among: Callable[[Collection[str]], frozenset[str]] = lambda pieces: frozenset(),
    ) -> None:
        self._prompts = prompts
        self._composer = composer
        self._limits = limits
        self._leaving = leaving
        self._outright = {intent.name for intent in prompts.intents if intent.outright}
        self._names_among = names_among
        self._labels = [
            prompts.say(f"label_{name}", lang) for name in ("policy", "guidance", "data") for lang in ("zh", "en")
        ]
        self._instructions = lru_cache(maxsize=64)(partial(_instructions, prompts))
        self._extractive = Agent(ExtractiveModel(composer=composer), tools)
        self._configured = [(one, Agent(one.model, tools, Calling)) for one in endpoints]

    async def answer(
        self, turn: Turn, history: Sequence[Exchange], outcome: Outcome, extractive: bool = False
    ) -> AsyncIterator[Shown | Restart]:
        """Grounded sentences in order; `outcome` is complete when they end. `extractive` asks that model alone."""
        # Whether a metric was kept is told by who kept it, not retold; what is declined outright no model is asked.
        intents = {turn.reading.intent, *(part.reading.intent for part in turn.parts)}
        is_retold = turn.reading.intent != "my_metrics" and not intents & self._outright
        if self._configured and is_retold and not extractive and self._leaving.may_ask(turn):
            shown = 0
            started = time.monotonic()
            outcome.usage.tokens = self._limits.tokens
            veil = await run_sync(self._leaving.veil, turn) if self._leaving.hides_names(turn) else Veil()
            for endpoint, agent in self._configured:
                if not endpoint.breaker.lets_through():
                    continue
                now = time.monotonic()
                first_by = (now if shown else started) + self._limits.first_seconds
                until = started + self._limits.seconds
                if now >= min(first_by, until):
                    break
                allowance = Allowance(min(first_by, until), until, outcome.usage, veil, self._leaving.allows_figures)
                asked = replace(turn, allowance=allowance)
                if shown:
                    shown = 0
                    yield Restart()
                try:
                    async with aclosing(self._from_configured(endpoint, agent, asked, history, outcome)) as said:
                        async for sentence in said:
                            shown += 1
                            yield sentence
                    return
                except ModelFailed as failure:
                    log.warning("the chat model %s failed, another one answers: %s", endpoint.name, failure)
                    outcome.timings_ms["model_failed"] = outcome.timings_ms.get("model_failed", 0.0) + 1.0
            if shown:
                yield Restart()
            for sentence in await self._from_extractive(turn, outcome):
                yield sentence
            if outcome.refused and turn.reading.intent == "guidance":
                # Quotations are as good as an answer of the model; where there are none it might have done better.
                yield _in_script(Shown("\n\n" + self._prompts.say("plainer", turn.text_lang), "note"), turn)
            return
        for sentence in await self._from_extractive(turn, outcome):
            yield sentence

    async def _from_extractive(self, turn: Turn, outcome: Outcome) -> list[Shown]:
        started = time.perf_counter()
        gate = Gate(turn, attaches=False)
        finals = [await self._composed(part) for part in turn.parts or (turn,)]
        texts = [str(final.content) for final in finals]
        if turn.parts:
            turn.evidence.said += [part.question for part in turn.parts]
            texts = [f"**{part.question}**\n{text}" for part, text in zip(turn.parts, texts, strict=True)]
        text = "\n\n".join(texts)
        shown = [sentence for part in sentences(text) if (sentence := gate.check(part)) is not None]
        outcome.model = "extractive"
        outcome.refused = all(final.additional_kwargs.get("refused") for final in finals)
        outcome.suggestions = tuple(finals[-1].additional_kwargs.get("suggestions", ()))
        outcome.citations, outcome.dropped = gate.citations, gate.dropped
        outcome.timings_ms["compose"] = (time.perf_counter() - started) * 1000
        return [_in_script(sentence, turn) for sentence in _tagged(shown)]

    async def _composed(self, turn: Turn) -> AIMessage:
        """The extractive model's answer to one question."""
        asked = [HumanMessage(turn.question), *_searched(turn, "")]
        return cast(AIMessage, (await self._extractive.run(asked, turn.asked_of_a_model()))[-1])

    async def _from_configured(
        self, endpoint: Endpoint, agent: Agent, turn: Turn, history: Sequence[Exchange], outcome: Outcome
    ) -> AsyncGenerator[Shown]:
        """The grounded sentences of one configured model. Raises ModelFailed unless it answers well and in time."""
        allowance = turn.allowance
        assert allowance is not None
        started = time.perf_counter()
        is_linked = turn.creator is not None
        instructions = self._instructions(turn.lang, turn.text_lang, turn.today, turn.day, is_linked)
        gate = Gate(turn, attaches=True, labels=self._labels, instructions=instructions)
        kept = length = 0
        pending = ""
        try:
            async with aclosing(self._streamed(agent, turn, history, instructions)) as stream:
                while True:
                    try:
                        async with asyncio.timeout_at(_loop_time(allowance.until if kept else allowance.first_by)):
                            text = await anext(stream)
                    except StopAsyncIteration:
                        break
                    length += len(text)
                    if length > LONGEST_ANSWER or len(pending) + len(text) > LONGEST_SENTENCE and not _ends(text):
                        raise ModelFailed("its answer does not end")
                    *whole, pending = _whole_sentences(pending + text)
                    for part in whole:
                        sentence = await self._checked(gate, allowance.veil.lifted(part), outcome)
                        if sentence is not None:
                            if not kept:
                                outcome.timings_ms["first_sentence"] = (time.perf_counter() - started) * 1000
                            kept += bool(sentence.text.strip())
                            yield _in_script(sentence, turn)
            last = await self._checked(gate, allowance.veil.lifted(pending), outcome) if pending.strip() else None
            if last is not None:
                kept += 1
                yield _in_script(last, turn)
            if not kept:
                raise ModelFailed("nothing of its answer could be grounded")
            if turn.reading.intent == "guidance" and not (gate.citations or turn.evidence.figures):
                raise ModelFailed("its answer rests on no text, where there are texts to answer from")
        except TimeoutError as error:
            endpoint.breaker.failed()
            what = "complete answer" if kept else "first sentence"
            raise ModelFailed(f"no {what} in time") from error
        except ModelFailed as failure:
            if failure.is_endpoints:
                endpoint.breaker.failed()
            raise
        endpoint.breaker.succeeded()
        outcome.model = endpoint.name
        outcome.citations, outcome.dropped = gate.citations, gate.dropped
        outcome.refused = not turn.evidence.figures and all(citation.passage.unpublished for citation in gate.citations)
        outcome.suggestions = self._composer.suggestions(turn)
        outcome.timings_ms["compose"] = (time.perf_counter() - started) * 1000

    async def _checked(self, gate: Gate, part: str, outcome: Outcome) -> Shown | None:
        """What the gate lets through of a part; its time is kept as `gate`. The database is asked for names in a worker
        thread. The rest is done here: it takes less than a thread waits for the interpreter beside this one."""
        started = time.perf_counter()
        try:
            strange = gate.strange_pieces(part)
            return gate.check(part, await run_sync(self._names_among, strange) if strange else frozenset())
        finally:
            taken = (time.perf_counter() - started) * 1000
            outcome.timings_ms["gate"] = outcome.timings_ms.get("gate", 0.0) + taken

    async def _streamed(
        self, agent: Agent, turn: Turn, history: Sequence[Exchange], instructions: str
    ) -> AsyncGenerator[str]:
        """The text of a configured model's final message as it comes. Raises ModelFailed unless it ends properly."""
        offered = "\n\n".join(numbered(turn, hit.passage) for hit in trusted(turn.found.hits)[:OFFERED])
        messages = [
            SystemMessage(instructions),
            *remembered(self._leaving.history(history)),
            HumanMessage(turn.question),
            *_searched(turn, offered),
        ]
        asked = turn.asked_of_a_model()
        written = asked.called.written
        running = asyncio.create_task(agent.run(messages, asked))
        running.add_done_callback(lambda _: written.put_nowait(None))
        finished = ""
        try:
            while (piece := await written.get()) is not None:
                if isinstance(piece.content, str) and piece.content and not piece.tool_calls:
                    yield clean(piece.content)
                finished = piece.response_metadata.get("finish_reason") or finished
            await running
        except ModelFailed:
            raise
        except Exception as error:  # whatever an endpoint and its client can raise ends in another model's answer
            raise ModelFailed(type(error).__name__, is_endpoints=True) from error
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        if finished != "stop":
            raise ModelFailed(f"its answer ended with {finished or 'nothing'} instead of stop", is_endpoints=True)


def _instructions(prompts: Prompts, lang: Lang, text_lang: Language, today: date, day: date, is_linked: bool) -> str:
    labels = " ".join(prompts.say(f"label_{name}", text_lang) for name in ("policy", "guidance", "data"))
    return prompts.system.render(
        today=today, day=day, creator=is_linked, labels=labels, language=LANGUAGES[lang], sentences=8
    )


def _searched(turn: Turn, offered: str) -> list[BaseMessage]:
    """The search that precedes every answer, as the conversation sees it: asked for and answered. The turn is its
    artifact."""
    call = {"name": "search_guidance", "args": {"query": turn.question}, "id": SEARCH}
    return [
        AIMessage("", tool_calls=[call]),
        ToolMessage(offered, tool_call_id=SEARCH, name="search_guidance", artifact=turn),
    ]


def _whole_sentences(text: str) -> list[str]:
    """The complete sentences of a growing text, and what is left. A sentence is complete when the next has begun,
    because its citation marks may still follow, in pieces too: `[`, `1`, `]`."""
    parts = list(sentences(text))
    if len(parts) > 1 and _MARK_BEGUN.fullmatch(parts[-1]):
        parts[-2:] = ["".join(parts[-2:])]
    return parts or [""]


def _ends(text: str) -> bool:
    """Whether a sentence may end in a text."""
    return re.search(r"[。！？!?\n]|\.\s", text) is not None


def _loop_time(moment: float) -> float:
    """A moment of `time.monotonic` on the clock of the running loop."""
    return asyncio.get_running_loop().time() + moment - time.monotonic()


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
    return Shown(in_script(sentence.text, turn.lang), sentence.basis)
