"""Where details go that nobody should have to read in a terminal: the log file of the home, a JSON object a line.

`at` (UTC), `level`, `logger`, `message`; `answer`, the id of the answer that was being given; `error`, a traceback; and
what a record brings as `fields`. Neither questions nor answers nor names stand in it; personal data that a library
writes into a message or an error is masked.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Collection
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from assistant.masking import masked
from assistant.telemetry.references import mark

BYTES, FILES = 5_000_000, 4
SHORTEST_SECRET = 6  # characters; a shorter one would take ordinary words along
_OURS = ("assistant", "knowledge", "connectors")
log = logging.getLogger(__name__)


def file_of(home: Path) -> Path:
    """The log file of a home folder."""
    return home / "log" / "heliotrope.log"


def start(home: Path, secrets: Collection[str] = (), in_terminal: bool = False) -> None:
    """Send the records of this process to the log file, and nothing else to the terminal.

    Libraries are heard from WARNING up: at INFO some of them write whole request addresses. With `in_terminal` a
    warning also shows as one line on standard error, its details only in the file. None of `secrets` is written,
    wherever a library puts it. Starting twice changes nothing.
    """
    root = logging.getLogger()
    if in_terminal and not any(isinstance(handler.formatter, _OneLine) for handler in root.handlers):
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setLevel(logging.WARNING)
        terminal.setFormatter(_OneLine(secrets))
        root.addHandler(terminal)
    if any(isinstance(handler, RotatingFileHandler) for handler in root.handlers):
        return
    file = file_of(home)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _WholeLines(file, maxBytes=BYTES, backupCount=FILES - 1, encoding="utf-8", delay=True)
    handler.setFormatter(_JsonLine(secrets))
    handler.addFilter(_is_worth_keeping)
    handler.addFilter(mark)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.raiseExceptions = False  # a full disk must not fill the terminal with tracebacks of the logging itself
    logging.captureWarnings(True)
    threading.excepthook = _log_thread


def unforeseen(error: BaseException) -> None:
    """Record an error that nobody foresaw, with its traceback."""
    log.error("An unforeseen error", exc_info=error)


def _is_worth_keeping(record: logging.LogRecord) -> bool:
    """Some libraries set their own loggers to DEBUG, past the level of the root."""
    return record.levelno >= logging.WARNING or record.name.split(".")[0] in _OURS


class _WholeLines(RotatingFileHandler):
    """Of a line that the disk has no room for nothing stays, so that what can be read later is JSON line by line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, or let it be."""
        try:
            if self.shouldRollover(record):
                self.doRollover()
            line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            self.stream = self.stream or self._open()
            file = self.stream.fileno()
            before = os.fstat(file).st_size
            if os.write(file, line) < len(line):
                os.ftruncate(file, before)
        except Exception:
            self.handleError(record)


class _Discreet(logging.Formatter):
    """Leaves secrets out of what it writes."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        written = (json.dumps(secret, ensure_ascii=False)[1:-1] for secret in secrets if len(secret) >= SHORTEST_SECRET)
        self._secrets = sorted(written, key=len, reverse=True)

    def without_secrets(self, text: str) -> str:
        """The text with every secret replaced."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text


class _JsonLine(_Discreet):
    """One line of JSON a record, whatever breaks lines in its message."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if answer := getattr(record, "answer", ""):
            line["answer"] = answer
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        return self.without_secrets(json.dumps(line, ensure_ascii=False, default=str))


class _OneLine(_Discreet):
    """The first line of a record's message."""

    def format(self, record: logging.LogRecord) -> str:
        return self.without_secrets(self.formatMessage(_with_message(record)).splitlines()[0])


def _with_message(record: logging.LogRecord) -> logging.LogRecord:
    record.message = masked(record.getMessage())
    return record


def _log_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        unforeseen(args.exc_value)
