"""数码小林 (demo-11) asks for a plan, follows it, and asks after two weeks what came of it."""

from datetime import timedelta

from assistant.bootstrap import Services
from tests.flows.talking import Person


async def test_a_plan_is_kept_and_looked_back_on(starter: Services) -> None:
    creator, today = Person(starter, "demo-11"), starter.library.today()

    early = await creator.ask("上次的计划效果怎么样？")
    assert "没有给过你计划" in early.text

    given = await creator.ask("给我做个一周计划")
    assert given.grounded
    assert "只改开头 3 秒" in given.text
    assert "3 秒短播率" in given.text
    assert {citation.basis for citation in given.citations} == {"guidance"}
    assert given.charts
    assert given.actions[0].kind == "alert_watch"
    kept = starter.plans.latest("demo-11", today)
    assert kept is not None
    assert len(kept.steps) == 3

    again = await creator.ask("给我做个一周计划", thread=given.thread)
    assert "还在进行" in again.text
    assert starter.plans.latest("demo-11", today) == kept

    # As if it had been given 15 days ago.
    starter.plans.keep(type(kept)("demo-11", today - timedelta(days=15), 1, kept.stage, kept.steps))
    with starter.engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM plans WHERE creator_id = 'demo-11' AND made_on = '{today}'")
    review = await creator.ask("上次的计划效果怎么样？", thread=given.thread)
    assert review.grounded
    assert "前 7 天" in review.text
    assert "之后 14 天" in review.text
    assert "不能证明是计划带来的" in review.text

    next_plan = await creator.ask("再给我一个四周计划", thread=given.thread)
    assert next_plan.text.index("之后 14 天") < next_plan.text.index("四周，一周只抓一件")
    assert "第 4 周" in next_plan.text or "第 3 周" in next_plan.text


async def test_what_is_only_looked_at_is_not_kept(starter: Services) -> None:
    await Person(starter, "demo-12", channel="test").ask("给我做个一周计划")
    await Person(starter, "demo-12").ask("给我做个一周计划", as_of=starter.library.today() - timedelta(days=30))
    assert starter.plans.latest("demo-12", starter.library.today()) is None


async def test_works_ideas_and_titles(starter: Services) -> None:
    creator = Person(starter, "demo-09")
    works = await creator.ask("复盘一下我最近的作品")
    assert "中位数" in works.text
    assert "新英雄试玩" in works.text
    ideas = await creator.ask("给我几个选题")
    assert ideas.text.index("**你的数据**") < ideas.text.index("**建议**")
    assert ideas.citations[0].passage.kind == "topic"
    title = await creator.ask("帮我看看这个标题：全网最强的新英雄试玩")
    assert title.grounded
    assert title.citations[0].passage.slug.startswith("advertising-law-article-9")
    assert "“新英雄试玩”的" in title.text
    plain = await Person(starter).ask("检查标题：今天学会了换灯泡")
    assert "没有踩到" in plain.text
    assert plain.citations == []
