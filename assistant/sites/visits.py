"""Visits to a site's widget: our own short sessions, looked at anew with every message, and how much may be asked."""

import secrets
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

import jwt
from sqlalchemy import Connection, Engine, delete, select

from assistant.creators.accounts import Accounts
from assistant.database.engine import beside, reading, upsert
from assistant.database.site_tables import site_uses
from assistant.errors import NotAllowed, NotFound, Said
from assistant.sites.registry import API_PREFIX, Site, Sites
from assistant.sites.vouching import Vouching

AUDIENCE = "heliotrope-widget"
VISITOR_SECONDS = 30 * 24 * 3600
GONE = Said("This session does not hold any more; load the page again.")


@dataclass(frozen=True)
class Visit:
    """Who asks from a site: a visitor whom nobody knows, the creator that the site vouched for, or the site's own
    server, which asks as nobody in particular and has no `visitor`."""

    site: Site
    visitor: str
    creator: str | None
    creator_name: str
    until: int

    @property
    def name(self) -> str:
        """What this visitor's questions are counted and an unknown visitor's threads are kept under."""
        return f"creator:{self.creator}" if self.creator else f"visitor:{self.visitor}"


class Visits:
    """Opens and checks visits. A session says which key vouched, so that revoking the key or closing the site ends it
    with the next message."""

    def __init__(self, secret: str, sites: Sites, accounts: Accounts, vouching: Vouching) -> None:
        self._secret = secret
        self._sites = sites
        self._accounts = accounts
        self._vouching = vouching

    def open(self, site_id: str, identity: str | None, earlier: str | None) -> tuple[str, Visit]:
        """A session and the visit it stands for. `identity` is the site's signed token; `earlier` a session of this
        browser, by which an unknown visitor is known again.

        Raises NotFound for a site that is not open, NotAllowed for an identity that does not hold; an earlier session
        that does not is simply not continued.
        """
        site = self._sites.find(site_id)
        if site is None:
            raise NotFound("There is no such site.")
        visitor = self._visitor(site_id, earlier) or secrets.token_urlsafe(12)
        if identity is None:
            visit, key_id = Visit(site, visitor, None, "", int(time.time()) + VISITOR_SECONDS), None
        else:
            vouched = self._vouching.spend(site_id, identity)
            creator, key_id = vouched.creator, vouched.key_id
            visit = Visit(site, visitor, creator.id, creator.name, vouched.until)
        claims = {"aud": AUDIENCE, "site": site_id, "visitor": visitor, "exp": visit.until}
        if key_id is not None:
            claims |= {"sub": visit.creator, "key": key_id}
        return jwt.encode(claims, self._secret, "HS256"), visit

    def read(self, session: str, leeway: int = 0) -> Visit:
        """The visit that a session, or a site's API key, stands for now; one may have expired `leeway` seconds ago.
        Raises NotAllowed."""
        if session.startswith(API_PREFIX):
            server = self._sites.site_of(session)
            if server is None:
                raise NotAllowed("This API key is not valid; ask staff for one.")
            return Visit(server, "", None, "", 0)
        claims = self._claims(session, leeway)
        site = self._sites.find(claims["site"])
        if site is None:
            raise NotAllowed(GONE)
        creator = self._accounts.find(claims["sub"]) if "sub" in claims else None
        if "sub" in claims and (creator is None or self._sites.verifier(site.id, claims["key"]) is None):
            raise NotAllowed(GONE)
        if creator is None:
            return Visit(site, claims["visitor"], None, "", claims["exp"])
        return Visit(site, claims["visitor"], creator.id, creator.name, claims["exp"])

    def _visitor(self, site_id: str, earlier: str | None) -> str | None:
        if earlier is None:
            return None
        try:
            claims = self._claims(earlier)
        except NotAllowed:
            return None
        return str(claims["visitor"]) if claims["site"] == site_id else None

    def _claims(self, session: str, leeway: int = 0) -> dict[str, Any]:
        try:
            return jwt.decode(
                session,
                self._secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                leeway=leeway,
                options={"require": ["exp"]},
            )
        except jwt.InvalidTokenError as error:
            raise NotAllowed(GONE) from error


class Allowance:
    """How many questions a site and each of its visitors may ask a day, counted in SQL for all processes together."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, visit: Visit, today: date) -> bool:
        """Count one question; False, and nothing counted, when the site's or the visitor's day is used up."""
        site = visit.site
        limits = {"": site.daily_questions}
        if visit.visitor:
            limits[visit.name[:80]] = site.visitor_questions
        with beside(self._engine).connect() as connection:
            for who, limit in limits.items():
                asked = self._count(connection, site.id, today, who)
                if limit and asked > limit:
                    return False  # without a commit nothing was counted
                if asked == 1 and not who:
                    past = site_uses.c.day < today.isoformat()
                    connection.execute(delete(site_uses).where(site_uses.c.site_id == site.id, past))
            connection.commit()
        return True

    def asked_on(self, today: date) -> dict[str, int]:
        """How many questions were asked on a day, by site; a site of which none were is left out."""
        which = (site_uses.c.day == today.isoformat(), site_uses.c.visitor == "")
        with reading(self._engine).begin() as connection:
            rows = connection.execute(select(site_uses.c.site_id, site_uses.c.questions).where(*which)).all()
        return {row.site_id: row.questions for row in rows}

    def _count(self, connection: Connection, site_id: str, today: date, visitor: str) -> int:
        """One more question of this visitor; how many it makes."""
        row = {"site_id": site_id, "day": today.isoformat(), "visitor": visitor, "questions": 1}
        more, key = {"questions": site_uses.c.questions + 1}, list(site_uses.primary_key.columns)
        counted = upsert(connection, site_uses).values(**row).on_conflict_do_update(index_elements=key, set_=more)
        return int(connection.scalars(counted.returning(site_uses.c.questions)).one())
