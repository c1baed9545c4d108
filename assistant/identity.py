"""Who is asking. A Caller is made at the edge by a connector and travels with the request; nothing a model says
changes it."""

import time
from dataclasses import dataclass, field
from typing import Literal

import jwt

from assistant.errors import NotAllowed

Channel = Literal["web", "widget", "telegram", "cli", "test"]

TOKEN_SECONDS = 15 * 60
# The capability to speak for a demonstration creator without being one: everybody who tries the product has it.
DEMONSTRATION = "demonstration"


@dataclass(frozen=True)
class Caller:
    """Who asks and through which channel.

    `creator` is the id of the creator whose own numbers may be read, or None for somebody unknown, who may ask about
    published guidance only. `address` tells anonymous callers of a channel apart, never shown.
    """

    channel: Channel
    creator: str | None = None
    address: str = ""
    capabilities: frozenset[str] = field(default_factory=frozenset)

    @property
    def owner(self) -> str:
        """The name under which threads are kept: a creator's follow them, an anonymous one's stay with the channel."""
        return f"creator:{self.creator}" if self.creator else f"{self.channel}:{self.address}"


class TokenOffice:
    """Issues and checks the short-lived Bearer tokens of the HTTP API; the secret is this home folder's own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def issue(self, creator: str, seconds: int = TOKEN_SECONDS) -> str:
        """A signed token that speaks for one creator until it expires."""
        now = int(time.time())
        return jwt.encode(
            {"sub": creator, "aud": "heliotrope-api", "iat": now, "exp": now + seconds}, self._secret, "HS256"
        )

    def creator_of(self, token: str) -> str:
        """The creator a token speaks for. Raises NotAllowed when it is expired, forged or meant for something else."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                audience="heliotrope-api",
                # When it was issued decides nothing, and a clock that was set back must not refuse it.
                options={"require": ["sub", "exp"], "verify_iat": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise NotAllowed("This token has expired; ask for a new one.") from error
        except jwt.InvalidTokenError as error:
            raise NotAllowed("This token is not valid; ask for a new one.") from error
        return str(claims["sub"])
