"""Where ClickHouse has no transactions: an import whole or not at all, one state for whoever reads, writers in turn."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from assistant.creators import layout
from assistant.creators.stores import clickhouse_tables
from assistant.creators.warehouse import Batch, Warehouse, open_warehouse
from assistant.errors import Misconfigured, Unavailable
from tests.contracts.servers import ROOT

NOW = datetime(2026, 3, 10)
DAY = {"creator_id": "ann", "day": date(2026, 3, 1), "source": "s", "definition": "d", "play": 5}
WORK = {"creator_id": "ann", "work_id": "w1", "title": "First", "published_at": datetime(2026, 3, 1, 12)}
NUMBER = {**WORK, **DAY}


@pytest.fixture(scope="module")
def address(clickhouse: Callable[[], str]) -> str:
    return clickhouse()


@pytest.fixture
def warehouse(address: str) -> Iterator[Warehouse]:
    """The one database of this module, emptied."""
    opened = open_warehouse(address, Path())
    with opened._store.cursor() as cursor:
        for name in ("changes", *map(clickhouse_tables.rows_of, clickhouse_tables.CHANGE)):
            cursor.run(f"TRUNCATE TABLE {name}")
    yield opened
    opened.close()


def _plays(warehouse: Warehouse) -> list[int]:
    return [row["play"] for row in warehouse.rows(warehouse.creator_days.select("play", "day").order_by("day"))]


def _stored_rows(warehouse: Warehouse) -> int:
    """How many rows stand in the tables, seen or not."""
    with warehouse._store.cursor() as cursor:
        tables = (clickhouse_tables.rows_of(name) for name in layout.STORED)
        return sum(int(cursor.execute(f"SELECT count() FROM {table}").fetchall()[0][0]) for table in tables)


def test_killed_before_its_end_an_import_is_seen_by_nobody_and_swept_up_by_the_next(warehouse: Warehouse, address: str):
    warehouse.store(Batch([WORK], [NUMBER], [DAY]), NOW)
    stored = _stored_rows(warehouse)
    program = f"""
import os, signal
from datetime import date, datetime
from pathlib import Path
from assistant.creators.stores.clickhouse import ClickHouseStore
from assistant.creators.warehouse import Batch, open_warehouse

ClickHouseStore.record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
warehouse = open_warehouse({address!r}, Path())
warehouse.store(Batch([{WORK | {"title": "Other"}!r}], [{NUMBER | {"play": 7}!r}], [{DAY | {"play": 7}!r}]), {NOW!r})
""".replace("datetime.datetime(", "datetime(").replace("datetime.date(", "date(")
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    assert _stored_rows(warehouse) == stored + 3
    assert _plays(warehouse) == [5]
    assert [row["title"] for row in warehouse.rows(warehouse.lifetimes.select("title"))] == ["First"]
    assert len(warehouse.imports()) == 1
    later = warehouse.store(Batch(creator_days=[DAY | {"day": date(2026, 3, 2), "play": 6}]), NOW)
    assert _stored_rows(warehouse) == stored + 1
    assert _plays(warehouse) == [5, 6]
    # The number of what was begun is not given again.
    assert [one.id for one in warehouse.imports()] == [later.import_id, 1]
    assert later.import_id == 3


def test_whoever_reads_in_several_steps_sees_one_state(warehouse: Warehouse):
    warehouse.store(Batch(creator_days=[DAY]), NOW)
    days = warehouse.creator_days.select("play")
    with warehouse.workbench() as bench:
        kept = bench.keep("before", days)
        second = warehouse.store(Batch(creator_days=[DAY | {"play": 9}]), NOW).import_id
        assert [row["play"] for row in bench.rows(days)] == [row["play"] for row in bench.rows(kept)] == [5]
        assert second is not None
        warehouse.undo(second, NOW)
        assert [row["play"] for row in bench.rows(days)] == [5]
    assert _plays(warehouse) == [5]
    with warehouse._store.cursor() as cursor:
        left = "SELECT count() FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'own_')"
        assert cursor.execute(left).fetchall() == [(0,)]


def test_what_vanishes_is_hidden_and_who_is_forgotten_leaves_no_row(warehouse: Warehouse):
    """A creator whose only work is undone has no lifetime, though earlier rows of it stand in the table."""
    first = warehouse.store(Batch([WORK], [NUMBER | {"day": None}]), NOW).import_id
    warehouse.store(Batch([WORK | {"work_id": "w2"}], [NUMBER | {"work_id": "w2", "day": None}]), NOW)
    assert first is not None
    warehouse.undo(first, NOW)
    lives = warehouse.rows(warehouse.lifetimes.select("work_id", "play"))
    assert lives == [{"work_id": "w2", "play": 5}]
    assert warehouse.forget("ann")["works"] == 1
    assert _stored_rows(warehouse) == 0


def test_addresses_that_cannot_be_used_are_refused_in_a_sentence(warehouse: Warehouse, address: str):
    assert _plays(warehouse) == []
    with pytest.raises(Unavailable, match="refuses"):
        open_warehouse(address.replace("only", "wrong"), Path())
    with pytest.raises(Unavailable, match="does not answer; check HELIOTROPE_WAREHOUSE_URL"):
        open_warehouse("clickhouse://127.0.0.1:9", Path())
    for url in ("clickhouse://host:port/x", "clickhouse://host/a-b"):
        with pytest.raises(Misconfigured, match="HELIOTROPE_WAREHOUSE_URL"):
            open_warehouse(url, Path())
