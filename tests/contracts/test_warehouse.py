"""What every store of creators' numbers must do when they are written; `test_metric_queries` reads them."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from assistant.creators.demonstration import demonstration_creators
from assistant.creators.imports import Origin
from assistant.creators.plain import PlainFile
from assistant.creators.stores.postgres import PostgresStore
from assistant.creators.warehouse import Batch, Warehouse, open_warehouse
from assistant.errors import BadInput, Conflict, Unavailable
from tests.contracts.conftest import warehouse_address

TODAY = date(2026, 11, 23)
IMPORTED = datetime(2026, 11, 23, 8)
CREATORS = ("demo-01", "demo-03", "demo-05")


@pytest.fixture(scope="module")
def batch() -> Batch:
    """The works and days of a few invented creators."""
    _, works, numbers, days = demonstration_creators(TODAY)
    return Batch(*([row for row in rows if row["creator_id"] in CREATORS] for rows in (works, numbers, days)))


@pytest.fixture(params=["duckdb", "postgresql", "clickhouse"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    opened = open_warehouse(warehouse_address(request), tmp_path)
    yield opened
    opened.close()


def test_an_import_is_counted_repeated_without_change_replaced_and_undone(warehouse: Warehouse, batch: Batch):
    first = warehouse.store(batch, IMPORTED, origin=Origin(file="one.csv"))
    assert first.new["creator_days"] == len(batch.creator_days)
    again = warehouse.store(batch, IMPORTED)
    assert not any([*again.new.values(), *again.changed.values()])
    day = dict(batch.creator_days[-1])
    before = _play(warehouse, day)
    changed = warehouse.store(Batch(creator_days=[{**day, "play": 12345}]), IMPORTED)
    assert changed.changed["creator_days"] == 1
    assert _play(warehouse, day) == 12345
    assert first.import_id is not None
    assert changed.import_id is not None
    with pytest.raises(Conflict):
        warehouse.undo(first.import_id, IMPORTED)
    warehouse.undo(changed.import_id, IMPORTED)
    assert _play(warehouse, day) == before
    warehouse.undo(first.import_id, IMPORTED)
    assert not warehouse.rows(warehouse.creator_days.select("day"))
    assert [one.file for one in warehouse.imports()][-1] == "one.csv"


def _play(warehouse: Warehouse, day: dict[str, object]) -> int:
    days = warehouse.creator_days
    which = (days.creator_id == day["creator_id"]) & (days.day == day["day"])
    return int(warehouse.rows(days.filter(which).select("play"))[0]["play"])


def test_a_dry_run_and_a_faulty_import_leave_nothing(warehouse: Warehouse, batch: Batch):
    assert warehouse.store(batch, IMPORTED, dry_run=True).new["works"] == len(batch.works)
    with pytest.raises(BadInput):
        warehouse.store(Batch(creator_days=[batch.creator_days[0]] * 2), IMPORTED)
    assert not warehouse.rows(warehouse.works.select("work_id"))
    assert not warehouse.imports()


def test_a_large_file_is_read_the_same(warehouse: Warehouse, tmp_path: Path):
    path = tmp_path / "days.csv"
    path.write_text(
        "creator_id,day,play,like\nmei,2026-11-01,100,5\nmei,2026-11-01,100,5\nmei,2026-11-02,x,1\nlan,2026-11-01,7,\n"
    )
    file = PlainFile(path, ("creator_id", "day", "play", "like"), ",", None, TODAY, "platform")
    loaded, stored = warehouse.load(file, IMPORTED, Origin(file="days.csv"))
    assert (loaded.read, stored.new["creator_days"]) == (4, 2)
    assert [line for line, _ in loaded.skipped] == [3, 4]
    again, stored = warehouse.load(file, IMPORTED, Origin(file="days.csv"))
    assert stored.new["creator_days"] == stored.changed["creator_days"] == 0
    assert warehouse.forget("mei")["creator_days"] == 1
    assert [row["creator_id"] for row in warehouse.rows(warehouse.creator_days.select("creator_id"))] == ["lan"]


def test_derived_tables_are_made_anew(warehouse: Warehouse, batch: Batch):
    warehouse.store(batch, IMPORTED)
    before = _sums(warehouse)
    warehouse.rebuild()
    assert _sums(warehouse) == before


def _sums(warehouse: Warehouse) -> list[dict[str, object]]:
    sums = warehouse.daily_sums
    grouped = sums.group_by("creator_id", "basis").agg(plays=sums.play.sum().cast("int64"), days=sums.count())
    return warehouse.rows(grouped.order_by("creator_id", "basis"))


def test_a_full_disk_and_a_server_that_goes_away_are_told_by_postgresql(postgres: Callable[[], str]):
    store = PostgresStore(postgres())
    refused = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$"
    with pytest.raises(Unavailable, match="is full, so nothing was written"), store.transaction(True) as cursor:
        cursor.execute(refused)
    with pytest.raises(Unavailable, match="does not answer"), store.transaction(True) as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with store.transaction(True) as cursor:
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    store.close()


def test_a_closed_warehouse_says_so(warehouse: Warehouse):
    warehouse.close()
    with pytest.raises(Unavailable):
        warehouse.rows(warehouse.works.select("work_id"))
