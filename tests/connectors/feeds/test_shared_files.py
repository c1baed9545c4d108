"""The public files, checked against sums that DuckDB makes of them directly."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from assistant.creators.growth import trajectory
from assistant.creators.metrics import measure
from assistant.creators.warehouse import Warehouse
from connectors.feeds import Request, import_file

TODAY = date(2026, 11, 23)


def direct(path: Path, columns: dict[str, str], where: str = "true") -> dict[str, float]:
    sums = ", ".join(f"sum({expression}) AS {name}" for name, expression in columns.items())
    connection = duckdb.connect()
    result = connection.execute(f"SELECT {sums} FROM '{path}' WHERE {where}")
    names = [column[0] for column in result.description]
    row = result.fetchone()
    connection.close()
    assert row is not None
    return dict(zip(names, row, strict=True))


def test_kuairand(shared: Path, warehouse: Warehouse) -> None:
    path = shared / "kuairand_item_features.parquet"
    report = import_file(warehouse, path, today=TODAY)
    assert (report.read, report.new, report.works, report.skipped) == (7583, 7583, 7583, [])
    names = ["show", "play", "complete_play", "valid_play", "long_time_play", "short_time_play"]
    names += ["like", "comment", "share", "collect", "follow", "cancel_follow", "reduce_similar", "report"]
    expected = direct(path, {f'"{name}"': f'counts * "{name}_cnt"' for name in names})
    for name in names:
        assert report.totals[name] == pytest.approx(expected[name], abs=0.5), name
    seconds = direct(path, {"seconds": "counts * play_duration / 1000"})["seconds"]
    assert report.totals["play_duration_seconds"] == pytest.approx(seconds)
    assert "239 works have no duration." in report.warnings
    assert any(warning.startswith("247 works have more plays") for warning in report.warnings)
    assert len({row["creator_id"] for row in warehouse.rows(warehouse.works)}) == 6510
    again = import_file(warehouse, path, today=TODAY)
    assert (again.new, again.changed) == (0, 0)
    figure = measure(warehouse, "kuairand-7349781", "completion_rate", date(2022, 4, 9), date(2022, 4, 11))
    assert figure.value == pytest.approx(0.2390, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "place", "columns", "rows"),
    [
        (
            "youtube_studio_content.csv",
            "Video",
            {"play": '"Views"', "show": '"Impressions"', '"like"': '"Likes"', "net_follow": '"Subscribers"'},
            223,
        ),
        ("youtube_studio_table.csv", "Content", {"play": '"Views"', "show": '"Impressions"'}, 442),
        ("youtube_studio_chart.csv", "Content", {"play": '"Views"'}, 1825),
        ("youtube_studio_daily_totals.csv", "Date", {"net_followers": '"Subscribers"'}, 619),
    ],
)
def test_youtube(shared: Path, warehouse: Warehouse, name: str, place: str, columns: dict[str, str], rows: int) -> None:
    report = import_file(warehouse, shared / name, Request("channel"), today=TODAY)
    assert (report.preset, report.read, report.new, report.skipped) == (name.removesuffix(".csv"), rows, rows, [])
    expected = direct(shared / name, columns, f"\"{place}\"::VARCHAR <> 'Total'")
    for field, total in expected.items():
        assert report.totals[field] == total, field
    again = import_file(warehouse, shared / name, Request("channel"), today=TODAY)
    assert (again.new, again.changed) == (0, 0)
    assert "Total" not in {row["work_id"] for row in warehouse.rows(warehouse.works)}


def test_the_user_features_are_no_metrics(shared: Path, warehouse: Warehouse) -> None:
    with pytest.raises(Exception, match="not known"):
        import_file(warehouse, shared / "kuairand_user_features.csv", Request("ann"))


def test_a_real_channel_reaches_a_thousand_near_the_forecast(shared: Path, warehouse: Warehouse) -> None:
    import_file(warehouse, shared / "youtube_studio_daily_totals.csv", Request("channel"), today=TODAY)
    reached = trajectory(warehouse, "channel", date(2023, 10, 29))
    assert reached.tier == "千粉"
    assert trajectory(warehouse, "channel", date(2023, 10, 28)).tier == "新手"
    milestone = trajectory(warehouse, "channel", date(2023, 9, 30)).milestone
    assert milestone is not None
    assert milestone.early is not None
    assert milestone.early <= date(2023, 10, 29) <= (milestone.late or date.max)
