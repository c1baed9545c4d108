"""A conversation belongs to whoever began it. To everybody else it does not exist."""

import pytest

from assistant.bootstrap import Services
from assistant.errors import NotFound
from tests.flows.talking import Person


async def test_a_thread_cannot_be_read_or_continued_by_somebody_else(starter: Services) -> None:
    owner = Person(starter, "demo-01")
    begun = await owner.ask("我的数据怎么样？")

    strangers = [
        Person(starter, "demo-02"),
        Person(starter),
        Person(starter, address="203.0.113.9"),
        Person(starter, channel="telegram", address="demo-01"),
        Person(starter, address="creator:demo-01"),
    ]
    for stranger in strangers:
        with pytest.raises(NotFound) as refusal:
            await stranger.ask("继续", thread=begun.thread)
        with pytest.raises(NotFound) as unknown:
            starter.assistant.history(stranger.caller, "no-such-thread")
        with pytest.raises(NotFound) as unread:
            starter.assistant.history(stranger.caller, begun.thread)
        assert str(refusal.value) == str(unknown.value) == str(unread.value)

    assert len(starter.assistant.history(owner.caller, begun.thread)) == 1


async def test_a_creators_thread_follows_them_from_one_channel_to_another(starter: Services) -> None:
    begun = await Person(starter, "demo-03").ask("完播率怎么算？")
    later = Person(starter, "demo-03", channel="telegram", address="4711")
    assert (await later.ask("那涨粉呢？", thread=begun.thread)).thread == begun.thread
    assert len(starter.assistant.history(later.caller, begun.thread)) == 2


async def test_anonymous_threads_stay_with_their_address(starter: Services) -> None:
    here, there = Person(starter, address="198.51.100.7"), Person(starter, address="198.51.100.8")
    begun = await here.ask("完播率怎么算？")
    assert starter.assistant.history(here.caller, begun.thread)[0]["question"] == "完播率怎么算？"
    with pytest.raises(NotFound):
        starter.assistant.history(there.caller, begun.thread)


async def test_a_refused_attempt_leaves_no_trace_in_the_owners_thread(starter: Services) -> None:
    owner, stranger = Person(starter, "demo-01"), Person(starter, "demo-02")
    begun = await owner.ask("完播率怎么算？")
    for text in ("", "完播率怎么算？", "😀"):
        with pytest.raises(NotFound):
            await stranger.ask(text, thread=begun.thread)
    assert len(starter.assistant.history(owner.caller, begun.thread)) == 1


async def test_what_is_kept_can_be_replayed(starter: Services) -> None:
    owner = Person(starter, "demo-01")
    reply = await owner.ask("2024 年光合计划给多少流量？")
    (kept,) = starter.assistant.history(owner.caller, reply.thread)
    assert kept["reply"] == reply.as_dict()
    assert kept["reply"]["release"] == starter.library.release
    assert kept["reply"]["citations"][0]["passage"] == reply.citations[0].passage.text_hash
