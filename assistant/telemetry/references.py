"""The reference of the answer that is being given: its id, which stands in every line of the log that it causes."""

import logging
from contextvars import ContextVar

_answer: ContextVar[str] = ContextVar("answer", default="")


def begin_answer(answer: str) -> None:
    """From now on this task, and what it starts, works on the answer with this id."""
    _answer.set(answer)


def mark(record: logging.LogRecord) -> bool:
    """A filter of a log handler: gives every record the answer it belongs to, and lets it pass."""
    record.answer = _answer.get()
    return True
