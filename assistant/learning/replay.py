"""An answer as it was given, and the same question asked again of what it rested on."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine, Row, select

from assistant.agent.understanding import Setting
from assistant.conversation import Assistant
from assistant.database.engine import reading
from assistant.database.learning_tables import feedback
from assistant.database.tables import threads, turns
from assistant.errors import Conflict, NotFound
from assistant.identity import Caller
from assistant.learning.answers import ASKER, Asker
from knowledge.differences import Change, differences
from knowledge.library import Library
from knowledge.tables import passages

# Why an answer asked again may differ although nothing is wrong: a configured model wrote it, or it tells of a
# creator's numbers, which may have changed since.
Reservation = Literal["model", "figures"]


@dataclass(frozen=True)
class SeenPassage:
    """A passage that an answer saw, as it was. `n` is the number it was cited under, None when it was only found;
    `scores` are how it was found, empty when it came by another way."""

    n: int | None
    document: str
    revision: int
    heading: str
    text: str
    scores: dict[str, float]


@dataclass(frozen=True)
class Stored:
    """An answer with everything that was kept of it. `day` is the day answered for, `today` the day it was then."""

    id: str
    question: str
    answer: str
    asked_at: datetime
    day: date
    today: date
    asker: Asker
    channel: str
    intent: str
    release: int | None
    model: str
    refused: bool
    grounded: bool
    passages: tuple[SeenPassage, ...]
    has_figures: bool
    timings_ms: dict[str, float]
    verdict: Literal["up", "down"] | None
    comment: str


@dataclass(frozen=True)
class Comparison:
    """The stored answer beside the one given now. `changes` lead from the stored text to the new one."""

    stored: Stored
    answer: str
    refused: bool
    changes: tuple[Change, ...]
    reservations: tuple[Reservation, ...]

    @property
    def is_same(self) -> bool:
        """Whether both say the same, word for word."""
        return self.answer == self.stored.answer


class Replay:
    """Reads answers and asks them again. Revisions, passages and releases never change once served, so neither does
    what an answer rested on, whatever was published or rolled back since."""

    def __init__(self, assistant: Assistant, library: Library, engine: Engine) -> None:
        self._assistant = assistant
        self._library = library
        self._engine = engine

    def of(self, answer_id: str) -> Stored:
        """An answer as it was given, without who asked. Raises NotFound."""
        with reading(self._engine).begin() as connection:
            return _stored(connection, _turn(connection, answer_id))

    async def again(self, answer_id: str) -> Comparison:
        """The same question, asked of the same release on the day it then was, for the same creator, answered by the
        extractive model. Opening an old release takes seconds. Raises NotFound, and Conflict for a text that was not
        read as a question."""
        stored, caller = await run_sync(self._stored_and_caller, answer_id)
        if stored.release is None or not stored.intent:
            raise Conflict("This text was not read as a question, so there is nothing to ask again.")
        setting = Setting(await run_sync(self._library.shelf_of, stored.release), stored.today)
        reply, _ = await self._assistant.rehearse(caller, stored.question, stored.day, setting, extractive=True)
        given: dict[Reservation, bool] = {
            "model": stored.model != "extractive",
            "figures": stored.has_figures or stored.intent.startswith("my_"),
        }
        return Comparison(
            stored,
            reply.text,
            reply.refused,
            tuple(differences(stored.answer, reply.text)),
            tuple(name for name, applies in given.items() if applies),
        )

    def _stored_and_caller(self, answer_id: str) -> tuple[Stored, Caller]:
        with reading(self._engine).begin() as connection:
            row = _turn(connection, answer_id)
            kind, _, creator = row.owner.partition(":")
            return _stored(connection, row), Caller("test", creator if kind == "creator" else None)


def _turn(connection: Connection, answer_id: str) -> Row[Any]:
    columns = (threads.c.owner, threads.c.channel, ASKER, feedback.c.verdict, feedback.c.comment)
    query = select(turns, *columns).join_from(turns, threads).outerjoin(feedback).where(turns.c.id == answer_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such answer.")
    return row


def _stored(connection: Connection, row: Row[Any]) -> Stored:
    ids = [seen["id"] for seen in row.passages]
    found = connection.execute(select(passages.c.id, passages.c.text).where(passages.c.id.in_(ids)))
    texts = {passage.id: passage.text for passage in found}
    return Stored(
        id=row.id,
        question=row.question,
        answer=row.answer,
        asked_at=row.asked_at,
        day=date.fromisoformat(row.as_of),
        today=date.fromisoformat(row.today) if row.today else row.asked_at.date(),
        asker=row.asker,
        channel=row.channel,
        intent=row.intent,
        release=row.release,
        model=row.model,
        refused=row.refused,
        grounded=row.grounded,
        passages=tuple(_seen(seen, texts[seen["id"]]) for seen in row.passages),
        has_figures=bool(row.reply["figures"]),
        timings_ms=row.timings_ms,
        verdict=row.verdict,
        comment=row.comment or "",
    )


def _seen(seen: dict[str, Any], text: str) -> SeenPassage:
    names = ("score", "dense", "asked", "lexical", "exact")
    scores: dict[str, float] = {name: seen[name] for name in names if name in seen}
    return SeenPassage(seen["n"], seen["document"], seen["revision"], seen["heading"], text, scores)
