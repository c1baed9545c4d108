"""Sites, the identities they sign, and the visits that come of them."""

import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from assistant.creators.accounts import Accounts, Creator
from assistant.database.engine import open_database
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.sites.registry import Site, Sites, Theme, origin_of
from assistant.sites.visits import Allowance, Visits
from assistant.sites.vouching import Vouching
from knowledge.audit import Trail

SHOP = Site("shop", "某某商城", ("https://shop.example",))
TODAY = date(2026, 11, 24)
HOUSE_SECRET = "the secret of this house, long enough for HS256"


@dataclass
class Place:
    """Everything about sites, on one database, with one site and a key of it."""

    sites: Sites
    visits: Visits
    allowance: Allowance
    trail: Trail
    key: str
    secret: str

    def identity(self, secret: Any = None, alg: str = "HS256", kid: str | None = None, **claims: Any) -> str:
        """An identity as the site's server signs it; claims replace what is usual, None leaves one out."""
        usual = {"sub": "c-1", "aud": "shop", "jti": f"{time.time_ns()}-1", "exp": int(time.time()) + 600}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode(said, secret or self.secret, alg, headers={"kid": kid or self.key})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    engine = open_database(f"sqlite:///{tmp_path / 'state.db'}")
    accounts, sites = Accounts(engine), Sites(engine)
    accounts.add(Creator("c-1", "阿禾", "kuaishou", "美食"))
    accounts.add(Creator("c-2", "林木", "kuaishou", "知识"))
    sites.add(SHOP, "admin")
    key, secret = sites.new_secret("shop", "admin")
    visits = Visits(HOUSE_SECRET, sites, accounts, Vouching(engine, sites, accounts))
    yield Place(sites, visits, Allowance(engine), Trail(engine), key, secret)
    engine.dispose()


def test_a_site_is_kept_changed_closed_and_opened_again(place: Place) -> None:
    changed = replace(SHOP, origins=("https://a.example", "http://localhost:3000"), theme=Theme("#aa3300", "dark"))
    place.sites.change(changed, "admin")
    assert (place.sites.find("shop"), place.sites.all()) == (changed, [changed])
    place.sites.close("shop", "admin", "contract ended")
    assert place.sites.find("shop") is None
    assert place.sites.get("shop").closed
    place.sites.reopen("shop", "admin")
    assert place.sites.find("shop") == changed
    actions = [entry.action for entry in place.trail.entries()]
    assert actions[::-1] == ["site.added", "site.key_added", "site.changed", "site.closed", "site.reopened"]
    with pytest.raises(Conflict):
        place.sites.add(SHOP, "admin")
    with pytest.raises(NotFound):
        place.sites.change(replace(SHOP, id="other"), "admin")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Shop"},
        {"id": "-"},
        {"name": " "},
        {"name": "a\nb"},
        {"origins": ()},
        {"origins": ("https://shop.example/path",)},
        {"origins": ("*",)},
        {"languages": ()},
        {"languages": ("fr",)},
        {"theme": Theme("red")},
        {"theme": Theme("#aa3300;x")},
        {"daily_questions": -1},
    ],
)
def test_what_cannot_be_used_is_refused(place: Place, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        place.sites.add(replace(SHOP, **{"id": "new", **changes}), "admin")
    assert place.sites.all() == [SHOP]


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://Shop.Example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text: str, origin: str) -> None:
    assert origin_of(text) == origin == origin_of(origin)


@pytest.mark.parametrize(
    "text",
    ["http://shop.example", "shop.example", "https://", "https://a b", "https://u@shop.example", "https://x.example?y",
     "javascript:alert(1)", "https://shop.example/a", "https://x.example:99999", "https://*.example", "null", ""],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        origin_of(text)


@given(st.text())
def test_any_text_is_an_origin_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert not {";", " ", "'"} & set(origin_of(text))


def test_a_vouched_creator_visits_until_the_identity_expires(place: Place) -> None:
    until = int(time.time()) + 300
    session, visit = place.visits.open("shop", place.identity(exp=until), None)
    assert (visit.creator, visit.until) == ("c-1", until)
    assert place.visits.read(session) == visit


def test_an_identity_is_good_for_once_also_when_sent_twice_at_the_same_time(place: Place) -> None:
    def outcome(token: str) -> str:
        try:
            return str(place.visits.open("shop", token, None)[1].creator)
        except NotAllowed as refused:
            return str(refused)

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(outcome, [place.identity()] * 8))
    assert outcomes == ["This token was used before; sign a new one with another `jti`."] * 7 + ["c-1"]


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"exp": int(time.time()) + 3600}, "15 minutes"),
        ({"exp": None}, "lacks `exp`"),
        ({"aud": "other"}, "`aud`"),
        ({"aud": None}, "lacks `aud`"),
        ({"sub": "nobody"}, "no creator"),
        ({"sub": None}, "lacks `sub`"),
        ({"jti": None}, "lacks `jti`"),
        ({"jti": "x"}, "`jti` must be"),
        ({"jti": 7}, "jti|does not hold"),
        ({"secret": "another secret that is long enough here"}, "signature"),
        ({"kid": "shop-00000000"}, "`kid`"),
        ({"alg": "HS512"}, "signature"),
    ],
)
def test_an_identity_that_does_not_hold_is_refused(place: Place, claims: dict[str, Any], says: str) -> None:
    with pytest.raises(NotAllowed, match=says):
        place.visits.open("shop", place.identity(**claims), None)


@given(st.text(max_size=40))
def test_any_text_in_place_of_an_identity_or_session_is_refused(text: str) -> None:
    engine = create_engine("sqlite://")
    accounts, sites = Accounts(engine), Sites(engine)
    vouching = Vouching(engine, sites, accounts)
    with pytest.raises(NotAllowed):
        Visits(HOUSE_SECRET, sites, accounts, vouching).read(text)
    with pytest.raises(NotAllowed):
        vouching.spend("shop", text)


def test_an_unsigned_identity_and_a_public_key_taken_for_a_secret_are_refused(place: Place) -> None:
    pair = rsa.generate_private_key(65537, 2048)
    pem = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = place.sites.add_public_key("shop", pem.decode(), "admin")
    unsigned = jwt.encode({"sub": "c-1", "aud": "shop", "jti": "12345678"}, None, "none", headers={"kid": key})
    with pytest.raises(NotAllowed):
        place.visits.open("shop", unsigned, None)
    _, body, _ = place.identity().split(".")
    signed = f"{_packed(json.dumps({'alg': 'HS256', 'kid': key}).encode())}.{body}"
    forged = f"{signed}.{_packed(hmac.new(pem.strip(), signed.encode(), hashlib.sha256).digest())}"
    with pytest.raises(NotAllowed, match="signature"):
        place.visits.open("shop", forged, None)


@pytest.mark.parametrize("kind", ["EdDSA", "ES256", "RS256"])
def test_a_site_may_sign_with_a_pair_of_its_own(place: Place, kind: str) -> None:
    pair: Any = {
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
    }[kind]()
    pem = pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = place.sites.add_public_key("shop", pem, "admin")
    _, visit = place.visits.open("shop", place.identity(pair, kind, key), None)
    assert visit.creator == "c-1"


@pytest.mark.parametrize("pem", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_what_is_no_public_key_is_refused(place: Place, pem: str) -> None:
    with pytest.raises(BadInput):
        place.sites.add_public_key("shop", pem, "admin")


def test_keys_change_over_two_at_a_time(place: Place) -> None:
    second, secret = place.sites.new_secret("shop", "admin")
    with pytest.raises(Conflict, match="revoke one"):
        place.sites.new_secret("shop", "admin")
    old, _ = place.visits.open("shop", place.identity(), None)
    new, _ = place.visits.open("shop", place.identity(secret, kid=second), None)
    place.sites.revoke_key("shop", place.key, "admin")
    with pytest.raises(NotAllowed):
        place.visits.read(old)
    with pytest.raises(NotAllowed):
        place.visits.open("shop", place.identity(), None)
    assert place.visits.read(new).creator == "c-1"
    assert [key.revoked_at is None for key in place.sites.keys("shop")] == [True, False]
    told = repr(place.trail.entries()) + repr(place.sites.keys("shop"))
    assert not [one for one in (place.secret, secret) if one in told]


def test_a_closed_site_knows_nobody(place: Place) -> None:
    session, _ = place.visits.open("shop", place.identity(), None)
    stranger, _ = place.visits.open("shop", None, None)
    place.sites.close("shop", "admin")
    for one in (session, stranger):
        with pytest.raises(NotAllowed):
            place.visits.read(one)
    with pytest.raises(NotFound):
        place.visits.open("shop", None, None)


def test_a_visitor_is_known_again_on_the_same_site_only(place: Place) -> None:
    place.sites.add(replace(SHOP, id="blog"), "admin")
    session, first = place.visits.open("shop", None, None)
    assert place.visits.open("shop", None, session)[1].visitor == first.visitor
    assert place.visits.open("blog", None, session)[1].visitor != first.visitor
    assert place.visits.open("shop", None, "nonsense")[1].visitor != first.visitor
    assert first.creator is None


def test_a_day_of_questions_is_shared_and_ends_at_its_limits(place: Place) -> None:
    place.sites.change(replace(SHOP, daily_questions=3, visitor_questions=2), "admin")
    one, two = (place.visits.open("shop", None, None)[1] for _ in range(2))
    assert [place.allowance.take(one, TODAY) for _ in range(3)] == [True, True, False]
    assert [place.allowance.take(two, TODAY) for _ in range(2)] == [True, False]
    assert place.allowance.take(one, date(2026, 11, 25))


def test_many_at_once_get_exactly_what_is_left(place: Place) -> None:
    place.sites.change(replace(SHOP, daily_questions=10, visitor_questions=0), "admin")
    visits = [place.visits.open("shop", None, None)[1] for _ in range(24)]
    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(lambda visit: place.allowance.take(visit, TODAY), visits)) == 10


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_sites_server_asks_with_a_key_that_is_kept_as_a_hash_only(place: Place) -> None:
    key = place.sites.new_api_key("shop", "admin")
    place.sites.new_api_key("shop", "admin")
    with pytest.raises(Conflict):
        place.sites.new_api_key("shop", "admin")
    visit = place.visits.read(key)
    assert (visit.site, visit.creator, visit.visitor) == (SHOP, None, "")
    place.sites.change(replace(SHOP, daily_questions=2, visitor_questions=1), "admin")
    assert [place.allowance.take(place.visits.read(key), TODAY) for _ in range(3)] == [True, True, False]
    kept = place.sites.keys("shop")
    assert key not in repr(kept)
    for one in kept:
        place.sites.revoke_key("shop", one.id, "admin")
    with pytest.raises(NotAllowed, match="API key"):
        place.visits.read(key)
