"""A copied work, reported in the chat: the button files it, staff decide, and the creator hears of every step."""

from assistant.bootstrap import Services
from tests.flows.talking import Person


async def test_a_copied_work_goes_from_the_chat_to_a_decision(starter: Services) -> None:
    creator = Person(starter, "demo-06")
    asked = await creator.ask("我的《开箱测评》被搬运了，对方 https://v.kuaishou.com/copy1")
    button = next(one for one in asked.actions if one.kind == "case_file")
    assert starter.cases.of("demo-06", "report") == []  # nothing is filed before the button
    done = await starter.assistant.act(creator.caller, button.id)
    (case,) = starter.cases.of("demo-06", "report")
    assert f"#{case.id}" in done.text
    assert (case.state, case.other_url) == ("filed", "https://v.kuaishou.com/copy1")
    starter.cases.move(case.id, "uphold", "staff", "li", "对方作品已处理。")
    told = [one.body for one in starter.notices.inbox.page("demo-06").notices if one.kind == "case"]
    assert told[0] == "举报成立。\n对方作品已处理。"
    assert len(told) == 2
