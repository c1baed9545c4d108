"""A watched folder: files are imported as they come, and a missing folder is waited for."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine

from assistant.creators.warehouse import open_warehouse
from assistant.database import schema
from connectors.feeds.watching import FolderWatch


def put(folder: Path, name: str, text: str) -> None:
    """A file that has been at rest for a minute."""
    (folder / name).write_text(text, "utf-8")
    long_ago = time.time() - 60
    os.utime(folder / name, (long_ago, long_ago))


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_files_are_imported_as_they_come_and_bad_ones_are_put_aside(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'watch.db'}")
    schema.metadata.create_all(engine)
    warehouse = open_warehouse("", tmp_path / "home")
    folder = tmp_path / "inbox"
    watch = FolderWatch(folder, warehouse, engine, pause_seconds=0.02)
    watch.start()
    try:
        folder.mkdir()
        put(folder, "night.csv", "creator_id,day,play\nme,2026-10-01,5\n")
        put(folder, "odd.csv", "a,b\n1,2\n")
        until(lambda: len(list(folder.glob("*/*.report.json"))) == 2)
        assert [one.file for one in warehouse.imports()] == ["night.csv"]
        put(folder, "next.csv", "creator_id,day,play\nme,2026-10-02,6\n")
        until(lambda: (folder / "done" / "next.csv").is_file())
    finally:
        watch.stop()
    report = json.loads((folder / "failed" / "odd.csv.report.json").read_text("utf-8"))
    assert "are not known" in report["problem"]
    put(folder, "late.csv", "creator_id,day,play\nme,2026-10-03,7\n")
    time.sleep(0.1)
    assert (folder / "late.csv").is_file()
    warehouse.close()
