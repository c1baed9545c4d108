"""Reading years and quarters: a wrong year in an answer is the worst mistake this product can make."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.dates import periods_named, years_of

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("2024年光合计划给多少流量", {"2024"}),
        ("24年那个补贴", {"2024"}),
        ("二四年和二〇二二年", {"2024", "2022"}),
        ("２０２３ 年", {"2023"}),
        ("2025 年第三季度营收", {"2025", "Q3"}),
        ("2025Q3 revenue", {"2025", "Q3"}),
        ("the second quarter of 2023", {"2023", "Q2"}),
        ("25年2季度日活", {"2025", "Q2"}),
        ("2022–2024 年", {"2022", "2024"}),
        ("完播率怎么算", set()),
        ("2000万粉丝", set()),
        ("2024条作品", set()),
        ("12年以前的视频", set()),
        ("35年龄", set()),
        ("1200 万", set()),
    ],
)
def test_the_periods_that_a_text_names(text: str, periods: set[str]) -> None:
    assert periods_named(text) == periods


@pytest.mark.parametrize(
    ("text", "year"),
    [("去年的额度", "2025"), ("今年还有吗", "2026"), ("前年呢", "2024"), ("明年多少", "2027"), ("last year's", "2025")],
)
def test_last_year_is_a_year_only_when_somebody_asks_today(text: str, year: str) -> None:
    assert periods_named(text, TODAY) == {year}
    assert periods_named(text) == set()


@given(st.integers(2000, 2049), st.text(st.characters(categories=["Lo"]), max_size=8))
def test_a_full_year_before_its_word_is_always_read(year: int, after: str) -> None:
    assert str(year) in periods_named(f"在{year}年{after}")


@given(st.integers(2000, 2049), st.sampled_from(["亿", "万", "条", "个", "次", "人", ".5"]))
def test_a_count_is_never_a_year(number: int, unit: str) -> None:
    assert periods_named(f"一共{number}{unit}") == frozenset()


@given(st.text(), st.dates(date(2000, 1, 1), date(2049, 12, 31)))
def test_any_text_is_read_without_complaint_and_years_are_numbers(text: str, today: date) -> None:
    periods = periods_named(text, today)
    assert years_of(periods) == {int(period) for period in periods if not period.startswith("Q")}
    assert periods_named(text) <= periods
