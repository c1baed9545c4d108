"""Leaderboards in the console: cuts, jumps, snapshots, and making one again."""

import re
from datetime import datetime, timedelta
from html import unescape

from assistant.creators.accounts import Creator
from assistant.creators.warehouse import Batch
from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import ScriptedServices

HOSTILE = "<img src=x onerror=alert(1)>'\"{{7*7}}"


def counted(services: ScriptedServices, plays: dict[str, int], before: dict[str, int] | None = None) -> None:
    """Plays of the last day that is over and of the day before."""
    yesterday = services.library.today() - timedelta(days=1)
    days = [
        {"creator_id": name, "day": day, "source": "test", "definition": "heliotrope", "followers": 500, "play": count}
        for day, numbers in ((yesterday, plays), (yesterday - timedelta(days=1), before or {}))
        for name, count in numbers.items()
    ]
    services.warehouse.store(Batch([], [], days), datetime(2026, 3, 1))


def names_on(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+?) <small', page)


def test_a_board_is_cut_and_tells_what_it_rests_on(desk: Desk, services: ScriptedServices):
    counted(services, {"demo-01": 900, "demo-02": 1200, "real-1": 300}, {"demo-01": 100, "demo-02": 1100})
    seat = desk("viewer")
    page = seat.get("/console/boards?metric=plays&period=day").text
    assert names_on(page) == ["林木聊历史", "阿禾的小厨房", "真实的人"]
    assert page.count("演示") == 2
    assert "1,200" in page
    assert "↑" not in page
    assert "新上榜" in page
    assert "播放次数，按次计数" in page
    assert names_on(seat.get("/console/boards?metric=plays&period=day&category=美食").text) == ["阿禾的小厨房"]
    assert "这里没有人上榜" in seat.get("/console/boards?metric=plays&period=day&tier=百万粉").text
    services.staff.set_language("viewer", "en")
    assert "Leaderboard of the day: plays" in desk("viewer").get("/console/boards?period=day").text


def test_what_jumped_is_listed_by_itself_with_its_rank(desk: Desk, services: ScriptedServices):
    counted(services, {"demo-01": 9_000, "demo-02": 12_000, "real-1": 300}, {"demo-01": 100, "demo-02": 11_000})
    counted(services, {f"c{number}": 50 for number in range(9)})
    page = desk("viewer").get("/console/boards?period=day&only=jumps").text
    assert names_on(page) == ["阿禾的小厨房"]
    assert '<td data-label="名次"><b>2</b></td>' in page
    assert "只看异常跳变（1）" in page


def test_a_board_is_made_again_by_who_may_and_the_old_snapshot_stays(desk: Desk, services: ScriptedServices):
    counted(services, {"demo-01": 900})
    day = services.library.today().isoformat()
    publisher, form = desk("publisher"), {"metric": "plays", "period": "day", "day": day}
    assert "修订" in publisher.get("/console/boards?period=day").text
    assert desk("editor").send("/console/boards/recompute", **form).status_code == 403
    assert "用现在的数据重算" not in desk("editor").get("/console/boards?period=day").text
    publisher.send("/console/boards/recompute", **form)
    assert "数值都一样，仍是第 1 次修订" in publisher.get("/console/boards?period=day").text
    counted(services, {"demo-01": 950})
    assert "900" in publisher.get("/console/boards?period=day").text
    publisher.send("/console/boards/recompute", **form)
    page = publisher.get("/console/boards?period=day").text
    assert "1 位创作者的数值不同，已存为第 2 次修订" in page
    assert "950" in page
    assert [one.revision for one in services.leaderboards.snapshots("plays", "day")] == [2, 1]
    assert "留下了榜单快照" in publisher.get("/console/audit?area=leaderboards").text


def test_the_night_keeps_every_board_and_what_came_late(services: ScriptedServices):
    today = services.library.today()
    assert services.leaderboards.keep_due(today) == 0
    counted(services, {"demo-01": 900, "demo-02": 300}, {"demo-01": 100})
    made = services.leaderboards.keep_due(today)
    assert made >= 2
    assert services.leaderboards.keep_due(today) == 0
    (last, before) = services.leaderboards.snapshots("plays", "day")
    assert (last.span.last, before.span.last) == (today - timedelta(days=1), today - timedelta(days=2))
    assert last.made_by == ""


def test_a_period_without_numbers_and_one_under_way_are_told(desk: Desk, services: ScriptedServices):
    seat = desk("publisher")
    assert "这一期还没有数据" in seat.get("/console/boards").text
    today = services.library.today()
    monday = today - timedelta(days=today.weekday() + 7)
    row = {"creator_id": "demo-01", "day": monday, "source": "t", "definition": "heliotrope", "play": 70}
    services.warehouse.store(Batch([], [], [row]), datetime(2026, 3, 1))
    page = seat.get("/console/boards?metric=plays&period=week").text
    assert "榜单是暂定的" in page
    assert "用现在的数据重算" not in page
    seat.send("/console/boards/recompute", metric="plays", period="week", day="")
    assert services.leaderboards.snapshots("plays", "week") == [], "what is provisional is not kept by force either"


def test_what_is_asked_wrongly_gets_a_sentence_and_names_are_never_markup(desk: Desk, services: ScriptedServices):
    services.accounts.add(Creator("x", HOSTILE, "kuaishou", HOSTILE))
    counted(services, {"x": 900})
    seat = desk("viewer")
    page = seat.get("/console/boards?period=day").text
    assert "<img" not in page
    assert HOSTILE in unescape(page)
    assert seat.client.get("/console/boards", params={"period": "day", "category": HOSTILE}).status_code == 200
    assert seat.get("/console/boards?metric=salary").status_code == 404
    assert seat.get("/console/boards?tier=gold").status_code == 422
    assert seat.get("/console/boards?day=soon").status_code == 422
    assert seat.get("/console/boards?period=year").status_code == 200, "an unknown period is the week"


def test_every_metric_of_a_board_has_its_definition(desk: Desk, services: ScriptedServices):
    services.custom_metrics.define("warm", "互动 = ratio(sum(likes + comments), sum(plays))", allowed=True)
    page = desk("viewer").get("/console/boards/metrics").text
    for metric, _ in services.leaderboards.metrics():
        assert f'<tr id="{metric.slug}">' in page
        assert metric.definition_zh in unescape(page)
    assert "warm@1" in page
