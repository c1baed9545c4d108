"""Limits: how many questions an address may ask without a login, and how large a request may be."""

import ipaddress
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.web.problems import Refusal

BODY_BYTES = 64 * 1024
REMEMBERED_ADDRESSES = 50_000


class AnonymousLimit:
    """A token bucket for every address: `per_minute` questions at once, refilled evenly; 0 means no limit.

    It is kept in memory, so every process counts for itself. The address least recently seen is forgotten first; its
    bucket is the one that has refilled longest.
    """

    def __init__(
        self, per_minute: int, clock: Callable[[], float] = time.monotonic, remembered: int = REMEMBERED_ADDRESSES
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._remembered = remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, address: str) -> int:
        """0 when the question is admitted (and counted), otherwise the whole seconds until one would be."""
        if not self._per_minute:
            return 0
        now, network = self._clock(), network_of(address)
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


class BodyLimit:
    """Refuses a request of more than `limit` bytes, whether its length was announced or not.

    The body is read here, before the app: a refusal in the midst of the app's own reading would be taken for bad JSON.
    """

    def __init__(self, app: ASGIApp, limit: int = BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then pass the request on. Raises Refusal 413."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        read, messages = int(announced) if announced.isdigit() else 0, deque[Message]()
        if read > self._limit:
            raise self._too_large()
        read, more = 0, True
        while more:
            message = await receive()
            messages.append(message)
            read += len(message.get("body", b""))
            if read > self._limit:
                raise self._too_large()
            more = message.get("more_body", False)

        async def replayed() -> Message:
            return messages.popleft() if messages else await receive()

        await self._app(scope, replayed, send)

    def _too_large(self) -> Refusal:
        return Refusal(413, "problem.too_large", kilobytes=self._limit // 1024)
