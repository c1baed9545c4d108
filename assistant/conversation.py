"""The one door for every connector: a caller, a thread and a text go in; events stream out and end in a cited Reply.

Invariant: a thread belongs to one owner, and nobody else can tell it from one that does not exist.
"""

import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from sqlalchemy import Column, Engine, Row, select

from assistant.agent.actions import Actions, open_in
from assistant.agent.answers import Action, Event, Reply
from assistant.agent.evidence import Turn
from assistant.agent.finishing import charts_of, reply_of
from assistant.agent.following import Asked
from assistant.agent.grounding import Shown
from assistant.agent.guide import Guide, Outcome, Restart
from assistant.agent.oddities import LONGEST, Oddities
from assistant.agent.reading import Reading, in_traditional, language_of_question
from assistant.agent.remembering import Exchange
from assistant.agent.requests import Request, Requests
from assistant.agent.understanding import Setting, Understanding
from assistant.agent.wishes import Wishes
from assistant.creators.charts.chart import Chart
from assistant.database.engine import beside, reading
from assistant.database.tables import threads, turns
from assistant.errors import NotFound, Unavailable
from assistant.identity import Caller
from assistant.own_data import Note, OwnData
from assistant.telemetry.references import begin_answer
from assistant.threads import Page, asked_in, read_threads, read_turns
from assistant.turns import read_chart, write_turn
from knowledge.folding import typed
from knowledge.library import Library
from prompts.texts import Prompts

log = logging.getLogger(__name__)
REMEMBERED = 40  # earlier turns that a model hears of, most of them shortened (see `assistant.agent.remembering`)
FOLLOWED = 6  # earlier turns that “那第二条呢” may go back to


@dataclass(frozen=True)
class Before:
    """What a message finds in its thread: earlier questions with their answers, oldest first, and the buttons of the
    last answer that are still to be pressed."""

    history: list[Exchange] = field(default_factory=list)
    offered: list[Action] = field(default_factory=list)


class Assistant:
    """Answers callers. Everything that needs the database runs in worker threads; the rest is a few milliseconds."""

    def __init__(
        self,
        engine: Engine,
        library: Library,
        understanding: Understanding,
        guide: Guide,
        prompts: Prompts,
        own_data: OwnData,
        actions: Actions,
        told: Callable[[Reply, str], None] = lambda reply, channel: None,
    ) -> None:
        self._told = told
        self._engine = engine
        self._library = library
        self._understanding = understanding
        self._wishes = Wishes(prompts)
        self._requests = Requests(prompts)
        self._own_data = own_data
        self._actions = actions
        self._oddities = Oddities(prompts)
        self._guide = guide
        self._prompts = prompts

    async def reply(
        self, caller: Caller, thread: str | None, text: str, as_of: date | None = None
    ) -> AsyncIterator[Event]:
        """The answer as events, `done` last. Raises NotFound for a thread of somebody else."""
        async for event in self._replied(caller, thread, text, as_of):
            yield event

    async def again(self, caller: Caller, thread: str, is_missed: bool = False) -> AsyncIterator[Event]:
        """The last question of a thread answered anew, as a turn of its own; with `is_missed` (“that is not what I
        asked”) the questions that may have been meant instead. Events as of `reply`.

        Raises NotFound for a thread of somebody else, and for one in which nothing was asked.
        """
        question, as_of = await run_sync(self._last_question, caller, thread)
        text = self._prompts.say("missed_request", language_of_question(question)) if is_missed else question
        async for event in self._replied(caller, thread, text, None if is_missed else as_of, is_again=not is_missed):
            yield event

    async def _replied(
        self, caller: Caller, thread: str | None, text: str, as_of: date | None, is_again: bool = False
    ) -> AsyncIterator[Event]:
        started = time.perf_counter()
        question = typed(text).strip()
        lang = language_of_question(question[:LONGEST])
        thread_id = thread or uuid.uuid4().hex
        # What only an earlier turn can matter to is not looked for in a thread that begins here.
        before = await run_sync(self._before, caller, thread) if thread else Before()
        agreed = self._agreed_to(before.offered, question)
        if agreed is not None:
            reply = await self.act(caller, agreed.id, question)
            yield Event("sentence", {"text": reply.text, "basis": "note"})
            for suggestion in reply.suggestions:
                yield Event("suggestion", {"text": suggestion})
            yield Event("done", reply.as_dict(), reply)
            return
        odd = self._oddities.read(question)
        note = None if odd is None else Note(odd.text)
        request = self._requests.read(question) if odd is None else None
        if request is not None:
            note = await run_sync(self._note, caller, thread, request, lang)
        if note is not None and not (odd and odd.question):
            sentence = in_traditional(note.text) if lang == "zh-Hant" else note.text
            yield Event("sentence", {"text": sentence, "basis": "note"})
            outcome = Outcome(
                model="extractive",
                refused=True,
                suggestions=note.suggestions,
                timings_ms={"total": (time.perf_counter() - started) * 1000},
            )
            reply = reply_of(sentence, outcome, None, thread_id, lang, self._library.release)
            today = self._library.today()
            if note.is_kept:
                await run_sync(self._keep, caller, question[:LONGEST], reply, None, as_of or today, today)
            for suggestion in reply.suggestions:
                yield Event("suggestion", {"text": suggestion})
            yield Event("done", reply.as_dict(), reply)
            return
        # The model is not shown the answer that is to be replaced.
        history = before.history[:-1] if is_again else before.history
        completed = self._wishes.completed(odd.question if odd else question, [asked for asked, _ in history])
        turn = await run_sync(self._understood, caller, thread, completed, as_of)
        lang = turn.lang
        outcome = Outcome(timings_ms={"search": (time.perf_counter() - started) * 1000})
        begin_answer(outcome.answer_id)
        if turn.reading.intent.startswith("my_") and turn.creator is not None:
            yield Event("status", {"text": self._prompts.say("status_numbers", turn.text_lang)})
        said: list[str] = []
        preface = f"{in_traditional(odd.text) if lang == 'zh-Hant' else odd.text}\n\n" if odd else ""
        if preface:
            yield Event("sentence", {"text": preface, "basis": "note"})
        async for part in self._guide.answer(turn, history, outcome):
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
        outcome = Outcome(model="extractive", refused=True)
        odd = self._oddities.read(question)
        if odd is not None:
            sentence = in_traditional(odd.text) if lang == "zh-Hant" else odd.text
            return reply_of(sentence, outcome, None, "", lang, setting.shelf.release), None
        outcome = Outcome()
        turn = await run_sync(self._understanding.question, caller, question, as_of, setting)
        turn = replace(turn, is_rehearsed=True)
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
        return self._understanding.question(Caller("cli"), question, None, self._understanding.live()).reading

    def _understood(self, caller: Caller, thread: str | None, question: str, as_of: date | None) -> Turn:
        """The turn of a message; the earlier questions of its thread are read when it goes on from one."""
        earlier: Sequence[Row[Any]] = ()
        if thread and self._understanding.goes_on(question):
            earlier = self._asked(caller, thread, turns.c.question, turns.c.intent, turns.c.reply, limit=FOLLOWED)
        meant = self._understanding.meant(question, [_asked(row) for row in reversed(earlier)])
        return self._understanding.turn(caller, meant, as_of)

    def _agreed_to(self, offered: Sequence[Action], question: str) -> Action | None:
        """The button of the last answer that the message means: where there are no buttons to press, people write what
        stands on one, or say yes to the only one."""
        named = [one for one in offered if one.label == question]
        if not named and len(offered) == 1 and self._wishes.is_agreement(question):
            return offered[0]
        return named[0] if named else None

    def _note(self, caller: Caller, thread: str | None, request: Request, lang: str) -> Note | None:
        """What is said without a search: to a message that is about the conversation."""
        asked = [row.question for row in self._asked(caller, thread, turns.c.question)] if thread else []
        if request == "missed":
            return self._missed(caller, asked, lang)
        before = self._requests.read(asked[0]) if asked else None
        return self._own_data.answer(request, before, caller, thread or "", len(asked), lang)

    def _missed(self, caller: Caller, asked: Sequence[str], lang: str) -> Note:
        """The questions that may have been meant by the last one, other than what its answer quoted."""
        question = next((text for text in asked if self._requests.read(text) is None), None)
        if question is None:
            return Note(self._prompts.say("missed_nothing", lang))
        found = self._understanding.question(caller, question[:LONGEST], None, self._understanding.live()).found
        forms = [hit.passage.asked[0] for hit in found.hits[1:] if hit.passage.asked]
        offered = list(dict.fromkeys(form for form in forms if form != question))[:3]
        if not offered:
            return Note(self._prompts.say("missed_nothing", lang))
        return Note(self._prompts.say("missed", lang, questions=offered), tuple(offered))

    def _last_question(self, caller: Caller, thread: str) -> tuple[str, date | None]:
        """The last question of a caller's own thread and the day it named. Raises NotFound."""
        for row in self._asked(caller, thread, turns.c.question, turns.c.as_of, turns.c.today):
            if self._requests.read(row.question) is None:
                return row.question, date.fromisoformat(row.as_of) if row.as_of != row.today else None
        raise NotFound("There is no such conversation.")

    def _asked(
        self, caller: Caller, thread: str, *columns: Column[Any], limit: int | None = None
    ) -> Sequence[Row[Any]]:
        with reading(self._engine).begin() as connection:
            return asked_in(connection, caller, thread, *columns, limit=limit)

    def _before(self, caller: Caller, thread: str) -> Before:
        """What stands in the caller's thread; nothing in one whose name is new. Raises NotFound for another's."""
        with reading(self._engine).begin() as connection:
            rows = asked_in(connection, caller, thread, turns.c.question, turns.c.answer, limit=REMEMBERED)
            if not rows:
                owner = connection.scalar(select(threads.c.owner).where(threads.c.id == thread))
                if owner is not None and owner != caller.owner:
                    raise NotFound("There is no such conversation.")
            offered = open_in(connection, caller, thread)
        return Before([(row.question, row.answer) for row in reversed(rows)], offered)

    def _keep(self, caller: Caller, question: str, reply: Reply, turn: Turn | None, day: date, today: date) -> None:
        """Write the turn down. An answer that cannot be written is still given: it came from what is published."""
        try:
            with beside(self._engine).begin() as connection:
                write_turn(connection, caller, question, reply, turn, day, today)
        except Unavailable as problem:
            log.error("The answer %s was given and could not be kept: %s", reply.answer_id, problem)
        self._told(reply, caller.channel)


def _asked(row: Row[Any]) -> Asked:
    cited = row.reply.get("citations", ())
    return Asked(
        row.question,
        row.intent,
        tuple(one["heading"] or one["title"] for one in cited),
        tuple(one["document"] for one in cited),
        tuple(line[2:] for line in row.reply["text"].split("\n") if line.startswith("- ")),
    )
