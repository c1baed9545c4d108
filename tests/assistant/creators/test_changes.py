"""When a level changed, which days were unusual, and what is told beside them."""

from datetime import date, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.creators.changes import LEAST_STRETCH, change_points, outliers
from assistant.creators.growth import trajectory
from assistant.creators.happenings import Happening
from assistant.creators.warehouse import Batch, Warehouse
from tests.assistant.creators.conftest import TODAY
from tests.assistant.creators.rows import FIRST, creator_day

NOW = datetime(2026, 9, 1)


def noisy(*levels: tuple[int, float]) -> list[float]:
    chance = Random(3)
    return [level * chance.lognormvariate(0, 0.3) for days, level in levels for _ in range(days)]


def test_a_lasting_change_of_level_is_found_where_it_is() -> None:
    (place,) = change_points(noisy((60, 1000), (60, 400)))
    assert abs(place - 60) <= 2
    first, second = change_points(noisy((50, 1000), (50, 300), (50, 1500)))
    assert abs(first - 50) <= 2
    assert abs(second - 100) <= 2


def test_luck_and_one_hit_are_no_change_of_level() -> None:
    even = noisy((150, 1000))
    assert change_points(even) == []
    assert change_points([*even[:70], 80_000.0, 30_000.0, 9_000.0, *even[73:]]) == []


def test_days_without_a_value_are_passed_over() -> None:
    values: list[float | None] = [*noisy((60, 1000)), *[None] * 10, *noisy((60, 100))]
    assert change_points(values) == [70]
    assert change_points([None] * 100) == []
    assert change_points([5.0] * 100) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.floats(-1e12, 1e12), max_size=80))
def test_changes_lie_apart_and_inside(values: list[float | None]) -> None:
    places = change_points(values)
    known = [place for place, value in enumerate(values) if value is not None]
    bounds = [0, *(known.index(place) for place in places), len(known)]
    assert all(later - earlier >= LEAST_STRETCH for earlier, later in zip(bounds, bounds[1:], strict=False) if places)


def test_a_day_far_outside_the_band_is_unusual() -> None:
    values: list[float | None] = [10.0, 12.0] * 20
    (found,) = outliers([*values, 60.0, 11.0], 1.0)
    assert found.place == 40
    assert found.high < 60
    assert outliers([*values, 12.5], 1.0) == []
    assert outliers([*values[:10], 60.0], 1.0) == []
    # A weekly live stream makes two kinds of days; neither is unusual.
    assert outliers([5.0, 6.0, 5.0, 6.0, 5.0, 6.0, 400.0] * 8, 1.0) == []


def test_a_change_is_told_with_the_campaign_beside_it(warehouse: Warehouse) -> None:
    pace = [*noisy((60, 20)), *noisy((60, 200))]
    warehouse.store(Batch(creator_days=[creator_day(at, net_followers=round(one)) for at, one in enumerate(pace)]), NOW)
    day = FIRST + timedelta(days=58)
    campaign = Happening("campaign", day, day + timedelta(days=5), "参加活动《春耕季》", "took part in “Spring”")
    (alone,) = (one for one in trajectory(warehouse, "ann", date(2026, 9, 1)).notable if one.kind == "net_changed")
    assert "不知道同时发生了什么" in alone.text_zh
    assert "not known" in alone.text_en
    told = trajectory(warehouse, "ann", date(2026, 9, 1), [campaign]).notable
    (with_campaign,) = (one for one in told if one.kind == "net_changed")
    assert with_campaign.coincided == (campaign,)
    assert "春耕季" in with_campaign.text_zh
    assert "不能说明谁引起谁" in with_campaign.text_zh


def test_the_invented_stories_are_found(demonstration: Warehouse) -> None:
    def changes(creator: str) -> list[tuple[str, date]]:
        notable = trajectory(demonstration, creator, TODAY).notable
        return [(one.kind, one.day) for one in notable if one.kind.endswith("_changed")]

    fell = TODAY - timedelta(days=62)
    assert {abs((day - fell).days) <= 3 for _, day in changes("demo-03")} == {True}
    assert changes("demo-06") == []
    assert changes("demo-08") == []
    assert len([kind for kind, _ in changes("demo-04") if kind == "plays_changed"]) == 2
