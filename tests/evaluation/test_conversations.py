"""docs/conversations.md is what the guide says: written by `make conversations`, and checked here."""

import re

from assistant.bootstrap import Services
from tests.evaluation.conversations import CONVERSATIONS, DOCS, PRESS, talked, written

TEXT = (DOCS / "conversations.md").read_text("utf-8")


def test_every_conversation_and_picture_is_there() -> None:
    for number, conversation in enumerate(CONVERSATIONS, 1):
        assert f"## {number}. {conversation.title}" in TEXT
        for said in conversation.said:
            assert f"**›** {said}" in TEXT or said.startswith(PRESS)
    pictures = set(re.findall(r"images/(conversation-\d+-\d+\.png)", TEXT))
    assert pictures == {path.name for path in (DOCS / "images").glob("conversation-*.png")}
    assert len(pictures) >= 5


async def test_what_is_said_about_published_knowledge_is_said_today(starter: Services) -> None:
    """Conversations with creators hold numbers of a fixed day; the others must be the same on every day."""
    for number, conversation in enumerate(CONVERSATIONS, 1):
        if conversation.creator is None:
            told = written(number, conversation, "", await talked(starter, conversation))[4:]
            assert "\n".join(told).strip() in TEXT, "run `make conversations`"
