"""A small OpenID Connect provider for tests: authorization code with PKCE, id_tokens signed with a key it publishes.

It asks nobody anything: whoever comes is `claims`. It refuses what a real one refuses (a wrong client, secret, redirect
address or code verifier, a code used twice), and lies on request (`lies` replaces claims of the id_token).
"""

import base64
import hashlib
import secrets
import time
from functools import cache
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

from fastapi import FastAPI, Form, Header, HTTPException
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "heliotrope-console", "a secret of the tests"


@cache
def _own_key() -> RSAKey:
    """Made once: it takes longer than signing in."""
    return RSAKey.generate_key(2048, {"kid": "published", "use": "sig"})


class OidcProvider:
    """`app` is to be served at `issuer`, which is set when the address is known."""

    def __init__(self, redirect_address: str = "") -> None:
        self.issuer = ""
        self.redirect_address = redirect_address
        self.claims: dict[str, Any] = {"sub": "s-1", "email": "editor@example.com", "email_verified": True}
        self.lies: dict[str, Any] = {}
        self.signing_key = _own_key()
        self.published_key = self.signing_key
        self.algorithm = "RS256"
        self.denies = False
        self.codes: dict[str, dict[str, str]] = {}
        self.app = self._made()

    def _made(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def configuration() -> dict[str, Any]:
            return {
                "issuer": self.lies.get("issuer", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256"],
            }

        @app.get("/jwks")
        def jwks() -> dict[str, Any]:
            return {"keys": [self.published_key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(
            client_id: str,
            redirect_uri: str,
            state: str,
            nonce: str,
            code_challenge: str,
            code_challenge_method: str,
            response_type: str,
            scope: str,
        ) -> RedirectResponse:
            right = client_id == CLIENT and response_type == "code" and code_challenge_method == "S256"
            if not right or "openid" not in scope.split() or redirect_uri != self.redirect_address:
                raise HTTPException(400)
            if self.denies:
                return RedirectResponse(f"{redirect_uri}?{urlencode({'error': 'access_denied', 'state': state})}")
            code = secrets.token_urlsafe(16)
            self.codes[code] = {"nonce": nonce, "challenge": code_challenge}
            return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}")

        @app.post("/token")
        def token(
            grant_type: Annotated[str, Form()],
            code: Annotated[str, Form()],
            redirect_uri: Annotated[str, Form()],
            code_verifier: Annotated[str, Form()],
            authorization: Annotated[str, Header()],
        ) -> dict[str, Any]:
            client, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            given = self.codes.pop(code, None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
            known = (unquote(client), unquote(secret)) == (CLIENT, SECRET)
            if not known or given is None or given["challenge"] != challenge or grant_type != "authorization_code":
                raise HTTPException(400)
            if redirect_uri != self.redirect_address:
                raise HTTPException(400)
            return {"access_token": "unused", "token_type": "Bearer", "id_token": self._id_token(given["nonce"])}

        return app

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        header = {"alg": self.algorithm, "kid": "published"}
        return jwt.encode(header, {**claims, **self.claims, **self.lies}, self.signing_key, [self.algorithm])
