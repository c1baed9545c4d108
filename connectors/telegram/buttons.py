"""Inline buttons: what stands on them, and the short signed data that comes back when one is pressed."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from assistant.agent.answers import Action
from assistant.learning.feedback import Verdict

# A longer label is cut off on a phone, and a question that cannot be read is not offered.
LONGEST_LABEL = 60
CHOSEN = "✓"
OPINIONS: dict[Verdict, str] = {"up": "👍", "down": "👎"}
_SIGNATURE_BYTES = 6


@dataclass(frozen=True)
class Button:
    """A button with `data` for the bot, `<kind>:<argument>` of at most 55 bytes, or with a `url` to open."""

    label: str
    data: str = ""
    url: str = ""


Rows = Sequence[Sequence[Button]]


class Seal:
    """Signs what a button carries for one chat, so that data of another chat or of somebody's making is stale.

    The key comes from the bot's token: every process of a bot knows it, and a new token makes old buttons stale.
    """

    def __init__(self, token: str) -> None:
        self._key = hmac.digest(token.encode(), b"heliotrope: buttons in Telegram", hashlib.sha256)

    def sealed(self, chat: int, data: str) -> str:
        """The data with its signature, within Telegram's 64 bytes."""
        return f"{data}.{self._signature(chat, data)}"

    def opened(self, chat: int, sealed: str) -> tuple[str, str] | None:
        """Kind and argument of data that was sealed for this chat; None for any other."""
        data, _, signature = sealed.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(chat, data).encode()):
            return None
        kind, _, argument = data.partition(":")
        return kind, argument

    def _signature(self, chat: int, data: str) -> str:
        digest = hmac.digest(self._key, f"{chat}:{data}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode()


def question_rows(questions: Sequence[str]) -> list[list[Button]]:
    """One button a question. It carries only its place: the question is read back from the message that holds it."""
    readable = [question for question in questions if question.strip() and len(question) <= LONGEST_LABEL]
    return [[Button(question, f"ask:{place}")] for place, question in enumerate(readable)]


def action_rows(actions: Sequence[Action]) -> list[list[Button]]:
    """One button for each thing that an answer offers to do."""
    return [[Button(one.label[:LONGEST_LABEL], f"act:{one.id}")] for one in actions]


def opinion_row(answer_id: str, given: Verdict | None = None) -> list[Button]:
    """👍 and 👎 for an answer; the verdict that was given is marked."""
    key = base64.urlsafe_b64encode(bytes.fromhex(answer_id)).decode().rstrip("=")
    return [
        Button(f"{sign} {CHOSEN}" if given == verdict else sign, f"{verdict}:{key}")
        for verdict, sign in OPINIONS.items()
    ]


def disliked(message: Message, seal: Seal) -> str | None:
    """The answer that a message of ours shows with a marked 👎, or None."""
    shown = message.reply_markup
    for button in (one for row in shown.inline_keyboard for one in row) if shown else ():
        if button.text == f"{OPINIONS['down']} {CHOSEN}":
            kind, key = seal.opened(message.chat.id, str(button.callback_data)) or ("", "")
            return answer_of(key) if kind == "down" else None
    return None


def answer_of(key: str) -> str:
    """The answer that an opinion's button is for."""
    return base64.urlsafe_b64decode(key + "==").hex()


def keyboard(rows: Rows) -> InlineKeyboardMarkup | None:
    """The buttons as Telegram takes them, or None when there are none. Their data must be sealed by now."""
    if not any(rows):
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(one.label, url=one.url or None, callback_data=one.data or None) for one in row]
            for row in rows
        ]
    )


def keyboard_with(
    shown: InlineKeyboardMarkup | None, row: Sequence[Button], seal: Seal, chat: int
) -> InlineKeyboardMarkup | None:
    """The buttons that are shown, with `row` in place of its former state: the row of which it has the data."""
    if shown is None:
        return None
    data = [seal.sealed(chat, one.data) for one in row]
    fresh = [InlineKeyboardButton(one.label, callback_data=sealed) for one, sealed in zip(row, data, strict=True)]
    return InlineKeyboardMarkup(
        [fresh if [one.callback_data for one in known] == data else known for known in shown.inline_keyboard]
    )


def keyboard_without(shown: InlineKeyboardMarkup | None, data: str) -> InlineKeyboardMarkup | None:
    """The buttons that are shown, without the row of the one with this data."""
    if shown is None:
        return None
    return InlineKeyboardMarkup(
        [row for row in shown.inline_keyboard if all(button.callback_data != data for button in row)]
    )


def label_of(query: CallbackQuery) -> str:
    """What stands on the pressed button, as Telegram gives its message back; empty when that is too old."""
    message = query.message
    if not isinstance(message, Message) or message.reply_markup is None:
        return ""
    buttons = (button for row in message.reply_markup.inline_keyboard for button in row)
    return next((button.text for button in buttons if button.callback_data == query.data), "")
