"""Limits: how many questions an address may ask without a login, and how large a request may be."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from threading import Lock
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from connectors.web.problems import Refusal

BODY_BYTES = 64 * 1024
REMEMBERED_ADDRESSES = 50_000


class AnonymousLimit:
    """A token bucket for every address: `per_minute` questions at once, refilled evenly; 0 means no limit.

    It is kept in memory, so every process counts for itself. The address least recently seen is forgotten first; its
    bucket is the one that has refilled longest. Safe from any thread.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float] = time.monotonic, remembered: int = REMEMBERED_ADDRESSES
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._remembered = remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._counting = Lock()

    def seconds_to_wait(self, address: str) -> int:
        """0 when the question is admitted (and counted), otherwise the whole seconds until one would be."""
        if not self._per_minute:
            return 0
        with self._counting:
            return self._taken(network_of(address))

    def _taken(self, network: str) -> int:
        now = self._clock()
        left, since = self._buckets.pop(network, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - since) * self._per_minute / 60)
        admitted = left >= 1
        self._buckets[network] = (left - 1 if admitted else left, now)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return 0 if admitted else max(1, math.ceil((1 - left) * 60 / self._per_minute))


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber holds."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


class LimitedRoute(APIRoute):
    """A route that refuses a body of more than BODY_BYTES, whether its length was announced or not.

    It is a rule of our routes, not of the app: others who add routes decide how much theirs take.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a request whose body has been read and is small enough. Raises Refusal 413."""
        handle = super().get_route_handler()

        async def limited(request: Request) -> Response:
            return await handle(with_body(request, await small_body(request)))

        return limited


async def small_body(request: Request, most: int = BODY_BYTES) -> bytes:
    """The whole body of a request. Raises Refusal 413 when it is more than `most` bytes, announced or not."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def with_body(request: Request, body: bytes) -> Request:
    """The same request, whose body has been read already."""

    async def read() -> Message:
        return {"type": "http.request", "body": body}

    return Request(request.scope, read)


def _too_large(most: int) -> Refusal:
    return Refusal(413, "problem.too_large", kilobytes=most // 1024)
