"""Metrics over windows."""

from datetime import date, datetime, timedelta

import pytest

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.metrics import daily, last_day, measure, percentile_of
from assistant.creators.warehouse import Batch, Warehouse
from assistant.errors import BadInput, NotFound
from tests.assistant.creators.conftest import TODAY
from tests.assistant.creators.rows import FIRST, creator_day, number, work

NOW = datetime(2026, 4, 10)
LAST = FIRST + timedelta(days=27)


def test_the_catalogue_has_the_core_metrics() -> None:
    assert set(CATALOGUE) == {
        "impressions", "plays", "ctr", "completion_rate", "short_play_rate_3s", "valid_play_rate_7s",
        "long_play_rate_18s", "like_rate", "comment_rate", "share_rate", "favourite_rate", "follow_rate",
        "engagement_rate", "net_followers", "posting_frequency", "works_published", "median_plays_per_work",
        "average_share_watched", "average_watch_seconds",
    }  # fmt: skip


def test_a_rate_is_the_ratio_of_sums_not_the_mean_of_ratios(warehouse: Warehouse) -> None:
    rows = [number(play=1000, like=10), number(FIRST + timedelta(days=1), play=10, like=10)]
    warehouse.store(Batch([work()], rows), NOW)
    figure = measure(warehouse, "ann", "like_rate", FIRST, LAST)
    assert figure.value == pytest.approx(20 / 1010)
    assert figure.n == 1010


def test_a_rate_without_a_denominator_is_nothing_and_not_zero(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=0, like=0)]), NOW)
    assert measure(warehouse, "ann", "like_rate", FIRST, LAST).value is None
    assert measure(warehouse, "ann", "plays", FIRST, LAST).value == 0


def test_a_rate_counts_only_the_rows_that_have_both_sides(warehouse: Warehouse) -> None:
    rows = [number(play=100, like=10), number(FIRST + timedelta(days=1), play=900)]
    warehouse.store(Batch([work()], rows), NOW)
    figure = measure(warehouse, "ann", "like_rate", FIRST, LAST)
    assert (figure.value, figure.n) == (0.1, 100)
    assert measure(warehouse, "ann", "plays", FIRST, LAST).value == 1000


def test_two_sources_are_never_added(warehouse: Warehouse) -> None:
    short = number(play=7) | {"source": "short"}
    long = [number(FIRST + timedelta(days=shift), play=10) | {"source": "long"} for shift in range(5)]
    warehouse.store(Batch([work()], [short, *long]), NOW)
    assert measure(warehouse, "ann", "plays", FIRST, LAST).value == 50


def test_the_platforms_own_sum_goes_before_the_sum_of_works(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=7)], [creator_day(play=9)]), NOW)
    assert measure(warehouse, "ann", "plays", FIRST, LAST).value == 9


def test_totals_serve_where_there_are_no_days_and_say_so(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(None, play=200, complete_play=50)]), NOW)
    figure = measure(warehouse, "ann", "completion_rate", FIRST, LAST)
    assert figure.value == 0.25
    assert "累计" in figure.definition_zh
    assert "totals" in figure.definition_en


def test_a_sum_is_not_compared_with_a_window_of_fewer_days(warehouse: Warehouse) -> None:
    days = [creator_day(shift, play=10, like=1) for shift in range(20, 56)]
    warehouse.store(Batch(creator_days=days), NOW)
    start = FIRST + timedelta(days=28)
    plays = measure(warehouse, "ann", "plays", start, start + timedelta(days=27))
    assert (plays.value, plays.baseline, plays.n) == (280, None, 28)
    assert measure(warehouse, "ann", "like_rate", start, start + timedelta(days=27)).baseline == 0.1


def test_youtube_ctr_is_its_own_rate_and_never_plays_over_impressions(warehouse: Warehouse) -> None:
    youtube = {"definition": "youtube_studio"}
    rows = [number(None, show=1000, play=5000, impressions_ctr=0.04) | youtube]
    warehouse.store(Batch([work()], rows), NOW)
    assert measure(warehouse, "ann", "ctr", FIRST, LAST).value == pytest.approx(0.04)
    warehouse.store(Batch([], [number(None, show=1000, play=5000) | youtube]), NOW)
    assert measure(warehouse, "ann", "ctr", FIRST, LAST).value is None


def test_the_share_watched_is_weighted_by_plays(warehouse: Warehouse) -> None:
    works = [work("a", duration_seconds=10.0), work("b", duration_seconds=100.0)]
    rows = [
        number(None, "a", play=90, play_duration_seconds=900.0),
        number(None, "b", play=10, play_duration_seconds=200.0),
    ]
    warehouse.store(Batch(works, rows), NOW)
    assert measure(warehouse, "ann", "average_share_watched", FIRST, LAST).value == pytest.approx(0.9 * 1 + 0.1 * 0.2)
    assert measure(warehouse, "ann", "average_watch_seconds", FIRST, LAST).value == pytest.approx(11.0)


def test_figures_of_works_count_works(warehouse: Warehouse) -> None:
    works = [work(str(index), datetime(2026, 3, 1 + index, 9)) for index in range(4)]
    rows = [number(None, str(index), play=plays) for index, plays in enumerate((10, 20, 30, 10_000))]
    warehouse.store(Batch(works, rows), NOW)
    median = measure(warehouse, "ann", "median_plays_per_work", FIRST, LAST)
    assert (median.value, median.n) == (25, 4)
    assert measure(warehouse, "ann", "posting_frequency", FIRST, LAST).value == 1.0


def test_net_followers_come_from_days_or_from_works(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(follow=7, cancel_follow=2)]), NOW)
    assert measure(warehouse, "ann", "net_followers", FIRST, LAST).value == 5
    warehouse.store(Batch(creator_days=[creator_day(new_followers=30, lost_followers=10)]), NOW)
    assert measure(warehouse, "ann", "net_followers", FIRST, LAST).value == 20


def test_daily_values_add_up_to_the_window(demonstration: Warehouse) -> None:
    days = daily(demonstration, "demo-01", "plays", 28)
    end = days[-1][0]
    assert end == last_day(demonstration, "demo-01", TODAY) == TODAY - timedelta(days=1)
    assert [day for day, _ in days] == [end - timedelta(days=shift) for shift in range(27, -1, -1)]
    window = measure(demonstration, "demo-01", "plays", days[0][0], end)
    assert sum(value for _, value in days if value is not None) == window.value


def test_days_without_data_are_nothing(demonstration: Warehouse) -> None:
    days = daily(demonstration, "demo-05", "plays", 12)
    assert [value is None for _, value in days] == [True] * 3 + [False] * 9


def test_daily_posting_frequency_is_that_of_the_28_days_before(demonstration: Warehouse) -> None:
    days = daily(demonstration, "demo-01", "posting_frequency", 3)
    end = days[-1][0]
    assert days[-1][1] == measure(demonstration, "demo-01", "posting_frequency", end - timedelta(days=27), end).value


def test_nobody_has_figures_without_values(warehouse: Warehouse) -> None:
    figure = measure(warehouse, "nobody", "plays", FIRST, LAST)
    assert (figure.value, figure.n, figure.baseline) == (None, 0, None)
    assert daily(warehouse, "nobody", "plays", 7) == []


def test_one_creator_never_sees_another(demonstration: Warehouse) -> None:
    start, end = TODAY - timedelta(days=28), TODAY - timedelta(days=1)
    assert measure(demonstration, "demo-0", "plays", start, end).value is None
    assert measure(demonstration, "%", "plays", start, end).value is None


def test_bad_questions_are_refused(warehouse: Warehouse) -> None:
    with pytest.raises(NotFound, match="completion_rate"):
        measure(warehouse, "ann", "completions", FIRST, LAST)
    with pytest.raises(BadInput):
        measure(warehouse, "ann", "plays", LAST, FIRST)
    with pytest.raises(BadInput):
        daily(warehouse, "ann", "plays", 0)


def test_the_first_day_of_the_calendar_is_no_trouble(warehouse: Warehouse) -> None:
    assert measure(warehouse, "ann", "plays", date(1, 1, 1), date(1, 1, 28)).value is None


def test_a_percentile_needs_four_others_and_halves_ties() -> None:
    assert percentile_of(5, [1, 2, 3]) is None
    assert percentile_of(5, [1, 2, 3, 9]) == 75.0
    assert percentile_of(5, [5, 5, 5, 5]) == 50.0
    assert percentile_of(None, [1, 2, 3, 4]) is None


def test_every_metric_agrees_with_plain_sums(demonstration: Warehouse) -> None:
    """The definitions once more, written out over the raw rows."""
    end, start = TODAY - timedelta(days=1), TODAY - timedelta(days=28)
    for creator in ("demo-03", "demo-06", "demo-11"):
        raw = demonstration.rows(demonstration.work_numbers.filter(demonstration.work_numbers.creator_id == creator))
        inside = [row for row in raw if start <= row["day"] <= end]

        def total(field: str, rows: list[dict] = inside) -> float:
            return float(sum(row[field] for row in rows))

        plays = total("play")
        expected = {
            "impressions": total("show"),
            "plays": plays,
            "ctr": plays / total("show"),
            "completion_rate": total("complete_play") / plays,
            "short_play_rate_3s": total("short_time_play") / plays,
            "valid_play_rate_7s": total("valid_play") / plays,
            "long_play_rate_18s": total("long_time_play") / plays,
            "like_rate": total("like") / plays,
            "comment_rate": total("comment") / plays,
            "share_rate": total("share") / plays,
            "favourite_rate": total("collect") / plays,
            "follow_rate": total("follow") / plays,
            "engagement_rate": (total("like") + total("comment") + total("share") + total("collect")) / plays,
            "average_watch_seconds": total("play_duration_seconds") / plays,
        }
        for slug, value in expected.items():
            assert measure(demonstration, creator, slug, start, end).value == pytest.approx(value), slug
