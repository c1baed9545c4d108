"""The sites page: registering a site, its limits and looks, and its keys."""

import re
from html import unescape

from assistant.sites.registry import Site, Theme
from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import ScriptedServices

SHOP = {"site": "shop", "name": "某某商城", "origins": "https://Shop.example/\n https://m.shop.example"}
PEM = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


def test_an_admin_registers_a_site_and_gets_the_line_to_embed(desk: Desk, services: ScriptedServices):
    admin = desk("admin")
    looks = {"languages": "en", "accent": "#2f6fde", "scheme": "dark", "side": "left", "daily": "9", "visitor": "3"}
    page = admin.send("/console/sites/new", **SHOP, **looks)
    assert page.headers["location"] == "/console/sites/shop"
    assert services.sites.get("shop") == Site(
        "shop",
        "某某商城",
        ("https://shop.example", "https://m.shop.example"),
        ("en",),
        Theme("#2f6fde", "dark", "left"),
        9,
        3,
    )
    shown = unescape(admin.get("/console/sites/shop").text)
    line = 'src="http://testserver/widget.js" data-site="shop" data-accent="#2f6fde" data-side="left"></script>'
    assert f"<script async {line}" in shown
    assert "已登记站点“某某商城”。" in shown
    assert "某某商城" in admin.get("/console/sites").text


def test_what_cannot_be_used_is_told_beside_its_field(desk: Desk, services: ScriptedServices):
    admin = desk("admin")
    for field, value, said in (
        ("site", "No Spaces", "小写字母"),
        ("name", " ", "1 到 100 个字符"),
        ("origins", "", "至少填写一个来源"),
        ("origins", "http://shop.example", "至少填写一个来源"),
        ("languages", "fr", "请选择语言"),
        ("accent", "red", "#rrggbb"),
        ("scheme", "blue", "明暗"),
        ("daily", "2000000000", "1000000000"),
    ):
        page = admin.send("/console/sites/new", **{**SHOP, field: value})
        assert page.status_code == 422, field
        assert re.search(rf'class="wrong" role="alert">[^<]*{said}', page.text), field
        assert services.sites.all() == []


def test_an_id_that_is_taken_is_told_and_an_unknown_site_is_not_there(desk: Desk, services: ScriptedServices):
    services.sites.add(Site("shop", "x", ("https://shop.example",)), "test")
    admin = desk("admin")
    assert admin.send("/console/sites/new", **SHOP).status_code == 409
    assert admin.get("/console/sites/other").status_code == 404
    assert admin.send("/console/sites/other", name="x", origins="https://a.example").status_code == 404
    assert admin.send("/console/sites/other/secret").status_code == 404


def test_keys_are_shown_once_rotated_and_revoked(desk: Desk, services: ScriptedServices):
    services.sites.add(Site("shop", "x", ("https://shop.example",)), "test")
    admin = desk("admin")
    made = admin.send("/console/sites/shop/secret").text
    key, secret = re.findall(r"<code>([\w-]+)</code>", made)[:2]
    assert services.sites.verifier("shop", key) == ("HS256", secret)
    assert secret not in admin.get("/console/sites/shop").text
    assert admin.send("/console/sites/shop/public-key", pem="nonsense").status_code == 422
    assert admin.send("/console/sites/shop/public-key", pem=PEM).status_code == 303
    full = admin.send("/console/sites/shop/secret")
    assert (full.status_code, "最多有 2 个密钥" in full.text) == (409, True)
    assert admin.send("/console/sites/shop/revoke", key=key).status_code == 303
    assert services.sites.verifier("shop", key) is None
    api_key = re.findall(r"<code>(hs_[\w-]+)</code>", admin.send("/console/sites/shop/api-key").text)[0]
    assert services.sites.site_of(api_key) is not None
    trail = admin.get("/console/audit?area=site").text
    assert trail.count("给站点添加了密钥") == 3
    assert api_key not in trail


def test_closing_takes_the_widget_away_until_it_is_opened_again(desk: Desk, services: ScriptedServices):
    services.sites.add(Site("shop", "x", ("https://shop.example",)), "test")
    admin = desk("admin")
    admin.send("/console/sites/shop/close")
    assert services.sites.find("shop") is None
    admin.send("/console/sites/shop/reopen")
    assert services.sites.find("shop") is not None


def test_only_admins_see_sites(desk: Desk):
    for path in ("/console/sites", "/console/sites/new", "/console/sites/shop"):
        assert desk("publisher").get(path).status_code == 403
