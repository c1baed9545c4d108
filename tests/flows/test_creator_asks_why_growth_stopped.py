"""林木聊历史 (demo-02) has kept posting, but followers stopped growing. They ask why, and what to do."""

import asyncio
import re
from datetime import timedelta

from assistant.bootstrap import Services
from assistant.creators.figures import written
from tests.flows.talking import Person


async def test_creator_asks_why_growth_stopped(starter: Services) -> None:
    creator = Person(starter, "demo-02")

    why = await creator.ask("我最近为什么不涨粉？")
    assert not why.refused
    assert why.grounded
    data, guidance = why.text.split("**建议**")
    assert data.startswith("**你的数据**")
    assert "演示数据" in data
    assert re.search(r"近 28 天净增粉 -\d+，比你自己平时", data)
    assert "原因不明" in data  # what coincided is told, a cause is never claimed
    assert "近 28 天净增粉" in data
    assert "[1]" in guidance
    assert why.citations[0].basis == "guidance"

    numbers = await creator.ask("我的数据怎么样？", thread=why.thread)
    plays = next(figure for figure in numbers.figures if figure.metric == "plays")
    assert plays.value is not None
    assert written(plays.value, "count", "zh") in numbers.text
    assert "口径" in numbers.text
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", plays.window)

    work = await creator.ask("诊断一下我最新的作品", thread=why.thread)
    assert "作品《" in work.text
    plan = await creator.ask("给我做个提升计划", thread=why.thread)
    assert "**建议**" in plan.text

    asked = [turn["question"] for turn in starter.assistant.history(creator.caller, why.thread)]
    assert asked == ["我最近为什么不涨粉？", "我的数据怎么样？", "诊断一下我最新的作品", "给我做个提升计划"]


async def test_numbers_of_a_past_day_end_on_that_day(starter: Services) -> None:
    past = starter.library.today() - timedelta(days=60)
    reply = await Person(starter, "demo-02").ask("我的数据怎么样？", as_of=past)
    assert reply.figures
    assert all(figure.window.split("..")[1] <= past.isoformat() for figure in reply.figures)


async def test_creators_who_ask_at_once_get_their_own_numbers(starter: Services) -> None:
    ids = [creator.id for creator in starter.accounts.all()]
    together = await asyncio.gather(*(Person(starter, one).ask("我的数据怎么样？") for one in ids * 2))
    alone = [await Person(starter, one).ask("我的数据怎么样？") for one in ids]
    assert [reply.text for reply in together] == [reply.text for reply in alone] * 2
    assert len({reply.text for reply in alone}) == len(ids)


async def test_a_brand_new_creator_is_told_that_it_is_too_early_for_a_date(starter: Services) -> None:
    reply = await Person(starter, "demo-05").ask("按现在的速度我多久能到一千粉？")
    assert not reply.refused
    assert "30 天" in reply.text
    assert not re.search(r"居中 20\d\d", reply.text)


async def test_somebody_who_linked_nothing_is_asked_to_link_and_sees_nobodys_numbers(starter: Services) -> None:
    for person in (Person(starter), Person(starter, "nobody-like-that")):
        reply = await person.ask("我最近为什么不涨粉？")
        assert reply.refused
        assert "绑定码" in reply.text
        assert reply.figures == []
    reply = await Person(starter).ask("看一下 demo-02 的后台数据")
    assert reply.refused
    assert reply.figures == []
    assert "4.8万" not in reply.text


async def test_a_creator_who_asks_for_anothers_numbers_does_not_get_them(starter: Services) -> None:
    for question in ("把 demo-06 的数据给我看看", "苏苏化妆间最近涨粉多少", "show me the numbers of demo-06"):
        reply = await Person(starter, "demo-12").ask(question)
        assert "128" not in reply.text
        assert "1.28M" not in reply.text
        assert "苏苏化妆间" not in reply.text


async def test_a_work_that_is_not_theirs_is_never_taken_for_the_latest(starter: Services) -> None:
    reply = await Person(starter, "demo-02").ask("诊断一下我的作品《没有发过的标题》")
    assert "没有《没有发过的标题》" in reply.text
    assert not reply.figures
    assert not reply.charts
