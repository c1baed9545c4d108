"""What is kept about somebody is shown, given out and deleted, whole; what is kept about others stays as it was."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from assistant.bootstrap import Services, open_services
from assistant.creators import layout
from assistant.creators.accounts import Creator
from assistant.database.learning_tables import gap_questions, gaps
from assistant.database.schema import metadata
from assistant.database.tables import turns
from assistant.database.telegram_tables import telegram_outbox, telegram_updates
from assistant.errors import NotAllowed, NotFound
from assistant.identity import DEMONSTRATION, Caller
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.flows.talking import Person

UNANSWERED = "快手之星的粉丝门槛到底是多少？"


@pytest.fixture(scope="module")
def services(new_starter_home: Callable[[], Path], embedder: Embedder) -> Iterator[Services]:
    """A starter home of its own: creators disappear in it."""
    opened = open_services(Settings(home=new_starter_home()), embedder=embedder)
    yield opened
    opened.close()


def everything(services: Services) -> dict[str, list[str]]:
    """All rows of the database and the warehouse, but those of gaps, which are nobody's."""
    tables = {table.name: select(table) for table in metadata.tables.values() if table is not gaps}
    with services.engine.begin() as connection:
        rows: dict[str, Any] = {name: connection.execute(query).all() for name, query in tables.items()}
    rows.update({name: services.warehouse.rows(layout.table(name)) for name in layout.STORED})
    return {name: sorted(map(str, some)) for name, some in rows.items()}


async def lives_here(services: Services, creator: str, chat: int) -> Person:
    """A creator who asked, left a gap, gave an opinion, keeps a metric and is linked to a chat."""
    person = Person(services, creator)
    reply = await person.ask(f"{UNANSWERED}我的电话 13812345678")
    await person.ask("完播率怎么算？", thread=reply.thread)
    services.learning.feedback.give(person.caller, reply.answer_id, "down", "没用")
    services.custom_metrics.define("liked", "互动转粉 = ratio(sum(涨粉), sum(点赞))", creator, actor=creator)
    services.accounts.redeem_link_code(services.accounts.issue_link_code(creator), "telegram", str(chat))
    now = datetime.now(UTC).replace(tzinfo=None)
    update = {"bot": 1, "chat_id": chat, "payload": {"text": "你好"}, "received_at": now}
    message = {"bot": 1, "chat_id": chat, "begun": 1, "sent": 1, "created_at": now, "done_at": now}
    with services.engine.begin() as connection:
        connection.execute(insert(telegram_updates).values(**update, update_id=chat, done_at=now))
        connection.execute(insert(telegram_updates).values(**update, update_id=chat + 1))
        connection.execute(insert(telegram_outbox).values(**message, name=f"update:{chat}"))
    return person


async def test_a_creator_is_forgotten_and_nobody_else_is_touched(services: Services) -> None:
    mine, other = await lives_here(services, "demo-01", 7001), await lives_here(services, "demo-02", 8001)
    services.learning.intake.refresh()
    (gap,) = [one for one in services.learning.gaps.all() if UNANSWERED in one.question]
    of_other = services.privacy.export(other.caller)["kept"]
    before = everything(services)

    summary = services.privacy.summary(mine.caller)
    assert {"creators", "threads", "turns", "chat_links", "metric_definitions", "works"} <= set(summary)
    assert (summary["turns"], summary["telegram_updates"], summary["telegram_outbox"]) == (2, 1, 1)
    exported = services.privacy.export(mine.caller)["kept"]
    assert {name: len(rows) for name, rows in exported.items()} == summary
    assert "13812345678" in str(exported["turns"])  # it is theirs to see
    assert "demo-02" not in str(exported)
    assert "_hash" not in str(exported)

    deleted = services.privacy.forget(mine.caller)
    assert deleted == summary
    assert services.accounts.find("demo-01") is None
    left = everything(services)
    for name, rows in left.items():
        assert set(rows) <= set(before[name]), name
        assert len(before[name]) - len(rows) == deleted.get(name, 0), name
        assert not [row for row in rows if "demo-01" in row], name
    assert services.privacy.export(other.caller)["kept"] == of_other
    with services.engine.begin() as connection:  # what is still being worked on ends as it began
        assert connection.scalar(select(func.count()).where(telegram_updates.c.chat_id == 7001)) == 1

    after = services.learning.gaps.find(gap.id)
    assert (after.questions, after.forgotten) == (gap.questions, 1)
    assert "13812345678" not in str(after)
    entry = services.library.trail.entries(area="creator")[0]
    assert (entry.action, entry.subject, entry.detail["rows"]) == ("creator.forgotten", "creator:demo-01", deleted)
    await services.learning.catch_up()  # gaps are asked again without the turns that are gone
    assert services.learning.gaps.find(gap.id).state == "open"


async def test_forgetting_twice_changes_nothing_and_the_account_can_come_back(services: Services) -> None:
    services.accounts.add(Creator("new-1", "新人", "kuaishou", "美食"))
    caller = Caller("web", "new-1")
    assert services.privacy.forget(caller) == {"creators": 1}
    assert services.privacy.forget(caller) == {}
    services.accounts.add(Creator("new-1", "新人", "kuaishou", "美食"))
    assert services.privacy.summary(caller) == {"creators": 1}
    services.privacy.forget(caller)


async def test_somebody_unknown_in_a_chat_of_their_own_is_one_person(services: Services) -> None:
    visitor = Person(services, channel="telegram", address="4711")
    await visitor.ask("完播率怎么算？")
    kept = services.privacy.summary(visitor.caller)
    assert {"threads": 1, "turns": 1}.items() <= kept.items()
    assert services.privacy.summary(Caller("telegram", address="4712")) == {}
    assert services.privacy.forget(visitor.caller) == kept


@pytest.mark.parametrize(
    "shared",
    [
        Caller("web", address="198.51.100.7"),
        Caller("telegram", address="-100200"),
        Caller("widget", address="shop/server"),
        Caller("web", "demo-03", "198.51.100.7", frozenset({DEMONSTRATION})),
    ],
)
async def test_where_several_people_ask_as_one_only_a_conversation_is_ones_own(
    services: Services, shared: Caller
) -> None:
    reply = await services.assistant.answer(shared, None, "完播率怎么算？")
    assert services.privacy.scope(shared) == "conversation"
    assert services.privacy.summary(shared) == {}
    for attempt in (services.privacy.export, services.privacy.forget):
        with pytest.raises(NotAllowed):
            attempt(shared)
    with pytest.raises(NotFound):
        services.privacy.forget_thread(Caller("web", address="203.0.113.9"), reply.thread)
    services.privacy.forget_thread(shared, reply.thread)
    with pytest.raises(NotFound):
        services.assistant.history(shared, reply.thread)
    assert services.accounts.find("demo-03") is not None


async def test_deleting_a_conversation_leaves_the_number_of_its_questions_in_the_gap(services: Services) -> None:
    person = Person(services, "demo-04")
    reply = await person.ask("快手之星报名要交多少钱保证金？")
    services.learning.intake.refresh()
    with services.engine.begin() as connection:
        gap = connection.scalar(select(gap_questions.c.gap_id).where(gap_questions.c.turn_id == reply.answer_id))
    assert gap is not None
    before = services.learning.gaps.find(gap)
    services.privacy.forget_thread(person.caller, reply.thread)
    after = services.learning.gaps.find(gap)
    assert (after.questions, after.forgotten) == (before.questions, before.forgotten + 1)
    assert gap in [one.id for one in services.learning.gaps.all(size=200)]
    with services.engine.begin() as connection:
        assert reply.answer_id not in str(connection.execute(select(gaps.c.examples)).all())
        assert not connection.scalar(select(func.count()).where(turns.c.thread_id == reply.thread))


async def test_in_the_conversation_deleting_takes_two_messages(services: Services) -> None:
    person = Person(services, "demo-05")
    thread = (await person.ask("完播率怎么算？")).thread
    told = await person.ask("你们存了我什么数据？", thread)
    assert "1 段对话" in told.text
    assert "天的账号数据" in told.text
    early = await person.ask("确认删除我的数据", thread)
    assert "还没有删除" in early.text
    asked = await person.ask("请帮我删除我的全部数据。", thread)
    assert "不能恢复" in asked.text
    assert asked.suggestions == ["确认删除我的数据"]
    await person.ask("算了，完播率怎么算？", thread)
    assert "还没有删除" in (await person.ask("确认删除我的数据", thread)).text
    await person.ask("delete my data", thread)
    done = await person.ask("yes, delete my data", thread)
    assert "deleted" in done.text
    assert services.accounts.find("demo-05") is None
    with services.engine.begin() as connection:
        assert not connection.scalar(select(func.count()).where(turns.c.thread_id == thread))


async def test_a_demonstration_account_cannot_be_deleted_by_who_tries_it(services: Services) -> None:
    caller = Caller("web", "demo-06", "198.51.100.9", frozenset({DEMONSTRATION}))
    thread = (await services.assistant.answer(caller, None, "完播率怎么算？")).thread
    asked = await services.assistant.answer(caller, thread, "删除我的数据")
    assert asked.suggestions == ["确认删除这段对话"]
    assert "删除" in (await services.assistant.answer(caller, thread, "确认删除这段对话")).text
    assert services.accounts.find("demo-06") is not None
    with pytest.raises(NotFound):
        services.assistant.history(caller, thread)


@pytest.mark.parametrize(
    "question",
    [
        "怎么删除我的作品？",
        "删除作品会影响数据吗？",
        "导出的视频不清楚怎么办",
        "隐私设置影响推荐吗",
        "这不是我的作品被搬运了怎么办",
    ],
)
async def test_questions_that_only_sound_like_it_are_answered_as_questions(services: Services, question: str) -> None:
    reply = await Person(services, "demo-07").ask(question)
    assert not reply.suggestions or "删除" not in reply.suggestions[0]
    assert "不能恢复" not in reply.text


async def test_an_answer_is_given_again_and_one_that_missed_offers_other_questions(services: Services) -> None:
    person = Person(services, "demo-08")
    first = await person.ask("完播率怎么算？")
    again = [event async for event in services.assistant.again(person.caller, first.thread)][-1].reply
    assert again is not None
    assert (again.text, again.answer_id == first.answer_id) == (first.text, False)
    missed = await person.ask("这不是我问的", first.thread)
    assert len(missed.suggestions) >= 2
    assert all(question in missed.text for question in missed.suggestions)
    by_button = [event async for event in services.assistant.again(person.caller, first.thread, is_missed=True)][-1]
    assert by_button.reply is not None
    assert by_button.reply.suggestions == missed.suggestions
    assert [turn["question"] for turn in services.assistant.history(person.caller, first.thread)] == [
        "完播率怎么算？",
        "完播率怎么算？",
        "这不是我问的",
        "这不是我问的",
    ]
    with pytest.raises(NotFound):
        _ = [event async for event in services.assistant.again(Caller("web", "demo-09"), first.thread)]
    with pytest.raises(NotFound):
        _ = [event async for event in services.assistant.again(person.caller, "nothing-here")]
