"""The sites that embed the widget: where it may stand, how it looks there, and what they sign identities with."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import Connection, Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database.engine import reading
from assistant.database.site_tables import site_keys, sites
from assistant.errors import BadInput, Conflict, NotFound
from knowledge.audit import record

Algorithm = Literal["HS256", "EdDSA", "ES256", "RS256"]
Scheme = Literal["auto", "light", "dark"]
Side = Literal["right", "left"]
# What a key is for: signing identities, or (`bearer`) calling the API itself, of which only the SHA-256 is kept.
Kind = Algorithm | Literal["bearer"]
LANGUAGES = ("zh", "en")
MOST_QUESTIONS = 10**9  # of a limit: more than can be asked
ACTIVE_KEYS = 2  # of either use: one in force, and one that takes its place
API_PREFIX = "hs_"
SMALLEST_RSA = 2048  # bits, as RFC 7518 asks of RS256
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_HERE = ("localhost", "127.0.0.1", "[::1]")


class UnusableSite(BadInput):
    """A part of what a site is to be cannot be used: id, name, origins, languages, accent, theme, limits or key."""

    def __init__(self, field: str, sentence: str, /, **values: object) -> None:
        super().__init__(sentence, **values)
        self.field = field


class SiteTaken(Conflict):
    """There is a site of this id already."""

    def __init__(self, site: str) -> None:
        super().__init__("There is a site {site!r} already; choose another id.", site=site)
        self.site = site


class KeysInForce(Conflict):
    """A site has as many keys of a use in force as it may have."""

    def __init__(self) -> None:
        super().__init__(
            "The site has {active_keys} such keys in force; revoke one before adding another.",
            active_keys=ACTIVE_KEYS,
        )
        self.most = ACTIVE_KEYS


class NoSuchSite(NotFound):
    """There is no site of this id."""

    def __init__(self, site: str) -> None:
        super().__init__("There is no site {site!r}; `heliotrope sites list` names those that exist.", site=site)
        self.site = site


@dataclass(frozen=True)
class Theme:
    """How the widget looks on a site: its leading colour (empty: Heliotrope's own), light or dark, and which corner."""

    accent: str = ""
    scheme: Scheme = "auto"
    side: Side = "right"


@dataclass(frozen=True)
class Site:
    """One site. Limits are questions a day, of everybody together and of one visitor; 0 means no limit. `languages` are
    those that the widget may speak there, the first unless the page asks for another."""

    id: str
    name: str
    origins: tuple[str, ...]
    languages: tuple[str, ...] = LANGUAGES
    theme: Theme = field(default_factory=Theme)
    daily_questions: int = 5000
    visitor_questions: int = 50
    closed: bool = False


@dataclass(frozen=True)
class SiteKey:
    """A key of a site as it may be shown: without its secret."""

    id: str
    kind: Kind
    created_at: datetime
    revoked_at: datetime | None


class Sites:
    """The registry in SQL; every change stands in the audit trail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, site: Site, actor: str) -> None:
        """Register a site. Raises BadInput for what cannot be used, Conflict when the id is taken."""
        _check(site)
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(sites).values(id=site.id, created_at=_now(), **_columns(site)))
                record(connection, actor, "site.added", site.id, origins=list(site.origins))
        except IntegrityError as error:
            raise SiteTaken(site.id) from error

    def change(self, site: Site, actor: str) -> None:
        """Keep what a site is from now on; its pages get it with their next load. Raises BadInput, NotFound."""
        _check(site)
        with self._engine.begin() as connection:
            before = _site(_need(connection, site.id))
            connection.execute(update(sites).where(sites.c.id == site.id).values(**_columns(site)))
            changed = {name: value for name, value in asdict(site).items() if value != asdict(before)[name]}
            record(connection, actor, "site.changed", site.id, **changed)

    def close(self, site_id: str, actor: str, reason: str = "") -> None:
        """The widget stands there no longer, and nobody it vouched for is known any more. Raises NotFound."""
        self._set_closed(site_id, _now(), "site.closed", actor, reason)

    def reopen(self, site_id: str, actor: str, reason: str = "") -> None:
        """The widget stands there again. Raises NotFound."""
        self._set_closed(site_id, None, "site.reopened", actor, reason)

    def all(self) -> list[Site]:
        """Every site, by id, closed ones too."""
        with reading(self._engine).begin() as connection:
            return [_site(row) for row in connection.execute(select(sites).order_by(sites.c.id))]

    def find(self, site_id: str) -> Site | None:
        """An open site, or None."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(select(sites).where(sites.c.id == site_id, sites.c.closed_at.is_(None))).first()
        return None if row is None else _site(row)

    def get(self, site_id: str) -> Site:
        """A site, open or closed. Raises NotFound."""
        with reading(self._engine).begin() as connection:
            return _site(_need(connection, site_id))

    def keys(self, site_id: str) -> list[SiteKey]:
        """A site's keys, newest first, revoked ones too."""
        query = select(site_keys).where(site_keys.c.site_id == site_id).order_by(site_keys.c.created_at.desc())
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query).all()
        return [SiteKey(row.id, row.kind, row.created_at, row.revoked_at) for row in rows]

    def new_secret(self, site_id: str, actor: str) -> tuple[str, str]:
        """A key to share with the site's server, for HS256: its id and the secret, which is shown this once.

        Raises NotFound, and Conflict when two keys are in force already.
        """
        secret = secrets.token_urlsafe(32)
        return self._add_key(site_id, "HS256", secret, actor), secret

    def add_public_key(self, site_id: str, pem: str, actor: str) -> str:
        """The public half of a pair that the site made itself: Ed25519, P-256 or RSA. Returns the key's id.

        Raises BadInput for anything else, NotFound, and Conflict when two keys are in force already.
        """
        return self._add_key(site_id, _algorithm_of(pem), pem.strip(), actor)

    def new_api_key(self, site_id: str, actor: str) -> str:
        """A key by which the site's server calls the API; it is shown this once.

        Raises NotFound, and Conflict when two are in force already.
        """
        key = API_PREFIX + secrets.token_urlsafe(32)
        self._add_key(site_id, "bearer", _hash(key), actor)
        return key

    def site_of(self, api_key: str) -> Site | None:
        """The open site whose API key this is, or None."""
        query = (
            select(sites)
            .join_from(site_keys, sites)
            .where(site_keys.c.kind == "bearer", site_keys.c.verifier == _hash(api_key))
            .where(site_keys.c.revoked_at.is_(None), sites.c.closed_at.is_(None))
        )
        with reading(self._engine).begin() as connection:
            row = connection.execute(query).first()
        return None if row is None else _site(row)

    def revoke_key(self, site_id: str, key_id: str, actor: str) -> None:
        """Nothing signed with this key holds any more, sessions that came from it included. Raises NotFound."""
        which = (site_keys.c.id == key_id, site_keys.c.site_id == site_id, site_keys.c.revoked_at.is_(None))
        with self._engine.begin() as connection:
            if not connection.execute(update(site_keys).where(*which).values(revoked_at=_now())).rowcount:
                raise NotFound("The site {site_id!r} has no key {key_id!r} in force.", site_id=site_id, key_id=key_id)
            record(connection, actor, "site.key_revoked", site_id, key=key_id)

    def verifier(self, site_id: str, key_id: str) -> tuple[Algorithm, str] | None:
        """The algorithm and what to check with, of a key that an open site signs with; None when it is not in force."""
        query = (
            select(site_keys.c.kind, site_keys.c.verifier)
            .join_from(site_keys, sites)
            .where(sites.c.id == site_id, sites.c.closed_at.is_(None), site_keys.c.kind != "bearer")
            .where(site_keys.c.id == key_id, site_keys.c.revoked_at.is_(None))
        )
        with reading(self._engine).begin() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.kind, row.verifier)

    def _add_key(self, site_id: str, kind: Kind, verifier: str, actor: str) -> str:
        key_id = f"{site_id[:24]}-{secrets.token_hex(4)}"
        same_use = (site_keys.c.kind == "bearer") == (kind == "bearer")
        in_force = select(site_keys.c.id).where(site_keys.c.site_id == site_id, site_keys.c.revoked_at.is_(None))
        with self._engine.begin() as connection:
            _need(connection, site_id, lock=True)
            if len(connection.execute(in_force.where(same_use)).all()) >= ACTIVE_KEYS:
                raise KeysInForce
            kept = {"id": key_id, "site_id": site_id, "kind": kind, "verifier": verifier}
            connection.execute(insert(site_keys).values(**kept, created_at=_now()))
            record(connection, actor, "site.key_added", site_id, key=key_id, kind=kind)
        return key_id

    def _set_closed(self, site_id: str, at: datetime | None, action: str, actor: str, reason: str) -> None:
        with self._engine.begin() as connection:
            _need(connection, site_id)
            connection.execute(update(sites).where(sites.c.id == site_id).values(closed_at=at))
            record(connection, actor, action, site_id, reason)


def origin_of(text: str) -> str:
    """An origin as browsers write it: scheme, host and port, no path. Plain http is for this machine only.

    Raises BadInput.
    """
    try:
        address = urlsplit(text.strip())
        port = address.port
    except ValueError:
        address, port = urlsplit(""), None
    host = address.hostname or ""
    is_bare = not (address.path.strip("/") or address.query or address.fragment or address.username)
    if not host or not is_bare or not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:]+", host):
        sentence = "{text!r} is not an origin; write it as https://www.example.com, without a path."
        raise UnusableSite("origins", sentence, text=text)
    host = f"[{host}]" if ":" in host else host
    if address.scheme != "https" and not (address.scheme == "http" and host in _HERE):
        sentence = "{text!r} must begin with https://; http is for pages on this machine only."
        raise UnusableSite("origins", sentence, text=text)
    is_usual = port is None or port == (443 if address.scheme == "https" else 80)
    return f"{address.scheme}://{host}" if is_usual else f"{address.scheme}://{host}:{port}"


def _check(site: Site) -> None:
    if not _ID.fullmatch(site.id):
        raise UnusableSite("id", "A site's id is 1 to 40 lower-case letters, digits and hyphens.")
    if not site.name.strip() or len(site.name) > 100 or not site.name.isprintable():
        raise UnusableSite("name", "A site's name must be 1 to 100 printable characters.")
    if not site.origins or any(origin != origin_of(origin) for origin in site.origins):
        raise UnusableSite("origins", "Name at least one origin of the site, as https://www.example.com.")
    if not site.languages or not set(site.languages) <= set(LANGUAGES):
        raise UnusableSite("languages", "The widget speaks zh and en; name one or both.")
    if site.theme.accent and not _COLOUR.fullmatch(site.theme.accent):
        raise UnusableSite("accent", "The colour must be written as #rrggbb.")
    if site.theme.scheme not in get_args(Scheme) or site.theme.side not in get_args(Side):
        raise UnusableSite("theme", "The theme is auto, light or dark, and stands right or left.")
    if not all(0 <= limit <= MOST_QUESTIONS for limit in (site.daily_questions, site.visitor_questions)):
        raise UnusableSite("limits", "A limit is a number of questions a day; 0 means no limit.")


def _algorithm_of(pem: str) -> Algorithm:
    try:
        key = load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        sentence = "This is not a public key in PEM; it begins with -----BEGIN PUBLIC KEY-----."
        raise UnusableSite("key", sentence) from error
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "ES256"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return "RS256"
    raise UnusableSite("key", "The key must be Ed25519, P-256, or RSA of at least {bits} bits.", bits=SMALLEST_RSA)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _columns(site: Site) -> dict[str, Any]:
    return {
        "name": site.name,
        "origins": list(site.origins),
        "languages": list(site.languages),
        "theme": asdict(site.theme),
        "daily_questions": site.daily_questions,
        "visitor_questions": site.visitor_questions,
    }


def _site(row: Row[Any]) -> Site:
    return Site(
        row.id,
        row.name,
        _texts(row.origins),
        _texts(row.languages),
        Theme(**row.theme),
        row.daily_questions,
        row.visitor_questions,
        row.closed_at is not None,
    )


def _texts(stored: Any) -> tuple[str, ...]:
    return tuple(cast(Sequence[str], stored))


def _need(connection: Connection, site_id: str, lock: bool = False) -> Row[Any]:
    query = select(sites).where(sites.c.id == site_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NoSuchSite(site_id)
    return row


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
