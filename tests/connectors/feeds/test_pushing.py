"""Files that come by themselves: keys, the watched folder, and the way out again."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from connectors.feeds import import_file
from connectors.feeds.exporting import export_file
from connectors.feeds.folder import sweep
from connectors.feeds.keys import FeedKeys
from connectors.feeds.remembered import ColumnMappings

TODAY = date(2026, 11, 23)


def test_a_key_opens_until_it_is_revoked(engine: Engine) -> None:
    keys = FeedKeys(engine)
    key = keys.issue("nightly", "ann", "li")
    assert (keys.holder(key).name, keys.holder(key).creator_id) == ("nightly", "ann")
    assert keys.all()[0].last_used_at is not None
    with pytest.raises(Conflict):
        keys.issue("nightly", None, "li")
    with pytest.raises(BadInput):
        keys.issue(" ", None, "li")
    keys.revoke("nightly", "li")
    for wrong in (key, "hf_nothing", ""):
        with pytest.raises(NotAllowed, match="not valid"):
            keys.holder(wrong)
    with pytest.raises(NotFound):
        keys.revoke("nightly", "li")


def test_no_key_is_kept(engine: Engine) -> None:
    key = FeedKeys(engine).issue("nightly", None, "li")
    with engine.begin() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM feed_keys").all()
    assert key not in str(kept)


def test_a_folder_is_swept_file_by_file(tmp_path: Path, warehouse: Warehouse, engine: Engine) -> None:
    folder = tmp_path / "inbox"
    (folder / "ann").mkdir(parents=True)
    (folder / "own.csv").write_text("creator_id,day,play\nben,2026-03-01,5\n")
    (folder / "ann" / "days.csv").write_text("Date,Subscribers\n2026-03-01,4\n")
    (folder / "odd.csv").write_text("a,b\n1,2\n")
    (folder / ".hidden.csv").write_text("creator_id,day,play\nben,2026-03-01,6\n")
    outcomes = sweep(folder, warehouse, ColumnMappings(engine), settled_seconds=0)
    assert {one.file: one.imported for one in outcomes} == {"own.csv": True, "ann/days.csv": True, "odd.csv": False}
    assert {row["creator_id"] for row in warehouse.rows(warehouse.creator_days)} == {"ann", "ben"}
    report = json.loads((folder / "done" / "ann-days.csv.report.json").read_text("utf-8"))
    assert (report["new"], report["preset"]) == (1, "youtube_studio_daily_totals")
    assert "not known" in json.loads((folder / "failed" / "odd.csv.report.json").read_text("utf-8"))["problem"]
    assert sweep(folder, warehouse, ColumnMappings(engine), settled_seconds=0) == []
    (folder / "own.csv").write_text("creator_id,day,play\nben,2026-03-02,5\n")
    sweep(folder, warehouse, ColumnMappings(engine), settled_seconds=0)
    assert (folder / "done" / "own-2.csv").exists()


def test_a_file_that_is_still_being_written_waits(tmp_path: Path, warehouse: Warehouse, engine: Engine) -> None:
    (tmp_path / "own.csv").write_text("creator_id,day,play\nben,2026-03-01,5\n")
    assert sweep(tmp_path, warehouse, ColumnMappings(engine), settled_seconds=60) == []
    with pytest.raises(BadInput, match="not a folder"):
        sweep(tmp_path / "nowhere", warehouse, ColumnMappings(engine))


def test_what_is_exported_reads_back_to_the_same(tmp_path: Path, warehouse: Warehouse) -> None:
    path = tmp_path / "own.csv"
    path.write_text(
        "creator_id,work_id,day,title,published_at,play,impressions_ctr,followers,net_followers\n"
        "ann,w1,2026-03-01,=cmd(),2026-02-28T09:30,5,0.5,,\nann,w1,,=cmd(),2026-02-28T09:30,9,,,\n"
        "ann,,2026-03-01,,,5,,1000,-3\nben,,2026-03-01,,,5,,,\n",
        encoding="utf-8",
    )
    import_file(warehouse, path, today=TODAY)
    out = tmp_path / "out.csv"
    assert export_file(warehouse, "ann", out) == 3
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert not any(cell.startswith(("=", "@", "+")) for row in csv.reader(file) for cell in row)
    other = open_warehouse("", tmp_path / "other")
    import_file(other, out, today=TODAY)
    for name in ("works", "work_numbers", "creator_days"):
        kept = [row for row in warehouse.rows(getattr(warehouse, name)) if row["creator_id"] == "ann"]
        read = other.rows(getattr(other, name))
        for rows in (kept, read):
            for row in rows:
                row.pop("imported_at", None)
        assert sorted(map(str, read)) == sorted(map(str, kept))
    other.close()
    with pytest.raises(NotFound):
        export_file(warehouse, "nobody", out)
