"""What a message turns out to be: a yes to a button, something about the conversation itself, or a question.

All of it is found out in one worker thread, and no more of the thread is read than the message needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Column, Engine, Row, select

from assistant.agent.actions import open_in
from assistant.agent.answers import Action
from assistant.agent.evidence import Turn
from assistant.agent.following import Asked
from assistant.agent.oddities import LONGEST, Oddities
from assistant.agent.reading import Reading, language_of_question
from assistant.agent.remembering import Exchange
from assistant.agent.requests import Request, Requests
from assistant.agent.understanding import Setting, Understanding
from assistant.agent.wishes import Wishes
from assistant.database.engine import reading
from assistant.database.tables import threads, turns
from assistant.errors import NotFound
from assistant.identity import Caller
from assistant.own_data import Note, OwnData
from assistant.threads import asked_in
from prompts.texts import Prompts

REMEMBERED = 40  # earlier turns that a model hears of, most of them shortened (see `assistant.agent.remembering`)
FOLLOWED = 6  # earlier turns that “那第二条呢” may go back to


@dataclass(frozen=True)
class Question:
    """A message that asks something: its turn, and the earlier questions with their answers that a model hears of. A
    `preface` is said before the answer of a question that had to be taken out of an odd message."""

    turn: Turn
    history: Sequence[Exchange] = ()
    preface: str = ""


@dataclass(frozen=True)
class _Before:
    """What a message finds in its thread: earlier questions with their answers, oldest first, and the buttons of the
    last answer that are still to be pressed."""

    history: list[Exchange] = field(default_factory=list)
    offered: list[Action] = field(default_factory=list)


class Hearing:
    """Listens for callers. Writes nothing, but for what `OwnData` is asked to delete."""

    def __init__(self, engine: Engine, understanding: Understanding, prompts: Prompts, own_data: OwnData) -> None:
        self._engine = engine
        self._understanding = understanding
        self._prompts = prompts
        self._own_data = own_data
        self._wishes = Wishes(prompts)
        self._requests = Requests(prompts)
        self._oddities = Oddities(prompts)

    def hear(
        self, caller: Caller, thread: str | None, message: str, as_of: date | None, is_again: bool = False
    ) -> Action | Note | Question:
        """What a message is in its thread, None for one that begins here: a yes to this button, something to which this
        is said, or a question. `is_again`: it repeats the last one, whose answer is to be replaced. Raises NotFound
        for a thread of somebody else."""
        before = self._before(caller, thread) if thread else _Before()
        agreed = self._agreed_to(before.offered, message)
        if agreed is not None:
            return agreed
        odd = self._oddities.read(message)
        if odd is not None and not odd.question:
            return Note(odd.text)
        request = self._requests.read(message) if odd is None else None
        if request is not None:
            return self._note(caller, thread, request, language_of_question(message[:LONGEST]))
        # A model is not shown the answer that is to be replaced.
        history = before.history[:-1] if is_again else before.history
        question = self._wishes.completed(odd.question if odd else message, [asked for asked, _ in history])
        turn = self._understood(caller, thread, question, as_of)
        return Question(turn, history, odd.text if odd else "")

    def rehearse(self, caller: Caller, message: str, as_of: date | None, setting: Setting) -> Note | Turn:
        """What a message is by itself, in a setting: something to which this is said, or a turn that writes nothing."""
        odd = self._oddities.read(message)
        if odd is not None:
            return Note(odd.text)
        return replace(self._understanding.question(caller, message, as_of, setting), is_rehearsed=True)

    def read(self, question: str) -> Reading:
        """How a question is understood today, without answering it."""
        return self._understanding.question(Caller("cli"), question, None, self._understanding.live()).reading

    def last_question(self, caller: Caller, thread: str) -> tuple[str, date | None]:
        """The last question of a caller's own thread and the day it named. Raises NotFound."""
        for row in self._asked(caller, thread, turns.c.question, turns.c.as_of, turns.c.today):
            if self._requests.read(row.question) is None:
                return row.question, date.fromisoformat(row.as_of) if row.as_of != row.today else None
        raise NotFound("There is no such conversation.")

    def _before(self, caller: Caller, thread: str) -> _Before:
        """What stands in the caller's thread; nothing in one whose name is new. Raises NotFound for another's."""
        with reading(self._engine).begin() as connection:
            rows = asked_in(connection, caller, thread, turns.c.question, turns.c.answer, limit=REMEMBERED)
            if not rows:
                owner = connection.scalar(select(threads.c.owner).where(threads.c.id == thread))
                if owner is not None and owner != caller.owner:
                    raise NotFound("There is no such conversation.")
            offered = open_in(connection, caller, thread)
        return _Before([(row.question, row.answer) for row in reversed(rows)], offered)

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

    def _note(self, caller: Caller, thread: str | None, request: Request, lang: str) -> Note:
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

    def _asked(
        self, caller: Caller, thread: str, *columns: Column[Any], limit: int | None = None
    ) -> Sequence[Row[Any]]:
        with reading(self._engine).begin() as connection:
            return asked_in(connection, caller, thread, *columns, limit=limit)


def _asked(row: Row[Any]) -> Asked:
    cited = row.reply.get("citations", ())
    return Asked(
        row.question,
        row.intent,
        tuple(one["heading"] or one["title"] for one in cited),
        tuple(one["document"] for one in cited),
        tuple(line[2:] for line in row.reply["text"].split("\n") if line.startswith("- ")),
    )
