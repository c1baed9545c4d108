"""The days to come: intervals that hold as often as they say, on made-up series whose truth is known."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.creators.forecast import Outlook, horizon_of
from assistant.errors import BadInput


def steady(chance: Random, pace: float) -> list[int]:
    return [round(chance.gauss(pace, pace / 3)) for _ in range(180)]


def drifting(chance: Random, pace: float) -> list[int]:
    net = []
    for _ in range(180):
        pace *= chance.lognormvariate(0, 0.04)
        net.append(round(chance.gauss(pace, pace / 2)))
    return net


def bursting(chance: Random, pace: float) -> list[int]:
    net, works = [], 0.0
    for _ in range(180):
        works = works * 0.65 + (pace * chance.lognormvariate(0, 0.8) if chance.random() < 0.4 else 0.0)
        net.append(round(works - pace / 5))
    return net


@pytest.mark.parametrize("course", [steady, drifting, bursting])
def test_the_80_percent_band_holds_at_least_as_often_as_it_says(course: object) -> None:
    assert callable(course)
    held = []
    for seed in range(12):
        net = course(Random(seed), 60.0)
        for origin in (45, 90, 150):
            gain = Outlook(net[:origin]).gains(30)[-1]
            held.append(gain.low <= sum(net[origin : origin + 30]) <= gain.high)
    assert sum(held) / len(held) >= 0.75


def test_a_long_steady_past_narrows_the_band() -> None:
    def width(net: list[int]) -> float:
        gain = Outlook(net).gains(30)[-1]
        return (gain.high - gain.low) / gain.middle

    calm, wild = steady(Random(1), 60.0), drifting(Random(1), 60.0)
    assert width(calm) < 0.6 * width(calm[:40])
    assert width(calm) < 0.6 * width(wild)


def test_the_middle_is_the_pace_of_28_days() -> None:
    outlook = Outlook([1] * 100 + [7] * 28)
    assert [gain.middle for gain in outlook.gains(3)] == pytest.approx([7, 14, 21])
    assert outlook.arrival_days(70, 730)[1] == 10


def test_a_backtest_compares_with_what_came() -> None:
    tested = Outlook([10] * 120).backtest()
    assert tested is not None
    assert (tested.n, tested.error, tested.error_share, tested.coverage) == (9, 0.0, 0.0, 1.0)
    doubled = Outlook([10] * 90 + [20] * 30).backtest()
    assert doubled is not None
    assert doubled.coverage < 1
    assert Outlook([10] * 73).backtest() is None


def test_a_forecast_knows_nothing_of_the_days_it_is_tested_on() -> None:
    calm = Outlook([10] * 60).gains(30)
    assert Outlook([10] * 60).gains(30) == calm
    with_future = Outlook([10] * 60 + [500] * 30).backtest()
    assert with_future is not None
    assert with_future.coverage < 1


def test_fewer_than_30_days_are_refused() -> None:
    assert horizon_of(29) == 0
    assert (horizon_of(30), horizon_of(89), horizon_of(90)) == (182, 182, 730)
    with pytest.raises(BadInput):
        Outlook([5] * 29)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-(10**6), 10**6), min_size=30, max_size=150), st.integers(1, 10**6))
def test_arrival_days_are_in_order_and_within_the_horizon(net: list[int], missing: int) -> None:
    outlook = Outlook(net)
    early, middle, late = outlook.arrival_days(missing, 200)
    known = [days for days in (early, middle, late) if days is not None]
    assert known == sorted(known)
    assert all(1 <= days <= 200 for days in known)
    assert early is not None or middle is None
    assert middle is not None or late is None
    assert all(gain.low <= gain.middle <= gain.high for gain in outlook.gains(40))
    tested = outlook.backtest()
    assert tested is None or 0 <= tested.coverage <= 1
