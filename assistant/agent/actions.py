"""Deeds behind buttons: what spends, joins, files, sends or is kept happens when its owner presses, never by a model.

Invariant: an action is done at most once, for the owner of the answer that offered it, before it expires. Whoever else
names its id learns nothing.

A deed is a plain function, registered in `assistant.bootstrap` under the kind that tools propose:

    def begin_watching(caller: Caller, payload: dict[str, Any], lang: Language) -> Done: …

It gets who pressed and what the tool wrote into the proposal, does the thing, and returns what is to be said. What
fails as foreseen (the task is full, the case is closed) is said the same way, as a `Done` with `is_done=False`. A deed
that raises was not done: the button stays good.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select, update

from assistant.agent.answers import Action
from assistant.agent.reading import Lang, in_script
from assistant.creators.figures import Language
from assistant.database.engine import reading
from assistant.database.tables import actions, turns
from assistant.errors import NotFound
from assistant.identity import Caller
from prompts.texts import Prompts

log = logging.getLogger(__name__)
GOOD_FOR = timedelta(days=7)
_latest = (
    select(turns.c.id)
    .where(turns.c.thread_id == bindparam("thread"))
    .order_by(turns.c.asked_at.desc())
    .limit(1)
    .scalar_subquery()
)
_OPEN = select(actions).where(
    actions.c.turn_id == _latest,
    actions.c.owner == bindparam("owner"),
    actions.c.taken_at.is_(None),
    actions.c.expires_at > bindparam("now"),
)


@dataclass(frozen=True)
class Done:
    """What is said after a deed, and what to ask next. `is_done` False: it could not be done, for the reason said."""

    text: str
    suggestions: tuple[str, ...] = ()
    is_done: bool = True


Deed = Callable[[Caller, dict[str, Any], Language], Done]


@dataclass(frozen=True)
class Taken:
    """A pressed button: the conversation it belongs to, what it said, and what came of it."""

    thread: str
    label: str
    lang: Lang
    done: Done


class Actions:
    """Keeps what was offered and carries it out."""

    def __init__(self, engine: Engine, prompts: Prompts, deeds: Mapping[str, Deed]) -> None:
        self._engine = engine
        self._prompts = prompts
        self._deeds = dict(deeds)

    def take(self, caller: Caller, action: str) -> Taken:
        """Carry out what the button offers. Pressed again it says again what came of it; expired, that it is. Raises
        NotFound when there is no such button for this caller."""
        row = self._find(caller, action)
        deed = self._deeds.get(row.kind)
        if row.outcome is not None:
            return self._taken(row, Done(row.outcome))
        if row.taken_at is not None:
            return self._refused(row, self._prompts.say("action_running", row.lang))
        if row.expires_at <= _now() or deed is None:
            return self._refused(row, self._prompts.say("action_expired", row.lang))
        if not self._claim(action):
            return self._refused(row, self._prompts.say("action_running", row.lang))
        try:
            done = deed(caller, dict(row.payload), "en" if row.lang == "en" else "zh")
        except Exception:  # whatever a deed raises, it was not done, and the button must not be lost
            log.exception("the action %s of kind %s failed", action, row.kind)
            self._release(action, None)
            return self._refused(row, self._prompts.say("action_failed", row.lang))
        said = tuple(in_script(text, row.lang) for text in done.suggestions)
        done = Done(in_script(done.text, row.lang), said, done.is_done)
        self._release(action, done)
        return self._taken(row, done)

    def _find(self, caller: Caller, action: str) -> Row[Any]:
        query = select(actions, turns.c.thread_id).join(turns, turns.c.id == actions.c.turn_id)
        with reading(self._engine).begin() as connection:
            row = connection.execute(query.where(actions.c.id == action, actions.c.owner == caller.owner)).first()
        if row is None:
            raise NotFound("There is no such button in this conversation.")
        return row

    def _claim(self, action: str) -> bool:
        """One conditional update decides between two presses at once."""
        free = (actions.c.id == action, actions.c.taken_at.is_(None))
        with self._engine.begin() as connection:
            return connection.execute(update(actions).where(*free).values(taken_at=_now())).rowcount == 1

    def _release(self, action: str, done: Done | None) -> None:
        """Keep what came of it; what could not be done may be tried again."""
        is_done = done is not None and done.is_done
        values = {"outcome": done.text} if done is not None and is_done else {"taken_at": None}
        with self._engine.begin() as connection:
            connection.execute(update(actions).where(actions.c.id == action).values(**values))

    def _refused(self, row: Row[Any], text: str) -> Taken:
        return self._taken(row, Done(in_script(text, row.lang), is_done=False))

    def _taken(self, row: Row[Any], done: Done) -> Taken:
        return Taken(row.thread_id, row.label, cast(Lang, row.lang), done)


def offer(connection: Connection, owner: str, turn: str, lang: str, offered: Sequence[Action]) -> None:
    """Keep the buttons of an answer, in the transaction that keeps the answer."""
    now = _now()
    rows = [
        {
            "id": action.id,
            "owner": owner,
            "turn_id": turn,
            "kind": action.kind,
            "label": action.label,
            "payload": action.payload,
            "lang": lang,
            "offered_at": now,
            "expires_at": now + GOOD_FOR,
        }
        for action in offered
    ]
    if rows:
        connection.execute(insert(actions), rows)


def open_in(connection: Connection, caller: Caller, thread: str) -> list[Action]:
    """The buttons of the last answer of the caller's thread that are still to be pressed."""
    rows = connection.execute(_OPEN, {"thread": thread, "owner": caller.owner, "now": _now()})
    return [Action(row.id, row.kind, row.label, dict(row.payload)) for row in rows]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
