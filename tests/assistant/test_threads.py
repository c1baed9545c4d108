"""Conversations read back in pages, by their owner."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.pool import StaticPool

from assistant.database.schema import metadata
from assistant.database.tables import threads, turns
from assistant.errors import BadInput, NotFound
from assistant.identity import Caller
from assistant.threads import read_threads, read_turns

ME, OTHER = Caller("web", "me"), Caller("web", "other")
START = datetime(2026, 11, 1)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Five threads of mine with one to five questions, some at the very same moment; one of somebody else."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for number in range(6):
            owner = OTHER.owner if number == 5 else ME.owner
            connection.execute(insert(threads).values(id=f"t{number}", owner=owner, channel="web", created_at=START))
            for turn in range(number + 1):
                at = START + timedelta(hours=number // 2, minutes=turn // 2)
                kept = {"id": f"{number}-{turn}", "thread_id": f"t{number}", "asked_at": at, "question": f"q {turn}"}
                blank = {"as_of": "", "today": "", "answer": "", "reply": {}, "passages": [], "model": "m"}
                rest = {"grounded": True, "refused": False, "timings_ms": {}, "lang": "zh", "intent": "x"}
                columns = {**kept, **blank, **rest}
                connection.execute(insert(turns).values({k: v for k, v in columns.items() if k in turns.c}))
    return engine


def test_threads_come_last_used_first_page_by_page(engine: Engine):
    seen, cursor = [], None
    with engine.begin() as connection:
        while True:
            page = read_threads(connection, ME, 2, cursor)
            seen += [(item["thread"], item["turns"], item["title"]) for item in page.items]
            cursor = page.following
            if cursor is None:
                break
    assert seen == [(f"t{n}", n + 1, "q 0") for n in (4, 3, 2, 1, 0)]


def test_turns_come_oldest_first_and_earlier_ones_by_the_cursor(engine: Engine):
    with engine.begin() as connection:
        last = read_turns(connection, ME, "t4", 2)
        middle = read_turns(connection, ME, "t4", 2, last.following)
        first = read_turns(connection, ME, "t4", 2, middle.following)
        asked = [item["question"] for page in (first, middle, last) for item in page.items]
        assert asked == ["q 0", "q 1", "q 2", "q 3", "q 4"]
        assert first.following is None
        assert [item["question"] for item in read_turns(connection, ME, "t4").items] == asked


def test_anothers_thread_is_not_there_and_a_made_up_cursor_is_refused(engine: Engine):
    with engine.begin() as connection:
        with pytest.raises(NotFound):
            read_turns(connection, ME, "t5", 10)
        for cursor in ("x", "é", "AAAA", "MjAyNi0xMS0wMVQwMDowMDowMCswMDowMCB4"):
            with pytest.raises(BadInput):
                read_threads(connection, ME, 10, cursor)
