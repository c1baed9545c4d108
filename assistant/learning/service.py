"""Everything that learns from questions, put together."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Self

from anyio.to_thread import run_sync
from sqlalchemy import Engine

from assistant.conversation import Assistant
from assistant.golden import GoldenQuestions
from assistant.learning.answers import Answers
from assistant.learning.closing import Closing
from assistant.learning.feedback import Feedback
from assistant.learning.gaps import Gaps
from assistant.learning.intake import Intake
from assistant.learning.recheck import Recheck
from assistant.learning.replay import Replay
from assistant.learning.usage import Usage
from knowledge.library import Library

SECONDS = 60  # between two looks at what waits, when no release is switched
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Learning:
    """The services that connectors call, by what they do.

    What there is to learn waits in SQL: a server keeps up with it, and a process that ends at once leaves it to the
    next server.
    """

    feedback: Feedback
    gaps: Gaps
    intake: Intake
    closing: Closing
    recheck: Recheck
    answers: Answers
    replay: Replay
    usage: Usage
    _library: Library

    @classmethod
    def over(cls, engine: Engine, library: Library, assistant: Assistant, golden: GoldenQuestions) -> Self:
        """Them all on one database and library."""
        gaps = Gaps(engine)
        return cls(
            feedback=Feedback(engine),
            gaps=gaps,
            intake=Intake(engine, library, gaps),
            closing=Closing(library, gaps, golden),
            recheck=Recheck(engine, assistant, library, gaps),
            answers=Answers(engine),
            replay=Replay(assistant, library, engine),
            usage=Usage(engine),
            _library=library,
        )

    async def keep_up(self) -> None:
        """Catch up every minute, and within a second of a publish or rollback, until cancelled. Errors are logged and
        the next round tries again."""
        while True:
            release = self._library.release
            try:
                await self.catch_up()
            except Exception:
                log.exception("Learning from questions failed; it is tried again in %s seconds", SECONDS)
            for _ in range(SECONDS):
                await asyncio.sleep(1)
                if self._library.release != release:
                    break

    async def catch_up(self) -> None:
        """Put the questions that wait into gaps, and ask again what another release may answer otherwise."""
        await run_sync(self.intake.refresh)
        await self.recheck.run()
