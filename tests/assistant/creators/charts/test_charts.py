"""Charts: what they show, in words too; and that nothing in a title can break or leave the picture."""

import json
import struct
import unicodedata
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import altair as alt
import pytest

from assistant.creators.charts.chart import PHONE_WIDTH, Chart
from assistant.creators.charts.funnel import funnel_chart
from assistant.creators.charts.painting import Painter
from assistant.creators.charts.position import Place, position_chart
from assistant.creators.charts.series import Point, series_chart
from assistant.creators.charts.themes import Theme, config_of
from assistant.creators.charts.trajectory import trajectory_chart
from assistant.creators.diagnosis import diagnose
from assistant.creators.figures import Language
from assistant.creators.growth import trajectory
from assistant.creators.warehouse import Warehouse
from assistant.errors import Misconfigured
from tests.assistant.creators.conftest import TODAY

FONTS = Path(__file__).parents[4] / "node_modules" / "@expo-google-fonts"
NOW = datetime(2026, 11, 23, 9)
FIRST = date(2026, 3, 1)
DRAWN = {"svg", "g", "path", "text", "tspan", "line", "rect", "defs", "clipPath"}
HOSTILE = (
    '</text><script>alert("1")</script>&amp;<img src=x onerror=alert(1)>',
    "很长的标题" * 60,
    "👩‍👩‍👧‍👦🎉👍🏽" * 20,
    "مرحبا بالعالم \u202eabc\u2066 def",
    "\x00\x07\ud800\ufffe]]>\n\ttab",
    "",
    "W" * 300,
)


@pytest.fixture(scope="module")
def painter() -> Painter:
    return Painter(FONTS)


def words(svg: str) -> str:
    return " ".join("".join(node.itertext()) for node in ElementTree.fromstring(svg).findall(".//{*}text"))


def png_size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def places(name: str = "豆包和团子") -> list[Place]:
    return [
        Place(1, "阿禾的小厨房", 125_000),
        Place(2, "林木聊历史", 98_000),
        Place(2, "老周在田间", 98_000),
        Place(4, "小满手作", 90_000),
        Place(16, "背包里的风", 5_200),
        Place(17, name, 5_100, is_mine=True),
    ]


def series(values: list[float | None], title: str = "互动转粉率", lang: Language = "zh", names: bool = False) -> Chart:
    points = [Point(FIRST + timedelta(days=at), value, f"w{at}" if names else "") for at, value in enumerate(values)]
    return series_chart("x@2", title, "percent", points, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_is_vega_lite_and_fits_a_phone(demonstration: Warehouse, painter: Painter, lang: Language) -> None:
    charts = [
        *(trajectory_chart(trajectory(demonstration, f"demo-{at:02d}", TODAY), lang) for at in range(1, 13)),
        trajectory_chart(trajectory(demonstration, "nobody", TODAY), lang),
        *(funnel_chart(diagnose(demonstration, f"demo-{at:02d}", None, NOW), lang) for at in (5, 11, 12)),
        position_chart("plays", "播放榜", "千粉层 214 人", "count", places(), lang),
        position_chart("plays", "播放榜", "", "count", [], lang),
        series([0.1, 0.2, None, 0.15] * 20, lang=lang),
        series([0.1, 0.2, None], lang=lang, names=True),
        series([0.1], lang=lang),
        series([], lang=lang),
        series([None, None], lang=lang),
    ]
    for chart in charts:
        alt.LayerChart.from_dict(chart.spec) if "layer" in chart.spec else alt.Chart.from_dict(chart.spec)
        assert png_size(painter.png(chart))[0] == 2 * PHONE_WIDTH, chart.id
        assert chart.alt.strip()
        assert all(len(row) == len(chart.table.headings) for row in chart.table.rows)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_titles_stay_text_inside_the_picture(demonstration: Warehouse, painter: Painter, hostile: str) -> None:
    told = diagnose(demonstration, "demo-11", None, NOW)
    refused = replace(told, refusal_zh=f"《{hostile}》还太早", refusal_en="too early")
    charts = [
        funnel_chart(replace(told, work=replace(told.work, title=hostile)), "zh"),
        funnel_chart(refused, "zh"),
        position_chart("b", hostile, hostile, "count", places(hostile), "en"),
        series([0.1, 0.2], hostile),
    ]
    for chart in charts:
        svg = painter.svg(chart)
        root = ElementTree.fromstring(svg)
        assert {node.tag.split("}")[1] for node in root.iter()} <= DRAWN
        assert not {"Cc", "Cs"} & {unicodedata.category(character) for character in chart.title + chart.alt}
        assert not any("href" in name or name.startswith("on") for node in root.iter() for name in node.attrib)
        assert root.attrib["width"] == str(PHONE_WIDTH)
        assert root.attrib["role"] == "img"
        assert png_size(painter.png(chart, "dark"))[0] == 2 * PHONE_WIDTH


def test_the_trajectory_tells_band_changes_and_goal(demonstration: Warehouse, painter: Painter) -> None:
    growth = trajectory(demonstration, "demo-01", TODAY)
    chart = trajectory_chart(growth, "zh")
    shown = words(painter.svg(chart))
    assert "万粉" in shown
    assert "播放升" in shown
    assert "80% 的把握" in shown
    end = growth.forecast[-1]
    assert f"{end.low:,.0f} 到 {end.high:,.0f}" in chart.alt
    assert chart.table.rows[-1][0] == end.day.isoformat()
    assert "followers" in words(painter.svg(trajectory_chart(growth, "en")))


def test_the_funnel_marks_what_is_low(demonstration: Warehouse, painter: Painter) -> None:
    chart = funnel_chart(diagnose(demonstration, "demo-11", None, NOW), "zh")
    assert "明显低于常态的是：" in chart.alt
    assert "3 秒短播率" in chart.alt
    low = config_of("light")["style"]["bar-low"]["color"]
    assert painter.svg(chart).count(f'fill="{low}"') == 4
    assert "3 秒短播率（越低越好）" in words(painter.svg(chart))


def test_what_is_too_early_is_not_drawn_as_judged(demonstration: Warehouse, painter: Painter) -> None:
    told = diagnose(demonstration, "demo-11", None, NOW)
    chart = funnel_chart(replace(told, refusal_zh="还太早", refusal_en="too early", findings=[]), "en")
    assert "too early" in words(painter.svg(chart))
    assert config_of("light")["style"]["bar-low"]["color"] not in painter.svg(chart)


def test_a_board_shows_gaps_and_me(painter: Painter) -> None:
    chart = position_chart("plays", "播放榜", "", "count", places(), "zh")
    assert "第 17 名，5,100" in chart.alt
    shown = words(painter.svg(chart))
    assert shown.count("⋯") == 1
    assert "豆包和团子（我）" in shown
    assert "没有上榜" in position_chart("plays", "播放榜", "", "count", places()[:2], "zh").alt


def test_days_without_a_value_break_the_line(painter: Painter) -> None:
    def strokes(chart: Chart) -> int:
        paths = [node.attrib.get("d", "") for node in ElementTree.fromstring(painter.svg(chart)).findall(".//{*}path")]
        return max(path.count("M") for path in paths)

    assert strokes(series([0.1, 0.2, 0.3, 0.2])) == 1
    assert strokes(series([0.1, 0.2, None, 0.3, 0.2])) == 2
    assert "还没有数据" in words(painter.svg(series([None])))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_gives_every_colour_and_is_readable(painter: Painter, theme: Theme) -> None:
    config = config_of(theme)
    sheet = config["background"]
    styles = config["style"]
    for name in ("name", "value", "quiet", "name-mine", "change-name", "goal-name"):
        assert contrast(styles[name]["color"], sheet) >= 4.5, name
    for name in ("line", "bar", "bar-low", "usual", "span"):
        assert contrast(styles[name]["color"], sheet) >= 3, name
    # The default blue of Vega-Lite means that a mark has no style.
    assert "#4c78a8" not in painter.svg(series([0.1, 0.3, None, 0.2]), theme)


def test_one_specification_serves_both_themes(painter: Painter) -> None:
    chart = series([0.1, 0.2, 0.3])
    before = str(chart.spec)
    light, dark = painter.svg(chart, "light"), painter.svg(chart, "dark")
    assert light != dark
    assert words(light) == words(dark)
    assert str(chart.spec) == before
    assert png_size(painter.png(chart, "light", 700))[0] == 1400


def test_days_do_not_move_with_the_time_zone(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    for zone in ("America/Los_Angeles", "Pacific/Auckland"):
        monkeypatch.setenv("TZ", zone)
        assert "3月1日" in words(painter.svg(series([0.1, 0.2, 0.3, 0.1])))


def test_missing_fonts_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="make setup"):
        Painter(tmp_path).svg(series([0.1]))


def test_a_chart_is_json_and_comes_back_from_it(demonstration: Warehouse) -> None:
    chart = trajectory_chart(trajectory(demonstration, "demo-04", TODAY), "zh")
    told = json.loads(json.dumps({**chart.as_dict(), "svg": "/elsewhere"}, ensure_ascii=False))
    assert told["table"]["headings"][0] == "日期"
    assert Chart.of(told, json.loads(json.dumps(chart.spec))) == chart


def contrast(one: str, other: str) -> float:
    """After WCAG 2.2: 4.5 is enough for text, 3 for marks."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
