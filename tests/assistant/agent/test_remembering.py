"""What a model is shown of a long conversation."""

from assistant.agent.remembering import INTRODUCTION, SHORTENED_TOKENS, WHOLE_TOKENS, Exchange, remembered
from assistant.agent.usage import tokens_of

ANSWER = "光合计划给 100亿 流量。[1]祝你顺利。"
LONG = "流量、现金和报名入口，" * 40


def conversation(turns: int, question: str = LONG, answer: str = ANSWER) -> list[Exchange]:
    return [(f"第 {n} 问：{question}", answer) for n in range(turns)]


def test_a_short_conversation_is_shown_as_it_was_without_the_marks_of_its_citations() -> None:
    shown = remembered(conversation(2, "光合计划？"))
    assert [str(message.content) for message in shown] == [
        "第 0 问：光合计划？",
        "光合计划给 100亿 流量。祝你顺利。",
        "第 1 问：光合计划？",
        "光合计划给 100亿 流量。祝你顺利。",
    ]


def test_of_a_long_one_the_last_turns_stay_whole_and_the_earlier_ones_in_a_few_words() -> None:
    shown = remembered(conversation(8))
    first = str(shown[0].content)
    assert first.startswith(INTRODUCTION)
    assert "- 第 0 问：流量" in first
    assert "→ 光合计划给 100亿 流量。" in first
    assert LONG not in first
    assert str(shown[-2].content) == f"第 7 问：{LONG}"
    assert sum(tokens_of(str(message.content)) for message in shown[2:]) <= WHOLE_TOKENS


def test_even_hundreds_of_turns_take_a_stated_number_of_tokens() -> None:
    shown = remembered(conversation(300))
    assert sum(tokens_of(str(message.content)) for message in shown) <= WHOLE_TOKENS + SHORTENED_TOKENS + 50
    assert "第 299 问" in str(shown[-2].content)


def test_nothing_is_shown_of_nothing() -> None:
    assert remembered([]) == []
