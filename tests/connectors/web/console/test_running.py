"""The page of the day: numbers, charts, parts and queues."""

import re
from datetime import timedelta

import pytest

from assistant.telemetry.condition import Condition, Part
from tests.connectors.web.console.asked import asked
from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import ScriptedServices


def test_todays_numbers_stand_beside_yesterdays_and_as_charts(desk: Desk, services: ScriptedServices):
    asked(services, "甲", timings_ms={"total": 120.0})
    asked(services, "乙", timings_ms={"total": 80.0}, refused=True)
    seat = desk("viewer")
    page = seat.get("/console/running").text
    assert "今天的运行" in page
    assert "各部分都正常" in page
    assert "比前一天同时段多 2" in page
    assert "50 %" in page
    for address in re.findall(r'src(?:set)?="(/console/running/[^"]+)"', page):
        picture = seat.get(address.replace("&amp;", "&"))
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "aria-label=" in picture.text
    assert "一共 2 个回答，其中拒答 1 个" in page


def test_a_part_that_is_unwell_is_told_in_the_readers_language(
    desk: Desk, services: ScriptedServices, monkeypatch: pytest.MonkeyPatch
):
    full = Part("disk", "The disk of the home folder has 5 MB left; make room.", values={"left": 5})
    monkeypatch.setattr(Condition, "parts", lambda _: [full])
    assert "只剩 5 MB" in desk("viewer").get("/console/running").text
    services.staff.set_language("editor", "en")
    assert "has 5 MB left" in desk("editor").get("/console/running").text


def test_another_day_is_looked_at_and_a_day_to_come_is_today(desk: Desk, services: ScriptedServices):
    seat, today = desk("viewer"), services.library.today()
    yesterday = seat.get(f"/console/running?day={today - timedelta(days=1)}").text
    assert "这一天还没有人提问" in yesterday
    assert f'href="/console/running?day={today}" rel="next"' in yesterday
    assert "今天的运行" in seat.get(f"/console/running?day={today + timedelta(days=9)}").text
    assert seat.get("/console/running?day=tomorrow").status_code == 422
    assert seat.get("/console/running/salaries.svg?day=2026-11-28").status_code == 404
