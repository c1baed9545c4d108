"""Words that mean the same to a search, in groups that staff write."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert, select

from knowledge.audit import record
from knowledge.errors import BadInput
from knowledge.folding import clean
from knowledge.tables import synonyms
from knowledge.transactions import reading

LONGEST_WORD = 40
MOST_WORDS = 20


class Synonyms:
    """The groups in SQL. Staff change them through the Library, whose searches then know of it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def groups(self) -> dict[int, list[str]]:
        """Every group by its id."""
        with reading(self._engine).begin() as connection:
            return {row.id: row.words for row in connection.execute(select(synonyms).order_by(synonyms.c.id))}

    def add(self, words: Sequence[str], author: str) -> int:
        """Keep a group; returns its id. Raises BadInput for fewer than two words, too many or too long ones."""
        kept = list(dict.fromkeys(text for word in words if (text := clean(word).strip())))
        if not 2 <= len(kept) <= MOST_WORDS or any(len(word) > LONGEST_WORD for word in kept):
            raise BadInput(
                "A group of synonyms has 2 to {most_words} words of at most {longest_word} characters.",
                most_words=MOST_WORDS, longest_word=LONGEST_WORD,
            )
        with self._engine.begin() as connection:
            result = connection.execute(
                insert(synonyms).values(words=kept, author=author, created_at=datetime.now(UTC).replace(tzinfo=None))
            )
            record(connection, author, "synonyms.added", kept[0], words=kept)
            key = result.inserted_primary_key
            assert key is not None  # the table has one
            return int(key[0])

    def remove(self, group: int, author: str) -> None:
        """Forget a group; nothing happens when it is gone already."""
        with self._engine.begin() as connection:
            words = connection.scalar(select(synonyms.c.words).where(synonyms.c.id == group))
            if words is not None:
                connection.execute(delete(synonyms).where(synonyms.c.id == group))
                record(connection, author, "synonyms.removed", words[0], words=words)
