"""Notices at scale: how fast a full outbox drains into a local channel, whether memory stays flat, and a campaign to
50,000 creators whose process is killed twice.

python -m tests.benchmarks.notices [--notices N] [--campaign N]
"""

import argparse
import sqlite3
import tempfile
import time
from pathlib import Path

import psutil

from tests.benchmarks.figures import Figure, Findings, table
from tests.flows.sending import opened, sent_through_kills

NAME = "notices"
NOTICES, CAMPAIGN = 1_000_000, 50_000
BATCH = 500
BEFORE, FLOOR_BATCHES = 4 * BATCH, 100
PEOPLE = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
INSERT INTO creators (id, name, platform, category, story, synthetic, created_at, region)
SELECT printf('demo-%07d', i), 'demo', 'kuaishou', '美食', '', 1, '2026-01-01 00:00:00', '' FROM n
"""
LINKS = "INSERT INTO chat_links SELECT 'sink', id, id, '2026-01-01 00:00:00' FROM creators"
WAITING = """
INSERT INTO notices (creator_id, kind, occasion, title, body, link, image, variant, created_at, shown_from, due_at,
                     state, tries, is_repeat, channel, fault)
SELECT id, 'task', 'bench', '任务进度', '你已经完成一半，再发两条就达标。', '', '', '', '2026-01-01 00:00:00',
       '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'waiting', 0, 0, '', '' FROM creators
"""


def run(notices: int = NOTICES, campaign: int = CAMPAIGN) -> Findings:
    """Both measurements."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [*drained(Path(folder), notices)]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        told = sent_through_kills(Path(folder), campaign, kills=2, patience=1800)
        seconds = time.perf_counter() - start
    wrong = sum(told[name] != campaign for name in ("notices", "creators", "enrolled", "sent", "arrived", "accounts"))
    said = f"{campaign:,} creators, {told['killed']} kills, {told['handed_again']} handed over again under their key"
    figures.append(Figure("counts that are not exact", wrong, at_most=0, remark=said))
    figures.append(Figure("campaign, start to sent", round(seconds, 1), "s"))
    return Findings(NAME, figures)


def drained(home: Path, count: int) -> list[Figure]:
    """So many waiting notices handed over, after some others: whatever is loaded on first use is loaded then."""
    engine, _, made, _ = opened(home)
    _fill(home, count + BEFORE)
    process = psutil.Process()
    made.deliverer.drain(most=BEFORE)
    before = process.memory_info().rss
    peak, done, start = before, 0, time.perf_counter()
    while taken := made.deliverer.deliver_batch().taken:
        done += taken
        peak = max(peak, process.memory_info().rss)
    rate = done / (time.perf_counter() - start)
    engine.dispose()
    floor = round(_floor(home, min(FLOOR_BATCHES, count // BATCH)))
    return [
        Figure("drain into a local channel", round(rate), "/s", floor=floor, remark=f"{count:,} notices"),
        Figure("memory gained meanwhile", round((peak - before) / 1e6, 1), "MB", at_most=64),
    ]


def _fill(home: Path, count: int) -> None:
    file = sqlite3.connect(home / "heliotrope.db")
    with file:
        file.execute(PEOPLE, {"count": count})
        file.execute(LINKS)
        file.execute(WAITING)
    file.close()


def _floor(home: Path, batches: int) -> float:
    """By hand: a batch is noted as begun, written to the channel's file, and noted as sent; three commits, and nothing
    of who wants what when."""
    file = sqlite3.connect(home / "heliotrope.db")
    sink = sqlite3.connect(home / "floor.db")
    sink.execute("CREATE TABLE parcels (key TEXT PRIMARY KEY, account TEXT)")
    start = time.perf_counter()
    for number in range(batches):
        ids = (number * BATCH, (number + 1) * BATCH)
        with file:
            rows = file.execute("SELECT id, creator_id FROM notices WHERE id > ? AND id <= ?", ids).fetchall()
            file.execute("UPDATE notices SET state = 'begun', tries = 1 WHERE id > ? AND id <= ?", ids)
        with sink:
            sink.executemany("INSERT INTO parcels VALUES (?, ?)", [(str(row[0]), row[1]) for row in rows])
        with file:
            file.execute("UPDATE notices SET state = 'sent', sent_at = '2026' WHERE id > ? AND id <= ?", ids)
    return batches * BATCH / (time.perf_counter() - start)


def main() -> None:
    """Measure with other sizes than `make bench` does."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.notices")
    parser.add_argument("--notices", type=int, default=NOTICES)
    parser.add_argument("--campaign", type=int, default=CAMPAIGN)
    asked = parser.parse_args()
    print(table([run(asked.notices, asked.campaign)]))


if __name__ == "__main__":
    main()
