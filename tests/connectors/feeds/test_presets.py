"""The exports of Douyin, Xiaohongshu, Kuaishou and YouTube Studio in other languages, in every format."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars
import pytest
from openpyxl import Workbook

from assistant.creators.metrics import measure
from assistant.creators.warehouse import Warehouse
from assistant.errors import BadInput
from connectors.feeds import Request, import_file
from connectors.feeds.deciding import Choices

TODAY = date(2026, 11, 23)
DOUYIN = {
    "作品名称": "番茄牛腩", "发布时间": "2026-02-01 22:07:05", "体裁": "视频", "审核状态": "公开", "播放量": "1.2万",
    "完播率": "0.139", "5s完播率": "0.381", "封面点击率": "-", "2s跳出率": "0.221", "平均播放时长": "5.83",
    "点赞量": "200", "评论量": "10", "分享量": "5", "收藏量": "40", "主页访问量": "60", "粉丝增量": "12",
}  # fmt: skip
XIAOHONGSHU = {
    "笔记标题": "测试笔记", "首次发布时间": "2026年04月01日09时30分00秒", "体裁": "图文", "曝光": "1000",
    "观看量": "300", "封面点击率": "0.05", "点赞": "25", "评论": "8", "收藏": "3", "涨粉": "2", "分享": "1",
    "人均观看时长": "30", "弹幕": "0",
}  # fmt: skip
KUAISHOU = {
    "作品标题": "第一次试", "发布时间": "2026/5/8 9:30", "播放量": "2,570", "平均播放时长(毫秒)": "5830",
    "封面点击率": "22.1", "2秒跳出率": "22.1", "5秒完播率": "38.1", "完播率": "13.9", "点赞量": "20", "评论量": "2",
    "分享量": "1", "收藏量": "3", "涨粉量": "5", "净增粉": "-1",
}  # fmt: skip


def saved(folder: Path, rows: list[dict[str, Any]], end: str, banner: str | None = None) -> Path:
    """The rows as a file of that kind; `banner` stands in every cell of a line above the header."""
    path = folder / f"export.{end}"
    if end == "xlsx":
        book = Workbook()
        assert book.active is not None
        for line in ([banner] * len(rows[0]) if banner else None, list(rows[0]), *(list(row.values()) for row in rows)):
            if line is not None:
                book.active.append(line)
        book.save(path)
    elif end == "parquet":
        polars.DataFrame(rows).write_parquet(path)
    elif end == "jsonl":
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    else:
        lines = [rows[0].keys(), *(row.values() for row in rows)]
        text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)
        path.write_bytes(text.encode("gb18030"))
    return path


@pytest.mark.parametrize("end", ["csv", "xlsx", "parquet", "jsonl"])
@pytest.mark.parametrize(
    ("row", "preset", "numbers", "published"),
    [
        (DOUYIN, "douyin_works", {"play": 12000, "completion_rate": 0.139, "five_second_rate": 0.381, "follow": 12,
                                  "two_second_exit_rate": 0.221, "impressions_ctr": None, "average_watch_seconds": 5.83,
                                  "is_profile_enter": 60, "complete_play": None}, datetime(2026, 2, 1, 22, 7, 5)),
        (XIAOHONGSHU, "xiaohongshu_notes", {"play": 300, "show": 1000, "impressions_ctr": 0.05, "collect": 3,
                                            "average_watch_seconds": 30, "follow": 2}, datetime(2026, 4, 1, 9, 30)),
        (KUAISHOU, "kuaishou_works", {"play": 2570, "completion_rate": 0.139, "net_follow": -1, "follow": 5,
                                      "average_watch_seconds": 5.83}, datetime(2026, 5, 8, 9, 30)),
    ],
)  # fmt: skip
def test_an_export_is_recognised_in_every_format(
    tmp_path: Path, warehouse: Warehouse, end: str, row: dict, preset: str, numbers: dict, published: datetime
) -> None:
    path = saved(tmp_path, [row], end)
    report = import_file(warehouse, path, Request("ann"), today=TODAY)
    assert (report.preset, report.read, report.new, report.works, report.skipped) == (preset, 1, 1, 1, [])
    (kept,) = warehouse.rows(warehouse.work_numbers)
    assert {name: kept[name] for name in numbers} == pytest.approx(numbers)
    (work,) = warehouse.rows(warehouse.works)
    assert work["published_at"] == published
    assert import_file(warehouse, path, Request("ann"), today=TODAY).new == 0


def test_the_import_keeps_of_each_number_its_column_and_meaning(tmp_path: Path, warehouse: Warehouse) -> None:
    import_file(warehouse, saved(tmp_path, [DOUYIN], "csv"), Request("ann", actor="li"), today=TODAY)
    (kept,) = warehouse.rows(warehouse.work_numbers)
    (told,) = warehouse.imports()
    assert (kept["import_id"], told.file, told.actor, told.new) == (told.id, "export.csv", "li", 1)
    assert told.columns["completion_rate"] == {
        "column": "完播率", "reads": "rate", "meaning": "share of plays that reached the end",
    }  # fmt: skip
    assert told.report["totals"]["play"] == 12000


def test_a_rate_that_a_source_tells_serves_where_counts_are_missing(tmp_path: Path, warehouse: Warehouse) -> None:
    rows = [DOUYIN, {**DOUYIN, "作品名称": "b", "播放量": "4000", "完播率": "0.3"}]
    import_file(warehouse, saved(tmp_path, rows, "csv"), Request("ann"), today=TODAY)
    sums = warehouse.rows(warehouse.daily_sums)
    assert sum(row["completed_plays"] for row in sums) == pytest.approx(12000 * 0.139 + 4000 * 0.3)
    assert {row["complete_play"] for row in sums} == {None}
    assert {row["watched_shares"] for row in sums} == {None}
    watched = measure(warehouse, "ann", "average_share_watched", date(2026, 2, 1), date(2026, 2, 1))
    assert watched.value is None


def test_views_from_elsewhere_make_no_click_through_rate(tmp_path: Path, warehouse: Warehouse) -> None:
    without = {**XIAOHONGSHU, "封面点击率": "-"}
    import_file(warehouse, saved(tmp_path, [without], "csv"), Request("ann"), today=TODAY)
    assert measure(warehouse, "ann", "ctr", date(2026, 4, 1), date(2026, 4, 1)).value is None
    import_file(warehouse, saved(tmp_path, [XIAOHONGSHU], "csv"), Request("ann"), today=TODAY)
    assert measure(warehouse, "ann", "ctr", date(2026, 4, 1), date(2026, 4, 1)).value == pytest.approx(0.05)


def test_a_banner_above_the_header_is_left_out_and_told(tmp_path: Path, warehouse: Warehouse) -> None:
    path = saved(tmp_path, [XIAOHONGSHU], "xlsx", banner="最多导出排序后前1000条笔记")
    report = import_file(warehouse, path, Request("ann"), today=TODAY)
    assert (report.preset, report.read) == ("xiaohongshu_notes", 1)
    assert any("最多导出排序后前1000条笔记" in warning for warning in report.warnings)
    assert any("弹幕" in warning for warning in report.warnings)


def test_kuaishou_days(tmp_path: Path, warehouse: Warehouse) -> None:
    header = ("日期", "播放量", "点赞", "净增粉丝量", "完播率", "评论", "分享")
    lines = (
        ("2026年5月8日", 1200, 30, 12, "22.1%", 3, 1),
        ("2026年5月9日", 1300, 31, -2, "20%", 3, 1),
        ("合计", 2500, 61, 10, "21%", 6, 3),
    )
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    report = import_file(warehouse, saved(tmp_path, rows, "csv"), Request("ann"), today=TODAY)
    assert (report.preset, report.read, report.days, report.works) == ("kuaishou_days", 2, 2, 0)
    assert report.totals["net_followers"] == 10
    assert any("The Total row says 分享 3, the rows add up to 2" in warning for warning in report.warnings)
    days = warehouse.rows(warehouse.creator_days.order_by("day"))
    assert [(day["net_followers"], day["completion_rate"]) for day in days] == [(12, 0.221), (-2, 0.2)]


@pytest.mark.parametrize(
    "header",
    [
        "內容,影片標題,影片發布時間,時間長度,觀看次數,觀看時間 (小時),訂閱人數,曝光次數,曝光點閱率 (%),"
        "平均觀看比例 (%)",
        "内容,视频标题,视频发布时间,时长,观看次数,观看时长（小时）,订阅人数,曝光次数,曝光点击率 (%),"
        "平均观看百分比 (%)",
        "Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,Impressions,"
        "Impressions click-through rate (%),Average percentage viewed (%)",
    ],
)
def test_youtube_in_other_languages(tmp_path: Path, warehouse: Warehouse, header: str) -> None:
    path = tmp_path / "table.csv"
    total = "總計,,,,500,2,10,5000,3.16,40\n" if "影" in header else "Total,,,,500,2,10,5000,3.16,40\n"
    path.write_text(header + "\n" + total + 'a1,First,"May 9, 2026",120,500,2,10,5000,3.16,40\n', encoding="utf-8-sig")
    report = import_file(warehouse, path, Request("ann"), today=TODAY)
    assert (report.preset, report.read, report.totals["play"]) == ("youtube_studio_table", 1, 500)
    (row,) = warehouse.rows(warehouse.work_numbers)
    assert row["play_duration_seconds"] == 7200
    assert (row["impressions_ctr"], row["average_share_watched"]) == (pytest.approx(0.0316), pytest.approx(0.4))
    assert row["completion_rate"] is None


def test_youtube_with_few_columns_and_others(tmp_path: Path, warehouse: Warehouse) -> None:
    path = tmp_path / "table.csv"
    path.write_text('Content,Video title,Video publish time,Subscribers,Engaged views\na1,T,"May 9, 2026",-3,7\n')
    report = import_file(warehouse, path, Request("ann"), today=TODAY)
    assert (report.preset, report.totals) == ("youtube_studio_table", {"net_follow": -3})
    assert "Columns that were not imported: Engaged views." in report.warnings


def test_rates_above_and_below_one_are_asked_about(tmp_path: Path, warehouse: Warehouse) -> None:
    rows = [KUAISHOU, {**KUAISHOU, "作品标题": "b", "完播率": "0.221"}]
    path = saved(tmp_path, rows, "csv")
    with pytest.raises(BadInput, match=r"完播率.*two ways: 0\.221 \(line 3\).*13\.9 \(line 2\).*--rates"):
        import_file(warehouse, path, Request("ann"), today=TODAY)
    assert warehouse.imports() == []
    chosen = Request("ann", choices=Choices(rates="percent"))
    import_file(warehouse, path, chosen, today=TODAY)
    shares = sorted(row["completion_rate"] for row in warehouse.rows(warehouse.work_numbers))
    assert shares == pytest.approx([0.00221, 0.139])


def test_rates_that_are_all_small_are_fractions_and_it_is_told(tmp_path: Path, warehouse: Warehouse) -> None:
    report = import_file(warehouse, saved(tmp_path, [DOUYIN], "csv"), Request("ann"), today=TODAY)
    assert "'完播率' was read as fractions: 0.139 (line 2) is 13.9 %." in report.warnings
    assert any("'播放量' are rounded in the file itself" in warning for warning in report.warnings)
