"""An answer can be looked up and asked again, whatever was published since."""

from datetime import date

import pytest

from assistant.bootstrap import Services, open_services
from assistant.errors import Conflict, NotFound
from assistant.identity import Caller
from knowledge.embeddings import Embedder
from tests.assistant.learning.conftest import ADDRESS, Ask
from tests.fakes import says, scripted_model
from tests.knowledge.texts import publish, revision

QUESTION = "星火试验计划的申请条件是什么"
FIRST, SECOND = "申请星火试验计划要有 1000 个粉丝。", "申请星火试验计划要有 2000 个粉丝。"


def serve(services: Services, condition: str) -> int:
    """Publish a text that answers the question; returns the release."""
    body = f"## 星火试验计划的申请条件\n<!--\nasked:\n- {QUESTION}\n-->\n{condition}"
    services.library.add([revision("spark", body, kind="program", title="星火试验计划")], "editor")
    return publish(services.library, "test").release


async def test_answer_is_the_same_after_later_releases_and_rollbacks(services: Services, ask: Ask) -> None:
    release = serve(services, FIRST)
    reply = await ask(QUESTION)
    serve(services, SECOND)
    assert SECOND in (await ask(QUESTION)).text
    services.library.rollback(1, "publisher")
    services.library.add([revision("other", "## 竖屏作品的封面比例\n竖屏作品的封面用 3:4。")], "editor")
    publish(services.library, "test")
    comparison = await services.learning.replay.again(reply.answer_id)
    assert comparison.is_same
    assert comparison.reservations == ()
    assert FIRST in comparison.answer
    assert {change.kind for change in comparison.changes} <= {"same"}
    stored = services.learning.replay.of(reply.answer_id)
    assert (stored.release, stored.question, stored.asker, stored.channel) == (release, QUESTION, "anonymous", "web")
    assert stored.day == stored.today == services.library.today()
    cited = [seen for seen in stored.passages if seen.n is not None]
    assert (cited[0].document, cited[0].revision) == ("spark", 1)
    assert FIRST in cited[0].text
    assert cited[0].scores["score"] > 0
    assert stored.timings_ms["total"] > 0


async def test_replay_survives_a_restart(services: Services, ask: Ask, embedder: Embedder) -> None:
    serve(services, FIRST)
    reply = await ask(QUESTION)
    serve(services, SECOND)
    services.close()
    reopened = open_services(services.settings, embedder=embedder)
    assert (await reopened.learning.replay.again(reply.answer_id)).is_same
    reopened.close()


async def test_day_that_was_asked_about_is_asked_about_again(services: Services) -> None:
    caller, day = Caller("web", None, ADDRESS), date(2024, 9, 1)
    reply = await services.assistant.answer(caller, None, "光合计划给多少流量", day)
    comparison = await services.learning.replay.again(reply.answer_id)
    assert comparison.stored.day == day
    assert comparison.is_same


async def test_figures_of_creators_may_have_changed_since(services: Services, ask: Ask) -> None:
    reply = await ask("我的数据怎么样", "demo-01")
    comparison = await services.learning.replay.again(reply.answer_id)
    assert comparison.stored.has_figures
    assert comparison.stored.asker == "creator"
    assert comparison.reservations == ("figures",)
    assert comparison.answer == reply.text  # nothing was imported meanwhile


async def test_answer_of_a_model_is_compared_with_the_extractive_one(
    services: Services, embedder: Embedder
) -> None:
    said = "完播率 = 完播数 ÷ 播放数，分母是播放数。[1]"
    services.close()
    talking = open_services(services.settings, embedder=embedder, chat_model=scripted_model(says(said)))
    reply = await talking.assistant.answer(Caller("web", None, ADDRESS), None, "完播率怎么算")
    assert reply.model != "extractive"
    comparison = await talking.learning.replay.again(reply.answer_id)
    assert comparison.reservations == ("model",)
    assert not comparison.is_same
    assert {change.kind for change in comparison.changes} - {"same"}
    talking.close()


async def test_text_that_was_no_question_is_not_asked_again(services: Services, ask: Ask) -> None:
    reply = await ask("？？？")
    with pytest.raises(Conflict):
        await services.learning.replay.again(reply.answer_id)


async def test_unknown_answer_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound):
        await services.learning.replay.again("nothing")
