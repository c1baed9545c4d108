"""Where details go that nobody should have to read in a terminal: the log file of the home."""

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path

BYTES, FILES = 5_000_000, 4
_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OURS = ("assistant", "knowledge", "connectors")
log = logging.getLogger(__name__)


def file_of(home: Path) -> Path:
    """The log file of a home folder."""
    return home / "log" / "heliotrope.log"


def start(home: Path, in_terminal: bool = False) -> None:
    """Send the records of this process to the log file, and nothing else to the terminal.

    Libraries are heard from WARNING up: at INFO some of them write whole request addresses. With `in_terminal` a
    warning also shows as one line on standard error, its details only in the file. Starting twice changes nothing.
    """
    root = logging.getLogger()
    if any(isinstance(handler, RotatingFileHandler) for handler in root.handlers):
        return
    file = file_of(home)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=BYTES, backupCount=FILES - 1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_LINE))
    root.addHandler(handler)
    handler.addFilter(_is_worth_keeping)
    root.setLevel(logging.WARNING)
    if in_terminal:
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setLevel(logging.WARNING)
        terminal.setFormatter(_OneLine("%(levelname)s %(name)s: %(message)s"))
        root.addHandler(terminal)
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


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return self.formatMessage(_with_message(record)).splitlines()[0]


def _with_message(record: logging.LogRecord) -> logging.LogRecord:
    record.message = record.getMessage()
    return record


def _log_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        unforeseen(args.exc_value)
