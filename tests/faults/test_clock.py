"""The clock is set a day forward and an hour back: rounds, leases and tokens follow it and nothing goes wild.
(`python -m tests.faults.clock` does it to a whole server.)"""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import jwt
import pytest

from assistant.errors import NotAllowed
from assistant.identity import TokenOffice
from assistant.programs.timetable import Due, Timetable

SECRET = "the secret of the tests, long enough for HS256"
START = datetime(2026, 3, 2, 10, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CRONS = {"minutely": "* * * * *", "hourly": "7 * * * *", "daily": "23 3 * * *"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def begun(timetable: Timetable, start: datetime, minutes: int) -> list[Due]:
    """What is begun in so many minutes of a clock that is looked at every ten seconds."""
    told = []
    for second in range(0, minutes * 60, 10):
        for due in timetable.due(start + timedelta(seconds=second)):
            timetable.begun(due)
            told.append(due)
    return told


def test_a_round_is_begun_at_each_of_its_times_once() -> None:
    told = begun(Timetable(CRONS, START), START, 120)
    assert Counter(due.name for due in told) == {"minutely": 120, "hourly": 2}
    assert len({due.name_of_run for due in told}) == len(told)


def test_a_day_that_is_jumped_over_is_made_up_for_once() -> None:
    timetable = Timetable(CRONS, START)
    begun(timetable, START, 3)
    told = begun(timetable, START + DAY, 3)
    assert Counter(due.name for due in told) == {"minutely": 4, "hourly": 1, "daily": 1}


def test_an_hour_that_comes_again_has_its_rounds_again_under_names_of_its_own() -> None:
    timetable = Timetable(CRONS, START)
    before = begun(timetable, START, 90)
    again = begun(timetable, START + timedelta(minutes=90) - HOUR, 60)
    assert Counter(due.name for due in again) == {"minutely": 60, "hourly": 1}
    assert not {due.name_of_run for due in before} & {due.name_of_run for due in again}


def test_a_clock_that_is_kept_right_by_seconds_begins_nothing_twice() -> None:
    timetable = Timetable(CRONS, START)
    told = begun(timetable, START, 2) + begun(timetable, START + timedelta(minutes=2, seconds=-4), 2)
    assert len({due.name_of_run for due in told}) == len(told) == 4


def test_what_could_not_be_begun_is_due_until_it_is() -> None:
    timetable = Timetable(CRONS, START)
    later = START + timedelta(minutes=1)
    assert [list(timetable.due(later)), list(timetable.due(later + timedelta(seconds=1)))] == [
        [Due("minutely", START.replace(second=0) + timedelta(minutes=1), "")]
    ] * 2


def test_a_token_from_before_the_clock_was_set_back_holds_until_its_end() -> None:
    office = TokenOffice(SECRET)
    token = office.issue("mei")
    about = jwt.decode(token, SECRET, algorithms=["HS256"], audience="heliotrope-api")
    late = {name: value + 3600 if name in ("iat", "exp") else value for name, value in about.items()}
    assert office.creator_of(jwt.encode(late, SECRET, "HS256")) == "mei"
    gone = {name: value - 90000 if name in ("iat", "exp") else value for name, value in about.items()}
    with pytest.raises(NotAllowed, match="expired"):
        office.creator_of(jwt.encode(gone, SECRET, "HS256"))
