"""Questions about where one stands, answered in the chat from boards, cohorts and works."""

import asyncio
import re

import pytest

from assistant.agent.answers import Reply
from assistant.bootstrap import Services
from tests.flows.talking import Person

DEMO, STRANGER = "demo-03", None


def ask(services: Services, creator: str | None, question: str) -> Reply:
    return asyncio.run(Person(services, creator).ask(question))


@pytest.fixture(scope="module")
def rank(starter: Services) -> Reply:
    return ask(starter, DEMO, "我在播放月榜排第几")


def test_my_rank_tells_place_change_and_neighbours(rank: Reply) -> None:
    assert "播放量月榜" in rank.text
    assert "全站：第 " in rank.text
    assert "上期第 " in rank.text
    assert "大鹏日常（你）" in rank.text
    assert "1-2-2-4" in rank.text
    assert rank.grounded
    assert [figure.metric for figure in rank.figures] == ["plays"]
    assert [chart.id.split("@")[0] for chart in rank.charts] == ["place"]


def test_a_board_is_told_to_anybody_and_without_anybodys_place(starter: Services) -> None:
    told = ask(starter, STRANGER, "本周涨粉榜前十是谁")
    assert "净增粉周榜" in told.text
    assert "第 1 名" in told.text
    assert "（你）" not in told.text


def test_a_board_is_cut_as_the_question_says(starter: Services) -> None:
    told = ask(starter, STRANGER, "看看十万粉的点赞率日榜")
    assert "点赞率日榜" in told.text
    assert "，十万粉，共 2 人上榜" in told.text


def test_my_peers_say_how_many_they_are_and_that_they_are_few(starter: Services) -> None:
    told = ask(starter, DEMO, "我在同层什么水平")
    # The demonstration's twelve, and whom other tests have left in the house that they share.
    assert int(re.findall(r"只有 (\d+) 人", told.text)[-1]) >= 12
    assert "只供参考" in told.text
    assert "完播率" in told.text
    assert all(figure.id.startswith("peers/") and figure.percentile is not None for figure in told.figures)
    named = ask(starter, DEMO, "跟同行比我的完播率算高吗")
    assert "完播率" in named.text
    assert "条均播放" not in named.text


def test_my_rhythm_keeps_reach_and_quality_apart(starter: Services) -> None:
    told = ask(starter, DEMO, "我几点发作品效果最好")
    assert "播放按时段" in told.text
    assert "互动质量按时段" in told.text


def test_who_is_not_linked_has_no_rank(starter: Services) -> None:
    assert "绑定" in ask(starter, STRANGER, "我排第几").text


def test_english_is_answered_in_english(starter: Services) -> None:
    told = ask(starter, DEMO, "what is my rank")
    assert "weekly board" in told.text
    assert "everybody: rank " in told.text
