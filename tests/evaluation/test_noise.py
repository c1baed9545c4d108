"""What nobody vouches for does not take the place of what somebody does, however well it fits the question."""

from collections.abc import Callable
from pathlib import Path

from assistant.bootstrap import open_services
from assistant.evaluation import Question, evaluate
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.evaluation.noise import counterfeit, noise, publish

QUESTIONS = [
    Question("n1", "2024 年光合计划给多少流量？", "zh", "fact", True, (("100亿",),), ("703亿",)),
    Question("n2", "完播率怎么算？", "zh", "metric", True, (("完播数 ÷ 播放数",),)),
    Question("n3", "How much traffic did the Guanghe Plan give in 2024?", "en", "fact", True, (("10 billion",),)),
    Question("n4", "快手之星的粉丝门槛是多少？", "zh", "unpublished", False),
]


async def test_noise_and_counterfeits_change_no_answer(
    new_starter_home: Callable[[], Path], embedder: Embedder
) -> None:
    services = open_services(Settings(home=new_starter_home()), embedder=embedder)
    try:
        for kept in services.golden.all():
            services.golden.remove(kept.question.id, "noise")
        shelf = services.library.shelf
        sources = [shelf.search(question.question, 1).hits[0].passage for question in QUESTIONS[:3]]
        await publish(services, noise(QUESTIONS, 5) + [counterfeit(passage) for passage in sources])
        found = services.library.shelf.search(QUESTIONS[0].question, 10).hits
        assert any(hit.passage.provenance.trust == "unverified" for hit in found)  # they are there to be found
        run = await evaluate(services.assistant, QUESTIONS)
        assert not run.failures, [(one.question.question, one.faults, one.answer) for one in run.failures]
        for outcome in run.outcomes:
            assert "网友转发" not in outcome.answer
    finally:
        services.close()
