"""The route to which Telegram brings updates when a webhook is set, on the port of the web app."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from telegram import Update

LOG = logging.getLogger(__name__)

PATH = "/telegram/updates"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST_BODY = 1024 * 1024


def webhook_routes(secret: str, take: Callable[[Update], Awaitable[bool]]) -> APIRouter:
    """POST PATH. `take` writes an update down; False says that it cannot now, and Telegram comes again later."""
    router = APIRouter()

    @router.post(PATH, include_in_schema=False)
    async def updates(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode()):
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return Response(status_code=413)
        try:
            update = Update.de_json(json.loads(body), None)
        except (ValueError, TypeError, KeyError, AttributeError):
            LOG.warning("The webhook was given something that is no update.")
            return Response(status_code=400)
        return Response(status_code=200 if await take(update) else 503)

    return router
