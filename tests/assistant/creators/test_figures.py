"""How a number is written for a creator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.creators.figures import Figure, Unit, written


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (0, "count", "0", "0"),
        (999, "count", "999", "999"),
        (9_999, "count", "9,999", "10K"),
        (12_345, "count", "1.2万", "12.3K"),
        (123_456, "count", "12.3万", "123K"),
        (999_999, "count", "100万", "1M"),
        (99_999_999, "count", "1亿", "100M"),
        (123_456_789, "count", "1.2亿", "123M"),
        (-12_345, "count", "-1.2万", "-12.3K"),
        (0.048, "percent", "4.8%", "4.8%"),
        (0.00025, "percent", "0.025%", "0.025%"),
        (0.2661, "percent", "26.6%", "26.6%"),
        (0.0, "percent", "0%", "0%"),
        (1.2, "percent", "120%", "120%"),
        (3.2, "seconds", "3.2 秒", "3.2 s"),
        (3.5, "per_week", "每周 3.5 条", "3.5 a week"),
        (1.84, "ratio", "1.8 倍", "1.8×"),
        (None, "count", "—", "—"),
    ],
)
def test_a_value_is_written_as_a_creator_reads_it(value: float | None, unit: Unit, zh: str, en: str) -> None:
    assert written(value, unit, "zh") == zh
    assert written(value, unit, "en") == en


@given(st.integers(min_value=-(10**13), max_value=10**13))
def test_a_written_count_is_within_its_rounding(value: int) -> None:
    for language, steps in (("zh", {"万": 10**4, "亿": 10**8}), ("en", {"K": 10**3, "M": 10**6, "B": 10**9})):
        text = written(value, "count", language)
        step = next((size for letter, size in steps.items() if text.endswith(letter)), 1)
        read = float(text.rstrip("万亿KMB").replace(",", "")) * step
        assert abs(read - value) <= max(0.05 * step, 0.006 * abs(value))


@given(st.floats(min_value=1e-6, max_value=2))
def test_a_small_percentage_is_never_written_as_zero(value: float) -> None:
    read = float(written(value, "percent", "zh").rstrip("%")) / 100
    assert read == pytest.approx(value, rel=0.06)


def test_a_figure_gives_the_agreed_json() -> None:
    figure = Figure("plays@x", "plays", 12.0, "count", "a..b", 28, 10.0, 80.0, "播放量", "plays", "定义", "definition")
    assert figure.as_dict() == {
        "id": "plays@x",
        "metric": "plays",
        "value": 12.0,
        "unit": "count",
        "window": "a..b",
        "n": 28,
        "baseline": 10.0,
        "percentile": 80.0,
        "title_zh": "播放量",
        "title_en": "plays",
    }
    assert figure.shown("zh") == "12"
    assert figure.baseline_shown("en") == "10"
