"""The outermost layer of the web app: security headers on every answer, and a plain sentence when something breaks."""

import logging

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.web.problems import MEDIA_TYPE, problem_of
from connectors.web.texts import Texts, language_asked_for

log = logging.getLogger(__name__)

# Scripts and styles come from our own files only, never from the page's text. Trusted Types lets nothing but
# DOMPurify turn a string into markup.
def content_security_policy(frame_ancestors: str = "'none'") -> str:
    """The policy of a page that only `frame_ancestors` may put into a frame."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",  # pictures of charts are fetched with the reader's session
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {frame_ancestors}",
            "require-trusted-types-for 'script'",
            "trusted-types dompurify",
        )
    )


CONTENT_SECURITY_POLICY = content_security_policy()
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Shield:
    """Wraps the whole app, so that even the answer to a crash carries the headers and leaks nothing."""

    def __init__(self, app: ASGIApp, texts: Texts) -> None:
        self._app = app
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers; turn what nobody caught into problem+json."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if "frame-ancestors 'none'" not in headers["Content-Security-Policy"]:
                    # It knows no list of origins, and would refuse the frame whatever the policy allows.
                    del headers["X-Frame-Options"]
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:
            if started:
                log.error("An answer broke off half-way", exc_info=error)
                raise
            lang = language_asked_for(Headers(scope=scope).get("accept-language", ""))
            body, headers = problem_of(error, self._texts, lang)
            await JSONResponse(body, body["status"], headers, MEDIA_TYPE)(scope, receive, guarded)
