"""The golden questions in SQL: what every release is asked before it is served, and what its answers must say."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, Row, delete, insert, select

from assistant.database.engine import reading
from assistant.database.learning_tables import golden_questions as table
from assistant.errors import BadInput, NotFound
from assistant.evaluation import Question
from knowledge.audit import record

_FIGURE = re.compile(r"\d[\d,.]*\s*(?:%|万亿|[千百十]?[亿万]|天|条|人|元|分钟|小时|秒|days?|billion|million)")
_MARK = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Golden:
    """A golden question with where it came from: a file, a hit test, a gap."""

    question: Question
    origin: str
    author: str
    created_at: datetime


class GoldenQuestions:
    """Keeps the golden questions; every change stands in the audit trail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Golden]:
        """Every golden question, oldest first."""
        with reading(self._engine).begin() as connection:
            rows = connection.execute(select(table).order_by(table.c.created_at, table.c.id))
            return [_golden(row) for row in rows]

    def find(self, question_id: str) -> Golden:
        """One golden question. Raises NotFound."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(select(table).where(table.c.id == question_id)).first()
        if row is None:
            raise NotFound("There is no golden question “{question_id}”.", question_id=question_id)
        return _golden(row)

    def put(self, questions: Iterable[Question], author: str, origin: str) -> list[str]:
        """Keep questions, replacing those with the same id, all or none; returns their ids (one without gets one).

        Raises BadInput for a question that any answer would pass.
        """
        kept = []
        with self._engine.begin() as connection:
            for question in questions:
                if question.script:
                    raise BadInput(
                        "“{question}” is part of a script; a release is asked single questions.",
                        question=question.question,
                    )
                if question.answerable and not question.must_contain and not question.must_not_contain:
                    raise BadInput(
                        "“{question}” asks for nothing: say what its answer must or must not say.",
                        question=question.question,
                    )
                key = question.id or uuid.uuid4().hex[:12]
                fields = {**question.as_dict(), "id": key}
                removed = connection.execute(delete(table).where(table.c.id == key)).rowcount
                connection.execute(insert(table).values(**fields, origin=origin, author=author, created_at=_now()))
                action = "golden.changed" if removed else "golden.added"
                record(connection, author, action, key, question=question.question, origin=origin)
                kept.append(key)
        return kept

    def remove(self, question_id: str, author: str, reason: str = "") -> None:
        """Ask it no more. Raises NotFound."""
        with self._engine.begin() as connection:
            text = connection.scalar(select(table.c.question).where(table.c.id == question_id))
            if text is None:
                raise NotFound("There is no golden question “{question_id}”.", question_id=question_id)
            connection.execute(delete(table).where(table.c.id == question_id))
            record(connection, author, "golden.removed", question_id, reason, question=text)


def telling_figures(answer: str, most: int = 4) -> list[str]:
    """The first figures with a unit in an answer: what a golden question about it would most likely insist on."""
    return list(dict.fromkeys(text.strip() for text in _FIGURE.findall(_MARK.sub("", answer))))[:most]


def _golden(row: Row[tuple[object, ...]]) -> Golden:
    kept = row._mapping
    question = Question(
        id=kept["id"],
        question=kept["question"],
        lang=kept["lang"],
        kind=kept["kind"],
        answerable=kept["answerable"],
        must_contain=tuple(tuple(group) for group in kept["must_contain"]),
        must_not_contain=tuple(kept["must_not_contain"]),
        creator=kept["creator"],
        as_of=date.fromisoformat(kept["as_of"]) if kept["as_of"] else None,
    )
    return Golden(question, kept["origin"], kept["author"], kept["created_at"])


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
