"""The invented creators hold together."""

from collections import defaultdict
from datetime import date, timedelta

from assistant.creators.accounts import Accounts, Creator
from assistant.creators.demonstration import demonstration_creators, load_demonstration
from assistant.creators.growth import trajectory
from assistant.creators.tiers import TIERS, tier_of
from assistant.creators.warehouse import Warehouse
from tests.assistant.creators.conftest import TODAY


def test_the_same_day_gives_the_same_numbers() -> None:
    assert demonstration_creators(TODAY) == demonstration_creators(TODAY)


def test_there_are_twelve_of_all_tiers_and_said_to_be_synthetic() -> None:
    creators, _, _, days = demonstration_creators(TODAY)
    assert [creator.id for creator in creators] == [f"demo-{number:02d}" for number in range(1, 13)]
    assert all(creator.synthetic and creator.story for creator in creators)
    assert len({creator.category for creator in creators}) >= 6
    last = {row["creator_id"]: row["followers"] for row in days}
    assert {tier_of(followers) for followers in last.values()} == set(TIERS)


def test_history_ends_yesterday() -> None:
    _, works, numbers, days = demonstration_creators(TODAY)
    yesterday = TODAY - timedelta(days=1)
    assert max(row["day"] for row in days) == max(row["day"] for row in numbers) == yesterday
    assert max(row["published_at"].date() for row in works) <= yesterday
    count: dict[str, int] = defaultdict(int)
    for row in days:
        count[row["creator_id"]] += 1
    assert set(count.values()) == {9, 180}
    assert count["demo-05"] == 9


def test_no_step_of_the_funnel_is_larger_than_the_one_before() -> None:
    _, works, numbers, _ = demonstration_creators(TODAY)
    durations = {row["work_id"]: row["duration_seconds"] for row in works}
    for row in numbers:
        assert row["complete_play"] <= row["long_time_play"] <= row["valid_play"] <= row["play"] <= row["show"]
        assert row["short_time_play"] + row["valid_play"] <= row["play"]
        assert row["follow"] <= row["is_profile_enter"] <= row["play"]
        assert row["play_duration_seconds"] <= 1.1 * row["play"] * durations[row["work_id"]] + 1
        assert all(value >= 0 for value in row.values() if isinstance(value, int | float))


def test_days_are_sums_of_works_and_followers_add_up() -> None:
    _, _, numbers, days = demonstration_creators(TODAY)
    plays: dict[tuple[str, date], int] = defaultdict(int)
    for row in numbers:
        plays[(row["creator_id"], row["day"])] += row["play"]
    before: dict[str, int] = {}
    for row in days:
        assert row["play"] == plays[(row["creator_id"], row["day"])]
        assert row["net_followers"] == row["new_followers"] - row["lost_followers"]
        known = before.get(row["creator_id"])
        assert known is None or row["followers"] == known + row["net_followers"]
        before[row["creator_id"]] = row["followers"]


def test_loading_twice_adds_nothing_and_keeps_what_is_there(accounts: Accounts, warehouse: Warehouse) -> None:
    accounts.add(Creator("demo-03", "真人", "kuaishou", "搞笑"))
    assert load_demonstration(accounts, warehouse, TODAY) == 11
    assert load_demonstration(accounts, warehouse, TODAY + timedelta(days=1)) == 0
    assert accounts.get("demo-03").name == "真人"
    assert "demo-03" not in {row["creator_id"] for row in warehouse.rows(warehouse.works)}


def test_the_stories_can_be_read_from_the_numbers(demonstration: Warehouse) -> None:
    stages = {}
    for number in range(1, 13):
        growth = trajectory(demonstration, f"demo-{number:02d}", TODAY)
        stages[number] = growth.stage.zh if growth.stage else None
    assert stages[1] == "成长"
    assert stages[2] == "稳定"
    assert stages[3] == "风险"
    assert stages[5] == "孵化"
    assert stages[6] == "稳定"
    gap = [one for one in trajectory(demonstration, "demo-10", TODAY).notable if one.kind == "posting_gap"]
    assert "断更 26 天" in gap[0].text_zh
    hits = [one for one in trajectory(demonstration, "demo-08", TODAY).notable if one.kind == "far_above_usual"]
    assert len(hits) == 1
