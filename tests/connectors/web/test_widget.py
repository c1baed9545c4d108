"""The widget over HTTP: who may frame it, what a visit is worth, and the loader's weight."""

import gzip
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import jwt
import pytest
from fastapi.testclient import TestClient

from assistant.sites.registry import Site, Theme
from connectors.web.app import create_app
from tests.connectors.web.scripted import REAL, ScriptedServices, scripted_services

ORIGIN = "https://shop.example"
LOADER_BYTES, FRAME_BYTES = 6 * 1024, 250 * 1024  # compressed


@pytest.fixture
def key(services: ScriptedServices) -> tuple[str, str]:
    """The id and secret of the one site's key."""
    services.sites.add(Site("shop", "某某商城", (ORIGIN, "http://localhost:9"), theme=Theme("#3355cc")), "admin")
    return services.sites.new_secret("shop", "admin")


def identity(key: tuple[str, str], creator: str = REAL.id, jti: str = "", seconds: int = 600) -> str:
    claims = {"sub": creator, "aud": "shop", "jti": jti or str(time.time_ns()), "exp": int(time.time()) + seconds}
    return jwt.encode(claims, key[1], "HS256", headers={"kid": key[0]})


def opened(client: TestClient, **given: str) -> dict[str, object]:
    answer = client.post("/api/v1/widget/sessions", json={"site": "shop", **given})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def bearer(session: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {session}"}


def test_only_the_sites_pages_may_frame_it(client: TestClient, key: tuple[str, str]):
    frame = client.get("/widget/frame?site=shop")
    assert f"frame-ancestors {ORIGIN} http://localhost:9;" in frame.headers["content-security-policy"]
    assert "unsafe" not in frame.headers["content-security-policy"]
    assert "x-frame-options" not in frame.headers
    assert client.get("/").headers["x-frame-options"] == "DENY"
    assert re.findall(r"<script(?![^>]* src=)(?![^>]*application/json)", frame.text) == []
    assert '"accent": "#3355cc"' in frame.text


def test_a_site_that_is_not_there_or_closed_has_no_frame_and_no_visits(
    client: TestClient, key: tuple[str, str], services: ScriptedServices
):
    services.sites.close("shop", "admin")
    for site in ("shop", "other", "", "x" * 5000):
        assert client.get(f"/widget/frame?site={site}").status_code == 404
    assert client.post("/api/v1/widget/sessions", json={"site": "shop"}).status_code == 404
    assert client.post("/api/v1/widget/sessions", json={"site": "../x"}).status_code == 422


def test_a_vouched_creator_asks_as_themselves_and_a_visitor_as_nobody(
    client: TestClient, key: tuple[str, str], services: ScriptedServices
):
    visit = opened(client, identity=identity(key))
    assert visit["creator"] == {"id": REAL.id, "name": REAL.name}
    stranger = opened(client)
    assert stranger["creator"] is None
    for session in (visit["session"], stranger["session"]):
        assert client.post("/api/v1/chat", json={"text": "你好"}, headers=bearer(session)).status_code == 200
    assert [(caller.channel, caller.creator) for caller in services.assistant.callers] == [
        ("widget", REAL.id),
        ("widget", None),
    ]


def test_visitors_threads_are_their_own(client: TestClient, key: tuple[str, str]):
    one, other = (opened(client)["session"] for _ in range(2))
    thread = client.post("/api/v1/chat", json={"text": "你好"}, headers=bearer(one)).json()["thread"]
    again = opened(client, session=str(one))["session"]
    assert client.get(f"/api/v1/threads/{thread}", headers=bearer(again)).status_code == 200
    assert client.get(f"/api/v1/threads/{thread}", headers=bearer(other)).status_code == 404
    assert client.get(f"/api/v1/threads/{thread}").status_code == 404


def test_an_identity_is_exchanged_once_and_a_refusal_says_why(client: TestClient, key: tuple[str, str]):
    token = identity(key)
    opened(client, identity=token)
    replayed = client.post("/api/v1/widget/sessions", json={"site": "shop", "identity": token})
    assert (replayed.status_code, replayed.json()["detail"][:26]) == (403, "This token was used before")
    late = client.post("/api/v1/widget/sessions", json={"site": "shop", "identity": identity(key, seconds=-60)})
    assert (late.status_code, "expired" in late.json()["detail"]) == (403, True)


def test_revoking_the_key_or_closing_the_site_ends_visits_with_the_next_message(
    client: TestClient, key: tuple[str, str], services: ScriptedServices
):
    session, stranger = opened(client, identity=identity(key))["session"], opened(client)["session"]
    services.sites.revoke_key("shop", key[0], "admin")
    ask = {"text": "你好"}
    assert client.post("/api/v1/chat", json=ask, headers=bearer(session)).status_code == 401
    assert client.post("/api/v1/chat", json=ask, headers=bearer(stranger)).status_code == 200
    services.sites.close("shop", "admin")
    assert client.post("/api/v1/chat", json=ask, headers=bearer(stranger)).status_code == 401


def test_other_sites_pages_cannot_open_visits_by_script(client: TestClient, key: tuple[str, str]):
    given = {"json": {"site": "shop"}, "headers": {"Origin": ORIGIN}}
    assert client.post("/api/v1/widget/sessions", **given).status_code == 403  # type: ignore[arg-type]


def test_over_the_days_limit_a_sentence_and_when_to_come_back(
    client: TestClient, key: tuple[str, str], services: ScriptedServices
):
    services.sites.change(replace(services.sites.get("shop"), visitor_questions=1), "admin")
    session = opened(client)["session"]
    assert client.post("/api/v1/chat", json={"text": "你好"}, headers=bearer(session)).status_code == 200
    refused = client.post("/api/v1/chat", json={"text": "你好"}, headers=bearer(session))
    assert (refused.status_code, refused.json()["detail"]) == (429, "今天的提问次数已经用完，明天再来吧。")
    assert 0 < int(refused.headers["retry-after"]) <= 86_401


def test_the_loader_is_small_and_loads_from_any_site(client: TestClient):
    for name in ("/widget.js", "/widget.mjs"):
        loader = client.get(name)
        assert loader.headers["cross-origin-resource-policy"] == "cross-origin"
        assert len(gzip.compress(loader.content, 9)) <= LOADER_BYTES
        assert client.get(name, headers={"If-None-Match": loader.headers["etag"]}).status_code == 304
    assert "export" not in client.get("/widget.js").text.split("*/")[0]


def test_the_frame_weighs_little(client: TestClient, key: tuple[str, str]):
    page = client.get("/widget/frame?site=shop")
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    packed = [len(gzip.compress(client.get(file).content, 9)) for file in files]
    assert len(packed) > 10
    assert sum(packed) + len(gzip.compress(page.content, 9)) <= FRAME_BYTES


def test_the_package_is_what_npm_installs(client: TestClient, tmp_path: Path):
    (tmp_path / "widget.tgz").write_bytes(client.get("/heliotrope-widget.tgz").content)
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("no npm here")
    quiet = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([npm, "install", *quiet, "./widget.tgz"], cwd=tmp_path, check=True, timeout=120)
    program = "import { mount } from 'heliotrope-widget'; console.log(typeof mount, mount.length);"
    said = subprocess.run(["node", "--input-type=module", "-e", program], cwd=tmp_path, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("function 1\n", "")
    assert (tmp_path / "node_modules" / "heliotrope-widget" / "mount.d.ts").is_file()


def test_an_address_opens_no_more_visits_than_it_may_ask(tmp_path: Path):
    services = scripted_services(tmp_path, anonymous_limit=2)
    services.sites.add(Site("shop", "某某商城", (ORIGIN,)), "admin")
    with TestClient(create_app(services)) as client:
        statuses = [client.post("/api/v1/widget/sessions", json={"site": "shop"}) for _ in range(3)]
    assert [one.status_code for one in statuses] == [200, 200, 429]
    assert 0 < int(statuses[-1].headers["retry-after"]) <= 30
