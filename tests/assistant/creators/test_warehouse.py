"""Storing and reading creators' numbers."""

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pytest

from assistant.creators import layout
from assistant.creators.imports import Origin
from assistant.creators.warehouse import Batch, Warehouse, open_warehouse, parameter
from assistant.errors import BadInput, Conflict, Misconfigured, NotFound, Unavailable
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
    with warehouse._store.cursor() as cursor:
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


def everything(warehouse: Warehouse) -> dict[str, list[dict]]:
    return {name: _sorted(warehouse, name) for name in (*layout.STORED, *layout.DERIVED, "daily_sums")}


def test_an_import_is_recorded_with_its_origin(warehouse: Warehouse) -> None:
    origin = Origin("a.csv", "some_preset", "some", "ann", "li", {"play": {"column": "播放"}}, {"read": 1})
    stored = warehouse.store(Batch([work()], [number(play=5)]), NOW, origin=origin)
    (told,) = warehouse.imports()
    assert told.id == stored.import_id == 1
    assert (told.file, told.actor, told.new, told.changed, told.undone_at) == ("a.csv", "li", 1, 0, None)
    assert (told.columns, told.report) == ({"play": {"column": "播放"}}, {"read": 1})
    assert [row["import_id"] for row in warehouse.rows(warehouse.work_numbers)] == [1]


def test_undoing_an_import_restores_what_was_there(warehouse: Warehouse) -> None:
    first = Batch([work(duration_seconds=30.0)], [number(play=5), number(None, play=9)], [creator_day(followers=3)])
    warehouse.store(first, NOW)
    before = everything(warehouse)
    later = Batch(
        [work(title="new title"), work("w2")],
        [number(play=6, like=1), number(None, play=9), number(work_id="w2", play=1)],
        [creator_day(followers=4), creator_day(1, followers=5)],
    )
    second = warehouse.store(later, datetime(2026, 3, 11))
    assert second.import_id is not None
    assert everything(warehouse) != before
    undone = warehouse.undo(second.import_id, NOW, "li")
    assert (undone.id, undone.new, undone.changed) == (2, 2, 2)
    assert everything(warehouse) == before
    assert [(one.id, one.undone_by) for one in warehouse.imports()] == [(2, "li"), (1, None)]
    with pytest.raises(Conflict, match="undone already"):
        warehouse.undo(2, NOW)
    warehouse.undo(1, NOW)
    assert not any(everything(warehouse).values())
    assert warehouse.store(first, NOW).import_id == 3


def test_an_import_that_a_later_one_built_on_is_undone_after_it(warehouse: Warehouse) -> None:
    for play in (5, 6, 7):
        warehouse.store(Batch([], [number(play=play)]), NOW)
    with pytest.raises(Conflict, match="undo 2 first"):
        warehouse.undo(1, NOW)
    with pytest.raises(NotFound, match="no import 9"):
        warehouse.undo(9, NOW)
    warehouse.undo(3, NOW)
    warehouse.undo(2, NOW)
    assert [row["play"] for row in warehouse.rows(warehouse.work_numbers)] == [5]


def test_imports_of_others_do_not_stand_in_the_way(warehouse: Warehouse) -> None:
    warehouse.store(Batch([], [number(play=5)]), NOW)
    warehouse.store(Batch([], [number(play=7) | {"creator_id": "ben"}]), NOW)
    warehouse.undo(1, NOW)
    assert [(row["creator_id"], row["play"]) for row in warehouse.rows(warehouse.work_numbers)] == [("ben", 7)]


def test_killed_in_the_middle_of_an_import_nothing_of_it_is_there(tmp_path: Path) -> None:
    opened = open_warehouse("", tmp_path)
    opened.store(Batch([work()], [number(play=5)]), NOW)
    opened.close()
    program = f"""
import os, signal
from datetime import date, datetime, timedelta
from pathlib import Path
from assistant.creators.stores.embedded import EmbeddedStore
from assistant.creators.warehouse import Batch, open_warehouse

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

EmbeddedStore.record = killed
rows = [dict(creator_id=f"c{{n}}", day=date(2020, 1, 1) + timedelta(days=n), play=n, source="s", definition="d")
        for n in range(300000)]
open_warehouse("", Path({str(tmp_path)!r})).store(Batch(creator_days=rows), datetime(2026, 3, 10))
"""
    root = Path(__file__).parents[3]
    ended = subprocess.run([sys.executable, "-c", program], cwd=root, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL
    again = open_warehouse("", tmp_path)
    assert again.rows(again.creator_days) == []
    assert [one.id for one in again.imports()] == [1]
    assert again.prepared_rows(plays_of, creator="ann") == [{"plays": 5}]
    again.close()


def test_a_warehouse_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    connection = duckdb.connect(str(tmp_path / "warehouse.duckdb"))
    connection.execute("CREATE TABLE daily_sums (creator_id VARCHAR)")
    work_key = "creator_id VARCHAR, work_id VARCHAR"
    connection.execute(f"CREATE TABLE works ({work_key}, title VARCHAR, published_at TIMESTAMP)")
    connection.execute(
        f"CREATE TABLE work_numbers ({work_key}, day DATE, play BIGINT, source VARCHAR, definition VARCHAR, "
        "imported_at TIMESTAMP)"
    )
    connection.execute("INSERT INTO works VALUES ('ann', 'w1', 'First', '2026-03-01')")
    connection.execute("INSERT INTO work_numbers VALUES ('ann', 'w1', '2026-03-01', 5, 's', 'd', '2026-03-02')")
    connection.close()
    opened = open_warehouse("", tmp_path)
    assert {row["play"] for row in opened.rows(opened.daily_sums)} == {5}
    opened.store(Batch([], [number(play=6)]), NOW)
    opened.undo(1, NOW)
    opened.close()
