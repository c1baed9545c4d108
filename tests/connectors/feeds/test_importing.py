"""From a file to the warehouse and the report."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.creators.digest import digest_of
from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput
from connectors.feeds import Request, import_file

TODAY = date(2026, 11, 23)
CONTENT = """Video,Video title,Video publish time,Likes,Subscribers gained,RPM (USD),Average percentage viewed (%),\
Average view duration,Views,Watch time (hours),Impressions,Impressions click-through rate (%)
Total,,,30,5,1.5,26.61,0:03:25,1005,57.0,20000,3.16
a1,"How, I learned","May 8, 2020",20,3,2.5,36.65,0:03:09,700,36.75,12000,3.14
b2,Second,"May 9, 2020",10,2,,6.26,0:05:14,300,26.17,8000,
"""


def written(tmp_path: Path, content: str, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_youtube_content_export(warehouse: Warehouse, tmp_path: Path) -> None:
    report = import_file(warehouse, written(tmp_path, CONTENT), Request("ann"), today=TODAY)
    assert report.preset == "youtube_studio_content"
    assert (report.read, report.new, report.works, report.days, report.skipped) == (2, 2, 2, 0, [])
    assert report.totals["play"] == 1000
    assert report.totals["like"] == 30
    assert report.totals["play_duration_seconds"] == pytest.approx((36.75 + 26.17) * 3600)
    first, second = sorted(warehouse.rows(warehouse.work_numbers), key=lambda row: row["work_id"])
    assert first["average_watch_seconds"] == 189
    assert first["average_share_watched"] == pytest.approx(0.3665)
    assert first["impressions_ctr"] == pytest.approx(0.0314)
    assert first["complete_play"] is None
    assert second["impressions_ctr"] is None
    assert {row["work_id"] for row in warehouse.rows(warehouse.works)} == {"a1", "b2"}
    assert {row["source"] for row in (first, second)} == {"youtube_studio_content"}


def test_a_total_that_differs_from_the_rows_is_told_with_both_numbers(warehouse: Warehouse, tmp_path: Path) -> None:
    warnings = import_file(warehouse, written(tmp_path, CONTENT), Request("ann"), today=TODAY).warnings
    told = [warning for warning in warnings if warning.startswith("The Total row")]
    assert any("Views 1,005" in warning and "1,000" in warning and "difference 5" in warning for warning in told)
    assert not any("Likes" in warning for warning in told)
    assert any("RPM (USD)" in warning for warning in warnings)


def test_the_same_file_twice_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    path = written(tmp_path, CONTENT)
    import_file(warehouse, path, Request("ann"), today=TODAY)
    before = warehouse.rows(warehouse.work_numbers)
    again = import_file(warehouse, path, Request("ann"), today=TODAY)
    assert (again.new, again.changed) == (0, 0)
    assert warehouse.rows(warehouse.work_numbers) == before
    newer = import_file(warehouse, written(tmp_path, CONTENT.replace(",700,", ",800,")), Request("ann"), today=TODAY)
    assert (newer.new, newer.changed) == (0, 1)


def test_a_dry_run_reports_and_stores_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    path = written(tmp_path, CONTENT)
    tried = import_file(warehouse, path, Request("ann", dry_run=True), today=TODAY)
    assert warehouse.rows(warehouse.works) == []
    done = import_file(warehouse, path, Request("ann"), today=TODAY)
    assert done == replace(tried, import_id=1)


def test_a_file_that_does_not_say_whose_it_is_needs_a_creator(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--creator"):
        import_file(warehouse, written(tmp_path, CONTENT))
    with pytest.raises(BadInput, match="--creator"):
        import_file(warehouse, written(tmp_path, "day,play\n2026-03-01,5\n"))
    with pytest.raises(BadInput):
        import_file(warehouse, written(tmp_path, CONTENT), Request("x" * 65))


def test_unknown_columns_and_presets_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    path = written(tmp_path, "user_id,fans\n1,2\n")
    with pytest.raises(BadInput, match="youtube_studio_content"):
        import_file(warehouse, path, Request("ann"))
    with pytest.raises(BadInput, match="nonsense"):
        import_file(warehouse, path, Request("ann", preset="nonsense"))
    with pytest.raises(BadInput, match="youtube_studio_table"):
        import_file(warehouse, path, Request("ann", preset="youtube_studio_table"))


def test_a_youtube_chart_keeps_days_before_publication_and_says_so(warehouse: Warehouse, tmp_path: Path) -> None:
    chart = """Date,Content,Video title,Video publish time,Duration,Views
2026-03-01,a1,First,"Mar 2, 2026",45,0
2026-03-02,a1,First,"Mar 2, 2026",45,7
2026-03-03,a1,First,"Mar 2, 2026",45,
2026-03-02,a1,First,"Mar 2, 2026",45,9
2027-03-02,a1,First,"Mar 2, 2026",45,1
"""
    report = import_file(warehouse, written(tmp_path, chart), Request("ann"), today=TODAY)
    assert report.preset == "youtube_studio_chart"
    assert (report.read, report.new, report.works, report.days) == (5, 3, 1, 3)
    assert report.totals == {"play": 7}
    told = {skipped.line: skipped.reason for skipped in report.skipped}
    assert set(told) == {5, 6}
    assert told[5] == "repeats line 3 with other numbers; the first was kept"
    assert "future" in told[6]
    assert any(warning.startswith("1 rows are of days before") for warning in report.warnings)
    assert [row["play"] for row in warehouse.rows(warehouse.work_numbers)].count(None) == 1


def test_daily_totals_are_changes_and_not_levels(warehouse: Warehouse, tmp_path: Path) -> None:
    days = "Date,Subscribers\nTotal,6\n2026-03-01,4\n2026-03-02,-1\n2026-03-03,3\n"
    report = import_file(warehouse, written(tmp_path, days), Request("ann"), today=TODAY)
    assert report.preset == "youtube_studio_daily_totals"
    assert (report.read, report.days, report.works) == (3, 3, 0)
    assert report.totals["net_followers"] == 6
    assert any("counted up from 0" in warning for warning in report.warnings)
    digest = digest_of(warehouse, "ann", TODAY)
    assert (digest.followers, digest.followers_counted) == (6, True)


def test_kuairand_means_become_totals(warehouse: Warehouse, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "video_id,author_id,video_type,upload_dt,video_duration,tag,counts,show_cnt,play_cnt,play_duration,like_cnt\n"
        "0,77,NORMAL,2022-04-10,87433.0,39,4,10.25,5.5,1000.0,0.25\n"
        "1,78,NORMAL,2022-04-10,,39,2,1.0,3.0,1000.0,0\n"
        "2,78,NORMAL,2022-04-10,5000,39,,1.0,3.0,1000.0,0\n",
    )
    report = import_file(warehouse, path, today=TODAY)
    assert report.preset == "kuairand_item_features"
    assert report.totals == {"show": 43, "play": 28, "like": 1, "play_duration_seconds": 6.0}
    assert [skipped.line for skipped in report.skipped] == [4]
    assert "1 works have no duration." in report.warnings
    assert any("1 works have more plays than impressions" in warning for warning in report.warnings)
    works = {row["creator_id"]: row for row in warehouse.rows(warehouse.works)}
    assert set(works) == {"kuairand-77", "kuairand-78"}
    assert works["kuairand-77"]["duration_seconds"] == pytest.approx(87.433)
    only = import_file(warehouse, path, Request("kuairand-77"), today=TODAY)
    assert (only.works, only.new) == (1, 0)
    assert any("1 rows belong to other creators" in warning for warning in only.warnings)


def test_the_own_layout_takes_works_and_days(warehouse: Warehouse, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "creator_id,work_id,day,title,published_at,duration_seconds,show,play,impressions_ctr,followers,net_followers,x\n"
        "ann,w1,2026-03-01,First,2026-03-01T09:30,0:00:45,100,50,4.8%,,,1\n"
        "ann,w1,,First,2026-03-01T09:30,45,900,500,0.048,,,1\n"
        "ben,,2026-03-01,,,,,70,,1200,-3,1\n"
        "ben,,,,,,,70,,1200,-3,1\n"
        "ben,,2026-03-02,,,,,-70,,1200,-3,1\n"
        "ann,w2,2026-03-01,,,,,5,48,,,1\n"
        "ann,w3,2026-03-01,,2027-01-01,,,5,,,,1\n",
    )
    report = import_file(warehouse, path, today=TODAY)
    assert report.preset == "heliotrope"
    assert (report.read, report.new, report.works, report.days) == (7, 3, 1, 1)
    told = {skipped.line: skipped.reason for skipped in report.skipped}
    assert set(told) == {5, 6, 7, 8}
    assert "neither a work_id nor a day" in told[5]
    assert told[6] == "play: '-70' is negative"
    assert "impressions_ctr" in told[7]
    assert "future" in told[8]
    assert report.warnings == ["Columns that were not imported: x."]
    undated = import_file(warehouse, written(tmp_path, "creator_id,work_id,play\nann,w9,5\n"), today=TODAY)
    assert undated.warnings[0].startswith("1 works have no published_at")
    (day,) = warehouse.rows(warehouse.creator_days)
    assert (day["creator_id"], day["followers"], day["net_followers"]) == ("ben", 1200, -3)


def test_the_report_has_the_agreed_json(warehouse: Warehouse, tmp_path: Path) -> None:
    path = written(tmp_path, CONTENT + "a1,again,,,,,,,,,,\n")
    told = import_file(warehouse, path, Request("ann"), today=TODAY).as_dict()
    assert list(told) == [
        "file", "preset", "read", "new", "changed", "skipped", "works", "days", "totals", "warnings",
        "import_id",
    ]  # fmt: skip
    assert told["file"] == "file.csv"
    assert told["skipped"] == [{"line": 5, "reason": "repeats line 3 with other numbers; the first was kept"}]
