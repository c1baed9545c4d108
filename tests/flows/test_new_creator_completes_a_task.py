"""小新 is new: two tasks fit, one is joined in Telegram, an export brings the numbers, the ledger has the reward."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.bootstrap import Services, open_services
from assistant.creators.accounts import Creator
from assistant.errors import NotFound
from assistant.identity import Caller
from assistant.programs.watching import Watching
from assistant.settings import Settings
from connectors.feeds import import_file
from connectors.feeds.importing import Request
from knowledge.embeddings import Embedder
from tests.flows.talking import Person

HEADER = "creator_id,work_id,title,published_at,duration_seconds,play\n"


@pytest.fixture
def services(new_starter_home: Callable[[], Path], embedder: Embedder) -> Iterator[Services]:
    """A home of its own: the story adds a creator and spends a budget."""
    opened = open_services(Settings(home=new_starter_home()), embedder=embedder)
    yield opened
    opened.close()


def export(services: Services, folder: Path, today: date, works: int) -> None:
    """What 小新 exports from the platform, with so many works published today, and imports."""
    lines = [f"xin,w{at},第 {at} 条,{today}T{9 + at:02}:00:00,20,{100 * at}\n" for at in range(1, works + 1)]
    path = folder / "export.csv"
    path.write_text(HEADER + "".join(lines), "utf-8")
    import_file(services.warehouse, path, Request("xin"), today=today)


async def test_a_new_creator_gets_two_tasks_joins_one_and_is_rewarded(services: Services, tmp_path: Path):
    services.accounts.add(Creator("xin", "小新", "kuaishou", "手工"))
    person, today = Person(services, "xin", channel="telegram"), services.programs.today()

    # Nothing is known of 小新's numbers, so only what is in 小新's own hands is offered.
    offered = await person.ask("有什么任务适合我")
    assert [action.label for action in offered.actions] == ["参加：一周两更", "参加：新手启航"]
    assert "适合你，因为入驻不到 60 天" in offered.text
    assert "演示任务" in offered.text
    assert services.programs.tasks.of_creator("xin") == []

    # In Telegram one may write what stands on the button.
    joined = await person.ask("参加：新手启航", thread=offered.thread)
    assert "已参加“新手启航”" in joined.text
    (enrolment,) = services.programs.tasks.of_creator("xin")
    assert (enrolment.program, enrolment.first_day) == ("first-works", today)

    export(services, tmp_path, today, works=2)
    halfway = await person.ask("我的任务进度怎么样", thread=joined.thread)
    assert "发布作品数：2 / 1，已达到" in halfway.text
    settled = services.programs.settle()
    assert (settled.steps, settled.completed) == (1, 0)
    progress = await person.ask("我的任务进度怎么样", thread=joined.thread)
    assert "发布作品数：2 / 3，还差 1" in progress.text
    assert "流量 500 次曝光（待发放）" in progress.text

    export(services, tmp_path, today, works=3)
    assert services.programs.settle().completed == 1
    assert services.programs.settle().steps == 0

    awards = services.programs.ledger.awards(creator="xin")
    assert [(one.kind, one.amount, one.label, one.state) for one in awards] == [
        ("badge", 1, "启航", "payable"),
        ("traffic", 1500, "", "payable"),
        ("traffic", 500, "", "payable"),
    ]
    assert services.programs.ledger.differences() == []
    done = await person.ask("我的任务和奖励", thread=joined.thread)
    assert "新手启航" in done.text
    assert "已完成" in done.text
    assert "流量 1,500 次曝光（待发放）" in done.text

    inbox = services.notices.inbox.page("xin").as_dict()["notices"]
    assert {one["title"] for one in inbox} >= {"已参加任务：新手启航", "完成一步：新手启航", "任务完成：新手启航"}

    # Next week's report says so, too.
    services.traits.refresh()
    next_week = today + timedelta(days=7)
    known = (services.engine, services.warehouse, services.alerts, services.custom_metrics, services.notices)
    Watching(*known, lambda: next_week).report()
    (week,) = [one for one in services.notices.inbox.page("xin").as_dict()["notices"] if one["kind"] == "report"]
    assert "本周完成了任务“新手启航”" in week["body"]

    made = services.programs.payouts.make("dan")
    assert made.awards == 3
    assert "启航" in services.programs.payouts.sheet(made.id)


async def test_a_button_joins_for_its_owner_only(services: Services):
    offered = await Person(services, "demo-05").ask("有什么任务适合我")
    action = offered.actions[0].id

    with pytest.raises(NotFound):
        await services.assistant.act(Caller("web", "demo-06"), action)
    told = await services.assistant.act(Caller("web", "demo-05"), action)
    assert "已参加" in told.text
    assert [one.creator_id for one in services.programs.tasks.of_creator("demo-05")] == ["demo-05"]


async def test_what_is_not_published_is_said_so(services: Services):
    told = await Person(services, "demo-01").ask("我离快手之星还差什么")
    assert "粉丝门槛：没有公布，不能判断" in told.text
    assert "本机构标准，不是平台规则" in told.text
    assert [action.kind for action in told.actions] == ["star_propose"]
    ready = await Person(services, "demo-01").ask("我能开始带货了吗")
    assert "小店保证金金额：没有公布" in ready.text
    assert "请你自己确认" in ready.text
