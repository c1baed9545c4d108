"""Identities that sites vouch for: a short JWT, signed by the site's server, good for once.

What is asked of it (docs/widget.md says it to the sites): header `kid`, a key of the site in force, and `alg` that of
the key; claims `sub` a creator's id, `aud` the site's id, `jti` unlike any before, `exp` at most fifteen minutes away.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import IntegrityError

from assistant.creators.accounts import Accounts, Creator
from assistant.database.engine import beside
from assistant.database.site_tables import spent_identities
from assistant.errors import NotAllowed
from assistant.sites.registry import Sites

LONGEST_SECONDS = 15 * 60
LEEWAY_SECONDS = 30  # between two servers' clocks
LONGEST_TOKEN, LONGEST_JTI = 4096, 64  # characters


@dataclass(frozen=True)
class Vouched:
    """A creator for whom a site speaks, with which key, and until when (seconds since 1970)."""

    creator: Creator
    key_id: str
    until: int


class Vouching:
    """Checks and spends identities. The sentences of its refusals are for the site's developer."""

    def __init__(self, engine: Engine, sites: Sites, accounts: Accounts) -> None:
        self._engine = engine
        self._sites = sites
        self._accounts = accounts

    def spend(self, site_id: str, token: str) -> Vouched:
        """Whom the token vouches for; the same token is refused from now on. Raises NotAllowed."""
        try:
            key_id = jwt.get_unverified_header(token).get("kid") if len(token) <= LONGEST_TOKEN else None
        except jwt.InvalidTokenError as error:
            raise NotAllowed("This is not a JWT.") from error
        verifier = self._sites.verifier(site_id, key_id) if isinstance(key_id, str) else None
        if verifier is None:
            raise NotAllowed("The token's `kid` names no key of this site that is in force.")
        claims = _claims(token, site_id, *verifier)
        until, jti = claims["exp"], claims["jti"]
        if until > time.time() + LONGEST_SECONDS + LEEWAY_SECONDS:
            raise NotAllowed("The token's `exp` may be at most {minutes} minutes away.", minutes=LONGEST_SECONDS // 60)
        if not isinstance(jti, str) or not 8 <= len(jti) <= LONGEST_JTI:
            raise NotAllowed(
                "The token's `jti` must be a text of 8 to {longest_jti} characters.",
                longest_jti=LONGEST_JTI,
            )
        creator = self._accounts.find(str(claims["sub"]))
        if creator is None:
            raise NotAllowed("The token's `sub` is no creator's id here.")
        self._spend(site_id, jti, until)
        return Vouched(creator, str(key_id), until)

    def _spend(self, site_id: str, jti: str, until: int) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        expires_at = datetime.fromtimestamp(until, UTC).replace(tzinfo=None)
        # Kept beyond the leeway, within which an expired token is still taken.
        gone = spent_identities.c.expires_at < now - timedelta(seconds=2 * LEEWAY_SECONDS)
        try:
            with beside(self._engine).begin() as connection:
                connection.execute(delete(spent_identities).where(gone))
                connection.execute(insert(spent_identities).values(site_id=site_id, jti=jti, expires_at=expires_at))
        except IntegrityError as error:
            raise NotAllowed("This token was used before; sign a new one with another `jti`.") from error


def _claims(token: str, site_id: str, algorithm: str, verifier: str) -> dict[str, Any]:
    required = ["sub", "aud", "exp", "jti"]
    try:
        # Only the key's own algorithm: a public key must never be taken for a shared secret.
        return jwt.decode(
            token,
            verifier,
            algorithms=[algorithm],
            audience=site_id,
            leeway=LEEWAY_SECONDS,
            options={"require": required},
        )
    except jwt.ExpiredSignatureError as error:
        raise NotAllowed("The token has expired; sign a new one.") from error
    except jwt.MissingRequiredClaimError as error:
        raise NotAllowed(
            "The token lacks `{claim}`; it needs {known}.",
            claim=error.claim, known=", ".join(required),
        ) from error
    except jwt.InvalidAudienceError as error:
        raise NotAllowed("The token's `aud` must be the site's id.") from error
    except jwt.InvalidTokenError as error:
        raise NotAllowed("The token's signature or content does not hold.") from error
