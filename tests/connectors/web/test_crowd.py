"""So many answers at once, and no more: the others are told so."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.agent.answers import Event
from connectors.web.crowd import Crowd
from connectors.web.problems import Refusal


async def answer(until: asyncio.Event) -> AsyncIterator[Event]:
    yield Event("sentence", {"text": "一句"})
    await until.wait()
    yield Event("done", {})


async def whole(events: AsyncIterator[Event]) -> list[str]:
    return [event.kind async for event in events]


async def test_who_finds_no_place_is_told_to_come_back_and_the_others_are_answered() -> None:
    crowd, until = Crowd(2), asyncio.Event()
    under_way = [asyncio.create_task(whole(crowd.among(answer(until), "zh"))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        await whole(crowd.among(answer(until), "zh"))
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "5"
    until.set()
    assert await asyncio.gather(*under_way) == [["sentence", "done"]] * 2
    assert await whole(crowd.among(answer(until), "zh")) == ["sentence", "done"]


async def test_when_enough_wait_the_next_is_turned_away_at_once() -> None:
    crowd, never = Crowd(4), asyncio.Event()
    coming = [asyncio.create_task(whole(crowd.among(answer(never), "zh"))) for _ in range(4)]
    await asyncio.sleep(0)
    crowd.turn_away("zh")  # all places are taken, but nobody waits yet
    coming.append(asyncio.create_task(whole(crowd.among(answer(never), "zh"))))
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as refused:
        crowd.turn_away("zh")
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "5")
    never.set()
    assert await asyncio.gather(*coming) == [["sentence", "done"]] * 5
    crowd.turn_away("zh")


async def test_a_place_is_free_again_when_the_reader_goes_away() -> None:
    crowd, never = Crowd(1), asyncio.Event()
    reader = asyncio.create_task(whole(crowd.among(answer(never), "zh")))
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    never.set()
    assert await whole(crowd.among(answer(never), "zh")) == ["sentence", "done"]


async def test_without_a_limit_everybody_is_answered_at_once() -> None:
    crowd, until = Crowd(0), asyncio.Event()
    under_way = [asyncio.create_task(whole(crowd.among(answer(until), "zh"))) for _ in range(50)]
    until.set()
    assert await asyncio.gather(*under_way) == [["sentence", "done"]] * 50
