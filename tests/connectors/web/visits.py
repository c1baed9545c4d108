"""A visit to the chat page in a real browser, and everything that was complained about during it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, expect

from connectors.web.app import create_app
from tests.browsing import IS_TOO_WIDE, WIDE, new_context
from tests.connectors.web.conftest import served
from tests.connectors.web.scripted import ScriptedServices


@dataclass
class Visit:
    """A page on the served app, and everything it complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def ask(self, text: str) -> None:
        self.page.locator("#question").fill(text)
        self.page.keyboard.press("Enter")

    def ask_and_wait(self, text: str) -> None:
        answered = self.page.locator(".turn .tools").count()
        self.ask(text)
        expect(self.page.locator(".turn .tools")).to_have_count(answered + 1)

    def forgive_failed_requests(self) -> None:
        """A refused or failed request is written to the console by the browser itself."""
        self.complaints[:] = [text for text in self.complaints if not text.startswith("Failed to load resource")]

    def is_too_wide(self) -> bool:
        return self.page.evaluate(IS_TOO_WIDE)


def visiting(browser: Browser, services: ScriptedServices) -> Iterator[Visit]:
    """Open the page; at the end nothing may have been complained about and nobody else asked for anything."""
    with served(create_app(services)) as address:
        context = new_context(browser, viewport=WIDE)
        visit = Visit(context.new_page(), address)
        visit.page.on("console", lambda said: said.type == "error" and visit.complaints.append(said.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.goto(address)
        expect(visit.page.locator(".starters button")).to_have_count(4)
        yield visit
        context.close()
        assert visit.complaints == []
        assert [url for url in visit.requests if not url.removeprefix("blob:").startswith(address)] == []
