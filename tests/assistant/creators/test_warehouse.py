"""Storing and reading creators' numbers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pytest

from assistant.creators import layout
from assistant.creators.warehouse import Batch, Warehouse, open_warehouse, parameter
from assistant.errors import BadInput, Misconfigured, Unavailable
from tests.assistant.creators.rows import creator_day, number, work

NOW = datetime(2026, 3, 10)


def plays_of(warehouse: Warehouse) -> ir.Table:
    """Parameters: creator."""
    numbers = warehouse.work_numbers.filter(warehouse.work_numbers.creator_id == parameter("creator"))
    return numbers.agg(plays=numbers.play.sum())


def _sorted(warehouse: Warehouse, name: str) -> list[dict]:
    return sorted(warehouse.rows(layout.table(name)), key=str)


def test_storing_the_same_rows_twice_changes_nothing(warehouse: Warehouse) -> None:
    batch = Batch([work()], [number(play=5), number(None, play=9)], [creator_day(followers=3)])
    first = warehouse.store(batch, NOW)
    assert first.new == {"works": 1, "work_numbers": 2, "creator_days": 1}
    second = warehouse.store(batch, datetime(2026, 3, 11))
    assert not any((*second.new.values(), *second.changed.values()))
    assert [row["imported_at"] for row in warehouse.rows(warehouse.creator_days)] == [NOW]


def test_a_row_of_numbers_is_replaced_as_a_whole(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=100, like=50)]), NOW)
    changed = warehouse.store(Batch([], [number(play=1000)]), NOW).changed
    assert changed["work_numbers"] == 1
    (row,) = warehouse.rows(warehouse.work_numbers)
    assert (row["play"], row["like"]) == (1000, None)


def test_a_work_keeps_what_a_later_file_does_not_know(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work(duration_seconds=30.0)]), NOW)
    assert warehouse.store(Batch([work(title="new title", duration_seconds=None)]), NOW).changed["works"] == 1
    (row,) = warehouse.rows(warehouse.works)
    assert (row["title"], row["duration_seconds"]) == ("new title", 30.0)


def test_numbers_of_two_sources_stand_side_by_side(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=5), number(play=7) | {"source": "other"}]), NOW)
    assert sorted(row["play"] for row in warehouse.rows(warehouse.work_numbers)) == [5, 7]


def test_a_dry_run_counts_and_leaves_everything(warehouse: Warehouse) -> None:
    told = warehouse.store(Batch([work()], [number(play=5)]), NOW, dry_run=True)
    assert told.new["work_numbers"] == 1
    for name in layout.TABLES:
        assert warehouse.rows(layout.table(name)) == []


def test_a_failed_import_leaves_nothing_behind(warehouse: Warehouse) -> None:
    with pytest.raises(BadInput):
        warehouse.store(Batch([work()], [number(play=5), number(play=6)]), NOW)
    assert warehouse.rows(warehouse.works) == []


def test_the_derived_tables_are_rebuilt_to_the_same(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=5, like=1)], [creator_day(followers=3)]), NOW)
    before = {name: _sorted(warehouse, name) for name in layout.DERIVED}
    warehouse.rebuild()
    assert {name: _sorted(warehouse, name) for name in layout.DERIVED} == before
    assert [row["play"] for row in before["lifetimes"]] == [5]


def test_days_that_begin_after_publication_are_no_life(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work(published=datetime(2026, 2, 1))], [number(date(2026, 3, 1), play=5)]), NOW)
    (row,) = warehouse.rows(warehouse.lifetimes)
    assert (row["source"], row["play"]) == (None, None)


def test_totals_that_a_source_gives_win_over_the_sum_of_its_days(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=5), number(None, play=9)]), NOW)
    assert [row["play"] for row in warehouse.rows(warehouse.lifetimes)] == [9]


def test_values_are_bound_and_never_part_of_the_query(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=5)]), NOW)
    assert warehouse.prepared_rows(plays_of, creator="ann") == [{"plays": 5}]
    for hostile in ("ann' OR 1=1 --", "$parameter:creator", "", "ann\0"):
        assert warehouse.prepared_rows(plays_of, creator=hostile) == [{"plays": None}]


def test_many_threads_read_while_one_writes(warehouse: Warehouse) -> None:
    warehouse.store(Batch([work()], [number(play=5)]), NOW)
    stop = threading.Event()

    def write() -> None:
        play = 5
        while not stop.is_set():
            play += 1
            warehouse.store(Batch([], [number(play=play)]), NOW)

    writer = threading.Thread(target=write)
    writer.start()
    with ThreadPoolExecutor(8) as threads:
        read = list(threads.map(lambda _: warehouse.prepared_rows(plays_of, creator="ann")[0]["plays"], range(200)))
    stop.set()
    writer.join()
    assert all(play >= 5 for play in read)


def test_numbers_survive_closing_and_opening(tmp_path: Path) -> None:
    opened = open_warehouse("", tmp_path)
    opened.store(Batch([work()], [number(play=5)]), NOW)
    opened.close()
    with pytest.raises(Unavailable):
        opened.rows(opened.works)
    again = open_warehouse(f"duckdb:///{tmp_path}/warehouse.duckdb", tmp_path)
    assert again.prepared_rows(plays_of, creator="ann") == [{"plays": 5}]
    again.close()


def test_no_query_reaches_files_or_takes_the_lock_off(warehouse: Warehouse, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with warehouse._cursor() as cursor:
        for query in (
            f"SELECT * FROM '{secret}'",
            f"COPY works TO '{tmp_path}/out.csv'",
            "SET enable_external_access=true",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(query)


def test_another_address_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="HELIOTROPE_WAREHOUSE_URL"):
        open_warehouse("mysql://nowhere", tmp_path)


def test_a_damaged_file_is_unavailable_and_not_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(Unavailable):
        open_warehouse("", tmp_path)
