"""Messages about the creator's own metrics are known by their form, and a yes is known by what was tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.agent.reading import language_of_question
from assistant.agent.wishes import Wish, Wishes, without_formula
from prompts.texts import load_prompts

WISHES = Wishes(load_prompts())
RATE = "互动转粉率 = ratio(sum(涨粉), sum(点赞 + 评论))"


@pytest.mark.parametrize(
    ("message", "wish"),
    [
        (f"定义一个指标：{RATE}", Wish("try", RATE)),
        (f"帮我新建一个自定义指标 {RATE}", Wish("try", RATE)),
        (f"定義一個指標：{RATE}", Wish("try", RATE)),
        (RATE, Wish("try", RATE)),
        ("ratio(sum(likes), sum(plays))", Wish("try", "ratio(sum(likes), sum(plays))")),
        ("define a metric: saves per play = sum(collect)", Wish("try", '"saves per play" = sum(collect)')),
        ("定义一个指标：“a b” = sum(播放)", Wish("try", "“a b” = sum(播放)")),
        ("定义一个指标", Wish("try")),
        (f"保存指标：{RATE}", Wish("keep", RATE)),
        ("确认保存", Wish("keep")),
        ("save it", Wish("keep")),
    ],
)
def test_a_message_with_a_metric_is_known_by_its_form(message: str, wish: Wish) -> None:
    assert WISHES.read(message) == wish


@pytest.mark.parametrize(
    "message",
    [
        "完播率怎么算",
        "完播率 = 完播数 ÷ 播放数吗",
        "保存视频到相册怎么弄",
        "哪些指标最重要",
        "指标定义在哪里看",
        "a = b",
        "我的播放(万)怎么样",
        "好的，明白了",
        "max(",
        "我定义了哪些指标",
        "怎么自定义指标",
        "",
    ],
)
def test_another_message_is_not(message: str) -> None:
    assert WISHES.read(message) is None


@pytest.mark.parametrize("yes", ["确认保存", "確認保存", "保存指标", "save it", "好的", "yes", "OK"])
def test_a_yes_stands_for_what_was_tried(yes: str) -> None:
    told = WISHES.completed(yes, ["我的数据怎么样", f"定义一个指标：{RATE}"])
    assert WISHES.read(told) == Wish("keep", RATE)


def test_a_bare_yes_answers_the_last_question_only() -> None:
    earlier = [f"定义一个指标：{RATE}", "完播率怎么算"]
    assert WISHES.completed("好的", earlier) == "好的"
    assert WISHES.read(WISHES.completed("确认保存", earlier)) == Wish("keep", RATE)
    assert WISHES.completed("确认保存", ["完播率怎么算"]) == "确认保存"
    assert WISHES.completed("好的", []) == "好的"


def test_a_formula_does_not_decide_the_language() -> None:
    formula = "ratio(sum(follows), sum(likes + comments + shares + favourites))"
    assert language_of_question(f"定义指标：{formula}") == "zh"
    assert language_of_question(f"定義指標：{formula}") == "zh-Hant"
    assert language_of_question(f"define a metric: {formula}") == "en"
    assert without_formula("播放(plays)高但涨粉少怎么查") == "播放(plays)高但涨粉少怎么查"


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=3))
def test_no_text_is_too_odd_to_be_read(message: str, earlier: list[str]) -> None:
    wish = WISHES.read(message)
    assert wish is None or wish.formula in message or wish.formula.startswith('"')
    assert WISHES.completed(message, earlier) == message or any(WISHES.read(one) for one in earlier)
