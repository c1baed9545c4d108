"""阿禾的小厨房 (demo-01) wants to hear when the completion rate drops. Nothing is set before the button is pressed."""

import pytest

from assistant.bootstrap import Services
from assistant.errors import NotFound
from tests.flows.talking import Person


async def test_a_creator_has_a_metric_watched_and_stops_it(starter: Services) -> None:
    creator = Person(starter, "demo-01")

    events = await creator.hear("帮我盯着完播率")
    offered = events[-1].reply
    assert offered is not None
    assert offered.grounded
    assert "完播率比你自己平时差了一成以上" in offered.text
    assert offered.charts
    (action,) = offered.actions
    assert [event.data for event in events if event.kind == "action"] == [action.as_dict()]
    assert action.as_dict() == {"id": action.id, "label": "开始盯着完播率", "kind": "alert_watch"}
    assert starter.alerts.of("demo-01") == []

    done = await starter.assistant.act(creator.caller, action.id)
    assert "开始盯着了" in done.text
    assert done.thread == offered.thread
    assert not done.refused
    (alert,) = starter.alerts.of("demo-01")
    assert (alert.metric, alert.rule, alert.threshold) == ("completion_rate", "worse", None)

    listed = await creator.ask("我设了哪些提醒？", thread=done.thread)
    assert "完播率" in listed.text
    asked = [turn["question"] for turn in starter.assistant.history(creator.caller, done.thread)]
    assert asked == ["帮我盯着完播率", "开始盯着完播率", "我设了哪些提醒？"]

    stopping = await creator.ask("别再盯着完播率了", thread=done.thread)
    assert starter.alerts.of("demo-01") == [alert]
    await creator.ask("好的", thread=stopping.thread)  # where there are no buttons, a yes in words
    assert starter.alerts.of("demo-01") == []


async def test_works_in_a_row_are_watched_beside_the_week(starter: Services) -> None:
    creator = Person(starter, "demo-06")
    week = await creator.ask("帮我盯着完播率")
    await starter.assistant.act(creator.caller, week.actions[0].id)
    assert "完播率连续 3 条低于中位数提醒我" in week.suggestions

    offered = await creator.ask("完播率连续 3 条低于中位数提醒我")
    assert "完播率连续 3 条作品低于你自己的中位数时告诉你" in offered.text
    assert offered.actions[0].label == "开始盯着完播率（连续 3 条）"
    done = await starter.assistant.act(creator.caller, offered.actions[0].id)
    assert "连续 3 条作品低于你自己的中位数" in done.text
    kept = [(alert.rule, alert.threshold, alert.works) for alert in starter.alerts.of("demo-06")]
    assert kept == [("worse", None, 0), ("below", None, 3)]

    stopping = await creator.ask("别再盯着完播率了")
    row = next(action for action in stopping.actions if "连续" in action.label)
    await starter.assistant.act(creator.caller, row.id)
    assert [alert.works for alert in starter.alerts.of("demo-06")] == [0]
    starter.alerts.stop("demo-06")


@pytest.mark.parametrize(
    ("asked", "rule", "threshold", "works"),
    [
        ("3秒短播率连续两条变差了提醒我", "above", None, 2),  # lower is better
        ("互动率连着五条高于中位数时告诉我", "above", None, 5),
        ("完播率接连4条低于20%就告诉我", "below", 0.2, 4),
        ("tell me when my completion rate is below my median three works in a row", "below", None, 3),
        ("条均播放连续3条低于中位数提醒我", "worse", None, 0),  # no number of a single work
    ],
)
async def test_rows_of_works_as_people_put_them(
    starter: Services, asked: str, rule: str, threshold: float | None, works: int
) -> None:
    creator = Person(starter, "demo-07")
    offered = await creator.ask(asked)
    await starter.assistant.act(creator.caller, offered.actions[0].id)
    (alert,) = starter.alerts.of("demo-07")
    assert (alert.rule, alert.threshold, alert.works) == (rule, threshold, works)
    starter.alerts.stop("demo-07")


async def test_a_row_of_works_in_a_metric_of_the_creators_own(starter: Services) -> None:
    starter.custom_metrics.define("heart_share", "ratio(sum(likes), sum(plays))", "demo-07", title="走心指数")
    creator = Person(starter, "demo-07")
    offered = await creator.ask("走心指数连续3条低于中位数提醒我")
    assert "走心指数连续 3 条作品低于你自己的中位数时告诉你" in offered.text
    await starter.assistant.act(creator.caller, offered.actions[0].id)
    assert [(one.metric, one.works) for one in starter.alerts.of("demo-07")] == [("heart_share@1", 3)]
    starter.alerts.stop("demo-07")


async def test_a_row_of_no_metric_is_asked_back(starter: Services) -> None:
    asked = await Person(starter, "demo-07").ask("连续三条低于中位数提醒我")
    assert not asked.actions
    assert "完播率连续 3 条低于中位数提醒我" in asked.suggestions


async def test_a_button_acts_once_and_says_the_same_again(starter: Services) -> None:
    creator = Person(starter, "demo-03")
    offered = await creator.ask("互动率低于3%就告诉我")
    first = await starter.assistant.act(creator.caller, offered.actions[0].id)
    (alert,) = starter.alerts.of("demo-03")
    assert (alert.metric, alert.rule, alert.threshold) == ("engagement_rate", "below", 0.03)
    starter.alerts.stop("demo-03")
    again = await starter.assistant.act(creator.caller, offered.actions[0].id)
    assert again.text == first.text
    assert starter.alerts.of("demo-03") == []


async def test_another_creators_button_does_not_exist(starter: Services) -> None:
    offered = await Person(starter, "demo-04").ask("掉粉了通知我")
    for other in (Person(starter, "demo-06"), Person(starter)):
        with pytest.raises(NotFound, match="no such button"):
            await starter.assistant.act(other.caller, offered.actions[0].id)
    assert starter.alerts.of("demo-04") == []


async def test_in_traditional_and_english_too(starter: Services) -> None:
    traditional = await Person(starter, "demo-04").ask("幫我盯著完播率")
    assert traditional.actions[0].label == "開始盯著完播率"
    english = await Person(starter, "demo-04").ask("alert me when my plays drop")
    assert english.actions[0].label == "Watch plays"
    assert "falls a tenth or more short" in english.text
