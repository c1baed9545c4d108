"""Files of every kind become a header and numbered rows."""

import json
import zipfile
from contextlib import suppress
from pathlib import Path

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput
from connectors.feeds import import_file
from connectors.feeds.sheets import Sheet, read_sheets

HEADER = ["day", "play"]


def read_sheet(path: Path) -> Sheet:
    (sheet,) = read_sheets(path)
    return sheet


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "numbers.csv"
    path.write_bytes("creator_id,work_id,title,play\n安安,w1,番茄牛腩，这样做,5\n".encode(encoding))
    (row,) = read_sheet(path).rows
    assert row == (2, {"creator_id": "安安", "work_id": "w1", "title": "番茄牛腩，这样做", "play": "5"})


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_seen_in_the_header(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(delimiter.join(HEADER) + "\r\n" + delimiter.join(["2026-03-01", "5"]) + "\r\n", encoding="utf-8")
    assert read_sheet(path).rows == [(2, {"day": "2026-03-01", "play": "5"})]


def test_a_cell_over_several_lines_does_not_shift_the_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text('\nday,play\n"2026-\n03-01",5\n\n2026-03-02,6,7\n2026-03-03\n', encoding="utf-8")
    sheet = read_sheet(path)
    assert [line for line, _ in sheet.rows] == [3, 7]
    assert sheet.rows[1][1] == {"day": "2026-03-03", "play": None} or sheet.rows[1][1] == {"day": "2026-03-03"}
    assert [line for line, _ in sheet.skipped] == [6]


def test_all_formats_give_the_same(tmp_path: Path, warehouse: Warehouse) -> None:
    rows = [
        {"creator_id": "ann", "day": "2026-03-01", "play": 5},
        {"creator_id": "ann", "day": "2026-03-02", "play": 6},
    ]
    (tmp_path / "a.csv").write_text("creator_id,day,play\nann,2026-03-01,5\nann,2026-03-02,6\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    polars.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    book = Workbook()
    assert book.active is not None
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(tmp_path / "a.xlsx")
    reports = [import_file(warehouse, tmp_path / f"a.{end}") for end in ("csv", "jsonl", "parquet", "xlsx")]
    assert [(report.read, report.new, report.changed) for report in reports] == [(2, 2, 0)] + [(2, 0, 0)] * 3
    assert all(report.totals == {"play": 11} for report in reports)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n"),
        ("binary.csv", b"\xff\x00\xfe\x81\x39"),
        ("broken.xlsx", b"PK\x03\x04 no archive"),
        ("broken.parquet", b"PAR1 no parquet"),
        ("none.jsonl", b"[1]\nno\n"),
        ("numbers.pdf", b"%PDF"),
        ("twice.csv", b"day,play,play\n2026-03-01,1,2\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=name.replace(".", r"\.")):
        read_sheet(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.csv", tmp_path / "folder.csv"):
        (tmp_path / "folder.csv").mkdir(exist_ok=True)
        with pytest.raises(BadInput):
            read_sheet(path)


def test_an_archive_that_unpacks_to_a_flood_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.feeds.sheets.LARGEST_UNPACKED", 1_000_000)
    path = tmp_path / "flood.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 1_000_001)
    with pytest.raises(BadInput, match="unpacks"):
        read_sheet(path)


def test_two_gigabytes_claimed_in_a_header_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "claims.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (2 * 1024**3).to_bytes(4, "little")  # the size once unpacked
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"claims\.xlsx unpacks to more than 512 MB"):
        read_sheet(path)


def test_no_claim_in_a_parquet_footer_ends_otherwise_than_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    polars.DataFrame({"creator_id": ["ann"], "day": ["2026-03-01"], "play": [5]}).write_parquet(path)
    sound = path.read_bytes()
    size = int.from_bytes(sound[-8:-4], "little")
    huge = b"\xfe\xff\xff\xff\xff\x3f"  # a trillion, as the footer writes numbers
    refused = []
    for at in range(len(sound) - 8 - size, len(sound) - 8):
        footer = sound[:at] + huge + sound[at + 1 : -8]
        path.write_bytes(footer + (size + len(huge) - 1).to_bytes(4, "little") + b"PAR1")
        try:
            read_sheet(path)
        except BadInput as refusal:
            refused.append(str(refusal))
    assert len(refused) > size / 2
    assert all(sentence.startswith("claims.parquet ") for sentence in refused)


def test_lines_of_json_that_are_no_objects_are_skipped_with_their_line(tmp_path: Path, warehouse: Warehouse) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"creator_id":"ann","day":"2026-03-01","play":5}\nnope\n{"creator_id":"ann","day":[1],"play":5}\n')
    report = import_file(warehouse, path)
    assert [(skipped.line, report.read) for skipped in report.skipped] == [(2, 3), (3, 3)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([".csv", ".jsonl", ".xlsx", ".parquet"]))
def test_no_content_breaks_the_reader(tmp_path: Path, content: bytes, end: str) -> None:
    path = tmp_path / f"any{end}"
    path.write_bytes(content)
    with suppress(BadInput):
        read_sheet(path)
