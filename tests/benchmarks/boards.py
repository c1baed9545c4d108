"""What every built-in leaderboard of a month takes, beside the same boards by hand-written SQL.

python -m tests.benchmarks.boards [--rows 3000000] [--home FOLDER]

28 days of `rows / 28` creators in ten categories. Both sides read the creators' categories from SQL, add up the month
and the one before, and write for every metric each creator's value, base, value before, category, tier and mark of an
unusual jump, then read the first twenty. The floor is what somebody would write by hand for this very file: it knows
that there is one source, that no number is missing, and where the plays stand. It keeps no header and checks nothing.
`--home` keeps the numbers for another run.
"""

import argparse
import sqlite3
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
from sqlalchemy import insert

from assistant.creators.accounts import Accounts
from assistant.creators.custom import STAFF, CustomMetrics
from assistant.creators.leaderboards.periods import span_of
from assistant.creators.leaderboards.service import Leaderboards
from assistant.creators.metrics import CATALOGUE
from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.database.engine import open_database
from assistant.database.tables import creators
from connectors.feeds import import_file
from tests.benchmarks.figures import Figure, Findings, percentile, table
from tests.benchmarks.importing import DAYS, FIRST, columns_of, made
from tests.benchmarks.stopwatch import milliseconds_of

NAME = "boards"
ROWS = 3_000_000
TODAY = date(2026, 4, 1)
CATEGORIES = 10
ASKED = 50
# The numbers of each board in the words of the stored columns: what is divided, and by what.
_BY_HAND = {
    "impressions": ('"show"', None), "plays": ("play", None), "ctr": ("play", '"show"'),
    "completion_rate": ("complete_play", "play"), "short_play_rate_3s": ("short_time_play", "play"),
    "valid_play_rate_7s": ("valid_play", "play"), "long_play_rate_18s": ("long_time_play", "play"),
    "like_rate": ('"like"', "play"), "comment_rate": ("comment", "play"), "share_rate": ("share", "play"),
    "favourite_rate": ("collect", "play"), "follow_rate": ("follow", "play"),
    "engagement_rate": ('"like" + comment + share + collect', "play"), "net_followers": ("net", None),
    "average_watch_seconds": ("play_duration_seconds", "play"),
}  # fmt: skip
_SUMMED = ('"show"', "play", "complete_play", "short_time_play", "valid_play", "long_time_play", '"like"', "comment",
           "share", "collect", "follow", "play_duration_seconds")  # fmt: skip
_TIER = "CASE WHEN followers >= 1000000 THEN 1000000 WHEN followers >= 100000 THEN 100000 WHEN followers >= 10000 "
_TIER += "THEN 10000 WHEN followers >= 1000 THEN 1000 WHEN followers IS NOT NULL THEN 0 END"


def run(rows: int = ROWS, home: Path | None = None) -> Findings:
    """Make the home, then each side in turn, then a creator's standing."""
    with tempfile.TemporaryDirectory() as name:
        folder = home or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "warehouse.duckdb").is_file():
            _prepare(folder, rows // DAYS)
        warehouse = open_warehouse("", folder)
        engine = open_database(f"sqlite:///{folder / 'heliotrope.db'}")
        boards = Leaderboards(engine, warehouse, Accounts(engine), CustomMetrics(engine))
        floors, ours, written = [], [], 0
        span = span_of("month", FIRST)
        for attempt in range(2):
            floors.append(_by_hand(warehouse, folder / "heliotrope.db"))
            started = time.perf_counter()
            if attempt:
                made_again = boards._made([(metric, STAFF) for metric in CATALOGUE.values()], span, "benchmark")
            else:
                made_again = boards.make([(metric, STAFF) for metric in CATALOGUE.values()], span, "benchmark")
            for board in made_again:
                boards.board(board.metric.slug, "month", TODAY)
            ours.append(time.perf_counter() - started)
            written = sum(board.ranked for board in made_again)
        ids = [f"creator-{at * 7919 % (rows // DAYS):07d}" for at in range(ASKED)]
        times = milliseconds_of(lambda one: boards.standing(one, "plays", "month", TODAY), ids)
        warehouse.close()
        engine.dispose()
    floor, taken = min(floors), min(ours)
    return Findings(
        NAME,
        [
            Figure(
                "all built-in boards of a month, times the floor",
                taken / floor,
                "x",
                at_most=1.3,
                remark=f"{written:,} places in {taken:.1f} s, floor {floor:.1f} s",
            ),
            Figure("a creator's standing, p95", percentile(times, 0.95), "ms"),
        ],
    )


def _prepare(folder: Path, count: int) -> None:
    engine = open_database(f"sqlite:///{folder / 'heliotrope.db'}")
    now = datetime.now(UTC).replace(tzinfo=None)
    with engine.begin() as connection:
        for start in range(0, count, 50_000):
            some = [
                {"id": f"creator-{at:07d}", "name": f"creator {at}", "platform": "kuaishou", "synthetic": False,
                 "category": f"category {at % CATEGORIES}", "created_at": now}
                for at in range(start, min(start + 50_000, count))
            ]  # fmt: skip
            connection.execute(insert(creators), some)
    engine.dispose()
    parquet, csv = made(folder, count, columns_of(narrow=False), by_day=False)
    csv.unlink()
    warehouse = open_warehouse("", folder)
    import_file(warehouse, parquet)
    parquet.unlink()
    warehouse.close()


def _by_hand(warehouse: Warehouse, database: Path) -> float:
    """Seconds of the hand-written statements."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in _SUMMED)
    sums += ", sum(new_followers - lost_followers) AS net, count(*) AS days, arg_max(followers, day) AS followers"
    summed = f"SELECT creator_id, {sums} FROM creator_days WHERE day BETWEEN '{{}}' AND '{{}}' GROUP BY creator_id"
    with warehouse.workbench(writes=True) as bench:
        run_ = bench._cursor.execute
        run_("CREATE TABLE IF NOT EXISTS by_hand AS FROM board_rows LIMIT 0")
        started = time.perf_counter()
        with sqlite3.connect(database) as connection:
            rows = connection.execute("SELECT id, category FROM creators").fetchall()
        ids, categories = zip(*rows, strict=True)
        bench.offer("people_by_hand", pa.table({"creator_id": pa.array(ids), "category": pa.array(categories)}))
        run_(f"CREATE OR REPLACE TEMP TABLE now_ AS {summed.format('2026-03-01', '2026-03-31')}")
        run_(f"CREATE OR REPLACE TEMP TABLE then_ AS {summed.format('2026-02-01', '2026-02-28')}")
        run_(f"CREATE OR REPLACE TEMP TABLE told AS SELECT now_.*, {_TIER} AS tier, category "
             "FROM now_ LEFT JOIN people_by_hand USING (creator_id)")  # fmt: skip
        for at, (above, below) in enumerate(_BY_HAND.values()):
            value = f"({above})::DOUBLE" if below is None else f"({above}) / {below}"
            base, least = (below, 100) if below else ("days", 1)
            run_(f"CREATE OR REPLACE TEMP TABLE one AS SELECT t.creator_id, category, tier, t.value, t.base, before "
                 f"FROM (SELECT creator_id, category, tier, round({value}, 10) AS value, {base} AS base FROM told "
                 f"WHERE {base} >= {least}) AS t LEFT JOIN (SELECT creator_id, round({value}, 10) AS before FROM then_ "
                 f"WHERE {base} >= {least}) AS b USING (creator_id)")  # fmt: skip
            ((usual,),) = run_("SELECT median(value) FROM one").fetchall()
            run_(f"INSERT INTO by_hand SELECT {at}, creator_id, category, tier, value, base, before, "
                 f"before IS NOT NULL AND value >= 5 * greatest(before, {usual}) "
                 "FROM one ORDER BY creator_id")  # fmt: skip
            first = f"SELECT * FROM by_hand WHERE board = {at} ORDER BY value DESC, base DESC, creator_id LIMIT 20"
            run_(first).fetchall()
        taken = time.perf_counter() - started
        run_("DROP TABLE by_hand")
    return taken


def main() -> None:
    """Measure with a size of one's own."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.boards")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the numbers")
    parser.add_argument("--home", type=Path, help="a folder that keeps the numbers for another run")
    asked = parser.parse_args()
    print(table([run(asked.rows, asked.home)]))


if __name__ == "__main__":
    main()
