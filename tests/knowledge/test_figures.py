"""Figures and days in every notation: one value, one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.figures import days_in, figures_in, plain, spelled, value_of
from knowledge.folding import fold


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.5万", 15000),
        ("1,000", 1000),
        ("20亿", 2e9),
        ("2 million", 2e6),
        ("万", 10000),
        ("十", 10),
        ("三千五百", 3500),
        ("一万五千", 15000),
        ("两万五", 25000),
        ("一百零五", 105),
        ("三千万", 3e7),
        ("一亿二千万", 1.2e8),
        ("半", 0.5),
        ("fifteen", 15),
        ("twenty-five", 25),
        ("two hundred million", 2e8),
    ],
)
def test_a_number_has_one_value_however_it_is_written(written: str, value: float) -> None:
    assert value_of(written) == value


@pytest.mark.parametrize("written", ["", "粉丝", "5 个", "about", "."])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        value_of(written)


@given(st.integers(1, 9999))
def test_numbers_spelled_in_han_characters_are_read_back(number: int) -> None:
    assert spelled(_in_han(number)) == number
    assert spelled(_in_han(number) + "万") == number * 10000
    assert f"{number * 10000}" in figures_in(_in_han(number) + "万") or "零" in _in_han(number)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026 年 3 月 1 日起", [(2026, 3, 1)]),
        ("2026-03-01、3月15号", [(2026, 3, 1), (0, 3, 15)]),
        ("2025 年 10 月", [(2025, 10, 0)]),
        ("1618年9月28日", [(1618, 9, 28)]),
        ("on 22 February 2021 and March 1", [(2021, 2, 22), (0, 3, 1)]),
        ("in May 2024", [(2024, 5, 0)]),
        ("12 个月、13 月、market 5", []),
    ],
)
def test_days_are_found_with_what_they_name(text: str, days: list[tuple[int, int, int]]) -> None:
    assert [(one.year, one.month, one.day) for one in days_in(fold(text))] == days


@given(st.text())
def test_days_of_any_text_stand_in_order_and_apart(text: str) -> None:
    folded = fold(text)
    ends = 0
    for named in days_in(folded):
        assert ends <= named.start < named.end <= len(folded)
        ends = named.end


@given(st.floats(0, 1e12, allow_nan=False))
def test_a_plain_value_reads_as_a_number_without_exponent(value: float) -> None:
    assert float(plain(value)) == pytest.approx(value, abs=1e-6)
    assert "e" not in plain(value)


def _in_han(number: int) -> str:
    digits = "零一二三四五六七八九"
    text = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            text += digits[digit] + unit
        elif text and number % place and not text.endswith("零"):
            text += "零"
    return text
