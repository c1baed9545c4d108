"""Metrics of many creators at once are the figures of each."""

from datetime import date, timedelta

import pytest

from assistant.creators.catalogue import CATALOGUE, PLAYS_TO_JUDGE, Metric
from assistant.creators.custom import as_metric
from assistant.creators.everyone import followers_of_everyone, measure_everyone
from assistant.creators.followers import follower_series
from assistant.creators.metrics import measure, series
from assistant.creators.warehouse import Batch, Warehouse
from assistant.errors import BadInput
from tests.assistant.creators.conftest import IMPORTED, TODAY
from tests.assistant.creators.language.test_checking import understood
from tests.assistant.creators.rows import FIRST, creator_day, number, work

END = TODAY - timedelta(days=1)
FORMULAS = (
    "per_thousand(sum(follows), sum(likes + comments + shares))",
    "sum(plays) / lag(sum(plays), 28)",
    "median(plays) by day",
    "mean_of_ratios(likes, plays)",
    "per_week(count_if(plays > 1000))",
)


def custom(text: str) -> Metric:
    found = understood(text)
    return as_metric("custom", "custom", found.formula, found.unit, None)


@pytest.mark.parametrize("days", [1, 28, 90])
def test_every_creator_has_the_figure_of_their_own(demonstration: Warehouse, days: int) -> None:
    start = END - timedelta(days=days - 1)
    everyone = measure_everyone(demonstration, list(CATALOGUE.values()), start, END)
    for creator in ("demo-01", "demo-05", "demo-11"):
        every = series(demonstration, creator, END, days)
        for metric in CATALOGUE.values():
            own = every[metric.slug].figure(start, END)
            told = everyone[metric.slug].get(creator)
            assert (told is None) == (own.value is None), (creator, metric.slug)
            if told is not None:
                assert told.value == pytest.approx(own.value)
                assert told.n == own.n


@pytest.mark.parametrize("text", FORMULAS)
def test_custom_metrics_are_the_same_too(demonstration: Warehouse, text: str) -> None:
    metric = custom(text)
    start = END - timedelta(days=27)
    found = measure_everyone(demonstration, [metric], start, END)[metric.name]
    for creator in ("demo-01", "demo-05", "demo-11"):
        own = measure(demonstration, creator, metric, start, END)
        assert (creator in found) == (own.value is not None), creator
        if creator in found:
            assert (found[creator].value, found[creator].n) == (pytest.approx(own.value), own.n)


def test_only_what_rests_on_plays_asks_for_some() -> None:
    assert custom("ratio(sum(likes), sum(plays))").minimum_base == PLAYS_TO_JUDGE
    assert custom("1 - ratio(sum(likes), sum(plays))").minimum_base == 1  # it rests on days


def test_only_those_asked_for_are_told(demonstration: Warehouse) -> None:
    start = END - timedelta(days=27)
    metrics = [CATALOGUE["plays"], CATALOGUE["median_plays_per_work"]]
    found = measure_everyone(demonstration, metrics, start, END, ["demo-03", "nobody", "demo-03"])
    assert [set(found[metric.slug]) for metric in metrics] == [{"demo-03"}, {"demo-03"}]
    assert measure_everyone(demonstration, metrics, start, END, [])["plays"] == {}


def test_two_sources_are_neither_added_nor_divided(warehouse: Warehouse) -> None:
    whole = [creator_day(shift, play=100, like=10, source="platform") for shift in range(5)]
    part = [creator_day(shift, play=900, source="other") for shift in range(3)]
    works = [number(FIRST + timedelta(days=shift), play=7, like=1) for shift in range(7)]
    warehouse.store(Batch([work()], works, whole + part), IMPORTED)
    last = FIRST + timedelta(days=4)
    metrics = [CATALOGUE["plays"], CATALOGUE["like_rate"]]
    found = measure_everyone(warehouse, metrics, FIRST, last)
    assert (found["plays"]["ann"].value, found["plays"]["ann"].n) == (500, 5)
    assert found["like_rate"]["ann"].value == pytest.approx(0.1)
    # Over seven days the works tell two days more than the platform's own sum.
    longer = measure_everyone(warehouse, metrics, FIRST, FIRST + timedelta(days=6))["plays"]["ann"]
    assert (longer.value, longer.n) == (49, 7)


def test_followers_are_those_of_each(demonstration: Warehouse, warehouse: Warehouse) -> None:
    found = followers_of_everyone(demonstration, END)
    assert found == {
        creator: follower_series(demonstration, creator, END).latest for creator in found
    }
    assert len(found) == 12
    assert followers_of_everyone(demonstration, END, ["demo-02"]) == {"demo-02": found["demo-02"]}
    # Changes only are counted up from 0, and the source with more days is believed.
    changes = [creator_day(shift, new_followers=5, lost_followers=1, source="changes") for shift in range(3)]
    levels = [creator_day(0, followers=900, source="levels"), creator_day(1, source="levels")]
    warehouse.store(Batch([], [], changes + levels), IMPORTED)
    assert followers_of_everyone(warehouse, FIRST + timedelta(days=2)) == {"ann": 12}
    assert followers_of_everyone(warehouse, FIRST) == {"ann": follower_series(warehouse, "ann", FIRST).latest}


def test_a_window_that_ends_before_it_starts_is_refused(demonstration: Warehouse) -> None:
    with pytest.raises(BadInput, match="swap the two days"):
        measure_everyone(demonstration, [CATALOGUE["plays"]], END, date(2026, 1, 1))
