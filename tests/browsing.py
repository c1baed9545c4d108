"""How Chromium is driven in the tests: its arguments, the sizes that are looked at, and how long is waited."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 568}
PATIENCE = 60_000  # milliseconds; beside other tests a page may wait long for its turn
REPORT_VIOLATIONS = "addEventListener('securitypolicyviolation', (e) => console.error('CSP ' + e.violatedDirective))"
IS_TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window; the test is skipped where there is none."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("no chromium on PATH (on Debian: apt-get install chromium)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def new_context(browser: Browser, **options: object) -> BrowserContext:
    """Somebody's own browser: no cookies yet, no animations."""
    context = browser.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    context.add_init_script(REPORT_VIOLATIONS)
    return context


def look_four_ways(page: Page, name: str, picture: Callable[[Page, str], None]) -> None:
    """Show the page wide and narrow, in light and in dark, and take its picture: it may never be too wide."""
    for width, size in (("desktop", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for _ in range(50):  # the page takes a moment to be laid out anew
                is_too_wide = page.evaluate(IS_TOO_WIDE)
                if not is_too_wide:
                    break
                page.wait_for_timeout(100)
            assert not is_too_wide, (name, width, scheme)
            picture(page, f"{name}-{width}-{scheme}")
