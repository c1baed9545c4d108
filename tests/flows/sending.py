"""A process that sends campaigns and nothing else, to be killed anywhere; and what stands behind it.

`python -m tests.flows.sending 20` kills it twenty times on the way to 20,000 creators and counts.
"""

import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, insert, select

from assistant.database.engine import open_database
from assistant.database.notice_tables import campaigns, notices
from assistant.database.tables import chat_links, creators
from assistant.programs.audience import AudienceRule
from assistant.programs.campaigns.campaign import Content, Wording
from assistant.programs.campaigns.desk import Campaigns
from assistant.programs.campaigns.images import Pictures
from assistant.programs.jobs import Jobs
from assistant.programs.notices.channel import Handed, Outcome
from assistant.programs.notices.notice import Parcel
from assistant.programs.notices.service import Notices

CHANNEL = "sink"
PAST = datetime(2020, 1, 1)
# Forked from a process that has imported the parts once, so that a kill costs no start-up.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["assistant.programs.campaigns.desk", "dbos"])


class Sink:
    """A local channel: a file that has each key once, and counts how often it was handed over."""

    name = CHANNEL
    knows_keys = True

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("CREATE TABLE IF NOT EXISTS parcels (key TEXT PRIMARY KEY, account TEXT, times INTEGER)")

    def hand_over(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Keep them all in one transaction."""
        self._file.execute("BEGIN")
        adding = "INSERT INTO parcels VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE SET times = times + 1"
        self._file.executemany(adding, [(parcel.key, parcel.account) for parcel in parcels])
        self._file.execute("COMMIT")
        return [Handed()] * len(parcels)


def noon() -> ZoneInfo:
    """A time zone in which it is about noon now, so that nobody sleeps while this runs."""
    shift = 12 - datetime.now(UTC).hour
    return ZoneInfo(f"Etc/GMT{-shift:+d}" if shift else "Etc/UTC")


def opened(home: Path) -> tuple[Engine, Jobs, Notices, Campaigns]:
    """The parts that send, on the database of a home."""
    engine = open_database(f"sqlite:///{home / 'heliotrope.db'}")
    jobs = Jobs(f"sqlite:///{home / 'heliotrope.db'}", home, "Asia/Shanghai")
    made = Notices.over(engine, jobs, noon())
    made.deliverer.add_channel(Sink(home / "sink.db"))
    made.deliverer.lease = timedelta(seconds=2)  # what a killed process held is not to be waited for so long
    return engine, jobs, made, Campaigns(engine, made, Pictures(engine, home / "pictures"), jobs, date.today)


def people(engine: Engine, count: int) -> None:
    """Demonstration creators, each with a chat in the local channel."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for start in range(0, count, 5_000):
        ids = [f"demo-{number:07}" for number in range(start, min(start + 5_000, count))]
        rows = [
            {"id": one, "name": one, "platform": "kuaishou", "category": "美食", "story": "", "synthetic": True,
             "created_at": now, "region": ""}
            for one in ids
        ]  # fmt: skip
        links = [{"channel": CHANNEL, "account": one, "creator_id": one, "linked_at": now} for one in ids]
        with engine.begin() as connection:
            connection.execute(insert(creators), rows)
            connection.execute(insert(chat_links), links)


def begun_campaign(desk: Campaigns) -> int:
    """A campaign to everybody, written by one person, approved by another, and due."""
    text = {"zh": Wording("{name}，活动开始了", "来看看。")}
    kept = desk.save(Content("所有人", AudienceRule(categories=("美食",)), {"a": text, "b": text}), "wang")
    desk.approve(kept.id, "li", kept.changed_at)
    desk.schedule(kept.id, "wang", PAST)
    return kept.id


def sent_through_kills(home: Path, count: int, kills: int, patience: float = 600.0) -> dict[str, int]:
    """Send a campaign to `count` creators by a process that is killed `kills` times on the way; what came of it."""
    engine, _, _, desk = opened(home)
    people(engine, count)
    number = begun_campaign(desk)
    points = [count * (kill + 1) // (kills + 2) for kill in range(kills)]
    killed, deadline = 0, time.monotonic() + patience
    process = _started(home)
    while desk.find(number).state != "sent":
        assert time.monotonic() < deadline, "the campaign was not sent in time"
        assert process.is_alive(), "the process that sends ended by itself"
        if killed < kills and _sent(engine, number) >= points[killed]:
            process.kill()
            process.join()
            killed += 1
            process = _started(home)
        time.sleep(0.05)
    process.kill()
    process.join()
    with engine.connect() as connection:
        rows = connection.scalar(select(func.count()).where(notices.c.campaign == number)) or 0
        told = select(func.count(notices.c.creator_id.distinct())).where(notices.c.campaign == number)
        distinct = connection.scalar(told) or 0
        enrolled = connection.scalar(select(campaigns.c.enrolled).where(campaigns.c.id == number)) or 0
    sink = sqlite3.connect(home / "sink.db")
    arrived, accounts, again = sink.execute(
        "SELECT count(*), count(DISTINCT account), sum(times - 1) FROM parcels"
    ).fetchone()
    sink.close()
    counted = {
        "killed": killed,
        "notices": rows,
        "creators": distinct,
        "enrolled": enrolled,
        "sent": _sent(engine, number),
    }
    engine.dispose()
    return {**counted, "arrived": arrived, "accounts": accounts, "handed_again": again}


def _sent(engine: Engine, campaign: int) -> int:
    with engine.connect() as connection:
        which = (notices.c.campaign == campaign, notices.c.state == "sent")
        return connection.scalar(select(func.count()).where(*which)) or 0


def _started(home: Path) -> BaseProcess:
    process = PROCESSES.Process(target=send, args=(home,))
    process.start()
    return process


def send(home: Path) -> None:
    """Send what is due, until the process is killed."""
    _, own_jobs, _, own_desk = opened(home)
    own_jobs.start()
    while True:  # the rounds come every minute; a kill is not to be waited for so long
        own_desk.settle()
        time.sleep(0.5)


def main() -> None:
    """As many kills as are asked for, a thousand creators for each."""
    kills, started = int(sys.argv[1]), time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        told = sent_through_kills(Path(home), kills * 1_000, kills)
    print(f"{told} in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
