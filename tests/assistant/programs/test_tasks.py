"""Incentive tasks from rule to reward: who is offered what, when something counts, and what can be taken back."""

from datetime import timedelta
from typing import Any

import pytest

from assistant.creators.accounts import Accounts, Creator
from assistant.errors import BadInput, Conflict
from assistant.programs.enrolment import NoSuchEnrolment, NotOpen, WrongState
from assistant.programs.matching import STRETCH, goals_of, outlook
from assistant.programs.measuring import measure_span
from assistant.programs.rule_texts import UnusableRule, read_yaml, rule_of, write_yaml
from tests.assistant.programs.conftest import TODAY, House


def rule(**changes: Any) -> dict[str, Any]:
    """A small task, open around TODAY."""
    step = {
        "title": "三条",
        "goals": [{"metric": "works_published", "at_least": 3}],
        "rewards": [{"kind": "cash", "yuan": "20"}],
    }
    known = {"title": "三条作品", "about": "两周三条", "opens": "2026-11-01", "closes": "2026-12-31", "days": 14}
    return {**known, "steps": [step], "budget": {"cash": "1000"}, **changes}


def publish(house: House, slug: str = "three-works", **changes: Any) -> None:
    house.programs.register.save(slug, "task", rule(**changes), "ann")
    house.programs.register.publish(slug, "bob")


def steps(*goals: tuple[str, float], **reward: Any) -> list[dict[str, Any]]:
    given = [reward or {"kind": "cash", "yuan": "20"}]
    listed = [{"metric": name, "at_least": target} for name, target in goals]
    return [{"title": "全部", "goals": listed, "rewards": given}]


def test_a_rule_that_cannot_be_carried_out_is_refused_in_a_sentence(house: House):
    for changes, said in (
        ({"closes": "2026-10-01"}, "closes is before opens"),
        ({"days": None}, "give either days"),
        ({"budget": {"cash": "10"}}, "does not pay one creator"),
        ({"steps": steps(("no_such_metric", 1))}, "no_such_metric: there is no such metric"),
        ({"steps": steps(("completion_rate", 30))}, "write 30% or 0.3"),
        ({"audience": {"tiers": ["亿粉"]}}, "no tier"),
        ({"colour": "red"}, "colour: there is no such field"),
    ):
        with pytest.raises(UnusableRule, match=said):
            house.programs.register.save("bad", "task", rule(**changes), "ann")
    assert house.programs.register.all("task") == []


def test_a_rule_is_the_same_after_it_was_written_as_yaml(house: House):
    house.programs.fill()
    for kind in ("task", "star", "checklist"):
        for one in house.programs.register.all(kind):  # type: ignore[arg-type]  # the three kinds
            assert rule_of(kind, read_yaml(write_yaml(one.shown.rule))) == one.shown.rule  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["a: &a [1]\nb: *a", "- a", "a: [", "opens: 2026-02-30"])
def test_yaml_that_is_no_rule_is_refused(text: str):
    with pytest.raises(UnusableRule):
        rule_of("task", read_yaml(text))


def test_nobody_is_offered_what_their_own_rate_does_not_reach(house: House):
    publish(house, "a-million", steps=steps(("plays", 1e9)))
    publish(house, "a-few", steps=steps(("plays", 10)))
    publish(house, "full-house", steps=steps(("completion_rate", 0.9)))
    assert house.programs.matcher.counts(TODAY) == {"a-million": 0, "a-few": 12, "full-house": 0}


def test_the_query_and_the_rule_for_one_say_the_same(house: House):
    """Every creator, every starter task: what the set says is what `outlook` says of the one."""
    house.programs.fill()
    matcher = house.programs.matcher
    versions = matcher.available(TODAY)
    found = matcher.fit_everyone(TODAY).to_pylist()
    assert len(found) == 12
    for row in found:
        for place, reach in zip(row["tasks"], row["reaches"], strict=True):
            goals = goals_of(versions[place].rule)
            metrics = {goal.metric: matcher.metric(goal.metric) for goal in goals}
            first = TODAY - timedelta(days=28)
            own = measure_span(house.warehouse, row["creator_id"], metrics, first, TODAY - timedelta(days=1))
            days = versions[place].rule.days_left(TODAY)
            looks = [outlook(goal, metrics[goal.metric], own[goal.metric], days).reach for goal in goals]
            assert min(looks) == pytest.approx(reach, abs=0.001)
            assert min(looks) * STRETCH >= 1


def test_of_whom_nothing_is_known_only_what_is_in_their_own_hands_is_offered(house: House):
    Accounts(house.engine).add(Creator("xin", "小新", "kuaishou", "手工"))
    publish(house, "a-few", steps=steps(("plays", 1)))
    publish(house, "a-rate", steps=steps(("completion_rate", 0.01)))
    publish(house, "five-works", steps=steps(("works_published", 5)))
    publish(house, "ten-works", steps=steps(("works_published", 10)))
    assert [one.slug for one in house.programs.matcher.offers("xin", TODAY)] == ["five-works"]


def test_who_takes_part_is_not_offered_it_again(house: House):
    publish(house)
    assert [one.slug for one in house.programs.matcher.offers("demo-01", TODAY)] == ["three-works"]
    house.programs.tasks.join("demo-01", "three-works", TODAY)
    assert house.programs.matcher.offers("demo-01", TODAY) == []


def test_joining_twice_is_joining_once_and_what_is_closed_says_why(house: House):
    publish(house, places=1, audience={"categories": ["美食"]})
    tasks = house.programs.tasks
    assert tasks.join("demo-01", "three-works", TODAY) == tasks.join("demo-01", "three-works", TODAY)
    for creator, day, why in (
        ("demo-02", TODAY, "audience"),
        ("demo-01", TODAY.replace(year=2027), "late"),
        ("demo-01", TODAY.replace(month=10), "early"),
    ):
        with pytest.raises(NotOpen) as refused:
            tasks.join(creator, "three-works", day)
        assert refused.value.why == why
    publish(house, "one-place", places=1)
    tasks.join("demo-01", "one-place", TODAY)
    with pytest.raises(NotOpen, match="All places"):
        tasks.join("demo-02", "one-place", TODAY)


def test_a_promise_holds_when_the_rule_changes(house: House):
    publish(house)
    house.programs.tasks.join("demo-01", "three-works", TODAY - timedelta(days=13))
    publish(house, steps=steps(("works_published", 30)))
    assert house.programs.settling.settle(TODAY).completed == 1
    assert house.programs.ledger.awards(creator="demo-01")[0].version == 1


def test_a_rate_is_judged_when_its_days_are_over(house: House):
    publish(house, days=7, steps=steps(("completion_rate", 0.1)))
    house.programs.tasks.join("demo-01", "three-works", TODAY - timedelta(days=7))
    during, after = TODAY - timedelta(days=1), TODAY
    assert house.programs.settling.settle(during).completed == 0
    (own,) = house.programs.tasks.of_creator("demo-01")
    assert house.programs.tasks.progress(own, during).steps[0][0].met
    assert house.programs.settling.settle(after).completed == 1


def test_late_numbers_count_until_the_grace_is_over(house: House):
    publish(house, days=7, grace_days=3, steps=steps(("plays", 1e9)))
    house.programs.tasks.join("demo-01", "three-works", TODAY)
    last = TODAY + timedelta(days=6)
    for day, missed in ((last + timedelta(days=3), 0), (last + timedelta(days=4), 1), (last + timedelta(days=5), 0)):
        assert house.programs.settling.settle(day).missed == missed
    assert house.programs.tasks.of_creator("demo-01")[0].state == "missed"
    # Nothing is known of these days, which is no half of anything.
    assert [told.occasion for told in house.listening.told] == ["task_joined", "task_missed"]


def test_a_step_done_when_the_money_is_gone_is_said_to_bring_nothing(house: House):
    publish(house, budget={"cash": "20"})
    for creator in ("demo-01", "demo-02"):
        house.programs.tasks.join(creator, "three-works", TODAY - timedelta(days=13))
    settled = house.programs.settling.settle(TODAY)
    assert (settled.completed, settled.unfunded) == (2, 1)
    assert len(house.programs.ledger.awards()) == 1
    assert sorted(told.values["rewarded"] for told in house.listening.told if told.occasion == "task_completed") == [
        False,
        True,
    ]
    assert house.programs.matcher.offers("demo-03", TODAY) == []


def test_disqualified_appealed_and_back(house: House):
    publish(house)
    tasks, ledger = house.programs.tasks, house.programs.ledger
    own = tasks.join("demo-01", "three-works", TODAY - timedelta(days=13))
    house.programs.settling.settle(TODAY)
    assert house.programs.register.purses("three-works")[0].spent == 20_00
    with pytest.raises(BadInput):
        tasks.disqualify(own.id, "bob", " ")
    assert tasks.disqualify(own.id, "bob", "重复发布") == 0
    assert house.programs.register.purses("three-works")[0].spent == 0
    assert ledger.awards()[0].state == "void"
    with pytest.raises(NoSuchEnrolment):
        tasks.appeal("demo-02", own.id, "不是我")
    appeal = tasks.appeal("demo-01", own.id, "不是重复发布")
    with pytest.raises(Conflict):
        tasks.appeal("demo-01", own.id, "再说一次")
    with pytest.raises(Conflict, match="another person"):
        tasks.decide_appeal(appeal.id, "bob", True, "看过了")
    tasks.decide_appeal(appeal.id, "cai", True, "确实是三集")
    assert tasks.find(own.id).state == "completed"
    assert ledger.awards()[0].state == "payable"
    assert house.programs.register.purses("three-works")[0].spent == 20_00
    assert ledger.differences() == []
    with pytest.raises(Conflict):
        tasks.decide_appeal(appeal.id, "dan", False, "再看")


def test_who_left_may_join_anew_and_others_tasks_are_not_there(house: House):
    publish(house)
    tasks = house.programs.tasks
    own = tasks.join("demo-01", "three-works", TODAY - timedelta(days=3))
    with pytest.raises(NoSuchEnrolment):
        tasks.withdraw("demo-02", own.id)
    assert tasks.withdraw("demo-01", own.id).state == "withdrawn"
    with pytest.raises(WrongState):
        tasks.withdraw("demo-01", own.id)
    assert tasks.join("demo-01", "three-works", TODAY).first_day == TODAY


def test_simulating_tells_what_settling_would_have_given(house: House):
    publish(house, days=14)
    found = house.programs.simulator.simulate(house.programs.register.task("three-works").published.rule, TODAY)
    assert (found.last_day - found.first_day).days == 13
    for row in house.programs.matcher.fit_everyone(TODAY).to_pylist():
        house.programs.tasks.join(row["creator_id"], "three-works", found.first_day)
    settled = house.programs.settling.settle(TODAY)
    assert settled.completed == found.everybody.completed
    assert found.everybody.cost == {"cash": settled.completed * 20_00}
    assert sum(found.tenths) == found.everybody.joined == 12
    assert found.fits_budget(house.programs.register.task("three-works").published.rule)
    badge = house.programs.register.checked("task", rule(budget={}, steps=steps(("plays", 1), kind="badge", name="好")))
    assert house.programs.simulator.simulate(badge, TODAY).fits_budget(badge)


def test_a_budget_is_not_lowered_below_what_is_spent(house: House):
    publish(house)
    house.programs.tasks.join("demo-01", "three-works", TODAY - timedelta(days=13))
    house.programs.settling.settle(TODAY)
    publish(house, budget={"cash": "30"})
    house.programs.register.save(
        "three-works", "task", rule(steps=steps(("plays", 1), kind="badge", name="好"), budget={}), "ann"
    )
    with pytest.raises(Conflict, match="spent already"):
        house.programs.register.publish("three-works", "bob")
