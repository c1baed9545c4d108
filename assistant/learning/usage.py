"""How texts are used: how often a document or passage was cited, was what a question was about, was thumbed down."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, func, select

from assistant.database.engine import reading
from assistant.database.learning_tables import passage_uses as uses
from knowledge.tables import documents, passages, revisions

_SUMS = tuple(func.sum(uses.c[name]).label(name) for name in ("cited", "asked", "down"))


@dataclass(frozen=True)
class DocumentUse:
    """Uses of a document in a period: answers that cite a passage of it (once a passage), questions whose best hit it
    was, and citations in answers that were thumbed down."""

    document: str
    cited: int
    asked: int
    down: int


@dataclass(frozen=True)
class PassageUse:
    """The same of one passage. `heading` and `text` are as they were used."""

    document: str
    revision: int
    passage: str
    heading: str
    text: str
    cited: int
    asked: int
    down: int


class Usage:
    """Reads the sums that are kept up with every turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def documents(self, today: date, days: int = 28) -> list[DocumentUse]:
        """Every document used in the `days` days up to `today`, the most cited first."""
        query = select(uses.c.document, *_SUMS).where(_within(today, days)).group_by(uses.c.document)
        with reading(self._engine).begin() as connection:
            found = connection.execute(query.order_by(func.sum(uses.c.cited).desc(), uses.c.document))
            return [DocumentUse(**row._mapping) for row in found]

    def passages(self, document: str, today: date, days: int = 28) -> list[PassageUse]:
        """The passages of one document used in the same period, of whatever revision, the most cited first."""
        key = (uses.c.document, uses.c.revision, uses.c.passage)
        used = select(*key, *_SUMS).where(_within(today, days), uses.c.document == document).group_by(*key).subquery()
        text = (passages.c.revision_id == revisions.c.id) & (passages.c.text_hash == used.c.passage)
        query = (
            select(used, func.min(passages.c.heading).label("heading"), func.min(passages.c.text).label("text"))
            .join_from(used, documents, documents.c.slug == used.c.document)
            .join(revisions, (revisions.c.document_id == documents.c.id) & (revisions.c.number == used.c.revision))
            .join(passages, text)
            .group_by(*used.c)
            .order_by(used.c.cited.desc(), used.c.asked.desc(), used.c.passage)
        )
        with reading(self._engine).begin() as connection:
            return [PassageUse(**row._mapping) for row in connection.execute(query)]


def _within(today: date, days: int) -> Any:
    first = today - timedelta(days=days - 1)
    return uses.c.day.between(first.isoformat(), today.isoformat())
