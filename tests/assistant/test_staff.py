"""Staff accounts: who gets in, how long, and what ends it."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, inspect, select, text

from assistant.database.engine import open_database
from assistant.database.tables import staff, staff_sessions
from assistant.errors import BadInput, NotAllowed
from assistant.staff.accounts import UNKNOWN, Staff
from assistant.staff.passwords import Passwords, generated
from assistant.staff.patience import LONGEST_WAIT_SECONDS, Patience
from assistant.staff.people import (
    ROLES,
    LastAdmin,
    NameTaken,
    NoSuchMember,
    Person,
    SignInRefused,
    TooManyAttempts,
    UnusableName,
    WeakPassword,
    WrongPassword,
)
from assistant.staff.sessions import IDLE, LONGEST, StaffSessions
from knowledge.audit import Entry, Trail

PASSWORD = "correct horse battery"
NOON = datetime(2026, 11, 24, 12)


class CountingHasher(PasswordHasher):
    """A cheap hasher that counts its checks."""

    def __init__(self, **costs: int) -> None:
        super().__init__(**{"time_cost": 1, "memory_cost": 8, "parallelism": 1, **costs})
        self.checks = 0

    def verify(self, hash: Any, password: Any) -> Any:  # noqa: A002
        self.checks += 1
        return super().verify(hash, password)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'staff.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def house(engine: Engine, hasher: CountingHasher) -> Staff:
    return Staff(engine, Passwords(hasher))


@pytest.fixture
def sessions(engine: Engine) -> StaffSessions:
    return StaffSessions(engine)


@pytest.fixture
def trail(engine: Engine) -> Callable[[], list[Entry]]:
    return lambda: Trail(engine).entries(area="staff")


def test_each_role_may_what_those_before_it_may():
    for own, role in enumerate(ROLES):
        assert [Person("a", role).may(needed) for needed in ROLES] == [own >= n for n in range(len(ROLES))]


def test_somebody_added_signs_in_whatever_the_case_and_width_of_the_name(house: Staff):
    house.add("Sam Taylor", "editor", PASSWORD, "operator")
    for typed in ("Sam Taylor", "sam taylor", "ＳＡＭ ＴＡＹＬＯＲ"):
        assert house.authenticate(typed, PASSWORD) == Person("Sam Taylor", "editor", "zh")
    with pytest.raises(NameTaken, match="SAM"):
        house.add("SAM TAYLOR", "viewer", PASSWORD, "operator")


@pytest.mark.parametrize("name", ["", " ", " a", "a ", "a\nb", "a\x00b", "x" * 61, "\ud800", "ﷺ" * 60])
def test_what_cannot_be_a_name_is_refused(house: Staff, name: str):
    with pytest.raises(UnusableName):
        house.add(name, "viewer", PASSWORD, "operator")


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "abababababab", "somebody-new"])
def test_weak_passwords_are_refused(house: Staff, password: str):
    with pytest.raises(WeakPassword):
        house.add("Somebody-New", "viewer", password, "operator")
    assert house.is_empty()


def test_generated_passwords_are_strong_enough_and_differ(house: Staff):
    assert len({generated() for _ in range(50)}) == 50
    house.add("a", "viewer", generated(), "operator")


def test_unknown_roles_and_languages_are_refused(house: Staff):
    with pytest.raises(BadInput, match="viewer, editor"):
        house.add("a", "owner", PASSWORD, "operator")
    house.add("a", "viewer", PASSWORD, "operator")
    with pytest.raises(BadInput, match="zh"):
        house.set_language("a", "fr")
    house.set_language("a", "en")
    assert house.authenticate("a", PASSWORD).language == "en"


def test_refusals_are_one_and_the_same_and_cost_one_check_each(
    house: Staff, hasher: CountingHasher, trail: Callable[[], list[Entry]]
):
    house.add("boss", "admin", PASSWORD, "operator")
    house.add("gone", "viewer", PASSWORD, "operator")
    house.add("only-sso", "viewer", None, "operator")
    house.disable("gone", "boss")
    said = set()
    tries = [("boss", "wrong"), ("gone", PASSWORD), ("only-sso", ""), ("nobody", PASSWORD), ("\x00", "x"), ("", "")]
    for name, password in tries:
        before = hasher.checks
        with pytest.raises(SignInRefused) as refused:
            house.authenticate(name, password, "192.0.2.1")
        said.add(str(refused.value))
        assert hasher.checks == before + 1
    assert len(said) == 1
    failed = [entry.subject for entry in trail() if entry.action == "staff.sign_in_failed"]
    assert failed == [UNKNOWN, UNKNOWN, UNKNOWN, "only-sso", "gone", "boss"]


def test_passwords_and_tokens_are_kept_as_hashes_only(engine: Engine, house: Staff, sessions: StaffSessions):
    house.add("a", "viewer", PASSWORD, "operator")
    token = sessions.open(house.authenticate("a", PASSWORD))
    with engine.connect() as connection:
        everything = str(connection.execute(select(staff)).all() + connection.execute(select(staff_sessions)).all())
    assert "argon2id" in everything
    assert PASSWORD not in everything
    assert token not in everything


def test_a_hash_made_with_weaker_parameters_is_renewed_at_sign_in(engine: Engine, house: Staff):
    house.add("a", "viewer", PASSWORD, "operator")
    later = Staff(engine, Passwords(CountingHasher(time_cost=2)))
    later.authenticate("a", PASSWORD)
    with engine.connect() as connection:
        assert "t=2" in connection.scalar(select(staff.c.password_hash))
    later.authenticate("a", PASSWORD)


def test_guessing_a_name_waits_longer_each_time_and_success_forgets(engine: Engine, hasher: CountingHasher):
    now = [0.0]
    house = Staff(engine, Passwords(hasher), names=Patience(5, lambda: now[0]))
    house.add("a", "viewer", PASSWORD, "operator")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            house.authenticate("a", "wrong")
    waits = []
    for _ in range(7):
        checks = hasher.checks
        with pytest.raises(TooManyAttempts) as refused:
            house.authenticate("A", PASSWORD)
        assert hasher.checks == checks
        waits.append(refused.value.retry_after)
        now[0] += refused.value.retry_after
        with pytest.raises(SignInRefused):
            house.authenticate("a", "wrong")
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    now[0] += 900
    assert house.authenticate("a", PASSWORD)
    with pytest.raises(SignInRefused):
        house.authenticate("a", "wrong")


def test_one_address_may_not_try_many_names(house: Staff):
    house.add("a", "viewer", PASSWORD, "operator")
    for number in range(20):
        with pytest.raises(SignInRefused):
            house.authenticate(f"name-{number}", "wrong", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        house.authenticate("a", PASSWORD, "192.0.2.1")
    assert house.authenticate("a", PASSWORD, "192.0.2.2")


@given(st.lists(st.floats(0, 2000), max_size=40), st.integers(1, 6))
def test_a_wait_that_is_told_is_enough_and_never_more_than_fifteen_minutes(pauses: list[float], free: int):
    now = [0.0]
    patience = Patience(free, lambda: now[0])
    for pause in pauses:
        now[0] += pause
        seconds = patience.seconds_to_wait("key")
        assert 0 <= seconds <= LONGEST_WAIT_SECONDS
        now[0] += seconds
        if seconds:
            assert patience.seconds_to_wait("key") == 0


def test_many_guesses_at_once_are_counted_before_they_are_checked(house: Staff):
    house.add("a", "viewer", PASSWORD, "operator")
    seen: list[type[Exception]] = []

    def guess() -> None:
        try:
            house.authenticate("a", "wrong")
        except NotAllowed as error:
            seen.append(type(error))
        except TooManyAttempts as error:
            seen.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen.count(SignInRefused) == 5
    assert seen.count(TooManyAttempts) == 7


def test_a_session_ends_after_twelve_idle_hours_and_after_seven_days(house: Staff, sessions: StaffSessions):
    person = house.add("a", "viewer", PASSWORD, "operator")
    signed_in = house.authenticate(person.name, PASSWORD)
    idle = sessions.open(signed_in, now=NOON)
    assert sessions.find(idle, NOON + IDLE - timedelta(seconds=1))
    assert sessions.find(idle, NOON + 2 * IDLE - timedelta(minutes=1))
    assert sessions.find(idle, NOON + 3 * IDLE) is None

    used = sessions.open(signed_in, now=NOON)
    moment = NOON
    while moment + timedelta(hours=11) < NOON + LONGEST:
        moment += timedelta(hours=11)
        assert sessions.find(used, moment)
    assert sessions.find(used, NOON + LONGEST) is None
    assert sessions.find("nonsense", NOON) is None
    assert sessions.find("\ud800", NOON) is None


def test_ended_sessions_are_forgotten(engine: Engine, house: Staff, sessions: StaffSessions):
    house.add("a", "viewer", PASSWORD, "operator")
    signed_in = house.authenticate("a", PASSWORD)
    for day in range(5):
        sessions.open(signed_in, now=NOON + timedelta(days=day))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM staff_sessions")) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda house: house.set_role("a", "editor", "boss"),
        lambda house: house.set_password("a", "another long password", "boss"),
        lambda house: house.change_password("a", PASSWORD, "another long password"),
        lambda house: house.disable("a", "boss"),
    ],
)
def test_a_change_of_role_password_or_activity_ends_every_session(
    house: Staff, sessions: StaffSessions, change: Callable[[Staff], object]
):
    house.add("boss", "admin", PASSWORD, "operator")
    house.add("a", "viewer", PASSWORD, "operator")
    own = [sessions.open(house.authenticate("a", PASSWORD)) for _ in range(2)]
    other = sessions.open(house.authenticate("boss", PASSWORD))
    change(house)
    assert [sessions.find(token) for token in own] == [None, None]
    assert sessions.find(other)


def test_setting_the_role_somebody_has_ends_nothing(house: Staff, sessions: StaffSessions):
    house.add("a", "viewer", PASSWORD, "operator")
    token = sessions.open(house.authenticate("a", PASSWORD))
    house.set_role("a", "viewer", "operator")
    assert sessions.find(token)


def test_a_session_cannot_be_opened_for_somebody_disabled_meanwhile(house: Staff, sessions: StaffSessions):
    house.add("a", "viewer", PASSWORD, "operator")
    person = house.authenticate("a", PASSWORD)
    house.disable("a", "operator")
    with pytest.raises(NotAllowed):
        sessions.open(person)
    house.enable("a", "operator")
    assert sessions.open(house.authenticate("a", PASSWORD))


def test_own_password_is_changed_with_the_present_one_only(house: Staff):
    house.add("a", "viewer", PASSWORD, "operator")
    with pytest.raises(WrongPassword):
        house.change_password("a", "wrong", "another long password")
    with pytest.raises(WeakPassword):
        house.change_password("a", PASSWORD, "short")
    house.change_password("a", PASSWORD, "another long password")
    with pytest.raises(SignInRefused):
        house.authenticate("a", PASSWORD)
    assert house.authenticate("a", "another long password")


def test_there_is_always_an_admin_left(house: Staff):
    house.add("boss", "admin", PASSWORD, "operator")
    for change in (lambda: house.disable("boss", "x"), lambda: house.set_role("boss", "editor", "x")):
        with pytest.raises(LastAdmin, match="boss"):
            change()
    house.add("second", "admin", PASSWORD, "operator")
    house.disable("second", "boss")
    with pytest.raises(LastAdmin):
        house.disable("boss", "second")
    house.enable("second", "boss")
    house.disable("boss", "second")
    assert not house.get("boss").active


def test_two_admins_who_remove_each_other_leave_one(house: Staff):
    for name in ("one", "two"):
        house.add(name, "admin", PASSWORD, "operator")
    refused: list[str] = []
    together = threading.Barrier(2)

    def remove(name: str) -> None:
        together.wait()
        try:
            house.disable(name, "other")
        except LastAdmin:
            refused.append(name)

    threads = [threading.Thread(target=remove, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert [member.name for member in house.all() if member.active] == refused


def test_changes_to_nobody_are_refused(house: Staff):
    for change in (
        lambda: house.get("x"),
        lambda: house.set_role("x", "viewer", "boss"),
        lambda: house.set_password("x", PASSWORD, "boss"),
        lambda: house.disable("x", "boss"),
        lambda: house.enable("\x00", "boss"),
    ):
        with pytest.raises(NoSuchMember):
            change()


def test_the_audit_trail_tells_who_changed_what(
    house: Staff, sessions: StaffSessions, trail: Callable[[], list[Entry]]
):
    house.add("boss", "admin", PASSWORD, "operator")
    house.add("a", "viewer", PASSWORD, "boss")
    house.set_role("a", "editor", "boss")
    house.set_password("a", "another long password", "boss")
    token = sessions.open(house.authenticate("a", "another long password"), "192.0.2.1")
    sessions.close(token)
    sessions.close(token)
    house.disable("a", "boss")
    house.disable("a", "boss")
    house.enable("a", "boss")
    assert [(entry.actor, entry.action, entry.subject) for entry in reversed(trail())] == [
        ("operator", "staff.added", "boss"),
        ("boss", "staff.added", "a"),
        ("boss", "staff.role_changed", "a"),
        ("boss", "staff.password_changed", "a"),
        ("a", "staff.signed_in", "a"),
        ("a", "staff.signed_out", "a"),
        ("boss", "staff.disabled", "a"),
        ("boss", "staff.enabled", "a"),
    ]
    assert trail()[5].detail == {"before": "viewer", "after": "editor"}
    assert "password" not in str([entry.detail for entry in trail() if entry.action != "staff.signed_in"])


def test_an_identity_is_bound_to_the_account_of_its_name_once(house: Staff):
    house.add("a@example.com", "editor", None, "operator")
    with pytest.raises(SignInRefused):
        house.recognise("issuer 1", "nobody@example.com")
    assert house.recognise("issuer 1", "A@example.com").name == "a@example.com"
    assert house.recognise("issuer 1", "renamed@example.com").name == "a@example.com"
    with pytest.raises(SignInRefused):
        house.recognise("issuer 2", "a@example.com")
    house.disable("a@example.com", "operator")
    with pytest.raises(SignInRefused):
        house.recognise("issuer 1", "a@example.com")
    assert house.get("a@example.com").has_subject


def test_notices_wait_for_the_next_page(house: Staff, sessions: StaffSessions):
    house.add("a", "viewer", PASSWORD, "operator")
    token = sessions.open(house.authenticate("a", PASSWORD))
    for key in ("one", "two"):
        sessions.leave_notice(token, {"key": key})
    sessions.leave_notice("nobody's", {"key": "three"})
    found = sessions.find(token)
    assert found
    assert found.notices == ({"key": "one"}, {"key": "two"})
    sessions.clear_notices(token)
    assert sessions.find(token).notices == ()  # type: ignore[union-attr]


def test_each_session_has_a_csrf_token_of_its_own(house: Staff, sessions: StaffSessions):
    house.add("a", "viewer", PASSWORD, "operator")
    tokens = [sessions.open(house.authenticate("a", PASSWORD)) for _ in range(2)]
    first, second = (sessions.find(token) for token in tokens)
    assert first
    assert second
    assert first.csrf != second.csrf
    assert first.csrf not in tokens


def test_the_migration_makes_the_tables_that_are_declared(engine: Engine):
    made = inspect(engine)
    for table in (staff, staff_sessions):
        columns = {column["name"]: column["nullable"] for column in made.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
    unique = {tuple(constraint["column_names"]) for constraint in made.get_unique_constraints("staff")}
    assert unique == {("name_key",), ("oidc_subject",)}
