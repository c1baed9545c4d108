"""What nobody vouches for does not take the place of what somebody does, nor notes that of an answer."""

from collections.abc import Callable
from pathlib import Path

from assistant.bootstrap import open_services
from assistant.evaluation import evaluate, read_questions
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.evaluation.noise import counterfeit, noise, notes, publish

HELD_OUT = Path(__file__).parent / "heldout.jsonl"
QUESTIONS = read_questions(HELD_OUT.read_text("utf-8"), HELD_OUT.name)[:16]
AMOUNT = 5


async def test_noise_and_counterfeits_change_no_answer(
    new_starter_home: Callable[[], Path], embedder: Embedder
) -> None:
    services = open_services(Settings(home=new_starter_home()), embedder=embedder)
    try:
        for kept in services.golden.all():
            services.golden.remove(kept.question.id, "noise")
        before = await evaluate(services.assistant, QUESTIONS)
        assert before.total.passed >= len(QUESTIONS) - 1
        shelf = services.library.shelf
        firsts = [shelf.search(one.question, 1).hits[0].passage for one in QUESTIONS if one.answerable]
        sources = list({passage.id: passage for passage in firsts}.values())
        disturbing = noise(QUESTIONS, AMOUNT) + notes(sources, AMOUNT) + [counterfeit(passage) for passage in sources]
        await publish(services, disturbing)
        found = services.library.shelf.search(QUESTIONS[0].question, 60).hits
        assert any(hit.passage.provenance.trust == "unverified" for hit in found)  # they are there to be found
        after = await evaluate(services.assistant, QUESTIONS)
        assert [one.faults for one in after.outcomes] == [one.faults for one in before.outcomes]
        for outcome in after.outcomes:
            assert not any(name in outcome.answer for name in ("网友转发", "群聊摘录", "编辑手记"))
    finally:
        services.close()
