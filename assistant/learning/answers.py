"""The answers as staff look through them: what was asked and said, never by whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, case, select

from assistant.database.engine import reading
from assistant.database.learning_tables import feedback
from assistant.database.tables import threads, turns

Asker = Literal["creator", "anonymous"]
ASKER = case((threads.c.owner.startswith("creator:"), "creator"), else_="anonymous").label("asker")


@dataclass(frozen=True)
class Answer:
    """One answer as listed; times are UTC."""

    id: str
    asked_at: datetime
    asker: Asker
    channel: str
    question: str
    answer: str
    intent: str
    refused: bool
    release: int | None
    model: str
    verdict: Literal["up", "down"] | None


@dataclass(frozen=True)
class Page:
    """Answers, newest first, and whether there are more behind them."""

    answers: list[Answer]
    has_more: bool


class Answers:
    """Reads what was answered. Evaluations (the channel `test`) are left out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        refused: bool | None = None,
        down: bool = False,
        release: int | None = None,
        text: str = "",
        since: datetime | None = None,
        page: int = 1,
        size: int = 50,
    ) -> Page:
        """A page of answers. `text` looks in the questions; `since` is the first moment (UTC); `down` keeps those
        thumbed down. A page costs what lies before it: looking for a rare text reads every turn since `since`."""
        names = ("id", "asked_at", "question", "answer", "intent", "refused", "release", "model")
        query = (
            select(*(turns.c[name] for name in names), threads.c.channel, ASKER, feedback.c.verdict)
            .join_from(turns, threads)
            .outerjoin(feedback)
            .where(threads.c.channel != "test", turns.c.question != "")
            .order_by(turns.c.asked_at.desc(), turns.c.id)
        )
        if refused is not None:
            query = query.where(turns.c.refused == refused)
        if down:
            query = query.where(feedback.c.verdict == "down")
        if release is not None:
            query = query.where(turns.c.release == release)
        if text:
            query = query.where(turns.c.question.icontains(text, autoescape=True))
        if since is not None:
            query = query.where(turns.c.asked_at >= since)
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query.limit(size + 1).offset((page - 1) * size)).all()
        return Page([Answer(**row._mapping) for row in rows[:size]], len(rows) > size)
