"""Growth: where followers come from and may go."""

from datetime import date, datetime, timedelta

import pytest

from assistant.creators.followers import follower_series
from assistant.creators.growth import Growth, trajectory
from assistant.creators.stages import Signs, stage_of
from assistant.creators.tiers import rule_of
from assistant.creators.warehouse import Batch, Warehouse
from tests.assistant.creators.conftest import TODAY
from tests.assistant.creators.rows import FIRST, creator_day, number, work

NOW = datetime(2026, 4, 10)


def grown(warehouse: Warehouse, net: list[int], start: int = 0, late: int = 0) -> Growth:
    followers, days = start, []
    for shift, change in enumerate(net):
        followers += change
        days.append(creator_day(shift, followers=followers, net_followers=change))
    warehouse.store(Batch(creator_days=days), NOW)
    return trajectory(warehouse, "ann", FIRST + timedelta(days=len(net) + late))


def test_a_creator_without_rows_has_an_empty_growth(warehouse: Warehouse) -> None:
    growth = trajectory(warehouse, "nobody", TODAY)
    assert growth.is_empty
    assert growth.milestone is None
    assert growth.refusal is not None


def test_29_days_give_no_date_and_30_do(warehouse: Warehouse) -> None:
    short = grown(warehouse, [20] * 29, start=300)
    assert short.milestone is None
    assert short.refusal is not None
    assert "29 天" in short.refusal.zh
    longer = grown(warehouse, [20] * 30, start=300)
    assert longer.milestone is not None
    assert longer.milestone.target == 1000
    assert longer.milestone.middle == FIRST + timedelta(days=34)
    assert len(longer.forecast) == 30
    assert short.forecast == ()


def test_89_days_say_nothing_beyond_half_a_year(warehouse: Warehouse) -> None:
    growth = grown(warehouse, [2] * 89, start=100)
    assert growth.refusal is not None
    assert "半年" in growth.refusal.zh
    assert grown(warehouse, [2] * 90, start=100).milestone is not None


def test_a_missing_day_breaks_the_history(warehouse: Warehouse) -> None:
    days = [creator_day(shift, followers=100 + shift, net_followers=1) for shift in range(60) if shift != 40]
    warehouse.store(Batch(creator_days=days), NOW)
    growth = trajectory(warehouse, "ann", FIRST + timedelta(days=60))
    assert growth.refusal is not None
    assert "19 天" in growth.refusal.zh
    assert growth.net[7] == 7
    assert growth.net[28] is None


@pytest.mark.parametrize("net", [[0] * 60, [-3] * 60, [5] * 31 + [-1] * 29, [50] * 32 + [0] * 28])
def test_without_growth_no_date_is_given(warehouse: Warehouse, net: list[int]) -> None:
    growth = grown(warehouse, net, start=5000)
    assert growth.milestone is None
    assert growth.refusal is not None
    assert "按当前速度到不了" in growth.refusal.zh
    assert "does not lead" in growth.refusal.en


def test_old_data_give_no_date(warehouse: Warehouse) -> None:
    assert grown(warehouse, [20] * 60, start=100, late=40).milestone is None
    assert grown(warehouse, [5] * 60, start=600, late=20).milestone is not None


def test_the_highest_tier_has_no_next(warehouse: Warehouse) -> None:
    growth = grown(warehouse, [20] * 60, start=2_000_000)
    assert growth.tier == "百万粉"
    assert growth.refusal is not None


def test_a_forecast_comes_with_its_error(demonstration: Warehouse) -> None:
    milestone = trajectory(demonstration, "demo-01", TODAY).milestone
    assert milestone is not None
    assert milestone.early is not None
    assert milestone.middle is not None
    assert TODAY < milestone.early <= milestone.middle
    assert milestone.late is None or milestone.middle <= milestone.late
    assert milestone.backtest is not None
    assert milestone.backtest.n >= 3
    assert milestone == trajectory(demonstration, "demo-01", TODAY).milestone


def test_the_next_30_days_come_with_a_band(warehouse: Warehouse) -> None:
    growth = grown(warehouse, [10, 30] * 40, start=500)
    assert [day.day for day in growth.forecast] == [FIRST + timedelta(days=80 + ahead) for ahead in range(30)]
    assert all(day.low < day.middle < day.high for day in growth.forecast)
    assert growth.forecast[-1].middle == pytest.approx(2100 + 30 * 20)
    widths = [day.high - day.low for day in growth.forecast]
    assert widths == sorted(widths)


def test_a_forecast_never_falls_below_zero(warehouse: Warehouse) -> None:
    growth = grown(warehouse, [40] * 30 + [-40] * 30, start=10)
    assert min(day.low for day in growth.forecast) == 0
    assert grown(warehouse, [20] * 60, start=100, late=40).forecast == ()


@pytest.mark.parametrize(
    ("followers", "zh", "en"),
    [
        (9_999, "在 1,000（含）到 10,000（不含）之间", "from 1,000 to below 10,000"),
        (10_000, "在 10,000（含）到 100,000（不含）之间", "from 10,000 to below 100,000"),
        (1_000_000, "达到 1,000,000", "1,000,000 or more"),
    ],
)
def test_a_tier_names_the_rule_that_decided(followers: int, zh: str, en: str) -> None:
    told = rule_of(followers)
    assert zh in told[0]
    assert en in told[1]


def test_followers_of_changes_only_are_counted_up(warehouse: Warehouse) -> None:
    warehouse.store(Batch(creator_days=[creator_day(shift, net_followers=3) for shift in range(4)]), NOW)
    told = follower_series(warehouse, "ann", TODAY)
    assert told.is_counted
    assert [day.followers for day in told.days] == [3, 6, 9, 12]


def test_levels_without_changes_give_the_changes(warehouse: Warehouse) -> None:
    days = [creator_day(0, followers=10), creator_day(1, followers=15), creator_day(3, followers=30)]
    warehouse.store(Batch(creator_days=days), NOW)
    told = follower_series(warehouse, "ann", TODAY)
    assert not told.is_counted
    assert [day.net for day in told.days] == [None, 5, None]


@pytest.mark.parametrize(
    ("signs", "stage"),
    [
        (Signs(180, 30, 50_000, 900, 1.0), "沉默"),
        (Signs(180, 29, 50_000, 900, 1.0), "成长"),
        (Signs(180, 3, 999, 500, 1.0), "孵化"),
        (Signs(29, 3, 5_000, None, None), "孵化"),
        (Signs(180, 3, 10_000, -100, 1.0), "风险"),
        (Signs(180, 3, 10_000, 20, 0.5), "风险"),
        (Signs(180, 3, 10_000, 20, 1.0), "稳定"),
        (Signs(180, 3, None, None, 1.3), "成长"),
        (Signs(180, 3, None, None, 0.5), "风险"),
    ],
)
def test_a_stage_names_the_rule_that_decided(signs: Signs, stage: str) -> None:
    decided = stage_of(signs)
    assert decided is not None
    assert decided.zh == stage
    assert any(character.isdigit() for character in decided.rule_zh)
    assert any(character.isdigit() for character in decided.rule_en)


def test_without_data_no_stage_is_claimed() -> None:
    assert stage_of(Signs(0, None, None, None, None)) is None


def test_a_posting_gap_is_told_as_coincidence(warehouse: Warehouse) -> None:
    posted = [*range(0, 30, 2), *range(50, 60, 2)]
    works = [work(str(shift), datetime(2026, 3, 1, 9) + timedelta(days=shift)) for shift in posted]
    rows = [number(FIRST + timedelta(days=shift), str(shift), play=100) for shift in posted]
    days = [creator_day(shift, play=100 if shift < 32 or shift >= 50 else 5) for shift in range(60)]
    warehouse.store(Batch(works, rows, days), NOW)
    (gap,) = (one for one in trajectory(warehouse, "ann", date(2026, 4, 30)).notable if one.kind == "posting_gap")
    assert gap.day == FIRST + timedelta(days=29)
    assert "断更 21 天" in gap.text_zh
    assert "不能说明谁引起谁" in gap.text_zh
    assert "does not show that one caused the other" in gap.text_en


def test_silence_at_the_end_is_the_silent_stage(warehouse: Warehouse) -> None:
    days = [creator_day(shift, play=10, followers=2000, net_followers=0) for shift in range(60)]
    warehouse.store(Batch([work()], [number(play=10)], days), NOW)
    stage = trajectory(warehouse, "ann", date(2026, 4, 30)).stage
    assert stage is not None
    assert stage.zh == "沉默"


def test_of_a_creator_without_works_it_is_not_said_that_nothing_was_published(warehouse: Warehouse) -> None:
    changed = [one for one in grown(warehouse, [5] * 60 + [40] * 60).notable if one.kind == "net_changed"]
    assert changed
    assert all("没有作品数据" in one.text_zh and "No works are known" in one.text_en for one in changed)
