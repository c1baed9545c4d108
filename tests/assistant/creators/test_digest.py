"""The creator at a glance."""

from datetime import date, datetime, timedelta

import pytest

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.digest import digest_of
from assistant.creators.metrics import measure
from assistant.creators.warehouse import Batch, Warehouse
from tests.assistant.creators.conftest import TODAY
from tests.assistant.creators.rows import FIRST, creator_day, number, work

NOW = datetime(2026, 4, 10)


def test_a_creator_without_rows_has_an_empty_digest(warehouse: Warehouse) -> None:
    digest = digest_of(warehouse, "nobody", TODAY)
    assert digest.is_empty
    assert (digest.figures, digest.works, digest.followers) == ([], [], None)


def test_the_digest_shows_every_metric_of_the_last_28_days(demonstration: Warehouse) -> None:
    digest = digest_of(demonstration, "demo-01", TODAY)
    end = TODAY - timedelta(days=1)
    assert (digest.last_day, digest.stale_days, digest.days_of_data) == (end, 1, 180)
    assert [figure.metric for figure in digest.figures] == list(CATALOGUE)
    for figure in digest.figures:
        assert figure == measure(demonstration, "demo-01", figure.metric, end - timedelta(days=27), end)
        assert figure.baseline is not None
        assert figure.metric in digest.own_medians


def test_the_window_ends_on_the_last_day_with_data(warehouse: Warehouse) -> None:
    warehouse.store(Batch(creator_days=[creator_day(shift, play=10) for shift in range(40)]), NOW)
    digest = digest_of(warehouse, "ann", FIRST + timedelta(days=139))
    assert digest.stale_days == 100
    plays = digest.figure("plays")
    assert plays is not None
    assert plays.window == f"{FIRST + timedelta(days=12)}..{FIRST + timedelta(days=39)}"
    assert plays.value == 280


def test_days_after_today_are_not_looked_at(warehouse: Warehouse) -> None:
    warehouse.store(Batch(creator_days=[creator_day(shift, play=10, followers=shift) for shift in range(40)]), NOW)
    digest = digest_of(warehouse, "ann", FIRST + timedelta(days=10))
    assert (digest.last_day, digest.followers) == (FIRST + timedelta(days=10), 10)


def test_works_are_measured_against_the_creators_own_median(warehouse: Warehouse) -> None:
    works = [work(str(index), datetime(2026, 3, 1 + index, 9)) for index in range(12)]
    rows = [number(date(2026, 3, 1 + index), str(index), play=100) for index in range(10)]
    rows += [number(date(2026, 3, 11), "10", play=500), number(date(2026, 3, 12), "11", play=50)]
    warehouse.store(Batch(works, rows), NOW)
    digest = digest_of(warehouse, "ann", date(2026, 3, 13))
    assert [line.work_id for line in digest.works] == [str(index) for index in range(11, 1, -1)]
    assert digest.median_plays == 100
    youngest, before = digest.works[:2]
    assert not youngest.is_settled
    assert (youngest.multiple, before.multiple) == (None, None)
    assert digest.works[2].multiple == 1.0


@pytest.mark.parametrize(
    ("followers", "tier"),
    [
        (0, "新手"),
        (999, "新手"),
        (1_000, "千粉"),
        (9_999, "千粉"),
        (10_000, "万粉"),
        (100_000, "十万粉"),
        (1_000_000, "百万粉"),
    ],
)
def test_tiers_are_closed_on_the_left(warehouse: Warehouse, followers: int, tier: str) -> None:
    warehouse.store(Batch(creator_days=[creator_day(followers=followers)]), NOW)
    assert digest_of(warehouse, "ann", TODAY).tier == tier


def test_followers_counted_from_changes_are_marked(warehouse: Warehouse) -> None:
    warehouse.store(Batch(creator_days=[creator_day(shift, net_followers=2) for shift in range(5)]), NOW)
    digest = digest_of(warehouse, "ann", TODAY)
    assert (digest.followers, digest.followers_counted) == (10, True)


def test_a_new_creator_has_no_baseline(demonstration: Warehouse) -> None:
    digest = digest_of(demonstration, "demo-05", TODAY)
    assert digest.days_of_data == 9
    assert all(figure.baseline is None and figure.percentile is None for figure in digest.figures)


def test_an_old_export_does_not_outweigh_the_source_of_the_newest_works(warehouse: Warehouse) -> None:
    old, new = [f"old-{at:02d}" for at in range(40)], [f"new-{at:02d}" for at in range(20)]
    published = datetime(2026, 3, 1, 12)
    works = [work(name, published - timedelta(days=200 + at)) for at, name in enumerate(old)]
    works += [work(name, published - timedelta(days=at)) for at, name in enumerate(new)]
    numbers = [number(None, name, play=500, like=5, source="old") for name in old]
    numbers += [number(None, name, play=100) for name in new]
    warehouse.store(Batch(works=works, work_numbers=numbers), NOW)
    digest = digest_of(warehouse, "ann", FIRST + timedelta(days=5))
    assert [line.plays for line in digest.works] == [100] * 10
    assert digest.median_plays == 100


def test_works_are_counted_whatever_is_known_of_them(warehouse: Warehouse) -> None:
    works = [work(f"w{at}", datetime(2026, 3, 1, 12) - timedelta(days=at)) for at in range(3)]
    warehouse.store(Batch(works=works, creator_days=[creator_day(0, play=10)]), NOW)
    digest = digest_of(warehouse, "ann", FIRST)
    published = digest.figure("works_published")
    assert published is not None
    assert published.n == 3
