"""Campaigns on every database: two persons, an audience enrolled once, paused, cancelled, counted."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import Engine, insert, update

from assistant.database.notice_tables import notices
from assistant.database.tables import creators
from assistant.errors import BadInput
from assistant.programs.audience import AudienceRule
from assistant.programs.campaigns.campaign import Content, NeedsAnother, Wording, WrongState
from assistant.programs.campaigns.desk import BATCH, Campaigns
from assistant.programs.campaigns.images import Pictures
from assistant.programs.campaigns.results import Counts, compared
from assistant.programs.jobs import Jobs
from assistant.programs.notices.service import Notices

SHANGHAI = ZoneInfo("Asia/Shanghai")
PEOPLE = BATCH + 100
TWO = {
    "a": {
        "zh": Wording("{name}，光合计划开放了", "{category}创作者可以报名。"),
        "en": Wording("Open, {name}", "Join."),
    },
    "b": {"zh": Wording("报名开始", "{name}，来看看。")},
}
CONTENT = Content("春季招募", AudienceRule(categories=("美食",)), TWO, "https://example.com/join")
PAST = datetime(2020, 1, 1)


@pytest.fixture
def desk(database: Engine, tmp_path: Path) -> Campaigns:
    """Over 600 creators who cook and one who does not."""
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {"id": f"c{number:05}", "name": f"第{number}位", "platform": "kuaishou", "story": "", "created_at": now,
         "category": "知识" if number == PEOPLE else "美食", "synthetic": True, "region": ""}
        for number in range(PEOPLE + 1)
    ]  # fmt: skip
    with database.begin() as connection:
        connection.execute(insert(creators), rows)
    jobs = Jobs("sqlite://", tmp_path, "Asia/Shanghai")  # never started: the tests make the steps
    notices = Notices.over(database, jobs, SHANGHAI)
    return Campaigns(database, notices, Pictures(database, tmp_path / "pictures"), jobs, date.today)


def approved(desk: Campaigns, content: Content = CONTENT) -> int:
    kept = desk.save(content, "wang")
    desk.approve(kept.id, "li", kept.changed_at)
    return kept.id


def sent_out(desk: Campaigns) -> None:
    desk._notices.deliverer.drain()
    desk.settle()


def test_a_campaign_goes_from_draft_to_sent_and_everybody_gets_it_once(desk: Campaigns):
    desk._notices.wishes.mute("c00007", "campaign")
    desk._notices.wishes.change("c00008", {"language": "en"})
    preview = desk.preview(CONTENT)
    assert (preview.count, preview.muted) == (PEOPLE, 1)
    kept = desk.save(CONTENT, "wang")
    with pytest.raises(NeedsAnother):
        desk.approve(kept.id, "wang", kept.changed_at)
    with pytest.raises(WrongState):
        desk.schedule(kept.id, "wang", PAST)
    changed = desk.save(CONTENT, "wang", kept.id)
    with pytest.raises(WrongState):
        desk.approve(kept.id, "li", kept.changed_at)  # it is not what was seen
    desk.approve(kept.id, "li", changed.changed_at)
    desk.schedule(kept.id, "wang", PAST)
    assert desk.find(kept.id).state == "sending"
    assert desk.enrol(kept.id)
    assert desk.find(kept.id).enrolled == BATCH
    while desk.enrol(kept.id):
        pass
    assert not desk.enrol(kept.id)
    sent_out(desk)
    assert desk.find(kept.id).state == "sent"
    counts, _ = desk.results(kept.id)
    assert sum(one.enrolled for one in counts) == PEOPLE
    assert sum(one.sent for one in counts) == PEOPLE - 1
    assert sum(one.withheld for one in counts) == 1
    assert min(one.enrolled for one in counts) > PEOPLE / 3  # the two texts share the audience
    message = desk._notices.inbox.page("c00008").notices[0]
    assert message.title in ("Open, 第8位", "报名开始")  # the second text has no English version
    assert desk._notices.inbox.page("c00007").notices == ()


def test_a_paused_campaign_waits_and_a_cancelled_one_is_over(desk: Campaigns):
    number = approved(desk)
    desk.schedule(number, "wang", PAST)
    desk.enrol(number)
    desk.pause(number, "wang")
    assert not desk.enrol(number)
    sent_out(desk)
    counts, _ = desk.results(number)
    assert (sum(one.waiting for one in counts), sum(one.sent for one in counts)) == (BATCH, 0)
    assert desk._notices.inbox.page("c00001").notices == ()
    desk.resume(number, "wang")
    desk._notices.deliverer.deliver_batch()
    desk.enrol(number)
    desk.cancel(number, "wang", "写错了")
    sent_out(desk)
    counts, _ = desk.results(number)
    assert (sum(one.sent for one in counts), sum(one.withheld for one in counts)) == (BATCH, PEOPLE - BATCH)
    with pytest.raises(WrongState):
        desk.resume(number, "wang")
    with pytest.raises(WrongState):
        desk.save(CONTENT, "wang", number)


def test_a_campaign_waits_for_its_hour_and_a_change_takes_the_approval_away(desk: Campaigns):
    number = approved(desk)
    desk.schedule(number, "wang", datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1))
    assert desk.find(number).state == "scheduled"
    assert desk.save(CONTENT, "wang", number).state == "draft"
    assert desk.find(number).approver == ""


def test_a_test_goes_to_one_creator_and_counts_nothing(desk: Campaigns):
    drawn = io.BytesIO()
    Image.new("RGB", (32, 18), "#f59e0b").save(drawn, "PNG")
    picture = desk.pictures.add(drawn.getvalue(), "wang").hash
    number = approved(desk, replace(CONTENT, image=picture))
    assert desk.test_send(number, "c00001", "wang") == 2
    assert desk.test_send(number, "c00001", "wang") == 2
    told = desk._notices.inbox.page("c00001").notices
    assert [one.title for one in told].count("[TEST A] 第1位，光合计划开放了") == 2
    assert {one.image for one in told} == {picture}
    assert desk.results(number) == ([], None)


def test_what_was_clicked_seen_and_switched_off_is_counted(database: Engine, desk: Campaigns):
    number = approved(desk)
    desk.schedule(number, "wang", PAST)
    while desk.enrol(number):
        pass
    sent_out(desk)
    with database.begin() as connection:
        clicked = (notices.c.variant == "b") & (notices.c.campaign == number)
        connection.execute(update(notices).where(clicked).values(clicked_at=PAST, seen_at=PAST))
    desk._notices.inbox.mute("c00003", "campaign")
    counts, comparison = desk.results(number)
    a, b = counts
    assert (a.clicked, b.clicked, b.seen) == (0, b.sent, b.sent)
    assert a.opted_out + b.opted_out == 1
    assert comparison is not None
    assert (comparison.counted, comparison.verdict) == ("clicked", "b")


def test_small_differences_are_inconclusive():
    """The interval is the one of Newcombe's paper for 56/70 against 48/80: 0.0524 to 0.3339."""
    told = compared(Counts("a", sent=80, clicked=48), Counts("b", sent=70, clicked=56), "clicked")
    assert told is not None
    assert (round(told.low, 4), round(told.high, 4), told.verdict) == (0.0524, 0.3339, "b")
    even = compared(Counts("a", sent=40, clicked=20), Counts("b", sent=40, clicked=24), "clicked")
    assert even is not None
    assert (even.verdict, even.reached, even.needed) == ("few", 40, 389)
    many = compared(Counts("a", sent=900, clicked=450), Counts("b", sent=800, clicked=410), "clicked")
    assert (many.verdict, many.needed) == ("inconclusive", 393)
    nobody = compared(Counts("a", sent=70), Counts("b", sent=80), "clicked")
    assert (nobody.verdict, nobody.needed) == ("few", 75)
    assert compared(Counts("a"), Counts("b", sent=3), "clicked") is None


@pytest.mark.parametrize(
    "content",
    [
        Content("", AudienceRule(), TWO),
        Content("x", AudienceRule(), {}),
        Content("x", AudienceRule(), {"a": {"en": Wording("t", "b")}}),
        Content("x", AudienceRule(), {"a": {"zh": Wording("t", "{income}")}}),
        Content("x", AudienceRule(), {"a": {"zh": Wording("t", "{name.__class__}")}}),
        Content("x", AudienceRule(), {"a": {"zh": Wording("t", "{name!r:>9}")}}),
        Content("x", AudienceRule(), {"a": {"zh": Wording("t", "一个 { 括号")}}),
        Content("x", AudienceRule(), {"a": {"zh": Wording("t", "b")}}, "javascript:alert(1)"),
        Content("x", AudienceRule(), {"a": {"zh": Wording("t", "b")}}, image="../secret"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(content: Content):
    with pytest.raises(BadInput):
        content.checked()
