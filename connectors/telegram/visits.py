"""Who speaks in which chat, and where an answer goes."""

from dataclasses import dataclass

from connectors.telegram.texts import Texts


@dataclass(frozen=True)
class Place:
    """Where a message goes: a chat, within it perhaps a topic, and perhaps the message that it replies to."""

    chat: int
    topic: int | None = None
    reply_to: int | None = None
    # Whether others go first where messages wait for their turn, as they do before notices.
    is_patient: bool = False

    @property
    def is_private(self) -> bool:
        """Whether nobody but the creator reads along. Groups have negative numbers."""
        return self.chat > 0


@dataclass(frozen=True)
class Visit:
    """One person speaking in one chat, in the language of its texts.

    `name` is the name of what they said, under which the outbox keeps the answer.
    """

    name: str
    place: Place
    user: int
    texts: Texts

    @property
    def private(self) -> bool:
        """Whether nobody reads along."""
        return self.place.is_private

    @property
    def account(self) -> str:
        """The name under which this Telegram user is linked to a creator."""
        return str(self.user)
