"""The outbox and its delivery, on every database: once on an occasion, when and where the creator wants it, and what
becomes of it when a process is killed anywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, func, insert, select

from assistant.creators.accounts import Accounts, Creator
from assistant.database.engine import open_database
from assistant.database.notice_tables import notice_wishes, notices
from assistant.database.tables import chat_links
from assistant.errors import BadInput, NotFound
from assistant.programs.notices import delivery
from assistant.programs.notices.channel import Handed, Later, Outcome, Refused
from assistant.programs.notices.delivery import LEASE, Deliverer
from assistant.programs.notices.inbox import Inbox
from assistant.programs.notices.notice import Message, Parcel, Post
from assistant.programs.notices.outbox import Outbox
from assistant.programs.notices.wishes import WishBook
from assistant.programs.notices.wording import go_path
from tests.contracts.conftest import KINDS

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2100, 1, 4, 4)  # UTC: twelve in Shanghai, and later than anything that is posted now
LATE = datetime(2100, 1, 4, 15)  # eleven at night there
SECRET = "secret"


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Sink:
    """A channel that notes what reaches the creator, and does with the next parcels what it is told to."""

    name: str = "telegram"
    knows_keys: bool = True
    arrived: list[Parcel] = field(default_factory=list)
    kill_after: int | None = None
    outcomes: list[Outcome] = field(default_factory=list)

    def hand_over(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        told = []
        for parcel in parcels:
            outcome = self.outcomes.pop(0) if self.outcomes else Handed()
            if isinstance(outcome, Handed) and not (self.knows_keys and parcel.key in self.keys):
                self.arrived.append(parcel)
            told.append(outcome)
            if self.kill_after is not None:
                self.kill_after -= 1
                if self.kill_after < 0:
                    raise Killed
        return told

    @property
    def keys(self) -> list[str]:
        return [parcel.key for parcel in self.arrived]


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One migrated database of each kind for all of these tests; `outbox` empties what they fill."""
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('notices') / 'heliotrope.db'}")
    else:
        engine = open_database(request.getfixturevalue("postgres")())
    accounts = Accounts(engine)
    for name in ("mei", "lin", "tao"):
        accounts.add(Creator(name, name, "kuaishou", "美食"))
    yield engine
    engine.dispose()


@pytest.fixture
def outbox(database: Engine) -> Outbox:
    """An empty one. There are three creators; all but the third have linked a chat."""
    with database.begin() as connection:
        for table in (notices, notice_wishes, chat_links):
            connection.execute(table.delete())
        for name in ("mei", "lin"):
            linked = {"channel": "telegram", "account": f"chat-{name}", "creator_id": name, "linked_at": NOON}
            connection.execute(insert(chat_links).values(linked))
    return Outbox(database)


def deliverer(database: Engine, *channels: Sink) -> Deliverer:
    made = Deliverer(database, SHANGHAI, "https://guide.example", SECRET)
    for channel in channels:
        made.add_channel(channel)
    return made


def told(creator: str, occasion: str = "one", kind: str = "task", link: str = "") -> Post:
    return Post(creator, kind, occasion, Message(f"标题 {occasion}", "正文", link))  # type: ignore[arg-type]


def states(database: Engine) -> dict[str, int]:
    with database.connect() as connection:
        counted = select(notices.c.state, func.count()).group_by(notices.c.state)
        return {row.state: row[1] for row in connection.execute(counted)}


def test_a_creator_is_told_once_on_an_occasion(database: Engine, outbox: Outbox):
    assert outbox.post([told("mei"), told("lin"), told("mei", "two")]) == 3
    assert outbox.post([told("mei"), told("lin", "two")]) == 1
    sink = Sink()
    assert deliverer(database, sink).drain(now=NOON).sent == 4
    assert sorted((one.account, one.message.title) for one in sink.arrived) == [
        ("chat-lin", "标题 one"), ("chat-lin", "标题 two"), ("chat-mei", "标题 one"), ("chat-mei", "标题 two")
    ]  # fmt: skip
    assert deliverer(database, sink).drain(now=NOON).taken == 0


def test_who_linked_nothing_is_told_in_the_inbox(database: Engine, outbox: Outbox):
    outbox.post([told("tao")])
    deliverer(database, Sink()).drain(now=LATE)  # the inbox wakes nobody
    inbox = Inbox(database, WishBook(database), SECRET)
    page = inbox.page("tao")
    assert [(one.title, one.channel) for one in page.notices] == [("标题 one", "inbox")]
    assert page.unseen == 1
    assert inbox.mark_seen("tao", page.notices[0].id) == 1
    assert inbox.page("tao").unseen == 0
    assert inbox.page("mei").notices == ()


def test_the_inbox_is_read_by_a_cursor(database: Engine, outbox: Outbox):
    outbox.post([told("tao", str(number)) for number in range(5)])
    inbox = Inbox(database, WishBook(database), SECRET)
    first = inbox.page("tao", limit=3)
    rest = inbox.page("tao", before=first.next, limit=3)
    assert [one.title[-1] for one in (*first.notices, *rest.notices)] == list("43210")
    assert rest.next is None
    assert inbox.page("tao", after=first.notices[0].id).notices == ()


def test_nothing_goes_out_in_quiet_hours(database: Engine, outbox: Outbox):
    outbox.post([told("mei"), told("lin")])
    WishBook(database).change("lin", {"timezone": "America/New_York"})  # ten in the morning there
    sink = Sink()
    done = deliverer(database, sink).drain(now=LATE)
    assert (done.sent, done.put_off) == (1, 1)
    assert sink.arrived[0].account == "chat-lin"
    assert deliverer(database, sink).drain(now=LATE + timedelta(hours=8, minutes=59)).taken == 0
    assert deliverer(database, sink).drain(now=LATE + timedelta(hours=9)).sent == 1  # eight in the morning


def test_what_was_read_in_the_inbox_is_not_sent_any_more(database: Engine, outbox: Outbox):
    outbox.post([told("mei")])
    sink, inbox = Sink(), Inbox(database, WishBook(database), SECRET)
    deliverer(database, sink).drain(now=LATE)
    inbox.mark_seen("mei", inbox.page("mei").notices[0].id)
    assert deliverer(database, sink).drain(now=LATE + timedelta(hours=10)).sent == 1
    assert sink.arrived == []


def test_a_kind_that_is_switched_off_is_neither_sent_nor_shown(database: Engine, outbox: Outbox):
    inbox = Inbox(database, WishBook(database), SECRET)
    outbox.post([told("mei", "before", "campaign")])
    inbox.mute("mei", "campaign")
    outbox.post([told("mei", "after", "campaign"), told("mei", "case", "case")])
    sink = Sink()
    deliverer(database, sink).drain(now=NOON)
    assert [one.message.title for one in sink.arrived] == ["标题 case"]
    assert states(database) == {"withheld": 2, "sent": 1}
    with pytest.raises(BadInput):
        inbox.mute("mei", "ticket")


def test_the_limit_a_week_leaves_the_rest_to_the_inbox(database: Engine, outbox: Outbox):
    sink = Sink()
    WishBook(database).change("mei", {"weekly": 2})
    for number in range(4):
        outbox.post([told("mei", f"c{number}", "campaign")])
        deliverer(database, sink).drain(now=NOON + timedelta(hours=number))
    outbox.post([told("mei", "case", "case")])  # what the creator began is not counted
    deliverer(database, sink).drain(now=NOON)
    assert [one.message.title for one in sink.arrived] == ["标题 c0", "标题 c1", "标题 case"]
    assert len(Inbox(database, WishBook(database)).page("mei").notices) == 5
    outbox.post([told("mei", "c4", "campaign")])
    deliverer(database, sink).drain(now=NOON + timedelta(days=8))
    assert sink.arrived[-1].message.title == "标题 c4"


def test_many_at_once_go_out_as_one_digest(database: Engine, outbox: Outbox):
    outbox.post([told("mei", str(number)) for number in range(10)] + [told("mei", "answer", "ticket")])
    sink = Sink()
    assert deliverer(database, sink).drain(now=NOON).sent == 11
    alone, digest = sorted(sink.arrived, key=lambda one: len(one.notices))
    assert alone.message.title == "标题 answer"
    assert digest.message.title == "向光：10 条新通知"
    assert "• 标题 0" in digest.message.body
    assert "还有 2 条" in digest.message.body


def test_a_digest_by_letter_is_whole_when_it_begins_in_another_batch(
    database: Engine, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "BATCH", 3)
    WishBook(database).change("tao", {"email": "tao@example.com"})
    outbox.post([told("tao", str(number)) for number in range(5)])
    sink = Sink("email")
    deliverer(database, sink).drain(now=NOON)
    assert [len(one.notices) for one in sink.arrived] == [5]


def test_a_digest_by_day_waits_for_the_morning(database: Engine, outbox: Outbox):
    WishBook(database).change("mei", {"daily_digest": True})
    outbox.post([told("mei", str(number)) for number in range(3)])
    sink = Sink()
    assert deliverer(database, sink).drain(now=NOON).put_off == 3
    assert deliverer(database, sink).drain(now=NOON + timedelta(hours=21)).sent == 3  # nine in the morning
    assert len(sink.arrived) == 1


def test_a_channel_that_is_down_gets_it_later_and_one_that_refuses_leaves_it_to_the_inbox(
    database: Engine, outbox: Outbox
):
    outbox.post([told("mei"), told("lin")])
    sink = Sink(outcomes=[Later(60, "slow down"), Refused("the bot was blocked")])
    done = deliverer(database, sink).drain(now=NOON)
    assert (done.put_off, done.given_up) == (1, 1)
    assert deliverer(database, sink).drain(now=NOON + timedelta(seconds=59)).taken == 0
    assert deliverer(database, sink).drain(now=NOON + timedelta(seconds=60)).sent == 1
    assert states(database) == {"sent": 1, "failed": 1}
    inbox = Inbox(database, WishBook(database))
    assert sorted(inbox.page(name).unseen for name in ("mei", "lin")) == [0, 1]


@pytest.mark.parametrize("after", [0, 1])
def test_a_kill_repeats_nothing_where_the_channel_knows_keys(database: Engine, outbox: Outbox, after: int):
    outbox.post([told("mei"), told("lin")])
    sink = Sink(kill_after=after)
    with pytest.raises(Killed):
        deliverer(database, sink).drain(now=NOON)
    sink.kill_after = None
    assert deliverer(database, sink).drain(now=NOON).taken == 0  # still leased by whoever died
    assert deliverer(database, sink).drain(now=NOON + LEASE * 2).sent == 2
    assert sorted(one.account for one in sink.arrived) == ["chat-lin", "chat-mei"]


def test_what_a_dead_process_held_is_free_when_the_clock_was_set_back(database: Engine, outbox: Outbox):
    outbox.post([told("mei")])
    sink = Sink(kill_after=0)
    with pytest.raises(Killed):
        deliverer(database, sink).drain(now=NOON)
    sink.kill_after = None
    assert deliverer(database, sink).drain(now=NOON - LEASE / 2).taken == 0
    assert deliverer(database, sink).drain(now=NOON - timedelta(hours=1)).sent == 1
    assert sink.keys == [sink.arrived[0].key]


def test_a_kill_repeats_once_and_says_so_where_the_channel_cannot_tell(database: Engine, outbox: Outbox):
    outbox.post([told("mei"), told("lin")])
    sink = Sink(knows_keys=False, kill_after=0)
    with pytest.raises(Killed):
        deliverer(database, sink).drain(now=NOON)
    sink.kill_after = None
    assert deliverer(database, sink).drain(now=NOON + LEASE * 2).sent == 2
    assert sorted((one.account, one.is_repeat) for one in sink.arrived) == sorted(
        [(sink.arrived[0].account, False), (sink.arrived[0].account, True), (other(sink.arrived[0].account), False)]
    )


def test_what_was_killed_twice_where_the_channel_cannot_tell_is_left_to_the_inbox(database: Engine, outbox: Outbox):
    outbox.post([told("mei")])
    sink = Sink(knows_keys=False)
    for attempt in range(2):
        sink.kill_after = 0
        with pytest.raises(Killed):
            deliverer(database, sink).drain(now=NOON + LEASE * 2 * attempt)
    sink.kill_after = None
    deliverer(database, sink).drain(now=NOON + LEASE * 4)
    assert len(sink.arrived) == 2  # never a third time
    assert states(database) == {"unsure": 1}
    assert Inbox(database, WishBook(database)).page("mei").unseen == 1


def other(account: str) -> str:
    return {"chat-mei": "chat-lin", "chat-lin": "chat-mei"}[account]


def test_a_kill_in_a_digest_sends_the_same_digest_again(database: Engine, outbox: Outbox):
    outbox.post([told("mei", str(number)) for number in range(3)])
    sink = Sink(kill_after=0)
    with pytest.raises(Killed):
        deliverer(database, sink).drain(now=NOON)
    sink.kill_after = None
    outbox.post([told("mei", "new")])
    deliverer(database, sink).drain(now=NOON + LEASE * 2)
    assert [len(one.notices) for one in sink.arrived] == [3, 1]


def test_four_deliverers_at_once_send_each_once(database: Engine, outbox: Outbox):
    outbox.post([told("mei", str(number), "ticket") for number in range(60)] + [told("lin", "x"), told("tao", "x")])
    sinks = [Sink(knows_keys=False) for _ in range(4)]
    workers = [Thread(target=deliverer(database, sink).drain, kwargs={"now": NOON}) for sink in sinks]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len([parcel for sink in sinks for parcel in sink.arrived]) == 61
    assert states(database) == {"sent": 62}


def test_a_click_is_counted_by_a_signed_path_only(database: Engine, outbox: Outbox):
    outbox.post([told("mei", link="https://example.com/task")])
    sink = Sink()
    deliverer(database, sink).drain(now=NOON)
    sent = sink.arrived[0]
    path = go_path(sent.notices[0], SECRET)
    assert sent.message.link == f"https://guide.example{path}"
    inbox = Inbox(database, WishBook(database), SECRET)
    assert inbox.open(sent.notices[0], path.rsplit("/", 1)[1]) == "https://example.com/task"
    assert inbox.page("mei").notices[0].clicked_at is not None
    with pytest.raises(NotFound):
        inbox.open(sent.notices[0], "0" * 24)
    with pytest.raises(NotFound):
        inbox.follow("lin", sent.notices[0])
