"""Questions about demonstration creators: what must be said is computed here, from the rows of the warehouse.

`creators.jsonl` holds 60; a third is asked in a test run, all of them by `python -m tests.evaluation.everything`.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from assistant.bootstrap import Services
from assistant.creators.figures import written
from assistant.identity import Caller

ROWS = [json.loads(line) for line in (Path(__file__).parent / "creators.jsonl").read_text("utf-8").splitlines()]
ASKED = ROWS[::3]
WANTED = 0.9


def rows_of(services: Services, table: str, creator: str) -> list[dict[str, Any]]:
    """All rows of one creator in a table of the warehouse."""
    known = getattr(services.warehouse, table)
    return services.warehouse.rows(known.filter(known.creator_id == creator))


def of_28_days(services: Services, table: str, creator: str) -> list[dict[str, Any]]:
    """Those of the 28 days that end on the last day of data, which is yesterday."""
    last = services.library.today() - timedelta(days=1)
    return [row for row in rows_of(services, table, creator) if last - timedelta(days=27) <= row["day"] <= last]


def _rate(*above: str) -> Callable[[Services, str, str], list[str]]:
    def expected(services: Services, creator: str, lang: str) -> list[str]:
        rows = of_28_days(services, "work_numbers", creator)
        share = sum(row[name] for row in rows for name in above) / sum(row["play"] for row in rows)
        return [written(share, "percent", lang)]

    return expected


def _sum(column: str, table: str, signed: bool = False) -> Callable[[Services, str, str], list[str]]:
    def expected(services: Services, creator: str, lang: str) -> list[str]:
        rows = of_28_days(services, table, creator)
        if signed and len(rows) < 28:  # a sum over fewer days is not told as one of 28
            return ["近 28 天 —" if lang == "zh" else "— in 28 days"]
        total = sum(row[column] for row in rows)
        return [("+" if signed and total > 0 else "") + written(float(total), "count", lang)]

    return expected


def _followers(services: Services, creator: str, lang: str) -> list[str]:
    last = max(rows_of(services, "creator_days", creator), key=lambda row: row["day"])
    return [written(float(last["followers"]), "count", lang)]


def _works(services: Services, creator: str, lang: str) -> list[str]:
    last = services.library.today() - timedelta(days=1)
    days = [row["published_at"].date() for row in rows_of(services, "works", creator)]
    count = sum(last - timedelta(days=27) <= day <= last for day in days)
    return [f"{count} 条作品" if lang == "zh" else f"{count} works"]


def _usual_plays(services: Services, creator: str, lang: str) -> list[str]:
    """The median plays of the last 30 works that were out for 48 hours at the end of the last day."""
    settled = datetime.combine(services.library.today(), time()) - timedelta(hours=48)
    works = [row for row in rows_of(services, "works", creator) if row["published_at"] <= settled]
    plays: Counter[str] = Counter()
    for row in rows_of(services, "work_numbers", creator):
        plays[row["work_id"]] += row["play"]
    last = sorted(works, key=lambda row: row["published_at"], reverse=True)[:30]
    return [written(float(median(plays[row["work_id"]] for row in last)), "count", lang)]


EXPECTED: dict[str, Callable[[Services, str, str], list[str]]] = {
    "followers": _followers,
    "plays": _sum("play", "work_numbers"),
    "net_followers": _sum("net_followers", "creator_days"),
    "completion_rate": _rate("complete_play"),
    "follow_rate": _rate("follow"),
    "engagement_rate": _rate("like", "comment", "share", "collect"),
    "works": _works,
    "growth_net": _sum("net_followers", "creator_days", signed=True),
    "median_works": _usual_plays,
    "plan_first": _rate("follow"),
}


async def missing(services: Services, row: dict[str, Any]) -> str:
    """What an answer lacks; empty when it is right."""
    lang = "en" if row["question"].isascii() else "zh"
    reply = await services.assistant.answer(Caller("test", row["creator"]), None, row["question"])
    if row["expects"] == "plan_first":  # each step names a number of the creator's own
        steps = [line for line in reply.text.split("\n") if line.startswith("- **")]
        return "" if len(steps) >= 2 and all("n=" in step for step in steps) and reply.citations else reply.text
    wanted = EXPECTED[row["expects"]](services, row["creator"], lang)
    return "" if reply.grounded and all(text in reply.text for text in wanted) else f"{wanted} in: {reply.text}"


def test_the_set_covers_every_creator_and_kind() -> None:
    assert len(ROWS) == 60
    assert len({row["id"] for row in ROWS}) == 60
    assert {row["creator"] for row in ROWS} == {f"demo-{number:02}" for number in range(1, 13)}
    assert {row["expects"] for row in ROWS} == set(EXPECTED)


async def test_answers_hold_the_numbers_that_the_warehouse_gives(starter: Services) -> None:
    failures = {row["id"]: told for row in ASKED if (told := await missing(starter, row))}
    assert len(failures) <= (1 - WANTED) * len(ASKED), "\n".join(f"{name} {told}" for name, told in failures.items())


def test_expected_numbers_end_on_the_last_day(starter: Services) -> None:
    days = {row["day"] for row in rows_of(starter, "creator_days", "demo-01")}
    assert max(days) == starter.library.today() - timedelta(days=1)
