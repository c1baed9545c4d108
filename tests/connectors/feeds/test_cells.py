"""What one cell says."""

import math
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feeds import cells
from connectors.feeds.cells import UnreadableCell


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0:03:25", 205), ("3:25", 205), ("205", 205), (205, 205), ("1:00:00", 3600), ("0:00:01.5", 1.5), ("", None)],
)
def test_a_length_of_time_is_seconds(written: object, seconds: float | None) -> None:
    assert cells.seconds(written) == seconds


def test_a_spreadsheets_time_is_a_length_too() -> None:
    assert cells.seconds(time(0, 3, 25)) == 205
    assert cells.seconds(timedelta(minutes=3, seconds=25)) == 205


@pytest.mark.parametrize("written", ["0:61:00", "0:00:60", "-5", "soon", "1:2:3:4"])
def test_what_is_no_length_is_refused(written: str) -> None:
    with pytest.raises(UnreadableCell):
        cells.seconds(written)


@pytest.mark.parametrize(
    "written",
    ["2020-05-08", "2020/5/8", "20200508", "May 8, 2020", "8 May 2020", "2020年5月8日", datetime(2020, 5, 8, 9)],
)
def test_a_day_is_read_in_the_ways_that_are_clear(written: object) -> None:
    assert cells.day(written) == date(2020, 5, 8)


@pytest.mark.parametrize("written", ["05-08-2020", "5/8/2020", "08.05.2020"])
def test_a_day_that_can_be_read_two_ways_is_not_guessed(written: str) -> None:
    with pytest.raises(UnreadableCell, match="day or month first"):
        cells.day(written)


def test_a_day_above_twelve_can_only_be_a_day() -> None:
    assert cells.day("13-08-2020") == cells.day("08/13/2020") == date(2020, 8, 13)
    assert cells.day("05-05-2020") == date(2020, 5, 5)


@pytest.mark.parametrize("written", ["2020-02-30", "yesterday", "99999999", "2020-13-01", "0000-01-01", True, [], "1"])
def test_what_is_no_day_is_refused(written: object) -> None:
    with pytest.raises(UnreadableCell):
        cells.day(written)


def test_a_time_with_a_zone_is_brought_to_china() -> None:
    assert cells.moment("2026-03-01T20:00:00Z") == datetime(2026, 3, 2, 4)
    assert cells.moment("2026-03-01 20:00") == datetime(2026, 3, 1, 20)


@pytest.mark.parametrize(
    ("written", "fraction"), [("26.61", 0.2661), ("26.61%", 0.2661), (3.16, 0.0316), ("0", 0), ("", None)]
)
def test_a_percent_column_keeps_its_meaning(written: object, fraction: float | None) -> None:
    assert cells.percent(written) == (None if fraction is None else pytest.approx(fraction))


@pytest.mark.parametrize("written", ["", "  ", "-", "--", None, float("nan"), "N/A"])
def test_an_empty_cell_is_nothing(written: object) -> None:
    assert cells.count(written) is None
    assert cells.number(written) is None
    assert cells.day(written) is None
    assert cells.text(written) is None


@pytest.mark.parametrize("written", ["1.5", "abc", "-3", "1e400", "inf", True, "1,2,3", "１２三", [1], {}])
def test_what_is_no_count_is_refused(written: object) -> None:
    with pytest.raises(UnreadableCell):
        cells.count(written)


@given(st.integers(0, 10**15))
def test_a_count_is_read_with_and_without_separators(value: int) -> None:
    assert cells.count(str(value)) == cells.count(f"{value:,}") == cells.count(value) == value


@given(st.integers(0, 10**7))
def test_a_clock_reads_as_the_seconds_that_were_written(value: int) -> None:
    hours, rest = divmod(value, 3600)
    assert cells.seconds(f"{hours}:{rest // 60:02d}:{rest % 60:02d}") == value


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_written_day_reads_as_itself(day: date) -> None:
    for written in (day.isoformat(), f"{day:%b} {day.day}, {day.year}", f"{day:%Y%m%d}", f"{day:%Y/%m/%d}"):
        assert cells.day(written) == day


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.none(), st.binary(max_size=5)))
def test_any_cell_is_read_or_refused(written: object) -> None:
    for read in (cells.number, cells.count, cells.percent, cells.fraction, cells.seconds, cells.moment, cells.day):
        try:
            value = read(written)
        except UnreadableCell:
            continue
        assert not isinstance(value, float) or math.isfinite(value)


def test_text_is_safe_to_store() -> None:
    assert cells.text(" a\0b ") == "ab"
    cells_text = cells.text("a\ud800b")
    assert cells_text is not None
    cells_text.encode("utf-8")
