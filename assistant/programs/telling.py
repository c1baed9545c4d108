"""What creators hear of tasks, rewards and Star: put into words and posted with what it tells of."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection

from assistant.programs.notices.notice import Message, Post
from assistant.programs.notices.outbox import post
from assistant.programs.notices.wishes import wishes_of
from assistant.programs.notifier import Told

WORDING = Path(__file__).with_name("telling.yaml")


class ProgramNotices:
    """A Notifier whose notices wait in the outbox (see `notices.outbox`), in the creator's language."""

    def tell(self, connection: Connection, told: Told) -> None:
        """Post it in the transaction of `connection`."""
        wishes = wishes_of(connection, [told.creator_id]).get(told.creator_id)
        lang = "en" if wishes is not None and wishes.language.startswith("en") else "zh"
        post(connection, [Post(told.creator_id, "task", told.key, message_of(told, lang))])


def message_of(told: Told, lang: str) -> Message:
    """The words of an occasion."""
    values: dict[str, Any] = dict(told.values)
    name: str = told.occasion
    if "title" in values:
        values["title"] = values["title"]["en"] or values["title"]["zh"] if lang == "en" else values["title"]["zh"]
    if "share" in values:
        values["percent"] = round(values["share"] * 100)
    if "rewarded" in values:
        values["reward"] = texts()["rewarded" if values["rewarded"] else "unfunded"][lang]
    if name == "task_appeal":
        name = f"task_appeal_{values['verdict']}"
    if name == "star_decided":
        name = "star_accepted" if values["accepted"] else "star_declined"
    words = texts()[name]
    return Message(words["title"][lang].format(**values), words["body"][lang].format(**values))


@cache
def texts() -> dict[str, Any]:
    """The wording, read once."""
    loaded: dict[str, Any] = yaml.safe_load(WORDING.read_text("utf-8"))
    return loaded
