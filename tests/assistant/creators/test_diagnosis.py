"""Why a work did as it did."""

from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.creators.diagnosis import Diagnosis, diagnose
from assistant.creators.funnel import STEPS, Topic
from assistant.creators.intervals import wilson
from assistant.creators.warehouse import Batch, Warehouse
from assistant.errors import NotFound
from tests.assistant.creators.conftest import TODAY
from tests.assistant.creators.rows import number, work

MARCH = datetime(2026, 3, 1, 9)
USUAL = {
    "show": 2000, "play": 1000, "short_time_play": 300, "valid_play": 550, "complete_play": 200, "like": 40,
    "comment": 5, "share": 2, "collect": 8, "is_profile_enter": 60, "follow": 20,
}  # fmt: skip


def diagnosed(warehouse: Warehouse, last: dict[str, Any], now: datetime | None = None, others: int = 10) -> Diagnosis:
    """The diagnosis of a last work with other numbers than the `others` usual ones before it."""
    works = [work(str(index), MARCH + timedelta(days=index), duration_seconds=40.0) for index in range(others + 1)]
    rows = [
        number((MARCH + timedelta(days=index)).date(), str(index), **{k: v + index % 3 for k, v in USUAL.items()})
        for index in range(others)
    ]
    rows.append(number((MARCH + timedelta(days=others)).date(), str(others), **(USUAL | last)))
    warehouse.store(Batch(works, rows), datetime(2026, 4, 1))
    return diagnose(warehouse, "ann", str(others), now or MARCH + timedelta(days=others + 20))


def test_a_bad_opening_is_the_first_finding(warehouse: Warehouse) -> None:
    told = diagnosed(warehouse, {"short_time_play": 600, "valid_play": 480})
    assert [finding.topic for finding in told.findings] == ["hook_3s", "middle_retention"]
    step = told.findings[0].step
    assert step.figure.value == 0.6
    assert step.low is not None
    assert step.high is not None
    assert step.low < 0.6 < step.high
    assert step.compared == 10
    assert "3 秒短播率 60%" in told.findings[0].text_zh
    assert "n=1,000" in told.findings[0].text_zh


@pytest.mark.parametrize(
    ("change", "topic"),
    [
        ({"show": 4000}, "cover_ctr"),
        ({"complete_play": 90}, "completion_duration"),
        ({"like": 5, "collect": 1}, "interaction"),
        ({"follow": 2}, "profile_follow"),
    ],
)
def test_each_weak_step_leads_to_its_topic(warehouse: Warehouse, change: dict[str, int], topic: str) -> None:
    assert [finding.topic for finding in diagnosed(warehouse, change).findings] == [topic]


def test_little_exposure_is_about_reach(warehouse: Warehouse) -> None:
    few = {name: value // 4 for name, value in USUAL.items()}
    assert [finding.topic for finding in diagnosed(warehouse, few).findings] == ["reach"]


def test_a_usual_work_has_no_findings(warehouse: Warehouse) -> None:
    told = diagnosed(warehouse, {})
    assert told.findings == []
    assert not told.is_refused
    only_exported = {"two_second_exit_rate", "five_second_rate"}
    expected = ["impressions", *(step.slug for step in STEPS if step.slug not in only_exported)]
    assert [step.figure.metric for step in told.steps] == expected


def test_before_48_hours_nothing_is_judged(warehouse: Warehouse) -> None:
    told = diagnosed(warehouse, {"short_time_play": 900}, now=MARCH + timedelta(days=11, hours=20))
    assert told.is_refused
    assert told.findings == []
    assert "48 小时" in told.refusal_zh
    assert "too early" in told.refusal_en


def test_with_few_plays_rates_are_neither_shown_nor_judged(warehouse: Warehouse) -> None:
    told = diagnosed(warehouse, {"show": 10, "play": 2, "complete_play": 2, "short_time_play": 0, "valid_play": 2})
    assert told.is_refused
    assert "不足 100 次" in told.refusal_zh
    assert [step.figure.metric for step in told.steps] == ["impressions"]


def test_without_other_works_there_is_nothing_to_compare_with(warehouse: Warehouse) -> None:
    told = diagnosed(warehouse, {"short_time_play": 900}, others=3)
    assert told.findings == []
    assert all(step.figure.baseline is None for step in told.steps)


def test_the_luck_of_few_plays_is_no_finding(warehouse: Warehouse) -> None:
    lucky = {name: value * 120 // 1000 for name, value in USUAL.items()} | {"show": 240, "play": 120, "follow": 1}
    topics = [finding.topic for finding in diagnosed(warehouse, lucky).findings]
    assert "profile_follow" not in topics


def test_a_finding_tells_what_the_own_median_would_bring(warehouse: Warehouse) -> None:
    (finding,) = diagnosed(warehouse, {"follow": 2}).findings
    # 1000 plays: the median follow rate is 21 of 1001 plays; the value is drawn a little towards it.
    assert finding.step.shrunk == pytest.approx((2 + 0.02098 * 100) / 1100, abs=1e-5)
    assert finding.step.gain == pytest.approx(1000 * (0.02098 - 0.003725), abs=0.1)
    assert "约多 17 个关注" in finding.text_zh
    assert "about 17 more follows" in finding.text_en


def test_with_fewer_plays_the_value_is_drawn_further_to_the_usual(warehouse: Warehouse) -> None:
    few = {name: value * 12 // 100 for name, value in USUAL.items()} | {"complete_play": 6}
    (step,) = (one for one in diagnosed(warehouse, few).steps if one.figure.metric == "completion_rate")
    assert step.figure.value == 0.05
    assert step.shrunk is not None
    assert 0.1 < step.shrunk < 0.13


def test_works_of_like_length_judge_what_depends_on_length(warehouse: Warehouse) -> None:
    long = [work(f"l{at}", MARCH + timedelta(days=at), duration_seconds=120.0) for at in range(8)]
    short = [work(f"s{at}", MARCH + timedelta(days=at, hours=1), duration_seconds=10.0) for at in range(8)]
    last = work("last", MARCH + timedelta(days=9), duration_seconds=100.0)
    rows = [number(None, one["work_id"], **USUAL) for one in short]
    rows += [number(None, one["work_id"], **(USUAL | {"complete_play": 80})) for one in [*long, last]]
    warehouse.store(Batch([*long, *short, last], rows), datetime(2026, 4, 1))
    told = diagnose(warehouse, "ann", "last", MARCH + timedelta(days=30))
    (step,) = (one for one in told.steps if one.figure.metric == "completion_rate")
    assert step.own is not None
    assert step.alike is not None
    assert (step.own.n, step.alike.n, step.compared) == (16, 8, 8)
    assert step.figure.baseline == step.alike.median == 0.08
    assert step.own.median == pytest.approx(0.14)
    assert told.findings == []
    (liked,) = (one for one in told.steps if one.figure.metric == "engagement_rate")
    assert liked.compared == 16


def test_others_are_taken_at_the_same_age(warehouse: Warehouse) -> None:
    """Each work gets 1,000 plays on each of its days; the work itself is three days old, the others forty."""
    works = [work(str(at), MARCH + timedelta(days=at * 2)) for at in range(8)]
    works.append(work("new", MARCH + timedelta(days=40)))
    lives = {one["work_id"]: 40 for one in works} | {"new": 3}
    rows = [
        number((one["published_at"] + timedelta(days=age)).date(), one["work_id"], **(USUAL | {"like": 40 + age}))
        for one in works
        for age in range(lives[one["work_id"]])
    ]
    warehouse.store(Batch(works, rows), datetime(2026, 5, 1))
    told = diagnose(warehouse, "ann", "new", MARCH + timedelta(days=43))
    assert told.is_same_age
    reach, *rates = told.steps
    assert (reach.figure.value, reach.figure.baseline) == (6000, 6000)
    (liked,) = (one for one in rates if one.figure.metric == "engagement_rate")
    assert liked.figure.value == liked.figure.baseline
    (plays, *_) = told.ranks
    assert (plays.rank, plays.of, plays.tied) == (1, 9, 8)


def test_ranks_share_places_and_tell_quality_beside_reach(warehouse: Warehouse) -> None:
    ranks = {one.metric: one for one in diagnosed(warehouse, {"play": 1001, "complete_play": 400}).ranks}
    # Plays of the nine before: 1001 1002 1000 three times over.
    assert (ranks["plays"].kind, ranks["plays"].rank, ranks["plays"].of, ranks["plays"].tied) == ("reach", 4, 10, 3)
    assert "第 4（和 3 条并列）" in ranks["plays"].text_zh
    assert "rank 4 of the last 10 works (shared with 3)" in ranks["plays"].text_en
    assert (ranks["completion_rate"].kind, ranks["completion_rate"].rank) == ("quality", 1)
    assert diagnosed(warehouse, {}, others=3).ranks == []


def test_a_thin_base_is_named(warehouse: Warehouse) -> None:
    told = diagnosed(warehouse, {"show": 60, "play": 40, "short_time_play": 3, "complete_play": 4, "valid_play": 9})
    unsaid = {one.metric: one for one in told.unsaid}
    assert "只有 60 次曝光" in unsaid["ctr"].text_zh
    assert "40 plays, fewer than 100" in unsaid["follow_rate"].text_en


def test_what_only_some_platforms_export_is_part_of_the_funnel() -> None:
    (step,) = (one for one in STEPS if one.slug == "five_second_rate")
    assert step.value({"five_second_plays": 30.0, "play": 120.0}) == 0.25
    assert step.value({"play": 120.0}) is None


def test_without_a_name_the_latest_settled_work_is_taken(demonstration: Warehouse) -> None:
    now = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=9)
    told = diagnose(demonstration, "demo-11", None, now)
    assert told.age_hours >= 48
    assert told.work.published_at <= now - timedelta(hours=48)
    assert told.findings[0].topic == "hook_3s"
    assert {finding.topic for finding in told.findings} <= set(get_args(Topic))


def test_few_follows_are_found_where_the_story_has_them(demonstration: Warehouse) -> None:
    now = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=9)
    assert "profile_follow" in [finding.topic for finding in diagnose(demonstration, "demo-12", None, now).findings]


def test_a_work_of_another_creator_is_not_found(demonstration: Warehouse) -> None:
    with pytest.raises(NotFound):
        diagnose(demonstration, "demo-01", "demo-02-001", datetime(2026, 11, 23))
    with pytest.raises(NotFound):
        diagnose(demonstration, "nobody", None, datetime(2026, 11, 23))


def test_a_day_without_a_time_counts_from_its_end(warehouse: Warehouse) -> None:
    warehouse.store(
        Batch([work(published=datetime(2026, 3, 1))], [number(date(2026, 3, 1), play=500, show=900)]),
        datetime(2026, 4, 1),
    )
    assert diagnose(warehouse, "ann", "w1", datetime(2026, 3, 2, 12)).age_hours == 0.0


@given(st.integers(1, 10**9), st.floats(0, 1))
def test_an_interval_holds_the_share_and_stays_within_zero_and_one(n: int, share: float) -> None:
    successes = int(n * share)
    interval = wilson(successes, n)
    assert interval is not None
    assert 0 <= interval[0] <= successes / n + 1e-9
    assert successes / n - 1e-9 <= interval[1] <= 1


def test_an_impossible_share_has_no_interval() -> None:
    assert wilson(1, 0) is None
    assert wilson(5, 4) is None
    assert wilson(8, 100) == pytest.approx((0.0411, 0.1500), abs=1e-4)
