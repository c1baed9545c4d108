"""Pieces of a streamed answer: joined up to the end of a sentence, and nothing lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from assistant.agent.pieces import LONGEST, LONGEST_LINE, joined
from assistant.errors import ModelFailed


def piece(finish: str | None = None, usage: dict[str, int] | None = None, **delta: Any) -> str:
    told = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": usage}
    return f"data: {json.dumps(told)}"


async def sent(*given: str) -> AsyncIterator[bytes]:
    for line in given:
        yield f"{line}\n\n".encode()


async def told(*given: str) -> list[tuple[str | None, str | None]]:
    found = [one["choices"][0] async for one in joined(sent(*given))]
    return [(one["delta"].get("content"), one["finish_reason"]) for one in found]


async def test_text_waits_for_the_end_of_a_sentence_and_the_end_lets_it_go() -> None:
    first = piece(role="assistant", content="")
    said = [piece(content=one) for one in ("完播率", "是", "完播数。", "分母", "是播放数")]
    assert await told(first, *said, piece("stop"), "data: [DONE]", piece(content="不读了")) == [
        ("", None),
        ("完播率是完播数。", None),
        ("分母是播放数", None),
        (None, "stop"),
    ]


async def test_after_its_last_piece_a_stream_is_read_to_the_end_but_not_waited_for() -> None:
    read = []

    async def hanging() -> AsyncIterator[bytes]:
        async for chunk in sent(piece(content="好"), "data: [DONE]", ""):
            read.append(chunk)
            yield chunk
        await asyncio.sleep(3600)

    assert [one["choices"][0]["delta"]["content"] async for one in joined(hanging())] == ["好"]
    assert read[-1] == b"\n\n"  # only a connection that is read to the end can serve the next call


async def test_bytes_may_be_cut_anywhere() -> None:
    whole = b"".join([chunk async for chunk in sent(piece(content="完播率是完播数。"), piece("stop"), "data: [DONE]")])

    async def cut(size: int) -> AsyncIterator[bytes]:
        for start in range(0, len(whole), size):
            yield whole[start : start + size]

    for size in (1, 2, 7, len(whole)):
        found = [one["choices"][0]["delta"].get("content") async for one in joined(cut(size))]
        assert found == ["完播率是完播数。", None], size


async def test_a_line_that_does_not_end_is_the_endpoints_failure() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"data: " + b"a" * (LONGEST_LINE // 4)

    with pytest.raises(ModelFailed, match="without an end"):
        [one async for one in joined(endless())]


async def test_a_stream_that_breaks_off_gives_what_came() -> None:
    assert await told(piece(content="半"), piece(content="句")) == [("半句", None)]


async def test_text_without_an_end_does_not_wait_for_ever() -> None:
    found = await told(*(piece(content="好好好好好好好好好好") for _ in range(30)))
    assert "".join(text or "" for text, _ in found) == "好" * 300
    assert max(len(text or "") for text, _ in found) <= LONGEST + 10


async def test_calls_of_tools_and_counts_of_tokens_go_through_as_they_are() -> None:
    call = [{"index": 0, "function": {"name": "my_plan", "arguments": "{}"}}]
    given = [piece(content="我看"), piece(tool_calls=call), piece(usage={"total_tokens": 3}, content="看")]
    found = [one async for one in joined(sent(*given))]
    assert [one["choices"][0]["delta"] for one in found] == [
        {"content": "我看"},
        {"tool_calls": call},
        {"content": "看"},
    ]


@pytest.mark.parametrize("line", ["data: {oops", "data: []", 'data: {"error": {"message": "overloaded"}}'])
async def test_what_is_no_piece_is_the_endpoints_failure(line: str) -> None:
    with pytest.raises(ModelFailed) as failed:
        await told(piece(content="好"), line)
    assert failed.value.is_endpoints
