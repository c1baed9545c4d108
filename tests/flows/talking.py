"""People who talk to the assistant, for stories."""

from dataclasses import dataclass
from datetime import date

from assistant.agent.answers import Event, Reply
from assistant.bootstrap import Services
from assistant.identity import Caller, Channel


@dataclass(frozen=True)
class Person:
    """Somebody at `address`; `creator` is who they proved to be, or None."""

    services: Services
    creator: str | None = None
    address: str = "198.51.100.7"
    channel: Channel = "web"

    @property
    def caller(self) -> Caller:
        return Caller(self.channel, self.creator, self.address)

    async def ask(self, text: str, thread: str | None = None, as_of: date | None = None) -> Reply:
        """The finished answer."""
        return await self.services.assistant.answer(self.caller, thread, text, as_of)

    async def hear(self, text: str, thread: str | None = None) -> list[Event]:
        """The answer as it streams."""
        return [event async for event in self.services.assistant.reply(self.caller, thread, text)]


def heard(events: list[Event]) -> str:
    """What somebody who watched the stream has on the screen at its end."""
    text = ""
    for event in events:
        if event.kind == "restart":
            text = ""
        elif event.kind == "sentence":
            text += event.data["text"]
    return text.strip()
