"""Quantities: value, unit, bound and base, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.folding import fold
from knowledge.gate.agreement import are_equal, are_in_conflict, is_comparable
from knowledge.gate.quantities import Quantity, clause_of, quantities_in, sentence_of

DAY = 86400.0


def read(text: str) -> list[tuple[float, float, str, str]]:
    return [(one.low, one.high, one.unit, one.bound) for one in quantities_in(fold(text))]


def only(text: str) -> Quantity:
    (found,) = quantities_in(fold(text))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("万粉创作者可申请", (10000, 10000, "follower", "min")),
        ("粉丝数达到 5,000 就可以", (5000, 5000, "follower", "min")),
        ("满三千粉丝", (3000, 3000, "follower", "min")),
        ("每场不超过 2次", (2, 2, "time", "max")),
        ("不少于五年", (5 * 365 * DAY, 5 * 365 * DAY, "duration", "min")),
        ("48 小时内", (2 * DAY, 2 * DAY, "duration", "max")),
        ("两周", (14 * DAY, 14 * DAY, "duration", "")),
        ("1–3 个工作日", (1, 3, "working day", "")),
        ("16至18周岁", (16, 18, "age", "min")),
        ("20万元以上 100万元以下罚款", (200000, 1000000, "yuan", "max")),
        ("百分之十二的手续费", (12, 12, "%", "")),
        ("四成", (40, 40, "%", "")),
        ("3 月 1 日截止", (301, 301, "day", "")),
        ("次年 3月1日至6月30日", (301, 630, "day", "")),
        ("晚上8点半", (20 * 60 + 30, 20 * 60 + 30, "clock", "")),
        ("RMB 3,500 a month", (3500, 3500, "yuan", "")),
        ("at least eighteen years old", (18, 18, "age", "min")),
        ("within 7 working days", (7, 7, "working day", "max")),
        ("post 5 works", (5, 5, "work", "")),
    ],
)
def test_a_quantity_has_its_unit_and_bound(text: str, expected: tuple[float, float, str, str]) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "第十四条、第 3 步、第二期",
        "2024 年的规定",
        "《公告》2025 年第 16 号",
        "建议 720×1280",
        "一般、一起、统一、十分明显、数十、一个账号",
        "1. 先看开头",
        "粉丝群、Article 9, step 2",
        "1v1 和 Q3",
        "",
    ],
)
def test_names_and_idioms_are_no_quantities(text: str) -> None:
    assert read(text) == []


def test_what_is_denied_below_a_value_is_allowed_from_it_on() -> None:
    assert only("未满 16 周岁的人不得当主播").bound == "min"
    assert only("粉丝少于 1000 的没有报表").bound == "min"
    assert only("信用分低于 60 分").bound == "max"


def test_a_base_belongs_to_what_it_counts() -> None:
    assert only("每千次播放 2 元").per == (1000, "time")
    assert are_equal(only("每千次播放 2 元"), only("每万次播放 20 元"))
    assert are_in_conflict(only("每千次播放 2 元"), only("每万次播放 30 元"))
    assert not is_comparable(only("每千次播放 2 元"), only("共 2 元"))


def test_numbers_of_one_sentence_keep_their_own_clause() -> None:
    folded = fold("满 100 元可以提现，3 天到账。手续费 1%。")
    hundred, days, fee = quantities_in(folded)
    assert folded[slice(*clause_of(folded, days))] == "3 天到账"
    assert sentence_of(folded, hundred) == sentence_of(folded, days) != sentence_of(folded, fee)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 个月", "一年"),
        ("1,000 粉", "一千粉丝"),
        ("2026-03-01", "3月1日"),
        ("3 个工作日内", "1–3 个工作日"),
        ("最多 10 条", "发 3 条"),
        ("至少 3 条", "最多 10 条"),
        ("约 7.4万个", "7.43万个"),
        ("3 月 10 日", "3月1日至3月31日"),
    ],
)
def test_values_that_can_both_be_right_are_no_conflict(one: str, other: str) -> None:
    mine, theirs = only(one), only(other)
    assert is_comparable(mine, theirs)
    assert not are_in_conflict(mine, theirs)
    assert not are_in_conflict(theirs, mine)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("万粉", "5000粉即可"),
        ("3 月 1 日截止", "3 月 15 日截止"),
        ("2026-03-01", "2027-03-01"),
        ("20万元以上 100万元以下", "20万元以上 200万元以下"),
        ("1–3 个工作日", "7 个工作日内"),
        ("48 小时内", "5 天内"),
        ("最多 10 条", "发 30 条"),
        ("约 10分钟", "1–2分钟"),
    ],
)
def test_values_that_cannot_both_be_right_conflict(one: str, other: str) -> None:
    mine, theirs = only(one), only(other)
    assert is_comparable(mine, theirs)
    assert are_in_conflict(mine, theirs)
    assert are_in_conflict(theirs, mine)


TELLING = "0123456789.,万千百一二三十元粉天年月日内起满不超过至–- 每以上下第 a%fewthan。，:点"


@given(st.text(alphabet=st.sampled_from(TELLING), max_size=50))
def test_quantities_of_any_text_stand_in_order_and_agree_with_themselves(text: str) -> None:
    folded = fold(text)
    ends = 0
    for one in quantities_in(folded):
        assert ends <= one.start < one.end <= len(folded)
        ends = one.end
        assert are_equal(one, one)
        assert not are_in_conflict(one, one)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    for one in quantities_in(fold(text)):
        assert one.unit
