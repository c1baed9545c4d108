"""Asking the questions of gaps again after a release was switched, through the code that answers creators."""

from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy import Engine, select

from assistant.agent.understanding import Setting
from assistant.conversation import Assistant
from assistant.database.engine import reading
from assistant.database.learning_tables import gap_questions
from assistant.database.tables import turns
from assistant.identity import Caller
from assistant.learning.gaps import Gap, Gaps
from knowledge.library import Library


class Recheck:
    """Closes the gaps that a release answers, and opens again those whose release was rolled back.

    Which gaps are still to be asked stands in SQL: what is cut short is completed by the next run. The extractive
    model answers, so that it is the texts that are judged.
    """

    def __init__(self, engine: Engine, assistant: Assistant, library: Library, gaps: Gaps) -> None:
        self._engine = engine
        self._assistant = assistant
        self._library = library
        self._gaps = gaps

    async def run(self) -> None:
        """Ask the examples of every gap that may fare otherwise on the served release, one after the other; it ends
        early when another release is served meanwhile, which has a run of its own."""
        release = self._library.release
        if release is None:
            return
        for gap in await run_sync(self._gaps.to_check, release):
            shelf = self._library.shelf
            if shelf.release != release:
                return
            is_answered = await self._is_answered(gap, Setting(shelf, self._library.today()))
            await run_sync(self._gaps.settle, gap.id, release, is_answered)

    async def _is_answered(self, gap: Gap, setting: Setting) -> bool:
        asked = await run_sync(self._turns, gap)
        for example in gap.examples:
            if not await self._fares_better(example.text, asked.get(example.turn), setting):
                return False
        return True

    async def _fares_better(self, question: str, turn: Any, setting: Setting) -> bool:
        """Whether a question is no longer refused; one that was answered badly must rest on other texts now. Without
        its turn, which whoever asked had deleted, it is asked for today."""
        if turn is None:
            reply, _ = await self._assistant.rehearse(Caller("test"), question, None, setting, extractive=True)
            return not reply.refused
        day = date.fromisoformat(turn.as_of) if turn.as_of != turn.today else None
        reply, _ = await self._assistant.rehearse(Caller("test"), question, day, setting, extractive=True)
        if turn.reason != "down" or reply.refused:
            return not reply.refused
        before = {seen["passage"] for seen in turn.passages if seen["n"] is not None}
        return {citation.passage.text_hash for citation in reply.citations} != before

    def _turns(self, gap: Gap) -> dict[str, Any]:
        """The turns of a gap's examples with the reason for which they count now; a thumb may be taken back."""
        ids = [example.turn for example in gap.examples]
        with reading(self._engine).begin() as connection:
            columns = (turns.c.id, turns.c.as_of, turns.c.today, turns.c.passages, gap_questions.c.reason)
            query = select(*columns).outerjoin_from(turns, gap_questions).where(turns.c.id.in_(ids))
            return {row.id: row for row in connection.execute(query)}
