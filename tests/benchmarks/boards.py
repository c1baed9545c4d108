"""What every built-in leaderboard of a month takes, beside the same boards by hand-written SQL.

python -m tests.benchmarks.boards [--rows 3000000] [--home FOLDER]

28 days of `rows / 28` creators in ten categories. Both sides read the creators' categories from SQL, add up the month
and the one before, and write for every metric each creator's value, base, value before, category, tier and mark of an
unusual jump, then read the first twenty. By hand is what somebody would write for this very file: it knows that there
is one source, that no number is missing, and where the plays stand; it keeps no header and checks nothing. It writes a
rank among everybody and one within category and tier; ours are counted when somebody asks, in any cut, so the same
without ranks stands beside it.
`--home` keeps the numbers for another run.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
        metrics = [(metric, STAFF) for metric in CATALOGUE.values()]
        taken: dict[str, list[Taken]] = {"ours": [], "ranked": [], "bare": []}
        for _ in range(2):
            for name in ("ranked", "bare"):
                with _watched(taken[name]):
                    _by_hand(warehouse, folder / "heliotrope.db", with_ranks=name == "ranked")
                _drop(warehouse)
            with _watched(taken["ours"]):
                kept = boards.make(metrics, span_of("month", FIRST), "benchmark", anew=True)
                for board in kept:
                    boards.board(board.metric.slug, "month", TODAY)
        ids = [f"creator-{at * 7919 % (rows // DAYS):07d}" for at in range(ASKED)]
        times = milliseconds_of(lambda one: boards.standing(one, "plays", "month", TODAY), ids)
        warehouse.close()
        engine.dispose()
    ours, ranked, bare = (min(taken[name]) for name in ("ours", "ranked", "bare"))
    places = sum(board.ranked for board in kept)
    return Findings(
        NAME,
        [
            Figure(
                "all built-in boards of a month, times hand-written SQL",
                ours.seconds / ranked.seconds,
                "x",
                at_most=1.3,
                remark=f"{places:,} places in {ours}, by hand {ranked}",
            ),
            Figure(
                "… times the same SQL that writes no ranks",
                ours.seconds / bare.seconds,
                "x",
                remark=f"by hand {bare}; a rank is then counted when it is asked for, as ours are",
            ),
            Figure("a creator's standing, p95", percentile(times, 0.95), "ms"),
        ],
    )


@dataclass(frozen=True, order=True)
class Taken:
    """How long something took: by the clock, and of all processors."""

    seconds: float
    processor: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.processor:.1f} s of processor)"


@contextmanager
def _watched(into: list[Taken]) -> Iterator[None]:
    clock, processor = time.perf_counter(), time.process_time()
    yield
    into.append(Taken(time.perf_counter() - clock, time.process_time() - processor))


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


def _by_hand(warehouse: Warehouse, database: Path, with_ranks: bool) -> None:
    """The hand-written statements: the sums of both months once, then an INSERT a board."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in _SUMMED)
    sums += ", sum(new_followers - lost_followers) AS net, count(*) AS days, arg_max(followers, day) AS followers"
    summed = f"SELECT creator_id, {sums} FROM creator_days WHERE day BETWEEN '{{}}' AND '{{}}' GROUP BY creator_id"
    ranks = ", rank() OVER (ORDER BY value DESC) AS place"
    ranks += ", rank() OVER (PARTITION BY category, tier ORDER BY value DESC) AS place_in_cut"
    with warehouse.workbench(writes=True) as bench:
        run_ = bench._cursor.execute
        more = "place BIGINT, place_in_cut BIGINT" if with_ranks else ""
        run_("CREATE TABLE by_hand (board INTEGER, creator_id VARCHAR, category VARCHAR, tier INTEGER, value DOUBLE, "
             f"base DOUBLE, before DOUBLE, is_jump BOOLEAN, {more})")  # fmt: skip
        with sqlite3.connect(database) as connection:
            rows = connection.execute("SELECT id, category FROM creators").fetchall()
        ids, categories = zip(*rows, strict=True)
        bench.offer("people_by_hand", pa.table({"creator_id": pa.array(ids), "category": pa.array(categories)}))
        run_(f"CREATE TEMP TABLE now_ AS {summed.format('2026-03-01', '2026-03-31')}")
        run_(f"CREATE TEMP TABLE then_ AS {summed.format('2026-02-01', '2026-02-28')}")
        run_(f"CREATE TEMP TABLE told AS SELECT now_.*, {_TIER} AS tier, category "
             "FROM now_ LEFT JOIN people_by_hand USING (creator_id)")  # fmt: skip
        for at, (above, below) in enumerate(_BY_HAND.values()):
            value = f"({above})::DOUBLE" if below is None else f"({above}) / {below}"
            base, least = (below, 100) if below else ("days", 1)
            value = f"round({value}, 10)"
            run_(f"INSERT INTO by_hand WITH one AS (SELECT creator_id, category, tier, {value} AS value, {base} "
                 f"AS base FROM told WHERE {base} >= {least}), earlier AS (SELECT creator_id, {value} AS before "
                 f"FROM then_ WHERE {base} >= {least}) SELECT {at}, one.*, before, before IS NOT NULL AND "
                 f"value >= 5 * greatest(before, (SELECT median(value) FROM one)) {ranks if with_ranks else ''} "
                 "FROM one LEFT JOIN earlier USING (creator_id)")  # fmt: skip
            first = f"SELECT * FROM by_hand WHERE board = {at} ORDER BY value DESC, base DESC, creator_id LIMIT 20"
            run_(first).fetchall()


def _drop(warehouse: Warehouse) -> None:
    with warehouse.workbench(writes=True) as bench:
        bench._cursor.execute("DROP TABLE by_hand")


def main() -> None:
    """Measure with a size of one's own."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.boards")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the numbers")
    parser.add_argument("--home", type=Path, help="a folder that keeps the numbers for another run")
    asked = parser.parse_args()
    print(table([run(asked.rows, asked.home)]))


if __name__ == "__main__":
    main()
