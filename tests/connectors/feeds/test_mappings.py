"""Headers that nobody knows: proposed, confirmed once, remembered."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput, NotFound
from connectors.feeds import Request, import_file
from connectors.feeds.deciding import Choices
from connectors.feeds.proposing import propose_mapping
from connectors.feeds.remembered import ColumnMappings, fingerprint
from knowledge.audit import Trail

TODAY = date(2026, 11, 23)
CONTENT = "统计日期,播放,总赞数,备注\n2026-03-01,5,1,好\n2026-03-02,6,2,\n"


def written(folder: Path, content: str = CONTENT, name: str = "odd.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_an_unknown_header_is_proposed_and_nothing_is_imported(
    tmp_path: Path, warehouse: Warehouse, engine: Engine
) -> None:
    mappings = ColumnMappings(engine)
    with pytest.raises(BadInput, match=r"统计日期=day, 播放=play.*--confirm"):
        import_file(warehouse, written(tmp_path), Request("ann"), mappings, TODAY)
    assert warehouse.imports() == []
    assert mappings.all() == []


def test_what_is_confirmed_is_remembered_for_the_next_file(
    tmp_path: Path, warehouse: Warehouse, engine: Engine
) -> None:
    mappings = ColumnMappings(engine)
    request = Request("ann", maps={"总赞数": "likes"}, confirm=True, actor="li")
    first = import_file(warehouse, written(tmp_path), request, mappings, TODAY)
    assert first.totals == {"play": 11, "like": 3}
    assert "Columns that were not imported: 备注." in first.warnings
    (name, header), *_ = mappings.all()
    assert (name, header) == (f"mapping-{fingerprint(header)[:8]}", ["统计日期", "播放", "总赞数", "备注"])
    reordered = written(tmp_path, "播放,统计日期,备注,总赞数\n7,2026-03-03,,3\n", "next.csv")
    second = import_file(warehouse, reordered, Request("ann"), mappings, TODAY)
    assert (second.preset, second.new, second.totals) == (name, 1, {"play": 7, "like": 3})
    assert [(entry.action, entry.actor) for entry in Trail(engine).entries()] == [("mapping.confirmed", "li")]
    mappings.forget(name, "li")
    with pytest.raises(BadInput, match="not known"):
        import_file(warehouse, reordered, Request("ann"), mappings, TODAY)
    with pytest.raises(NotFound):
        mappings.forget(name, "li")


def test_only_what_is_named_is_read_without_confirming_the_rest(
    tmp_path: Path, warehouse: Warehouse, engine: Engine
) -> None:
    request = Request("ann", maps={"统计日期": "day", "播放": "播放量"})
    report = import_file(warehouse, written(tmp_path), request, ColumnMappings(engine), TODAY)
    assert report.totals == {"play": 11}


def test_a_dry_run_remembers_nothing(tmp_path: Path, warehouse: Warehouse, engine: Engine) -> None:
    mappings = ColumnMappings(engine)
    request = Request("ann", maps={"统计日期": "day", "播放": "plays"}, dry_run=True)
    assert import_file(warehouse, written(tmp_path), request, mappings, TODAY).new == 2
    assert mappings.all() == []


def test_what_was_said_of_dates_is_remembered_too(tmp_path: Path, warehouse: Warehouse, engine: Engine) -> None:
    mappings = ColumnMappings(engine)
    path = written(tmp_path, "统计日期,播放\n05-08-2020,5\n")
    request = Request("ann", maps={"统计日期": "day", "播放": "plays"}, choices=Choices(dates="day-first"))
    import_file(warehouse, path, request, mappings, TODAY)
    import_file(warehouse, written(tmp_path, "统计日期,播放\n06-08-2020,5\n"), Request("ann"), mappings, TODAY)
    days = sorted(row["day"] for row in warehouse.rows(warehouse.creator_days))
    assert days == [date(2020, 8, 5), date(2020, 8, 6)]


@pytest.mark.parametrize(
    ("maps", "complaint"),
    [
        ({"没有": "plays"}, "no column '没有'"),
        ({"播放": "happiness"}, "no field 'happiness'"),
        ({"播放": "plays"}, "names the work, or the day"),
        ({"统计日期": "day"}, "holds a number"),
    ],
)
def test_a_mapping_that_cannot_serve_is_refused(
    tmp_path: Path, warehouse: Warehouse, engine: Engine, maps: dict[str, str], complaint: str
) -> None:
    with pytest.raises(BadInput, match=complaint):
        import_file(warehouse, written(tmp_path), Request("ann", maps=maps), ColumnMappings(engine), TODAY)


def test_names_that_resemble_and_cells_that_contradict_are_less_sure() -> None:
    proposal = propose_mapping(["day", "昨日播放量", "点赞"], [{"day": "2026-03-01", "昨日播放量": 5, "点赞": "many"}])
    sure = {one.field: one.confidence for one in proposal.columns}
    assert sure["day"] == 1
    assert sure["like"] < sure["play"] < 1
    assert "Is '点赞' really like?" in proposal.questions


def test_flags_ranges_and_codes_are_taken_for_nothing() -> None:
    row = {"user_id": "7", "is_video_author": "1", "fans_user_num": "150", "fans_user_num_range": "[100,1k)",
           "register_days": "799"}  # fmt: skip
    proposal = propose_mapping(list(row), [row])
    assert proposal.told() == "user_id=creator_id, fans_user_num=followers"
    assert proposal.questions == ("Which column names the work, or the day?",)


def test_two_columns_for_one_field_are_asked_about() -> None:
    proposal = propose_mapping(["day", "播放", "播放量"], [])
    assert "Both '播放' and '播放量' look like play; which is it?" in proposal.questions


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=8, unique=True))
def test_any_header_is_proposed_without_failing(header: list[str]) -> None:
    proposal = propose_mapping(header, [dict.fromkeys(header, "5")])
    assert {one.column for one in proposal.columns} == set(header)
    assert fingerprint(header) == fingerprint(header[::-1])
