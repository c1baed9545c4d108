"""How texts are used, counted with every turn."""

from datetime import timedelta

from assistant.bootstrap import Services
from assistant.identity import Caller
from tests.assistant.learning.conftest import ADDRESS, Ask
from tests.knowledge.texts import publish, revision

QUESTION, TITLE = "星火试验计划的申请条件是什么", "星火试验计划"
ME = Caller("web", None, ADDRESS)


def write(services: Services, condition: str) -> None:
    """Serve a text of its own that answers the question."""
    body = f"## 星火试验计划的申请条件\n<!--\nasked:\n- {QUESTION}\n-->\n{condition}"
    services.library.add([revision("spark", body, kind="program", title=TITLE)], "editor")
    publish(services.library, "test")


async def test_cited_asked_and_thumbed_down_are_counted_by_document_and_passage(services: Services, ask: Ask) -> None:
    write(services, "申请星火试验计划要有 1000 个粉丝。")
    today, usage = services.library.today(), services.learning.usage
    replies = [await ask(QUESTION), await ask(QUESTION, "demo-01"), await ask(QUESTION, channel="test")]
    assert all(reply.citations[0].passage.slug == "spark" for reply in replies)
    services.learning.feedback.give(ME, replies[0].answer_id, "down")
    (spark,) = [use for use in usage.documents(today) if use.document == "spark"]
    assert (spark.cited, spark.asked, spark.down) == (2, 2, 1)
    (passage,) = usage.passages("spark", today)
    assert (passage.cited, passage.asked, passage.down) == (2, 2, 1)
    assert "1000" in passage.text


async def test_uses_of_an_earlier_revision_show_the_text_as_it_was(services: Services, ask: Ask) -> None:
    write(services, "申请星火试验计划要有 1000 个粉丝。")
    await ask(QUESTION)
    write(services, "申请星火试验计划要有 2000 个粉丝。")
    for _ in range(2):
        await ask(QUESTION)
    uses = services.learning.usage.passages("spark", services.library.today())
    assert [(use.revision, use.cited, "1000" in use.text) for use in uses] == [(2, 2, False), (1, 1, True)]


async def test_period_ends_on_the_day_asked_about(services: Services, ask: Ask) -> None:
    await ask("完播率怎么算")
    today, usage = services.library.today(), services.learning.usage
    assert usage.documents(today, days=1)
    assert usage.documents(today + timedelta(days=6), days=7)
    assert usage.documents(today + timedelta(days=7), days=7) == []
    assert usage.documents(today - timedelta(days=1), days=90) == []


async def test_question_that_is_declined_uses_no_text(services: Services, ask: Ask) -> None:
    await ask("今天天气怎么样")
    assert services.learning.usage.documents(services.library.today()) == []
