"""Hand-off on every database: a ticket there and back, within the service hours."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, select

from assistant.creators.accounts import Accounts, Creator
from assistant.database.program_tables import star_nominations
from assistant.database.tables import threads, turns
from assistant.errors import BadInput, Misconfigured
from assistant.identity import Caller
from assistant.programs.jobs import Jobs
from assistant.programs.notices.service import Notices
from assistant.programs.tickets.counter import Counter
from assistant.programs.tickets.hours import ServiceHours
from assistant.programs.tickets.ticket import NoSuchTicket, NothingSaid, TicketClosed

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = ServiceHours.of("1-5 09:00-18:00", SHANGHAI)
MONDAY_TEN = datetime(2026, 11, 30, 2)  # UTC
MEI = Caller("telegram", "mei", "77")


@pytest.fixture
def counter(database: Engine, tmp_path: Path) -> Counter:
    """With one creator, who has a conversation."""
    Accounts(database).add(Creator("mei", "小美", "kuaishou", "美食"))
    with database.begin() as connection:
        connection.execute(insert(threads).values(id="t1", owner=MEI.owner, channel="telegram", created_at=MONDAY_TEN))
    jobs = Jobs("sqlite://", tmp_path, "Asia/Shanghai")  # never started
    return Counter(database, Notices.over(database, jobs, SHANGHAI), OFFICE)


def test_a_ticket_goes_there_and_back(database: Engine, counter: Counter):
    ask_once(database, "我的收益为什么是 0")
    ticket = counter.open(MEI, "我的收益为什么是 0", "zh", MONDAY_TEN)
    assert (ticket.state, ticket.thread_id, ticket.due_at) == ("open", "t1", MONDAY_TEN.replace(hour=3))
    assert counter.open(MEI, "补充：是上周的", "zh", MONDAY_TEN).id == ticket.id  # no second one beside it
    counter.note(ticket.id, "wang", "像是结算延迟")
    answered = counter.answer(ticket.id, "wang", "结算要两天，周三再看。", MONDAY_TEN.replace(minute=20))
    assert (answered.state, answered.assignee, answered.first_answer_minutes) == ("answered", "wang", 20)
    with database.connect() as connection:
        last = connection.execute(select(turns).order_by(turns.c.asked_at.desc())).first()
    assert (last.thread_id, last.question, last.answer, last.model) == ("t1", "", "结算要两天，周三再看。", "staff")
    told = counter._notices.inbox.page("mei").notices
    assert [(one.kind, one.body) for one in told] == [("ticket", "结算要两天，周三再看。")]
    assert [entry.act for entry in counter.entries(ticket.id, with_notes=False)] == ["said", "said", "answered"]
    assert counter.say_more(MEI, ticket.id, "好了，谢谢").state == "open"
    counter.close(ticket.id, "wang")
    with pytest.raises(TicketClosed):
        counter.answer(ticket.id, "wang", "再见")
    assert counter.open(MEI, "又有问题", "zh", MONDAY_TEN).id != ticket.id
    found = counter.statistics(7, MONDAY_TEN)
    assert (found.opened, found.answered, found.in_time, found.median_minutes) == (2, 1, 1, 20)


def test_a_star_is_handed_to_the_named_contact(database: Engine, counter: Counter):
    with database.begin() as connection:
        connection.execute(
            insert(star_nominations).values(
                creator_id="mei", nominated_by="li", nominated_at=MONDAY_TEN, note="", readiness={}, state="accepted",
                reason="", contact="zhao",
            )
        )  # fmt: skip
    assert counter.open(MEI, "想聊聊合作", "zh").assignee == "zhao"


def test_another_creators_ticket_is_not_there(counter: Counter):
    ticket = counter.open(MEI, "问题", "zh")
    with pytest.raises(NoSuchTicket):
        counter.say_more(Caller("web", "lin"), ticket.id, "我也想说")
    assert counter.of(Caller("web", "lin")) == []
    for words in ("", " \0 ", "长" * 2001):
        with pytest.raises(NothingSaid):
            counter.answer(ticket.id, "wang", words)
    with pytest.raises(BadInput):
        counter.assign(ticket.id, "wang", "nobody")


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2026-11-30T02:00", "2026-11-30T03:00"),  # Monday at ten: an hour later
        ("2026-11-30T09:30", "2026-12-01T01:30"),  # half an hour before the end: the rest on Tuesday morning
        ("2026-11-27T23:00", "2026-11-30T02:00"),  # Saturday early: Monday at ten
    ],
)
def test_a_first_answer_is_due_after_an_hour_of_service(opened: str, due: str):
    start, end = datetime.fromisoformat(opened), datetime.fromisoformat(due)
    assert OFFICE.after(start, 60) == end
    assert OFFICE.minutes_between(start, end) == 60


@pytest.mark.parametrize("written", ["", "9-18", "5-1 09:00-18:00", "1-5 18:00-09:00", "1-5 09:00-25:00"])
def test_hours_that_cannot_be_are_refused(written: str):
    with pytest.raises(Misconfigured):
        ServiceHours.of(written, SHANGHAI)


def ask_once(database: Engine, question: str) -> None:
    with database.begin() as connection:
        connection.execute(
            insert(turns).values(
                id="turn", thread_id="t1", asked_at=MONDAY_TEN, as_of="2026-11-30", question=question, answer="",
                reply={}, passages=[], model="extractive", grounded=True, refused=True, timings_ms={},
            )
        )  # fmt: skip
