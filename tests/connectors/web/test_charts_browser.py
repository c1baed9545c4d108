"""Charts on the chat page in a real browser: the picture, its words, its numbers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assistant.creators.charts.chart import PHONE_WIDTH
from assistant.creators.charts.painting import Painter
from tests.browsing import PHONE, SMALLEST
from tests.connectors.web.scripted import CHART, ScriptedServices
from tests.connectors.web.test_widget_browser import Stay, stay
from tests.connectors.web.visits import Visit, visiting

__all__ = ["stay"]  # the fixture


@pytest.fixture
def visit(browser: Browser, services: ScriptedServices) -> Iterator[Visit]:
    yield from visiting(browser, services)


@pytest.fixture
def visit_without_fonts(browser: Browser, services: ScriptedServices, tmp_path: Path) -> Iterator[Visit]:
    services.painter = Painter(tmp_path)
    yield from visiting(browser, services)


def drawn_at(visit: Visit) -> str:
    """The address of the picture once it is there."""
    expect(visit.page.locator(".chart img")).to_have_js_property("naturalWidth", PHONE_WIDTH)
    return visit.page.locator(".chart img").get_attribute("src") or ""


def themes(requests: list[str]) -> list[str]:
    return [url.rpartition("=")[2] for url in requests if "/charts/1.svg" in url]


def test_a_chart_is_seen_and_its_numbers_are_in_a_table(visit: Visit) -> None:
    page = visit.page
    visit.ask_and_wait("我的净增粉")
    assert drawn_at(visit).startswith("blob:")
    expect(page.locator(".chart img")).to_have_attribute("alt", CHART.alt)
    assert themes(visit.requests) == ["light"]
    expect(page.locator(".chart table")).to_be_hidden()
    page.locator(".chart summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chart th")).to_have_text(["日期", "数值"])
    expect(page.locator(".chart td")).to_have_text(["2026-11-20", "12", "2026-11-21", "-3", "2026-11-22", "40"])
    page.locator("#language").click()
    expect(page.locator(".chart summary")).to_have_text("The numbers in this chart")
    expect(page.locator(".chart details")).to_have_attribute("open", "")
    assert themes(visit.requests) == ["light"]


def test_the_chart_is_there_after_a_reload(visit: Visit) -> None:
    visit.ask_and_wait("我的净增粉")
    drawn_at(visit)
    visit.page.reload()
    assert drawn_at(visit).startswith("blob:")


def test_a_page_that_becomes_dark_draws_its_charts_dark(visit: Visit) -> None:
    visit.ask_and_wait("我的净增粉")
    light = drawn_at(visit)
    visit.page.emulate_media(color_scheme="dark")
    expect(visit.page.locator(".chart img")).not_to_have_attribute("src", light)
    assert themes(visit.requests) == ["light", "dark"]


@pytest.mark.parametrize("size", [PHONE, SMALLEST])
def test_a_chart_fits_a_phone(visit: Visit, size: dict[str, int]) -> None:
    visit.page.set_viewport_size(size)  # type: ignore[arg-type]
    visit.ask_and_wait("我的净增粉")
    drawn_at(visit)
    visit.page.locator(".chart summary").click()
    assert not visit.is_too_wide()


def test_without_a_picture_its_words_and_numbers_stand_alone(visit_without_fonts: Visit) -> None:
    page = visit_without_fonts.page
    visit_without_fonts.ask_and_wait("我的净增粉")
    expect(page.locator(".chart-missing")).to_contain_text(CHART.alt)
    expect(page.locator(".chart img")).to_be_hidden()
    expect(page.locator(".chart table")).to_be_visible()
    visit_without_fonts.forgive_failed_requests()


def test_in_a_sites_frame_the_picture_is_fetched_with_the_visits_session(stay: Stay) -> None:
    stay.visit()
    stay.open()
    stay.ask("我的净增粉")
    picture = stay.frame.locator(".chart img")
    expect(picture).to_have_js_property("naturalWidth", PHONE_WIDTH)
    light = picture.get_attribute("src") or ""
    stay.page.evaluate("Heliotrope.theme('dark')")
    expect(picture).not_to_have_attribute("src", light)
    assert themes(stay.requests) == ["light", "dark"]
