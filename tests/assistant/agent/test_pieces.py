"""Pieces of a streamed answer: joined up to the end of a sentence, and nothing lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from assistant.agent.pieces import LONGEST, joined
from assistant.errors import ModelFailed


def piece(finish: str | None = None, usage: dict[str, int] | None = None, **delta: Any) -> str:
    told = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": usage}
    return f"data: {json.dumps(told)}"


async def lines(*given: str) -> AsyncIterator[str]:
    for line in given:
        yield line
        yield ""


async def told(*given: str) -> list[tuple[str | None, str | None]]:
    found = [one["choices"][0] async for one in joined(lines(*given))]
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

    async def hanging() -> AsyncIterator[str]:
        for line in (piece(content="好"), "data: [DONE]", ""):
            read.append(line)
            yield line
        await asyncio.sleep(3600)

    assert [one["choices"][0]["delta"]["content"] async for one in joined(hanging())] == ["好"]
    assert read[-1] == ""  # only a connection that is read to the end can serve the next call


async def test_a_stream_that_breaks_off_gives_what_came() -> None:
    assert await told(piece(content="半"), piece(content="句")) == [("半句", None)]


async def test_text_without_an_end_does_not_wait_for_ever() -> None:
    found = await told(*(piece(content="好好好好好好好好好好") for _ in range(30)))
    assert "".join(text or "" for text, _ in found) == "好" * 300
    assert max(len(text or "") for text, _ in found) <= LONGEST + 10


async def test_calls_of_tools_and_counts_of_tokens_go_through_as_they_are() -> None:
    call = [{"index": 0, "function": {"name": "my_plan", "arguments": "{}"}}]
    given = [piece(content="我看"), piece(tool_calls=call), piece(usage={"total_tokens": 3}, content="看")]
    found = [one async for one in joined(lines(*given))]
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
