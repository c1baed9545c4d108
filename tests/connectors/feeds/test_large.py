"""Large files in our own layout: read by the database, with the same outcome as row by row."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.creators import layout
from assistant.creators.warehouse import Warehouse, open_warehouse
from assistant.errors import BadInput
from connectors.feeds import ImportReport, Request, import_file, large

TODAY = date(2026, 11, 23)
HEADER = "creator_id,work_id,day,title,published_at,show,play,like,impressions_ctr,play_duration_seconds,followers"
ROWS = """ann,,2026-03-01,,,100,50,5,,600.5,1000
ann,,2026-03-02,,,100,60,6,0.5,,1010
ben,,2026-03-01,,,,70,,,,5
ann,w1,2026-03-01,First,2026-02-28T09:30,10,5,1,0.1,,
ann,w1,2026-03-02,First,2026-02-28T09:30,20,7,,,,
ann,w1,,First,2026-02-28T09:30,30,12,1,0.2,70,
ben,w1,,"Ben's, own",2026-02-27,30,12,1,0.2,70,
ben,w2,2026-03-01,,,3,2,1,,,
"""


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the own layout counts as large."""
    monkeypatch.setattr(large, "LARGE_CSV_BYTES", 0)
    monkeypatch.setattr(large, "LARGE_PARQUET_ROWS", 0)


def written(folder: Path, rows: str, name: str = "own.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    return path


def as_parquet(path: Path) -> Path:
    target = path.with_suffix(".parquet")
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{path}', header = true, sample_size = -1)) TO '{target}'")
    return target


def stored(warehouse: Warehouse) -> dict[str, list[str]]:
    """All rows of the tables, without the number and time of their import."""
    ignored = ("import_id", "imported_at", "replaced_by")
    return {
        name: sorted(str({key: value for key, value in row.items() if key not in ignored}) for row in
                     warehouse.rows(layout.table(name)))
        for name in (*layout.STORED, *layout.DERIVED, "daily_sums")
    }  # fmt: skip


def outcome(report: ImportReport) -> dict[str, object]:
    return {name: value for name, value in report.as_dict().items() if name not in ("file", "warnings")}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_large_file_has_the_outcome_of_a_small_one(
    tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = written(tmp_path, ROWS)
    path = as_parquet(path) if kind == "parquet" else path
    report = import_file(warehouse, path, today=TODAY)
    again = import_file(warehouse, path, today=TODAY)
    assert (again.new, again.changed) == (0, 0)
    monkeypatch.undo()
    other = open_warehouse("", tmp_path / "other")
    assert outcome(import_file(other, path, today=TODAY)) == outcome(report)
    assert stored(other) == stored(warehouse)
    other.close()


@pytest.mark.usefixtures("at_once")
def test_what_is_not_plain_is_left_out_with_its_line(tmp_path: Path, warehouse: Warehouse) -> None:
    path = written(
        tmp_path,
        """ann,2026-03-01,5,0.5
ann,2026-03-02,1.5,0.5
ann,2026-03-03,1.2万,0.5
ann,2026-03-04,-1,0.5
ann,05-06-2026,1,0.5
ann,2027-03-06,1,0.5
ann,,1,0.5
,2026-03-08,1,0.5
ann,2026-03-09,1,4.8
ann,2026-03-10,1,2,3
ann,2026-03-01,6,0.5
ann,2026-03-12,7,0.5
ann,2026-03-13,99999999999999999,0.5
""",
        header="creator_id,day,play,impressions_ctr",
    )
    report = import_file(warehouse, path, today=TODAY)
    told = {skipped.line: skipped.reason for skipped in report.skipped}
    assert told == {
        3: "play is not a plain whole number",
        4: "play is not written plainly",
        5: "play is negative",
        6: "day is not written plainly",
        7: "day is in the future",
        8: "has neither a work_id nor a day",
        9: "creator_id is empty",
        10: "impressions_ctr is not between 0 and 1; write 0.0316",
        11: "has more cells than the header",
        12: "repeats line 2",
        14: "play is not a possible number",
    }
    assert (report.read, report.new, report.totals) == (13, 2, {"play": 12})


@pytest.mark.usefixtures("at_once")
def test_a_large_file_can_be_undone(tmp_path: Path, warehouse: Warehouse) -> None:
    import_file(warehouse, written(tmp_path, ROWS), today=TODAY)
    before = stored(warehouse)
    mended = ROWS.replace(",50,", ",55,").replace(",12,", ",13,")
    changed = import_file(warehouse, written(tmp_path, mended), today=TODAY)
    assert (changed.new, changed.changed) == (0, 3)
    assert changed.import_id is not None
    assert stored(warehouse) != before
    warehouse.undo(changed.import_id, datetime(2026, 11, 23), "li")
    assert stored(warehouse) == before


@pytest.mark.usefixtures("at_once")
def test_only_the_creator_asked_for_is_read(tmp_path: Path, warehouse: Warehouse) -> None:
    report = import_file(warehouse, written(tmp_path, ROWS), Request("ann"), today=TODAY)
    assert (report.read, report.new) == (8, 5)
    assert any("3 rows belong to other creators" in warning for warning in report.warnings)
    assert {row["creator_id"] for row in warehouse.rows(warehouse.works)} == {"ann"}


@pytest.mark.usefixtures("at_once")
def test_a_dry_run_of_a_large_file_stores_nothing(tmp_path: Path, warehouse: Warehouse) -> None:
    tried = import_file(warehouse, written(tmp_path, ROWS), Request(dry_run=True), today=TODAY)
    assert (tried.new, tried.import_id) == (8, None)
    assert not any(rows for rows in stored(warehouse).values())
    assert warehouse.imports() == []


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("rows", "header", "complaint"),
    [
        ("x" * 65 + ",2026-03-01,5\n", "creator_id,day,play", "1 to 64 printable"),
        ("2026-03-01,5\n", "day,play", "--creator"),
        ("ann,2026-03-01,5,6\n", "creator_id,day,play,play", "twice"),
    ],
)
def test_a_large_file_is_refused_whole(
    tmp_path: Path, warehouse: Warehouse, rows: str, header: str, complaint: str
) -> None:
    good = "ann,2026-03-02,5\n" if header.startswith("creator") else ""
    with pytest.raises(BadInput, match=complaint):
        import_file(warehouse, written(tmp_path, good + rows, header=header), today=TODAY)
    assert warehouse.rows(warehouse.creator_days) == []
    assert warehouse.imports() == []


@pytest.mark.usefixtures("at_once")
def test_a_parquet_file_of_texts_and_fractions_is_checked_too(tmp_path: Path, warehouse: Warehouse) -> None:
    path = tmp_path / "own.parquet"
    duckdb.sql(
        f"""COPY (SELECT * FROM (VALUES ('ann', '2026-03-01', 5.0, '7'), ('ann', '2026-03-02', 5.5, '7'),
        ('ann', 'soon', 5.0, '7'), ('ann', '2026-03-04', 5.0, 'many'), ('ann', '2026-03-05', NULL, NULL))
        AS t(creator_id, day, play, "like")) TO '{path}'"""
    )
    report = import_file(warehouse, path, today=TODAY)
    assert {skipped.line: skipped.reason for skipped in report.skipped} == {
        2: "play is not a plain whole number",
        3: "day is not written as 2026-05-08",
        4: "like is not a plain whole number",
    }
    assert [(row["play"], row["like"]) for row in warehouse.rows(warehouse.creator_days)] == [(5, 7), (None, None)]


def test_a_parquet_file_that_claims_to_be_huge_is_not_opened(
    tmp_path: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.parquet"
    duckdb.sql(f"COPY (SELECT 'ann' AS creator_id, range AS \"user\" FROM range(50000)) TO '{path}'")
    monkeypatch.setattr("connectors.feeds.sheets.LARGEST_UNPACKED", 10_000)
    with pytest.raises(BadInput, match=r"bomb\.parquet says that it unpacks to"):
        import_file(warehouse, path, Request("ann"))
    monkeypatch.setattr(large, "LARGE_PARQUET_ROWS", 1)
    monkeypatch.setattr(large, "MOST_ROWS", 1000)
    with pytest.raises(BadInput, match="claims 50,000 rows"):
        import_file(warehouse, path, Request("ann"))


_DAYS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "ben"]),
        st.dates(date(2026, 1, 1), date(2026, 1, 20)),
        st.one_of(st.none(), st.integers(0, 10**12)),
        st.one_of(st.none(), st.integers(-5, 10**6)),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=_DAYS, second=_DAYS)
def test_both_ways_agree_on_any_rows(
    tmp_path_factory: pytest.TempPathFactory, first: list[tuple], second: list[tuple]
) -> None:
    folder = tmp_path_factory.mktemp("agree")
    one, other = open_warehouse("", folder / "one"), open_warehouse("", folder / "other")
    for number, rows in enumerate((first, second)):
        lines = "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
        path = written(folder, lines, f"{number}.csv", "creator_id,day,play,net_followers")
        slow = import_file(other, path, today=TODAY)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(large, "LARGE_CSV_BYTES", 0)
            fast = import_file(one, path, today=TODAY)
        assert [(skipped.line) for skipped in fast.skipped] == [skipped.line for skipped in slow.skipped]
        for name in ("read", "new", "changed", "works", "days", "totals"):
            assert getattr(fast, name) == getattr(slow, name), name
    assert stored(one) == stored(other)
    one.close()
    other.close()


@pytest.mark.usefixtures("at_once")
def test_the_first_of_repeated_rows_is_kept_however_the_file_is_ordered(tmp_path: Path, warehouse: Warehouse) -> None:
    order = [(turn, day, creator) for turn in (1, 2) for day in (2, 1) for creator in (2, 1)]
    rows = [f"c{creator},2026-03-{day:02d},{day * 10 + turn}" for turn, day, creator in order]
    path = written(tmp_path, "\n".join(rows) + "\n", header="creator_id,day,play")
    report = import_file(warehouse, path, today=TODAY)
    assert [(skipped.line, skipped.reason) for skipped in report.skipped] == [
        (line, f"repeats line {line - 4}") for line in (6, 7, 8, 9)
    ]
    assert {row["play"] for row in warehouse.rows(warehouse.creator_days)} == {11, 21}
