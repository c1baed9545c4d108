"""The words that part what a rule is about."""

import pytest

from knowledge.gate.scopes import difference, groups


def compared(one: str, other: str) -> tuple[bool, bool]:
    found = difference((one, one, "", ""), (other, other, "", ""))
    return found.is_apart, found.is_narrower


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("美食类作品", "游戏类作品"),
        ("kuaishou accounts", "youtube accounts"),
        ("applications open", "applications close"),
        ("《甲办法》规定", "《乙办法》规定"),
        ("光合计划投入", "星火计划投入"),
    ],
)
def test_different_words_of_a_group_part_two_texts(one: str, other: str) -> None:
    assert compared(one, other) == (True, False)
    assert compared(other, one) == (True, False)


def test_one_who_names_a_special_case_is_narrower() -> None:
    assert compared("商家提交申诉", "提交申诉") == (False, True)
    assert compared("个人提交申诉", "提交申诉") == (False, False)


def test_the_nearest_text_that_names_a_word_counts() -> None:
    one = ("奖励", "美食作品奖励", "", "游戏活动")
    other = ("奖励", "奖励", "美食", "")
    assert not difference(one, other).is_apart


def test_words_inside_a_title_or_a_longer_word_do_not_count() -> None:
    assert compared("《未成年人保护意见》规定", "平台规定") == (False, False)
    assert compared("friend of the house", "the applications open") == (False, False)


def test_no_word_stands_twice_in_a_group() -> None:
    known = groups()
    assert all(known.patterns[group].search(word) for group, word in known.meaning)
    assert known.narrowing < set(known.patterns)
