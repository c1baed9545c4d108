"""Files as people really have them."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput
from connectors.feeds import Request, import_file
from connectors.feeds.cells import for_spreadsheet, text
from connectors.feeds.deciding import Choices

TODAY = date(2026, 11, 23)


def written(folder: Path, content: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def days_of(warehouse: Warehouse) -> list[date]:
    return sorted(row["day"] for row in warehouse.rows(warehouse.creator_days))


def test_dates_that_can_be_read_two_ways_stop_the_import(tmp_path: Path, warehouse: Warehouse) -> None:
    path = written(tmp_path, "Date,Subscribers\n05-08-2020,4\n06-08-2020,5\n")
    with pytest.raises(BadInput) as refused:
        import_file(warehouse, path, Request("ann"), today=TODAY)
    assert str(refused.value) == (
        "The dates of 'Date' can be read two ways: '05-08-2020' (line 2) is 2020-05-08 month first or 2020-08-05 day "
        "first; add --dates month-first or --dates day-first."
    )
    assert warehouse.rows(warehouse.creator_days) == []
    import_file(warehouse, path, Request("ann", choices=Choices(dates="day-first")), today=TODAY)
    assert days_of(warehouse) == [date(2020, 8, 5), date(2020, 8, 6)]


def test_one_clear_date_decides_for_its_column_and_it_is_told(tmp_path: Path, warehouse: Warehouse) -> None:
    path = written(tmp_path, "Date,Subscribers\n05/08/2020,4\n13/08/2020,5\n")
    report = import_file(warehouse, path, Request("ann"), today=TODAY)
    assert days_of(warehouse) == [date(2020, 8, 5), date(2020, 8, 13)]
    assert "The dates of 'Date' were read day first, which '13/08/2020' (line 3) shows." in report.warnings


def test_dates_of_both_orders_are_refused(tmp_path: Path, warehouse: Warehouse) -> None:
    path = written(tmp_path, "Date,Subscribers\n05/13/2020,4\n13/05/2020,5\n")
    with pytest.raises(BadInput, match="mixed"):
        import_file(warehouse, path, Request("ann"), today=TODAY)


def test_excels_count_of_days_is_read_and_told(tmp_path: Path, warehouse: Warehouse) -> None:
    report = import_file(warehouse, written(tmp_path, "Date,Subscribers\n43959,4\n"), Request("ann"), today=TODAY)
    assert days_of(warehouse) == [date(2020, 5, 8)]
    assert any("Excel's count of days" in warning for warning in report.warnings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_text_is_read_in_its_encoding(tmp_path: Path, warehouse: Warehouse, encoding: str) -> None:
    content = "creator_id,work_id,title,published_at,play\nann,w1,番茄牛腩，这样做,2026年5月8日,5\n" * 1
    import_file(warehouse, written(tmp_path, content, encoding=encoding), today=TODAY)
    assert [work["title"] for work in warehouse.rows(warehouse.works)] == ["番茄牛腩，这样做"]


def test_accented_letters_are_no_chinese(tmp_path: Path, warehouse: Warehouse) -> None:
    content = "creator_id,work_id,title,play\nann,w1,Le géant à Évreux,5\n"
    report = import_file(warehouse, written(tmp_path, content, encoding="latin-1"), today=TODAY)
    assert [work["title"] for work in warehouse.rows(warehouse.works)] == ["Le géant à Évreux"]
    assert any("Latin-1" in warning for warning in report.warnings)


def test_two_tables_in_one_file_are_both_read(tmp_path: Path, warehouse: Warehouse) -> None:
    content = (
        "Date,Subscribers\n2026-03-01,4\nTotal,4\n\n"
        'Content,Video title,Video publish time,Views\nTotal,,,7\na1,First,"Mar 1, 2026",7\n'
    )
    report = import_file(warehouse, written(tmp_path, content), Request("ann"), today=TODAY)
    assert report.preset == "youtube_studio_daily_totals + youtube_studio_table"
    assert (report.read, report.new, report.works, report.days) == (2, 2, 1, 1)


def test_a_second_table_that_nobody_knows_is_left_out_line_by_line(tmp_path: Path, warehouse: Warehouse) -> None:
    content = "Date,Subscribers\n2026-03-01,4\n\nCity,People\nBeijing,4\nXi'an,5\n"
    report = import_file(warehouse, written(tmp_path, content), Request("ann"), today=TODAY)
    assert [skipped.line for skipped in report.skipped] == [4, 5, 6]
    assert report.skipped[0].reason == "belongs to another table, from line 4 on, whose columns differ"


def test_a_repeated_header_is_no_row(tmp_path: Path, warehouse: Warehouse) -> None:
    content = "Date,Subscribers\n2026-03-01,4\nDate,Subscribers\n2026-03-02,5\n"
    report = import_file(warehouse, written(tmp_path, content), Request("ann"), today=TODAY)
    assert (report.read, report.skipped) == (2, [])
    assert "The header is repeated in line 3." in report.warnings


def test_words_for_nothing_are_nothing(tmp_path: Path, warehouse: Warehouse) -> None:
    rows = "".join(f"ann,2026-03-{day:02d},{cell}\n" for day, cell in enumerate(["--", "-", "N/A", "空", ""], 1))
    report = import_file(warehouse, written(tmp_path, "creator_id,day,play\n" + rows), today=TODAY)
    assert (report.new, report.skipped, report.totals) == (5, [], {})


def test_a_formula_in_a_title_is_text(tmp_path: Path, warehouse: Warehouse) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["creator_id", "work_id", "title", "play"])
    book.active.append(["ann", "w1", "'=cmd()", 5])
    book.save(tmp_path / "a.xlsx")
    csv = written(tmp_path, 'creator_id,work_id,title,play\nann,w2,"=HYPERLINK(""x"")",5\nann,w3,__import__,5\n')
    for path in (tmp_path / "a.xlsx", csv):
        import_file(warehouse, path, today=TODAY)
    titles = {work["work_id"]: work["title"] for work in warehouse.rows(warehouse.works)}
    assert titles == {"w1": "=cmd()", "w2": '=HYPERLINK("x")', "w3": "__import__"}


@pytest.mark.parametrize("title", ["=cmd()", "+1", "-1", "@sum", "\tx", "plain", "'quoted"])
def test_what_is_written_for_a_spreadsheet_is_never_a_formula_and_reads_back(title: str) -> None:
    shown = for_spreadsheet(title)
    assert not shown.startswith(("=", "+", "-", "@", "\t"))
    assert text(shown) == title.strip() or title == "\tx"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("wrong.csv", b"a,b\n1,2\n", "are not known"),
        ("empty.csv", b"", "is empty"),
        ("header.csv", b"creator_id,day,play\n", ""),
        ("binary.csv", bytes(range(256)) * 8, "is not text"),
        ("zip.csv", b"PK\x03\x04\x14\x00\x00\x00\x08\x00" * 20, "is not text"),
    ],
)
def test_bad_files_have_their_sentence_and_change_nothing(
    tmp_path: Path, warehouse: Warehouse, name: str, content: bytes, complaint: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=complaint):
        import_file(warehouse, path, Request("ann"), today=TODAY)
    assert warehouse.imports() == []
