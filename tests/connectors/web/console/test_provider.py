"""Single sign-on, against a provider served on loopback."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import OctKey, RSAKey

from assistant.errors import Misconfigured
from assistant.settings import Settings
from connectors.web.app import create_app
from connectors.web.console.provider import BACK, COOKIE, PROVIDER
from knowledge.audit import Trail
from tests.connectors.web.conftest import served
from tests.connectors.web.console.conftest import PASSWORD, Seat
from tests.connectors.web.scripted import ScriptedServices, scripted_services
from tests.oidc_provider import CLIENT, SECRET, OidcProvider

NAME = "editor@example.com"


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    provider = OidcProvider(f"http://testserver{BACK}")
    with served(provider.app) as address:
        provider.issuer = address
        yield provider


@pytest.fixture
def services(tmp_path: Path, provider: OidcProvider) -> ScriptedServices:
    settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    services = scripted_services(tmp_path, **settings)
    services.staff.add("boss", "admin", PASSWORD, "test")
    services.staff.add(NAME, "editor", None, "test")
    return services


@pytest.fixture
def client(services: ScriptedServices) -> Iterator[TestClient]:
    with TestClient(create_app(services), follow_redirects=False) as client:
        yield client


def leave(client: TestClient, onward: str = "/console/account") -> str:
    """Go to the provider; where it sends the visitor back to."""
    away = client.get(PROVIDER, params={"next": onward})
    assert away.status_code == 303, away.text
    back = httpx2.get(away.headers["location"])
    assert back.status_code == 307, back.text
    return back.headers["location"].removeprefix("http://testserver")


def signed_in(client: TestClient) -> bool:
    return client.get("/console/account").status_code == 200


def test_a_member_of_staff_signs_in_and_gets_where_they_were_going(client: TestClient, services: ScriptedServices):
    assert f'href="{PROVIDER}?next=' in client.get("/console/sign-in").text
    arrived = client.get(leave(client))
    assert arrived.status_code == 303
    assert arrived.headers["location"] == "/console/account"
    page = client.get("/console/account").text
    assert NAME in page
    assert 'name="present"' not in page
    assert COOKIE not in client.cookies
    actions = [entry.action for entry in Trail(services.engine).entries(NAME, "staff")]
    assert actions == ["staff.signed_in", "staff.bound", "staff.added"]


def test_what_is_sent_along_is_a_challenge_and_never_the_verifier(client: TestClient):
    away = client.get(PROVIDER)
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert "code_verifier" not in asked
    cookie = away.headers["set-cookie"]
    for trait in ("HttpOnly", "SameSite=lax", f"Path={PROVIDER}", "Max-Age=600"):
        assert trait in cookie


def test_an_identity_stays_bound_when_it_is_renamed(client: TestClient, provider: OidcProvider):
    client.get(leave(client))
    provider.claims = {"sub": "s-1", "email": "boss", "email_verified": True}
    assert client.get(leave(client)).status_code == 303
    assert NAME in client.get("/console/account").text


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "s-2", "email": "nobody@example.com", "email_verified": True},
        {"sub": "s-2", "email": NAME, "email_verified": False},
        {"sub": "s-2", "email": NAME},
        {"sub": "s-2"},
    ],
)
def test_an_identity_without_an_account_is_told_so(client: TestClient, provider: OidcProvider, claims: dict[str, Any]):
    provider.claims = claims
    page = client.get(leave(client))
    assert page.status_code == 403
    assert "没有对应的可用账号" in page.text
    assert not signed_in(client)


def test_another_identity_of_the_same_name_and_a_disabled_account_are_refused(
    client: TestClient, provider: OidcProvider, services: ScriptedServices
):
    client.get(leave(client))
    provider.claims = {**provider.claims, "sub": "s-2"}
    assert client.get(leave(client)).status_code == 403
    provider.claims = {**provider.claims, "sub": "s-1"}
    services.staff.disable(NAME, "boss")
    assert client.get(leave(client)).status_code == 403
    assert not signed_in(client)


def another_key(provider: OidcProvider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "published"})


def symmetric_key(provider: OidcProvider) -> None:
    provider.algorithm, provider.signing_key = "HS256", OctKey.generate_key(256)


@pytest.mark.parametrize(
    "lie",
    [
        another_key,
        symmetric_key,
        lambda provider: provider.lies.update(nonce="another"),
        lambda provider: provider.lies.update(aud="another-client"),
        lambda provider: provider.lies.update(aud="another-client", azp=CLIENT),
        lambda provider: provider.lies.update(iss="https://another.example"),
        lambda provider: provider.lies.update(exp=int(time.time()) - 600),
        lambda provider: provider.lies.update(sub=""),
    ],
)
def test_an_id_token_that_proves_nothing_is_refused(
    client: TestClient, provider: OidcProvider, lie: Callable[[OidcProvider], None]
):
    lie(provider)
    page = client.get(leave(client))
    assert page.status_code == 403
    assert "没有成功" in page.text
    assert not signed_in(client)


def test_coming_back_works_once_in_the_browser_that_left(client: TestClient, services: ScriptedServices):
    back = leave(client)
    with TestClient(create_app(services), follow_redirects=False) as another:
        assert another.get(back).status_code == 403
        leave(another)
        assert another.get(back).status_code == 403
        assert not signed_in(another)
    assert client.get(re.sub("state=[^&]+", "state=forged", back)).status_code == 403
    assert client.get(back).status_code == 403


def test_a_forged_cookie_is_refused(client: TestClient):
    back = leave(client)
    own = client.cookies[COOKIE]
    for forged in (own[:-4] + "AAAA", "eyJhbGciOiJub25lIn0.e30.", "nonsense"):
        client.cookies.clear()
        assert client.get(back, headers={"Cookie": f"{COOKIE}={forged}"}).status_code == 403


def test_a_visitor_who_is_denied_there_is_back_at_the_form(client: TestClient, provider: OidcProvider):
    provider.denies = True
    page = client.get(leave(client))
    assert page.status_code == 403
    assert 'name="password"' in page.text


def test_signing_in_through_the_provider_never_leads_elsewhere(client: TestClient):
    assert client.get(leave(client, "https://evil.example")).headers["location"] == "/console"


def test_a_provider_that_is_down_or_another_leaves_the_password(client: TestClient, provider: OidcProvider):
    provider.lies["issuer"] = "https://another.example"
    page = client.get(PROVIDER)
    assert page.status_code == 503
    assert "改用密码" in page.text
    assert Seat(client).sign_in("boss").status_code == 303


def test_an_admin_adds_somebody_without_a_password(client: TestClient, services: ScriptedServices):
    seat = Seat(client)
    seat.sign_in("boss")
    assert 'name="single_sign_on"' in seat.get("/console/staff").text
    seat.send("/console/staff", name="new@example.com", role="viewer", single_sign_on="true")
    assert not services.staff.get("new@example.com").has_password
    assert "可以用统一登录" in seat.get("/console/staff").text


def test_without_a_provider_there_is_nothing_of_it(tmp_path: Path):
    with TestClient(create_app(scripted_services(tmp_path)), follow_redirects=False) as client:
        assert PROVIDER not in client.get("/console/sign-in").text
        assert client.get(PROVIDER).status_code == 303
        assert client.get(PROVIDER).headers["location"].startswith("/console/sign-in")


def test_settings_that_cannot_work_are_refused_at_start(tmp_path: Path):
    services = scripted_services(tmp_path, oidc_issuer="https://id.example.com")
    with pytest.raises(Misconfigured, match="HELIOTROPE_OIDC_CLIENT_ID"):
        create_app(services)
    for issuer in ("http://id.example.com", "id.example.com", "ftp://id.example.com"):
        with pytest.raises(ValueError, match="https"):
            Settings(home=tmp_path, oidc_issuer=issuer)
    assert Settings(home=tmp_path, oidc_issuer="https://id.example.com/").oidc_issuer == "https://id.example.com"
