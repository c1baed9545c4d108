"""What others do is followed: what another replica publishes is served within seconds, and a Chroma server that went
away is used again when it is back."""

import asyncio
import logging

from anyio.to_thread import run_sync

from knowledge.library import Library

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
REGAIN_SECONDS = 3.0


async def follow_releases(library: Library) -> None:
    """Look for another served release, or other synonyms, until cancelled. A look that fails is tried again."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            if await run_sync(library.follow):
                log.info("release %s is served, as another process decided", library.release)
        except Exception:  # the database may be away for a while; what is in memory goes on being served
            log.exception("what other processes publish could not be looked up")


async def regain_index(library: Library) -> None:
    """Ask a Chroma server that failed again and again, until cancelled."""
    while True:
        await asyncio.sleep(REGAIN_SECONDS)
        try:
            if await run_sync(library.regain_index):
                log.info("the Chroma server answers again")
        except Exception:  # it went away again, or the database is away
            log.exception("the Chroma server is not of use yet")
