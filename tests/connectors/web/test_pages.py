"""The page's files: headers, caching, and catalogues that hold exactly what the page says."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fastapi.testclient import TestClient

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.funnel import STEPS
from assistant.errors import Misconfigured
from connectors.web.pages import HERE, Pages
from connectors.web.texts import LANGUAGES, LOCALE, open_texts

SCRIPTS = sorted((HERE / "static").glob("*.js"))
# Keys that are put together from a prefix and what the server says, such as `trouble.${kind}`.
BUILT = (
    "intro.", "starter.", "trouble.", "trust.", "trust_long.", "unit.", "metric.", "definition.", "opinion.",
    "notice.", "upload.", "cases.",
)  # fmt: skip


def test_page_is_chinese_first_and_keeps_a_chosen_language(client: TestClient):
    assert 'lang="zh-Hans"' in client.get("/", headers={"Accept-Language": "en"}).text
    assert "Ask as" in client.get("/?lang=en").text
    assert "以谁的身份提问" in client.get("/?lang=xx").text
    client.cookies.set("heliotrope_lang", "en")
    assert 'lang="en"' in client.get("/").text


def test_page_has_no_inline_script_or_style_and_names_no_other_host(client: TestClient):
    page = client.get("/")
    assert re.findall(r"<script(?![^>]* src=)", page.text) == []
    assert "<style" not in page.text
    assert not re.search(r'\s(style|on\w+)="', page.text)
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_files_are_kept_for_ever_under_their_own_hash_only(client: TestClient):
    page = client.get("/")
    assert page.headers["cache-control"] == "no-cache"
    addresses = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert len(addresses) > 10
    for address in addresses:
        file = client.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    stale = re.sub(r"/static/\w+/", "/static/older/", next(iter(addresses)))
    assert client.get(stale).headers["cache-control"] == "no-cache"
    assert client.get("/static/older/../../app.py").status_code == 404
    assert client.head("/").status_code == 200


def test_files_come_compressed_when_asked_for(client: TestClient):
    plain = client.get("/", headers={"Accept-Encoding": "identity"})
    packed = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.text == packed.text


def test_missing_packages_are_said_to_be_missing(tmp_path: Path):
    with pytest.raises(Misconfigured, match="make setup"):
        Pages(open_texts(), tmp_path)


def test_catalogues_hold_the_same_keys_and_places_in_every_language():
    by_language = {}
    for lang in LANGUAGES:
        with (LOCALE / lang / "LC_MESSAGES" / "web.po").open("rb") as file:
            by_language[lang] = {message.id: message.string for message in read_po(file) if message.id}
    chinese, english = by_language["zh"], by_language["en"]
    assert chinese.keys() == english.keys()
    for key in chinese:
        assert chinese[key], key
        assert english[key], key
        assert set(re.findall(r"\{\w+\}", chinese[key])) == set(re.findall(r"\{\w+\}", english[key])), key


def test_every_key_that_is_used_exists_and_every_key_is_used():
    known = set(open_texts().all("zh"))
    sources = [*SCRIPTS, *(HERE / "templates").glob("*.html"), *HERE.glob("*.py")]
    code = "\n".join(path.read_text("utf-8") for path in sources)
    called = set(re.findall(r"""(?<![\w.-])t\(["']([a-z_.]+)["']""", code))
    used = called | set(re.findall(r'data-t(?:-\w+)?="([^"]+)"', code))
    assert used - known == set()
    named = set(re.findall(r"""["']([a-z_]+\.[a-z_0-9]+)["']""", code))
    assert {key for key in known if not key.startswith(BUILT)} - named == set()


def test_scripts_hold_no_text_of_their_own():
    for path in SCRIPTS:
        code = re.sub(r"(?m)^\s*//.*$|/\*\*.*?\*/", "", path.read_text("utf-8"))
        assert set(re.findall("[\u3400-\u9fff]", code)) <= set("亿万"), path.name


def test_figures_of_every_metric_and_funnel_step_have_a_title():
    for lang in LANGUAGES:
        texts = open_texts().all(lang)
        for slug in [*CATALOGUE, *(step.slug for step in STEPS)]:
            assert texts[f"metric.{slug}"]
            assert texts[f"definition.{slug}"]
