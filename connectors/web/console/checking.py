"""The one check that may be under way: it goes on while its page is left, and can be looked at from any."""

import asyncio
import logging
from dataclasses import dataclass, field

from assistant.errors import Conflict, Problem
from assistant.releasing import Releasing

log = logging.getLogger(__name__)


@dataclass
class Check:
    """A check of a candidate. While it runs `step` counts `done` of `total`; it ends with a `release` or an `error`."""

    author: str
    step: str = "starting"
    done: int = 0
    total: int = 0
    release: int | None = None
    error: Exception | None = None
    is_over: bool = field(default=False)

    def count(self, step: str, done: int, total: int) -> None:
        """Take note of how far it is; called from the thread that works."""
        self.step, self.done, self.total = step, done, total


class Checks:
    """Starts checks, one at a time, on the server's loop: the golden questions are asked where creators' are."""

    def __init__(self, releasing: Releasing) -> None:
        self._releasing = releasing
        self._task: asyncio.Task[None] | None = None  # kept, for the loop itself forgets tasks
        self.latest: Check | None = None

    def start(self, note: str, author: str) -> Check:
        """Begin a check. Raises Conflict while one is under way."""
        if self.latest and not self.latest.is_over:
            raise Conflict(
                "{author} is having a candidate checked; wait until that has ended.",
                author=self.latest.author,
            )
        check = self.latest = Check(author)
        self._task = asyncio.get_running_loop().create_task(self._run(check, note))
        return check

    async def _run(self, check: Check, note: str) -> None:
        try:
            check.release = (await self._releasing.check(note, check.author, check.count)).release
        except Exception as error:
            check.error = error
            if not isinstance(error, Problem):
                log.error("A check of a candidate broke off", exc_info=error)
        finally:
            check.is_over = True
