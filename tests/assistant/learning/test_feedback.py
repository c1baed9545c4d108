"""A verdict belongs to whoever asked, and counts once while it stands."""

import pytest

from assistant.bootstrap import Services
from assistant.errors import NotFound
from assistant.identity import Caller
from tests.assistant.learning.conftest import ADDRESS, Ask, where_nothing_was_asked

ME = Caller("web", None, ADDRESS)
QUESTION = "完播率怎么算"


@pytest.fixture
def services(starter: Services) -> Services:
    return where_nothing_was_asked(starter)


def downs(services: Services) -> int:
    """How often passages count as thumbed down today."""
    return sum(use.down for use in services.learning.usage.documents(services.library.today()))


def verdict(services: Services, answer: str) -> tuple[str | None, str]:
    """What staff read of it."""
    stored = services.learning.replay.of(answer)
    return stored.verdict, stored.comment


async def test_verdict_may_be_changed_and_taken_back(services: Services, ask: Ask) -> None:
    reply = await ask(QUESTION)
    give = services.learning.feedback.give
    give(ME, reply.answer_id, "up")
    assert (verdict(services, reply.answer_id), downs(services)) == (("up", ""), 0)
    give(ME, reply.answer_id, "down", "太笼统")
    give(ME, reply.answer_id, "down", "太笼统了")
    cited = len({citation.passage.id for citation in reply.citations})
    assert (verdict(services, reply.answer_id), downs(services)) == (("down", "太笼统了"), cited)
    give(ME, reply.answer_id, "up")
    assert (verdict(services, reply.answer_id), downs(services)) == (("up", ""), 0)
    give(ME, reply.answer_id, None)
    give(ME, reply.answer_id, None)
    assert (verdict(services, reply.answer_id), downs(services)) == ((None, ""), 0)


@pytest.mark.parametrize(
    "other", [Caller("web", None, "198.51.100.1"), Caller("web", "demo-01", ADDRESS), Caller("telegram", None, ADDRESS)]
)
async def test_nobody_else_can_tell_the_answer_from_one_that_does_not_exist(
    services: Services, ask: Ask, other: Caller
) -> None:
    reply = await ask(QUESTION)
    sentences = []
    for answer in (reply.answer_id, "0" * 32):
        with pytest.raises(NotFound) as refusal:
            services.learning.feedback.give(other, answer, "down")
        sentences.append(str(refusal.value))
    assert sentences[0] == sentences[1]
    assert verdict(services, reply.answer_id) == (None, "")


async def test_history_of_the_thread_carries_the_verdict(services: Services, ask: Ask) -> None:
    reply = await ask(QUESTION)
    assert services.assistant.history(ME, reply.thread)[0]["verdict"] is None
    services.learning.feedback.give(ME, reply.answer_id, "up")
    assert services.assistant.history(ME, reply.thread)[0]["verdict"] == "up"


async def test_verdict_on_ones_own_numbers_opens_no_gap(services: Services, ask: Ask) -> None:
    reply = await ask("我的数据怎么样", "demo-01")
    services.learning.feedback.give(Caller("telegram", "demo-01"), reply.answer_id, "down")
    services.learning.intake.refresh()
    assert services.learning.gaps.all() == []
    assert services.learning.answers.list(down=True).answers[0].id == reply.answer_id
