"""Conversations of several turns: each answer says what the turn stands for in its thread.

`dialogues.jsonl` holds 42; a half is talked in a test run, all of them by `python -m tests.evaluation.everything`.
"""

import json
from pathlib import Path
from typing import Any

from assistant.bootstrap import Services
from assistant.identity import Caller
from knowledge.folding import fold

ROWS = [json.loads(line) for line in (Path(__file__).parent / "dialogues.jsonl").read_text("utf-8").splitlines()]
TALKED = ROWS[::2]
WANTED = 0.9


async def faults(services: Services, row: dict[str, Any]) -> list[str]:
    """What is wrong with each turn of a conversation, a sentence each."""
    caller, thread, found = Caller("web", row["creator"], f"198.51.100.9/{row['id']}"), None, []
    for turn in row["turns"]:
        reply = await services.assistant.answer(caller, thread, turn["say"])
        thread = reply.thread
        said = "".join(fold(reply.text).split())
        lacks = [group for group in turn["must"] if not any("".join(fold(one).split()) in said for one in group)]
        says = [text for text in turn.get("not", []) if "".join(fold(text).split()) in said]
        is_other = turn.get("refused") not in (None, reply.refused)
        if lacks or says or is_other:
            found.append(f"{row['id']} “{turn['say'][:40]}” lacks {lacks} says {says}: {reply.text[:200]}")
    return found


def test_the_set_is_well_formed() -> None:
    assert len(ROWS) >= 40
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert all(len(row["turns"]) > 1 or row["kind"] in ("several", "odd") for row in ROWS)


async def test_conversations_go_on_as_they_were_meant(starter: Services) -> None:
    found = [told for row in TALKED for told in (await faults(starter, row))[:1]]
    assert len(found) <= (1 - WANTED) * len(TALKED), "\n".join(found)
