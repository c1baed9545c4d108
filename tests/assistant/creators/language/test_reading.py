"""From text to tree."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.creators.language.faults import FormulaFault
from assistant.creators.language.reading import LONGEST, read
from assistant.creators.language.trees import Binary, Call, Name, Number, Unary, Written
from assistant.creators.language.writing import write
from assistant.errors import BadInput
from tests.assistant.creators.language.formulas import written_formulas

_WORDS = (
    "sum(", "播放", "likes", "+", "（", "）", ")", ",", "，", "and", "且", "if(", "7", "%", "1万", "=", "按天", "“",
    "-", "@2", " ",
)  # fmt: skip


def test_chinese_and_english_full_width_and_plain_are_one_formula() -> None:
    plain = read("互动转粉率 = ratio(sum(follows), sum(likes + comments))")
    assert plain.title == "互动转粉率"
    assert read("互动转粉率＝ratio（sum（follows）， sum（likes＋comments））") == plain
    assert read("播放 ÷ 2 × 3") == read("播放/2*3")
    assert read("播放 ≥ 1万 且 点赞≠2").expression == read("播放 >= 10000 and 点赞 != 2").expression
    assert read("“click-through rate”") == read('"click-through rate"')


def test_operators_bind_as_in_arithmetic() -> None:
    a, b, c = Name("a"), Name("b"), Name("c")
    assert read("a + b * c").expression == Binary("+", a, Binary("*", b, c))
    assert read("a - b - c").expression == Binary("-", Binary("-", a, b), c)
    assert read("not a > b or c").expression == Binary("or", Unary("not", Binary(">", a, b)), c)
    assert read("-a * b").expression == Binary("*", Unary("-", a), b)


def test_numbers_may_end_in_percent_or_a_chinese_unit() -> None:
    assert read("30%").expression == Number(Decimal("0.3"), is_percent=True)
    assert read("1.5万").expression == Number(Decimal(15000))
    assert read("2 亿").expression == Number(Decimal(2 * 10**8))


def test_the_ending_says_what_a_row_is() -> None:
    assert [read(f"avg(a){ending}").grain for ending in ("", " by day", " 按作品", " by works")] == [
        None, "day", "work", "work",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("  ", "empty", 0),
        ("sum(likes", "ended", 9),
        ("sum(likes))", "unexpected", 10),
        ("点赞 # 播放", "bad_character", 3),
        ("__import__('os')", "bad_character", 11),
        ("a > 1 = 2", "single_equals", 6),
        ("sum(“likes)", "unclosed_quote", 4),
        ("点赞 播放", "unexpected", 3),
        ("(" * 1000 + ")" * 1000, "too_deep", 50),
        ("-" * 100 + "1", "too_deep", 50),
        ("1" + "+1" * 100, "too_deep", 102),
        ("a" * (LONGEST + 1), "too_long", LONGEST),
        ("2000万亿", "unexpected", 5),
        ("9" * 20, "number_too_large", 0),
    ],
)
def test_a_fault_points_at_its_character(text: str, kind: str, at: int) -> None:
    with pytest.raises(FormulaFault) as fault:
        read(text)
    assert (fault.value.kind, fault.value.at) == (kind, at)


def test_ten_thousand_brackets_are_refused_with_a_sentence() -> None:
    with pytest.raises(BadInput, match="20001 characters and may have 2000"):
        read("(" * 10_000 + "1" + ")" * 10_000)


def test_the_caret_stands_under_the_character_in_both_languages() -> None:
    with pytest.raises(FormulaFault) as fault:
        read("点赞 # 播放")
    zh, line, caret = fault.value.told("zh").split("\n")
    assert "第 4 个字符" in zh
    assert line == "  点赞 # 播放"
    # Each Han character takes two columns.
    assert caret == " " * 7 + "^"
    assert "character 4" in str(fault.value)


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(_WORDS), max_size=30).map("".join))
def test_garbage_is_a_formula_or_bad_input(text: str) -> None:
    with suppress(BadInput):
        assert isinstance(read(text), Written)


@settings(deadline=None)
@given(written_formulas)
def test_what_is_written_down_is_read_as_the_same(written: Written) -> None:
    assert read(write(written)) == written


def test_a_call_keeps_its_arguments_in_order() -> None:
    assert read("f(a, b,c)").expression == Call("f", (Name("a"), Name("b"), Name("c")))
