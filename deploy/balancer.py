"""A balancer small enough to read: each new connection goes to the next replica that answers, byte for byte.

It serves `make cluster` and its tests. In front of real replicas stands whatever your house uses for that.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

CHUNK = 1 << 16
CONNECT_SECONDS = 2.0


class Balancer:
    """Listens at one port for the replicas at `ports`, all on this machine."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._next = 0

    async def serve(self, port: int, ready: asyncio.Event | None = None) -> None:
        """Pass connections on until cancelled."""
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", port)
        if ready:
            ready.set()
        async with server:
            await server.serve_forever()

    async def _pass_on(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            replica, forth = await self._connect()
        except OSError:
            back.write(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
            back.close()
            return
        await asyncio.gather(_pipe(client, forth), _pipe(replica, back))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the next replica, or to the one after it when that is gone. Raises OSError when all are."""
        for _ in self._ports:
            port = self._ports[self._next % len(self._ports)]
            self._next += 1
            with suppress(OSError, TimeoutError):
                return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), CONNECT_SECONDS)
        raise OSError("no replica answers")


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(CHUNK):
            target.write(chunk)
            await target.drain()
    with suppress(OSError):
        target.close()
