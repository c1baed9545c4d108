"""A budget under concurrency, on every database: never overdrawn, never paid twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest
from sqlalchemy import Engine, insert, select

from assistant.creators.custom import CustomMetrics
from assistant.database.program_tables import enrolments, reward_ledger
from assistant.database.tables import creators
from assistant.programs.ledger import ApprovedAlready, Ledger
from assistant.programs.register import Register
from assistant.programs.rules import TaskRule

AT_ONCE = 64
RULE = {
    "title": "三条作品", "about": "两周发布三条作品", "opens": "2026-11-01", "closes": "2026-12-31", "days": 14,
    "steps": [
        {
            "title": "全部",
            "goals": [{"metric": "works_published", "at_least": 3}],
            "rewards": [{"kind": "cash", "yuan": "20"}, {"kind": "traffic", "exposures": 500}],
        }
    ],
    "budget": {"cash": "200", "traffic": 100_000},
}  # fmt: skip


@pytest.fixture
def register(database: Engine) -> Register:
    register = Register(database, CustomMetrics(database))
    register.save("three-works", "task", RULE, "ann")
    register.publish("three-works", "bob")
    return register


def _complete(database: Engine, ledger: Ledger, rule: TaskRule, enrolments: Sequence[int]) -> list[bool]:
    """All at the same moment, each in a transaction of its own, as so many processes would."""
    together = Barrier(len(enrolments))

    def complete(enrolment: int) -> bool:
        together.wait()
        with database.begin() as connection:
            return ledger.award(connection, "three-works", 1, rule, enrolment, f"creator-{enrolment}", 0)

    with ThreadPoolExecutor(len(enrolments)) as pool:
        return list(pool.map(complete, enrolments))


def test_of_64_completions_at_once_a_budget_for_10_pays_exactly_10(database: Engine, register: Register):
    ledger, rule = Ledger(database), register.task("three-works").published.rule
    paid = _complete(database, ledger, rule, range(1, AT_ONCE + 1))
    assert sum(paid) == 10
    awards = ledger.awards(limit=AT_ONCE * 2)
    assert sum(one.kind == "cash" for one in awards) == sum(one.kind == "traffic" for one in awards) == 10
    cash, traffic = register.purses("three-works")
    assert (cash.spent, cash.left, traffic.spent) == (200_00, 0, 10 * 500)
    assert ledger.differences() == []


def test_one_completion_that_comes_64_times_is_paid_once(database: Engine, register: Register):
    ledger, rule = Ledger(database), register.task("three-works").published.rule
    with database.begin() as connection:
        one = {"name": "", "platform": "kuaishou", "category": "", "created_at": datetime(2026, 11, 1)}
        connection.execute(insert(creators).values(id="mei", **one))
        known = {"steps_done": 0, "told": 0, "reason": "", "state": "joined"}
        days = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 14), "joined_at": datetime(2026, 11, 1)}
        connection.execute(
            insert(enrolments).values(id=7, program="three-works", version=1, creator_id="mei", **known, **days)
        )
    from assistant.programs.settling import _changed

    together = Barrier(AT_ONCE)

    def settle(_: int) -> bool:
        together.wait()
        with database.begin() as connection:
            if not _changed(connection, 7, enrolments.c.steps_done == 0, steps_done=1, state="completed"):
                return False
            return ledger.award(connection, "three-works", 1, rule, 7, "mei", 0)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(settle, range(AT_ONCE))) == 1
    assert [one.kind for one in ledger.awards(creator="mei")] == ["traffic", "cash"]
    assert ledger.differences() == []


def test_two_people_approve_even_when_one_presses_many_times(database: Engine, register: Register):
    register.save("three-works", "task", RULE | {"needs_two_above": "10"}, "ann")
    rule = register.publish("three-works", "bob").rule
    ledger = Ledger(database)
    _complete(database, ledger, rule, [1])
    (held,) = ledger.awards(("held",))

    def press(name: str) -> bool:
        try:
            ledger.approve(held.award, name)
        except ApprovedAlready:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, ["ann"] * 8)) == 1
    assert ledger.find(held.award).state == "held"
    assert ledger.approve(held.award, "bob").state == "payable"
    with database.connect() as connection:
        entries = connection.scalars(select(reward_ledger.c.entry).where(reward_ledger.c.award == held.award)).all()
    assert entries == ["held", "approved", "approved"]
