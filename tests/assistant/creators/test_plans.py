"""Plans are made of a creator's own numbers, kept, and looked back on with the same days before and after."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from assistant.bootstrap import Services
from assistant.creators.catalogue import CATALOGUE
from assistant.creators.metrics import measure
from assistant.creators.plans import Opportunity, Plan, Plans, PlanStep
from assistant.creators.reasons import reasons_of
from assistant.creators.worked import strengths_of


class Running:
    """One campaign for everybody."""

    def open_to(self, creator: str, today: date) -> Sequence[Opportunity]:
        return [Opportunity("周末市集", "plays", today + timedelta(days=9))]


@pytest.fixture
def plans(starter: Services) -> Plans:
    return Plans(starter.engine, starter.warehouse)


@pytest.mark.parametrize(
    ("creator", "expected"),
    [
        ("demo-02", ["median_plays_per_work", "follow_rate"]),
        ("demo-09", ["median_plays_per_work"]),
        ("demo-10", ["posting_frequency"]),
        ("demo-11", ["median_plays_per_work", "short_play_rate_3s", "completion_rate"]),
        ("demo-12", ["follow_rate"]),
        ("demo-01", []),
    ],
)
def test_the_reasons_are_those_of_the_creators_story(starter: Services, creator: str, expected: list[str]) -> None:
    found = reasons_of(starter.warehouse, creator, starter.library.today())
    told = [reason.figure.metric for reason in found.found]
    assert told[: len(expected)] == expected or sorted(told) == sorted(expected)
    for reason in found.found:
        assert reason.figure.shown("zh") in reason.text_zh
        assert reason.figure.shown("en") in reason.text_en


def test_somebody_without_numbers_gets_no_reasons_and_no_plan(starter: Services, plans: Plans) -> None:
    today = starter.library.today()
    assert reasons_of(starter.warehouse, "nobody", today).found == []
    assert not reasons_of(starter.warehouse, "nobody", today).is_slower
    assert plans.make("nobody", today, 1) is None
    assert strengths_of(starter.warehouse, "nobody", today).works == []


@pytest.mark.parametrize("creator", [f"demo-{number:02}" for number in range(1, 13)])
def test_each_step_names_a_metric_of_its_own_that_can_be_measured(
    starter: Services, plans: Plans, creator: str
) -> None:
    today = starter.library.today()
    for weeks, least, most in ((1, 2, 3), (4, 2, 4)):
        plan = plans.make(creator, today, weeks)
        assert plan is not None
        assert least <= len(plan.steps) <= most
        metrics = [step.metric for step in plan.steps]
        assert len(set(metrics)) == len(metrics)
        assert set(metrics) <= set(CATALOGUE)
        assert [step.week for step in plan.steps] == (
            [1] * len(metrics) if weeks == 1 else [*range(1, len(metrics) + 1)]
        )
        for step in plan.steps:
            assert step.n > 0 or step.value is None
            if step.target is not None and step.value is not None:
                assert (step.target < step.value) is (CATALOGUE[step.metric].direction == "lower is better")


def test_what_can_be_joined_is_a_step(starter: Services) -> None:
    plan = Plans(starter.engine, starter.warehouse, Running()).make("demo-06", starter.library.today(), 4)
    assert plan is not None
    assert ("join", "周末市集") in [(step.do, step.subject) for step in plan.steps]


def test_a_kept_plan_is_the_latest_up_to_its_day(starter: Services, plans: Plans) -> None:
    today = starter.library.today()
    first, second = plans.make("demo-07", today - timedelta(days=20), 1), plans.make("demo-07", today, 4)
    assert first is not None
    assert second is not None
    plans.keep(first)
    plans.keep(second)
    assert plans.latest("demo-07", today) == second
    assert plans.latest("demo-07", today - timedelta(days=1)) == first
    assert plans.latest("demo-07", today - timedelta(days=21)) is None
    assert plans.latest("demo-08", today) is None


def test_a_review_measures_as_many_days_after_as_before(starter: Services, plans: Plans) -> None:
    today = starter.library.today()
    plan = plans.make("demo-11", today - timedelta(days=10), 1)
    assert plan is not None
    effects = plans.review(plan, today)
    assert [(effect.step, effect.days) for effect in effects] == [
        (step, days) for step in plan.steps for days in (7, 14)
    ]
    for effect in effects:
        last = plan.made_on - timedelta(days=1)
        first = plan.made_on - timedelta(days=effect.days)
        assert effect.before == measure(starter.warehouse, "demo-11", effect.step.metric, first, last)
        assert (effect.after is None) is (effect.days == 14)  # ten days are over: seven are known, fourteen are not
        assert not effect.is_clear or effect.after is not None


def test_a_difference_is_clear_only_when_it_is_more_than_chance(starter: Services, plans: Plans) -> None:
    """数码小林 began to lose viewers in the first seconds 25 days ago; 苏苏化妆间 is as ever."""
    made_on = starter.library.today() - timedelta(days=25)
    steps = (PlanStep(1, "hook_3s", "short_play_rate_3s", None, 0, None),)
    changed, steady = (Plan(creator, made_on, 1, "", steps) for creator in ("demo-11", "demo-06"))
    assert all(effect.is_clear for effect in plans.review(changed, starter.library.today()))
    assert not any(effect.is_clear for effect in plans.review(steady, starter.library.today()))


def test_what_the_better_works_share_is_named_with_both_numbers(starter: Services) -> None:
    strengths = strengths_of(starter.warehouse, "demo-09", starter.library.today())
    assert strengths.patterns
    for pattern in strengths.patterns:
        assert pattern.plays >= 1.15 * pattern.others_plays
        assert min(len(pattern.works), pattern.others) >= 4
        if pattern.kind == "phrase":
            assert all(pattern.name in work.title for work in pattern.works)
