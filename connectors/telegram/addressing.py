"""Whether a message is meant for the bot, and what it says once the bot's name is taken out."""

from telegram import Message, MessageEntity, User
from telegram.constants import ChatType


def text_for(message: Message, me: User) -> str | None:
    """What is said to the bot: the text or caption without the mention, perhaps empty; None when it is not meant.

    In a private chat everything is. In a group only what mentions the bot, commands it by name (/help@name) or
    replies to one of its messages. Other bots are never answered: two of them would go on for ever.
    """
    if message.from_user is None or message.from_user.is_bot:
        return None
    text = message.text or message.caption or ""
    if message.chat.type == ChatType.PRIVATE:
        return text.strip()
    entities = message.parse_entities() if message.text else message.parse_caption_entities() if message.caption else {}
    mentions = [entity for entity, said in entities.items() if _names(entity, said, me)]
    if mentions or _commands(entities, me) or _replies(message, me):
        return _without(text, mentions).strip()
    return None


def _names(entity: MessageEntity, said: str, me: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    return entity.type == MessageEntity.MENTION and said.lower() == f"@{me.username}".lower()


def _commands(entities: dict[MessageEntity, str], me: User) -> bool:
    commands = [said.lower() for entity, said in entities.items() if entity.type == MessageEntity.BOT_COMMAND]
    return any(said.endswith(f"@{me.username}".lower()) for said in commands)


def _replies(message: Message, me: User) -> bool:
    # In a topic every message "replies" to the one that opened the topic, which nobody means.
    original = message.reply_to_message
    return (
        original is not None
        and original.forum_topic_created is None
        and original.from_user is not None
        and original.from_user.id == me.id
    )


def _without(text: str, entities: list[MessageEntity]) -> str:
    """The text with these stretches taken out; Telegram gives offsets in UTF-16 units."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(entities, key=lambda one: one.offset, reverse=True):
        encoded = encoded[: entity.offset * 2] + encoded[(entity.offset + entity.length) * 2 :]
    return encoded.decode("utf-16-le", "surrogatepass")
