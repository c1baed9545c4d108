"""转人工: the button hands the conversation over, staff answer, and the answer is in the same conversation."""

from assistant.bootstrap import Services
from tests.flows.talking import Person


async def test_a_conversation_is_handed_over_and_comes_back(starter: Services) -> None:
    creator = Person(starter, "demo-04")
    asked = await creator.ask("我要转人工，收益一直是 0")
    assert "人工服务时间" in asked.text
    (button,) = asked.actions
    assert starter.tickets.of(creator.caller) == []  # nothing is handed over before the button

    done = await starter.assistant.act(creator.caller, button.id)
    (ticket,) = starter.tickets.of(creator.caller)
    assert f"#{ticket.id}" in done.text
    assert ticket.thread_id == asked.thread
    assert ticket.subject == "我要转人工，收益一直是 0"

    starter.tickets.answer(ticket.id, "王小禾", "结算要两个工作日。")
    last = starter.assistant.history(creator.caller, asked.thread)[-1]
    assert (last["question"], last["reply"]["text"], last["reply"]["model"]) == ("", "结算要两个工作日。", "staff")
    assert starter.notices.inbox.page("demo-04").notices[0].body == "结算要两个工作日。"

    again = await creator.ask("转人工", thread=asked.thread)
    assert f"#{ticket.id}" in again.text
    kept = starter.learning.answers.list().answers
    assert all(one.question for one in kept)  # what staff said is no answer to review


async def test_notices_are_switched_off_by_a_button(starter: Services) -> None:
    creator = Person(starter, "demo-05")
    told = await creator.ask("关掉活动通知")
    button = next(one for one in told.actions if one.payload["notices"] == "campaign")
    await starter.assistant.act(creator.caller, button.id)
    assert starter.notices.wishes.of("demo-05").muted == ("campaign",)
    assert "活动通知" in (await creator.ask("通知设置在哪改")).text
