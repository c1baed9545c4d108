"""A creator defines a metric in the conversation, sees what it counts, keeps it, and asks for it by its name."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.agent.understanding import Setting
from assistant.bootstrap import Services, open_services
from assistant.creators.metrics import daily, last_day, measure
from assistant.identity import Caller
from assistant.settings import Settings
from knowledge.embeddings import Embedder
from tests.fakes import says, scripted_model

ANN, BOB = Caller("test", "demo-05"), Caller("test", "demo-06")
FORMULA = "互动转粉率 = ratio(sum(涨粉), sum(点赞 + 评论 + 分享))"


@pytest.fixture
def home(new_starter_home: Callable[[], Path]) -> Path:
    return new_starter_home()


@pytest.fixture
def house(home: Path, embedder: Embedder) -> Iterator[Services]:
    services = open_services(Settings(home=home), embedder=embedder)
    yield services
    services.close()


def kept(house: Services, creator: str) -> list[tuple[str, int]]:
    return [(one.title, one.version) for one in house.custom_metrics.visible_to(creator)]


async def test_defined_tried_kept_and_asked_for(house: Services) -> None:
    tried = await house.assistant.answer(ANN, None, f"定义一个指标：{FORMULA}")
    assert "涨粉之和 ÷ （点赞 + 评论 + 分享）之和" in tried.text
    assert "还没有保存" in tried.text
    assert list(tried.suggestions) == ["确认保存"]
    assert tried.charts[0].title == "互动转粉率"
    assert (tried.grounded, kept(house, "demo-05")) == (True, [])

    saved = await house.assistant.answer(ANN, tried.thread, tried.suggestions[0])
    assert "已保存“互动转粉率”（第 1 版）" in saved.text
    assert kept(house, "demo-05") == [("互动转粉率", 1)]
    assert kept(house, "demo-06") == []

    told = await house.assistant.answer(ANN, tried.thread, saved.suggestions[0])
    metric = house.custom_metrics.metric("互动转粉率", "demo-05")
    last = last_day(house.warehouse, "demo-05", house.library.today())
    assert last is not None
    (figure,) = told.figures
    first = last.fromordinal(last.toordinal() - 27)
    assert figure == measure(house.warehouse, "demo-05", metric, first, last)
    assert figure.shown("zh") in told.text
    (chart,) = told.charts
    days = [day.isoformat() for day, _ in daily(house.warehouse, "demo-05", metric, 28, last)]
    assert [row[0] for row in chart.table.rows] == days

    again = await house.assistant.answer(ANN, tried.thread, "定义一个指标：互动转粉率 = ratio(sum(涨粉), sum(点赞))")
    await house.assistant.answer(ANN, tried.thread, "好的")
    assert again.refused is False
    assert kept(house, "demo-05") == [("互动转粉率", 2)]
    listed = await house.assistant.answer(ANN, tried.thread, "我有哪些自定义指标")
    assert "**互动转粉率**（你定义的，第 2 版）" in listed.text


async def test_a_fault_is_pointed_at_in_the_language_of_the_creator(house: Services) -> None:
    chinese = await house.assistant.answer(ANN, None, "定义一个指标：转粉 = ratio(sum(涨份), sum(播放))")
    assert "`转粉 = ratio(sum(`▸`涨份), sum(播放))`" in chinese.text
    assert "没有" in chinese.text
    english = await house.assistant.answer(ANN, None, "define a metric: my rate = ratio(sum(likess), sum(plays))")
    assert "did you mean “likes”" in english.text
    for message in ('定义指标：x = __import__("os")', "定义指标：=cmd()", f"定义指标：x = {'(' * 3000}1"):
        refused = await house.assistant.answer(ANN, None, message)
        assert "这个公式还不能用" in refused.text
    assert kept(house, "demo-05") == []


async def test_nobody_elses_metric_is_seen_or_kept_under(house: Services) -> None:
    house.custom_metrics.define("mine", FORMULA, "demo-05")
    asked = await house.assistant.answer(BOB, None, "我的互动转粉率怎么样")
    assert "mine@1" not in {figure.metric for figure in asked.figures}
    listed = await house.assistant.answer(BOB, None, "我有哪些自定义指标")
    assert "互动转粉率**" not in listed.text
    unknown = await house.assistant.answer(Caller("test"), None, f"保存指标：{FORMULA}")
    assert unknown.refused
    taken = await house.assistant.answer(BOB, None, "保存指标：完播率 = sum(播放)")
    assert "没有保存" in taken.text
    assert kept(house, "demo-06") == []


async def test_a_rehearsal_keeps_nothing(house: Services) -> None:
    setting = Setting(house.library.shelf, house.library.today())
    reply, _ = await house.assistant.rehearse(ANN, f"保存指标：{FORMULA}", None, setting)
    assert "还没有保存" in reply.text
    assert kept(house, "demo-05") == []


async def test_a_model_does_not_retell_what_was_kept(home: Path, embedder: Embedder) -> None:
    model = scripted_model(says("已经替你保存好了。"))
    services = open_services(Settings(home=home), embedder=embedder, chat_model=model)
    reply = await services.assistant.answer(ANN, None, f"定义一个指标：{FORMULA}")
    assert (reply.model, model.seen) == ("extractive", [])
    assert "还没有保存" in reply.text
    services.close()


async def test_own_questions_bring_their_charts(house: Services) -> None:
    for question, names in (
        ("最近为什么不涨粉", ["followers@demo-05"]),
        ("给我做个提升计划", ["series@"]),
        ("我的完播率是多少", ["series@completion_rate"]),
        ("我的数据怎么样", []),
        ("完播率怎么算", []),
    ):
        reply = await house.assistant.answer(ANN, None, question)
        found = [chart.id for chart in reply.charts]
        assert len(found) == len(names), question
        assert all(one.startswith(name) for one, name in zip(found, names, strict=True)), question
    traditional = await house.assistant.answer(ANN, None, "我最近為什麼不漲粉")
    assert traditional.charts[0].title == "粉絲走勢"
