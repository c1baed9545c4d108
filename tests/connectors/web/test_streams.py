"""A stream: what is ready goes out together, silence is filled, and a reader who leaves stops the work."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx

from assistant.agent.answers import Event
from connectors.web.app import create_app
from connectors.web.problems import problem_json
from connectors.web.streams import EventStream
from tests.connectors.web.conftest import served
from tests.connectors.web.scripted import ScriptedServices


async def _sent(events: AsyncIterator[Event], heartbeat: float) -> list[bytes]:
    bodies: list[bytes] = []

    async def receive() -> dict:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        bodies.append(message.get("body", b""))

    await EventStream(events, lambda error: problem_json(500, str(error)), heartbeat)({"type": "http"}, receive, send)
    return bodies[1:-1]


async def test_events_that_are_ready_together_leave_in_one_write():
    async def events() -> AsyncIterator[Event]:
        for number in range(50):
            yield Event("sentence", {"text": str(number)})
        yield Event("done", {})

    bodies = await _sent(events(), 15)
    assert len(bodies) <= 2
    assert b"".join(bodies).count(b"event: ") == 51


async def test_silence_is_filled_with_comments():
    async def events() -> AsyncIterator[Event]:
        yield Event("status", {"text": "…"})
        await asyncio.sleep(0.2)
        yield Event("done", {})

    bodies = await _sent(events(), 0.05)
    assert any(body.startswith(b":") for body in bodies)
    assert b"".join(bodies).count(b"event: ") == 2


async def test_nothing_is_sent_after_the_end():
    async def events() -> AsyncIterator[Event]:
        yield Event("done", {})
        await asyncio.sleep(0.05)  # the end comes alone, after the last event has left

    assert (await _sent(events(), 15))[0].startswith(b"event: done")
    assert b":" not in b"".join((await _sent(events(), 15))[1:])


def test_reader_who_leaves_stops_the_work(services: ScriptedServices):
    with served(create_app(services)) as address:
        headers = {"Accept": "text/event-stream"}
        with httpx.stream("POST", f"{address}/api/v1/chat", json={"text": "慢慢想"}, headers=headers) as answer:
            next(answer.iter_bytes())
        deadline = time.monotonic() + 60
        while not services.assistant.stopped and time.monotonic() < deadline:
            time.sleep(0.02)
    assert services.assistant.stopped == 1
