"""Follow-up questions as buttons under an answer.

The button carries only its place; the question is read back from the message that holds it, as Telegram returns it. So
nothing is kept, buttons outlive a restart, and their data stay far below Telegram's 64 bytes.
"""

from collections.abc import Sequence

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

_PREFIX = "ask:"
# A longer label is cut off on a phone, and a question that cannot be read is not offered.
LONGEST_LABEL = 60


def keyboard(questions: Sequence[str]) -> InlineKeyboardMarkup | None:
    """One button a line, or None when there is nothing to offer."""
    offered = [question for question in questions if question.strip() and len(question) <= LONGEST_LABEL]
    rows = [[InlineKeyboardButton(text, callback_data=f"{_PREFIX}{place}")] for place, text in enumerate(offered)]
    return InlineKeyboardMarkup(rows) if rows else None


def question_behind(query: CallbackQuery) -> str | None:
    """The question of the pressed button; None when its message is too old or the button is not of this kind."""
    message = query.message
    if not isinstance(message, Message) or message.reply_markup is None or not (query.data or "").startswith(_PREFIX):
        return None
    buttons = (button for row in message.reply_markup.inline_keyboard for button in row)
    return next((button.text for button in buttons if button.callback_data == query.data), None)
