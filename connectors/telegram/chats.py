"""What is remembered of a chat: the language chosen, and whether it refuses the bot."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from assistant.database.engine import beside, reading, upsert
from assistant.database.telegram_tables import telegram_chats as table
from connectors.telegram.texts import LANGUAGES, Language


@dataclass(frozen=True)
class Chat:
    """A chat as it is remembered. Without a `language` it follows the person's client."""

    language: Language | None = None
    is_blocked: bool = False


class Chats:
    """The chats of one bot in SQL."""

    def __init__(self, engine: Engine, bot: int) -> None:
        self._engine = engine
        self._bot = bot

    def find(self, chat: int) -> Chat:
        """What is known of a chat; of an unknown one, nothing."""
        query = select(table).where(table.c.bot == self._bot, table.c.chat_id == chat)
        with reading(self._engine).begin() as connection:
            row = connection.execute(query).first()
        if row is None:
            return Chat()
        language = row.language if row.language in LANGUAGES else None
        return Chat(language, row.blocked_at is not None)

    def choose_language(self, chat: int, language: Language) -> None:
        """From now on `language` in this chat."""
        self._keep(chat, language=language)

    def block(self, chat: int) -> None:
        """The chat refuses the bot: it was blocked, or the account is deactivated."""
        self._keep(chat, blocked_at=datetime.now(UTC).replace(tzinfo=None))

    def unblock(self, chat: int) -> None:
        """The chat can be reached again."""
        self._keep(chat, blocked_at=None)

    def _keep(self, chat: int, **values: Any) -> None:
        fresh = {"bot": self._bot, "chat_id": chat, **values}
        keys = [table.c.bot, table.c.chat_id]
        with beside(self._engine).begin() as connection:
            insert = upsert(connection, table).values(fresh)
            connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=values))
