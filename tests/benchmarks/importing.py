"""How fast a night's file of all creators comes in, and what a digest takes with all of it loaded.

python -m tests.benchmarks.importing [--rows 3000000] [--narrow] [--by-day]

The floor is what whoever needs no report, no check and no way back would write: one `INSERT … SELECT` of the same
file into an empty table with the file's own columns. The file is made here: 28 days of `rows / 28` creators, the
creators one after another or, with `--by-day`, the days. It has the numbers of KuaiRand's dictionary; `--narrow` leaves
it with ten, which is harder, for what it lacks has to be stored as absent.
"""

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from assistant.creators.digest import digest_of
from assistant.creators.warehouse import open_warehouse
from connectors.feeds import import_file
from tests.benchmarks.figures import Figure, Findings, percentile, table
from tests.benchmarks.stopwatch import milliseconds_of

NAME = "importing"
ROWS = 3_000_000
DAYS = 28
FIRST = date(2026, 3, 1)
DIGESTS = 200
# The numbers of a file with the largest that each may be.
_FEW = {"show": 100_000, "play": 50_000, "complete_play": 9_000, "like": 3_000, "comment": 300, "share": 100,
        "collect": 100, "new_followers": 100, "lost_followers": 50, "followers": 100_000}  # fmt: skip
_MORE = {"valid_play": 20_000, "long_time_play": 8_000, "short_time_play": 15_000, "follow": 100, "cancel_follow": 20,
         "is_profile_enter": 400, "play_duration_seconds": 500_000}  # fmt: skip


def run(rows: int = ROWS, narrow: bool = False, by_day: bool = False) -> Findings:
    """Both formats, each beside its floor, then digests of creators here and there."""
    creators = rows // DAYS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parquet, csv = made(folder, creators, columns_of(narrow), by_day)
        figures = []
        for file in (csv, parquet):
            floor = _floor(folder, file)
            home = folder / file.suffix[1:]
            warehouse = open_warehouse("", home)
            started = time.perf_counter()
            report = import_file(warehouse, file)
            taken = time.perf_counter() - started
            assert report.new == creators * DAYS, report
            figures.append(
                Figure(
                    f"{file.suffix[1:]}: speed of the floor's",
                    100 * floor / taken,
                    "%",
                    at_least=60,
                    remark=f"{report.new:,} rows in {taken:.1f} s, floor {floor:.1f} s",
                )
            )
            if file is csv:
                warehouse.close()
        ids = [f"creator-{at * 7919 % creators:07d}" for at in range(DIGESTS + 5)]
        today = date(2026, 3, 31)
        for one in ids[:5]:
            digest_of(warehouse, one, today)
        times = milliseconds_of(lambda one: digest_of(warehouse, one, today), ids[5:])
        assert digest_of(warehouse, ids[0], today).days_of_data == DAYS
        warehouse.close()
        figures += [
            Figure("digest with all of it loaded, p50", percentile(times, 0.5), "ms"),
            Figure("digest with all of it loaded, p95", percentile(times, 0.95), "ms", at_most=30),
        ]
    return Findings(NAME, figures)


def columns_of(narrow: bool) -> dict[str, int]:
    """The numbers of the file with the largest that each may be."""
    return _FEW if narrow else {**_FEW, **_MORE}


def made(folder: Path, creators: int, numbers: dict[str, int], by_day: bool) -> tuple[Path, Path]:
    """The file as Parquet and as CSV."""
    columns = ", ".join(
        f'(hash(c * 31 + d + {at}) % {most})::{"DOUBLE" if name.endswith("seconds") else "BIGINT"} AS "{name}"'
        for at, (name, most) in enumerate(numbers.items())
    )
    parquet, csv = folder / "night.parquet", folder / "night.csv"
    connection = duckdb.connect()
    connection.execute(
        f"COPY (SELECT 'creator-' || lpad(c::VARCHAR, 7, '0') AS creator_id, DATE '{FIRST}' + d::INTEGER AS day, "
        f"{columns} FROM range({creators}) AS r(c), range({DAYS}) AS s(d) ORDER BY {'d, c' if by_day else 'c, d'}) "
        f"TO '{parquet}'"
    )
    connection.execute(f"COPY (FROM '{parquet}') TO '{csv}'")
    connection.close()
    return parquet, csv


def _floor(folder: Path, file: Path) -> float:
    """Seconds of the bare statement, the better of two."""
    taken = []
    for attempt in range(2):
        connection = duckdb.connect(str(folder / f"floor{attempt}{file.suffix}.duckdb"))
        connection.execute(f"CREATE TABLE night AS FROM '{file}' LIMIT 0")
        started = time.perf_counter()
        connection.execute(f"INSERT INTO night FROM '{file}'")
        taken.append(time.perf_counter() - started)
        connection.close()
        (folder / f"floor{attempt}{file.suffix}.duckdb").unlink()
    return min(taken)


def main() -> None:
    """Measure with a size of one's own."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.importing")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the file")
    parser.add_argument("--narrow", action="store_true", help="ten numbers a row only")
    parser.add_argument("--by-day", action="store_true", help="the days one after another, not the creators")
    asked = parser.parse_args()
    print(table([run(asked.rows, asked.narrow, asked.by_day)]))


if __name__ == "__main__":
    main()
