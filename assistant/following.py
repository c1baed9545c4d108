"""Replicas on one database: what one of them publishes, the others serve within seconds."""

import asyncio
import logging

from anyio.to_thread import run_sync

from knowledge.library import Library

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0


async def follow_releases(library: Library) -> None:
    """Look for another served release, or other synonyms, until cancelled. A look that fails is tried again."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            if await run_sync(library.follow):
                log.info("release %s is served, as another process decided", library.release)
        except Exception:  # the database may be away for a while; what is in memory goes on being served
            log.exception("what other processes publish could not be looked up")
