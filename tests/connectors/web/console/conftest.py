"""The console over scripted services, with somebody of every role, and browsers in which they are signed in."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.staff.people import ROLES
from connectors.web.app import create_app
from tests.connectors.web.scripted import ScriptedServices, scripted_services

PASSWORD = "correct horse battery"
Desk = Callable[[str], "Seat"]


class Seat:
    """A browser in front of the console, which sends forms as a browser does: with the page's CSRF token."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """A page."""
        return self.client.get(path, headers=headers)

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx2.Response:
        """A form of the console; pass `csrf` to send another token than the right one."""
        fields.setdefault("csrf", self.csrf())
        return self.client.post(path, data=fields, headers=headers or {})

    def csrf(self) -> str:
        """The token that this browser's pages carry."""
        found = re.search(r'name="csrf" value="(\w+)"', self.client.get("/console").text)
        return found.group(1) if found else ""

    def sign_in(self, name: str, password: str = PASSWORD, onward: str = "/console") -> httpx2.Response:
        """The sign-in form."""
        return self.client.post("/console/sign-in", data={"name": name, "password": password, "next": onward})


@pytest.fixture
def services(tmp_path: Path) -> ScriptedServices:
    """Scripted services with four members of staff, named for their roles."""
    services = scripted_services(tmp_path)
    for role in ROLES:
        services.staff.add(role, role, PASSWORD, "test")
    return services


@pytest.fixture
def app(services: ScriptedServices) -> FastAPI:
    return create_app(services)


@pytest.fixture
def seat(app: FastAPI) -> Iterator[Callable[[], Seat]]:
    """Opens new browsers; none follows redirects by itself."""
    with ExitStack() as opened:
        yield lambda: Seat(opened.enter_context(TestClient(app, follow_redirects=False)))


@pytest.fixture
def desk(seat: Callable[[], Seat]) -> Desk:
    """A browser in which somebody of this role is signed in."""

    def signed_in(role: str) -> Seat:
        browser = seat()
        assert browser.sign_in(role).status_code == 303
        return browser

    return signed_in
