"""Signing in through an OpenID Connect provider: authorization code with PKCE, checked by Authlib.

The provider says who somebody is; whether and as what they work here, the staff accounts say (`Staff.recognise`).
"""

import logging
import time
from typing import Annotated, Any

import httpx2
import jwt
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Depends, Request, Response
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool

from assistant.errors import Misconfigured, NotAllowed, Problem, Unavailable
from assistant.home import signing_secret
from assistant.settings import Settings
from assistant.staff.people import Person, SignInRefused
from connectors.web.console.access import SIGN_IN, Needs
from connectors.web.console.desk import HEADERS, Desk
from connectors.web.console.signing_in import address_of, signed_in, signing_in_form

PROVIDER = f"{SIGN_IN}/provider"
BACK = f"{PROVIDER}/back"
COOKIE = "heliotrope_oidc"
TRIP_SECONDS, ANSWER_SECONDS = 600, 10
_AUDIENCE = "heliotrope-oidc"
anybody = Annotated[None, Depends(Needs(None))]
log = logging.getLogger(__name__)


class ProviderRefused(NotAllowed):
    """The provider, or what it answered, does not prove who the visitor is; or the visitor took too long."""

    def __init__(self) -> None:
        super().__init__("Single sign-on did not succeed; try again.")


class ProviderDown(Unavailable):
    """The provider does not answer, or not as one does."""

    def __init__(self) -> None:
        super().__init__("Single sign-on is not available now; try again later, or use your password.")


class NotStaff(NotAllowed):
    """The provider knows the visitor, but there is no active account for them."""

    def __init__(self, name: str) -> None:
        super().__init__("There is no active staff account for {name!r}; ask an admin.", name=name)
        self.name = name


class Provider:
    """One OpenID Connect provider. What must come back with the visitor (state, nonce, code verifier) travels in a
    signed cookie of ten minutes. Raises Misconfigured without a client id."""

    def __init__(self, settings: Settings) -> None:
        if not settings.oidc_client_id:
            raise Misconfigured("HELIOTROPE_OIDC_ISSUER needs HELIOTROPE_OIDC_CLIENT_ID; set it, or leave both out.")
        self._issuer = settings.oidc_issuer
        self._claim = settings.oidc_name_claim
        self._client = OAuth().register(
            "provider",
            server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value() or None,
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "timeout": ANSWER_SECONDS,
                **({} if settings.oidc_client_secret.get_secret_value() else {"token_endpoint_auth_method": "none"}),
            },
        )
        self._expected = {
            "iss": {"essential": True, "values": [settings.oidc_issuer, f"{settings.oidc_issuer}/"]},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        }

    async def address(self, request: Request) -> str:
        """Where to send the visitor; `request.session` takes what must come back. Raises ProviderDown."""
        try:
            metadata = await self._client.load_server_metadata()
            if metadata.get("issuer", "").rstrip("/") != self._issuer:
                log.error("The OpenID Connect provider calls itself %r, not as configured", metadata.get("issuer"))
                raise ProviderDown
            redirect = await self._client.authorize_redirect(request, _back(request))
        except (httpx2.HTTPError, RuntimeError, ValueError) as error:
            log.warning("The OpenID Connect provider does not answer: %r", error)
            raise ProviderDown from error
        return str(redirect.headers["location"])

    async def identity(self, request: Request) -> tuple[str, str]:
        """The subject and name of a visitor who comes back. Raises ProviderRefused, ProviderDown."""
        try:
            token = await self._client.authorize_access_token(request, claims_options=self._expected)
        except (OAuthError, JoseError) as error:
            log.warning("A single sign-on was refused: %r", error)
            raise ProviderRefused from error
        except (httpx2.HTTPError, RuntimeError, ValueError) as error:
            log.warning("The OpenID Connect provider does not answer: %r", error)
            raise ProviderDown from error
        claims: dict[str, Any] = token.get("userinfo") or {}
        name = claims.get(self._claim)
        is_verified = self._claim != "email" or claims.get("email_verified") is True
        if not claims.get("sub"):
            raise ProviderRefused
        return f"{self._issuer} {claims['sub']}", name if isinstance(name, str) and is_verified else ""


def provider_pages(desk: Desk) -> APIRouter:
    """/console/sign-in/provider; nothing without a provider in the settings."""
    router = desk.router()
    settings, staff = desk.services.settings, desk.services.staff
    if not settings.oidc_issuer:
        return router
    provider, secret = Provider(settings), signing_secret(settings)

    @router.get("/sign-in/provider")
    async def leave(request: Request, visitor: anybody, next: str = "") -> Response:  # noqa: A002
        """Off to the provider."""
        request.scope["session"] = {}
        try:
            address = await provider.address(request)
        except ProviderDown as problem:
            return await refused(request, problem)
        response = Response(status_code=303, headers={"Location": address, **HEADERS})
        claims = {"aud": _AUDIENCE, "exp": int(time.time()) + TRIP_SECONDS, "trip": request.session, "next": next}
        response.set_cookie(COOKIE, jwt.encode(claims, secret, "HS256"), max_age=TRIP_SECONDS, **_traits(request))
        return response

    @router.get("/sign-in/provider/back")
    async def come_back(request: Request, visitor: anybody) -> Response:
        """Back from the provider, in the browser that left."""
        try:
            options: Any = {"require": ["exp"]}
            kept = jwt.decode(request.cookies.get(COOKIE, ""), secret, ["HS256"], audience=_AUDIENCE, options=options)
            request.scope["session"] = kept["trip"]
            subject, name = await provider.identity(request)
            person = await run_in_threadpool(known, subject, name, address_of(request))
            response = await run_in_threadpool(signed_in, desk, request, person, kept["next"], "single sign-on")
        except jwt.InvalidTokenError:
            response = await refused(request, ProviderRefused())
        except (ProviderRefused, ProviderDown, NotStaff) as problem:
            response = await refused(request, problem)
        response.delete_cookie(COOKIE, **_traits(request))
        return response

    def known(subject: str, name: str, address: str) -> Person:
        try:
            return staff.recognise(subject, name, address)
        except SignInRefused as error:
            raise NotStaff(name or subject) from error

    async def refused(request: Request, problem: Problem) -> Response:
        return await run_in_threadpool(signing_in_form, desk, request, "", "", problem)

    return router


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{BACK}"


def _traits(request: Request) -> dict[str, Any]:
    return {"path": PROVIDER, "secure": request.url.scheme == "https", "httponly": True, "samesite": "lax"}
