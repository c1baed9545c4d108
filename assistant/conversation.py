"""The one door for every connector: a caller, a thread and a text go in; events stream out and end in a cited Reply.

Invariant: a thread belongs to one owner, and nobody else can tell it from one that does not exist.
"""

import logging
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy import Engine

from assistant.agent.actions import Actions
from assistant.agent.answers import Action, Event, Reply
from assistant.agent.evidence import Turn
from assistant.agent.finishing import charts_of, reply_of
from assistant.agent.grounding import Shown
from assistant.agent.guide import Guide, Outcome, Restart
from assistant.agent.oddities import LONGEST
from assistant.agent.reading import Reading, in_script, language_of_question
from assistant.agent.understanding import Setting
from assistant.creators.charts.chart import Chart
from assistant.database.engine import beside, reading
from assistant.errors import Unavailable
from assistant.hearing import Hearing
from assistant.identity import Caller
from assistant.own_data import Note
from assistant.telemetry.references import begin_answer
from assistant.threads import Page, read_threads, read_turns
from assistant.turns import read_chart, write_turn
from knowledge.folding import typed
from knowledge.library import Library
from prompts.texts import Prompts

log = logging.getLogger(__name__)


class Assistant:
    """Answers callers. Everything that needs the database runs in worker threads; the rest is a few milliseconds."""

    def __init__(
        self,
        engine: Engine,
        library: Library,
        hearing: Hearing,
        guide: Guide,
        prompts: Prompts,
        actions: Actions,
        told: Callable[[Reply, str], None] = lambda reply, channel: None,
    ) -> None:
        self._told = told
        self._engine = engine
        self._library = library
        self._hearing = hearing
        self._actions = actions
        self._guide = guide
        self._prompts = prompts

    async def reply(
        self, caller: Caller, thread: str | None, text: str, as_of: date | None = None
    ) -> AsyncGenerator[Event]:
        """The answer as events, `done` last. Raises NotFound for a thread of somebody else."""
        async for event in self._replied(caller, thread, text, as_of):
            yield event

    async def again(self, caller: Caller, thread: str, is_missed: bool = False) -> AsyncGenerator[Event]:
        """The last question of a thread answered anew, as a turn of its own; with `is_missed` (“that is not what I
        asked”) the questions that may have been meant instead. Events as of `reply`.

        Raises NotFound for a thread of somebody else, and for one in which nothing was asked.
        """
        question, as_of = await run_sync(self._hearing.last_question, caller, thread)
        text = self._prompts.say("missed_request", language_of_question(question)) if is_missed else question
        async for event in self._replied(caller, thread, text, None if is_missed else as_of, is_again=not is_missed):
            yield event

    async def _replied(
        self, caller: Caller, thread: str | None, text: str, as_of: date | None, is_again: bool = False
    ) -> AsyncGenerator[Event]:
        started = time.perf_counter()
        question = typed(text).strip()
        lang = language_of_question(question[:LONGEST])
        thread_id = thread or uuid.uuid4().hex
        heard = await run_sync(self._hearing.hear, caller, thread, question, as_of, is_again)
        if isinstance(heard, Action):
            reply = await self.act(caller, heard.id, question)
            yield Event("sentence", {"text": reply.text, "basis": "note"})
            for suggestion in reply.suggestions:
                yield Event("suggestion", {"text": suggestion})
            yield Event("done", reply.as_dict(), reply)
            return
        if isinstance(heard, Note):
            sentence = in_script(heard.text, lang)
            yield Event("sentence", {"text": sentence, "basis": "note"})
            outcome = Outcome(
                model="extractive",
                refused=True,
                suggestions=heard.suggestions,
                timings_ms={"total": (time.perf_counter() - started) * 1000},
            )
            reply = reply_of(sentence, outcome, None, thread_id, lang, self._library.release)
            today = self._library.today()
            if heard.is_kept:
                await run_sync(self._keep, caller, question[:LONGEST], reply, None, as_of or today, today)
            for suggestion in reply.suggestions:
                yield Event("suggestion", {"text": suggestion})
            yield Event("done", reply.as_dict(), reply)
            return
        turn = heard.turn
        lang = turn.lang
        outcome = Outcome(timings_ms={"search": (time.perf_counter() - started) * 1000})
        begin_answer(outcome.answer_id)
        if turn.reading.intent.startswith("my_") and turn.creator is not None:
            yield Event("status", {"text": self._prompts.say("status_numbers", turn.text_lang)})
        said: list[str] = []
        preface = heard.preface and f"{in_script(heard.preface, lang)}\n\n"
        if preface:
            yield Event("sentence", {"text": preface, "basis": "note"})
        async for part in self._guide.answer(turn, heard.history, outcome):
            if isinstance(part, Restart):
                said.clear()
                yield Event("restart", {})
                if preface:
                    yield Event("sentence", {"text": preface, "basis": "note"})
            elif isinstance(part, Shown):
                outcome.timings_ms.setdefault("first", (time.perf_counter() - started) * 1000)
                said.append(part.text)
                yield Event("sentence", {"text": part.text, "basis": part.basis})
        outcome.timings_ms["total"] = (time.perf_counter() - started) * 1000
        charts = await run_sync(charts_of, turn) if turn.evidence.charts else []
        reply = reply_of((preface + "".join(said)).strip(), outcome, turn, thread_id, lang, turn.found.release, charts)
        for kind, items in (("citation", reply.citations), ("figure", reply.figures)):
            for item in items:
                yield Event(kind, item.as_dict())  # type: ignore[arg-type]  # both are kinds of Event
        for chart in reply.as_dict()["charts"]:
            yield Event("chart", chart)
        for action in reply.actions:
            yield Event("action", action.as_dict())
        for suggestion in reply.suggestions:
            yield Event("suggestion", {"text": suggestion})
        await run_sync(self._keep, caller, question[:LONGEST], reply, turn, turn.day, turn.today)
        yield Event("done", reply.as_dict(), reply)

    async def answer(self, caller: Caller, thread: str | None, text: str, as_of: date | None = None) -> Reply:
        """The finished answer alone."""
        return [event.reply async for event in self.reply(caller, thread, text, as_of) if event.reply][0]

    async def act(self, caller: Caller, action: str, said: str = "") -> Reply:
        """What came of pressing a button of an answer to this caller, kept as a turn of its conversation (`said`: the
        words that agreed to it). Done once: pressed again, it tells the same. Raises NotFound for another's button."""
        started = time.perf_counter()
        taken = await run_sync(self._actions.take, caller, action)
        outcome = Outcome(model="extractive", refused=not taken.done.is_done, suggestions=taken.done.suggestions)
        outcome.timings_ms["total"] = (time.perf_counter() - started) * 1000
        reply = reply_of(taken.done.text, outcome, None, taken.thread, taken.lang, self._library.release)
        reply = replace(reply, grounded=True)  # the deed itself tells what it did
        today = self._library.today()
        await run_sync(self._keep, caller, said or taken.label, reply, None, today, today)
        return reply

    async def rehearse(
        self, caller: Caller, text: str, as_of: date | None, setting: Setting, extractive: bool = False
    ) -> tuple[Reply, Turn | None]:
        """The answer that `setting` gives, without history and written down nowhere; and the turn it came from, None
        when the text cannot be a question. Golden questions, hit tests and replays come this way, through the very
        code that answers creators; `extractive` leaves the configured model out."""
        question = typed(text).strip()
        lang = language_of_question(question[:LONGEST])
        heard = await run_sync(self._hearing.rehearse, caller, question, as_of, setting)
        if isinstance(heard, Note):
            outcome = Outcome(model="extractive", refused=True)
            sentence = in_script(heard.text, lang)
            return reply_of(sentence, outcome, None, "", lang, setting.shelf.release), None
        turn, outcome = heard, Outcome()
        said: list[str] = []
        async for part in self._guide.answer(turn, [], outcome, extractive):
            if isinstance(part, Restart):
                said.clear()
            else:
                said.append(part.text)
        return reply_of("".join(said).strip(), outcome, turn, "", lang, setting.shelf.release), turn

    def history(self, caller: Caller, thread: str) -> list[dict[str, Any]]:
        """All turns of a caller's own thread, oldest first (see `read_turns`). Raises NotFound otherwise."""
        return self.turns(caller, thread).items

    def turns(self, caller: Caller, thread: str, limit: int | None = None, cursor: str | None = None) -> Page:
        """A page of a caller's own thread (see `read_turns`). Raises NotFound, BadInput."""
        with reading(self._engine).begin() as connection:
            return read_turns(connection, caller, thread, limit, cursor)

    def threads(self, caller: Caller, limit: int, cursor: str | None = None) -> Page:
        """A page of the caller's own conversations (see `read_threads`). Raises BadInput."""
        with reading(self._engine).begin() as connection:
            return read_threads(connection, caller, limit, cursor)

    def chart(self, caller: Caller, answer: str, number: int) -> Chart:
        """A chart of an answer to this caller, counted from 1. Raises NotFound otherwise."""
        with reading(self._engine).begin() as connection:
            return read_chart(connection, caller, answer, number)

    def read(self, question: str) -> Reading:
        """How a question is understood today, without answering it."""
        return self._hearing.read(question)

    def _keep(self, caller: Caller, question: str, reply: Reply, turn: Turn | None, day: date, today: date) -> None:
        """Write the turn down. An answer that cannot be written is still given: it came from what is published."""
        try:
            with beside(self._engine).begin() as connection:
                write_turn(connection, caller, question, reply, turn, day, today)
        except Unavailable as problem:
            log.error("The answer %s was given and could not be kept: %s", reply.answer_id, problem)
        self._told(reply, caller.channel)
