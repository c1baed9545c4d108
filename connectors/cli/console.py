"""What a command reads from and writes to: the terminal, or, inside the server, what is sent back to the terminal."""

import getpass
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

PROGRESS_SECONDS = 2.0  # between two lines of progress where lines cannot be overwritten


@dataclass
class Console:
    """One command's way to the outside. Commands never touch sys.stdout, the working directory or standard input.

    `stdin_text` is what was read from standard input, None while nobody asked for it. `ask_hidden` asks whoever sits at
    the terminal for a line that is not shown; None where nobody sits.
    """

    out: TextIO
    err: TextIO
    cwd: Path
    read_stdin: Callable[[], str]
    stdin_text: str | None = None
    ask_hidden: Callable[[str], str] | None = None
    _progress_at: float = field(default=0.0, repr=False)
    _line_open: bool = field(default=False, repr=False)

    @classmethod
    def of_process(cls) -> "Console":
        """The console of this very process. What the terminal cannot show is replaced, never fatal."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="replace")
        ask_hidden = getpass.getpass if sys.stdin and sys.stdin.isatty() else None
        return cls(sys.stdout, sys.stderr, Path.cwd(), _standard_input, ask_hidden=ask_hidden)

    @classmethod
    def in_memory(cls, cwd: Path, stdin_text: str = "") -> "Console":
        """A console that keeps what is written, for a command that was sent from elsewhere."""
        return cls(StringIO(), StringIO(), cwd, lambda: stdin_text, stdin_text)

    def say(self, text: str = "") -> None:
        """A line of the result."""
        self._close_line()
        self.out.write(f"{text}\n")
        self.out.flush()

    def data(self, value: Any) -> None:
        """A result for programs: JSON on one line, in UTF-8, lone surrogates escaped."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        self.say(text if _is_encodable(text) else json.dumps(value, default=str))

    def note(self, text: str) -> None:
        """A line beside the result: progress, warnings, complaints."""
        self._close_line()
        self.err.write(f"{text}\n")
        self.err.flush()

    def relay(self, result: str, notes: str) -> None:
        """What the same command said elsewhere, as it was said there."""
        self.err.write(notes)
        self.err.flush()
        self.out.write(result)
        self.out.flush()

    def progress(self, step: str, done: int, total: int) -> None:
        """Say how far a long step is: one line that changes in a terminal, else a line every few seconds."""
        now = time.monotonic()
        if self.err.isatty():
            self._line_open = True
            self.err.write(f"\r{step} {done}/{total}\033[K")
            if done >= total:
                self._close_line()
            self.err.flush()
        elif now - self._progress_at >= PROGRESS_SECONDS or done >= total:
            self._progress_at = now
            self.note(f"{step} {done}/{total}")

    def path(self, given: str | Path) -> Path:
        """A path as meant by whoever typed it, in whatever folder that was."""
        return self.cwd / given

    def stdin(self) -> str:
        """All of standard input; the same text however often it is asked for."""
        if self.stdin_text is None:
            self.stdin_text = self.read_stdin()
        return self.stdin_text

    def written(self) -> tuple[str, str]:
        """What an `in_memory` console was told: result and notes."""
        assert isinstance(self.out, StringIO)
        assert isinstance(self.err, StringIO)
        return self.out.getvalue(), self.err.getvalue()

    def password(self) -> str:
        """A new password, typed twice at a terminal; "" where nobody can be asked.

        What was typed counts as standard input, so that it goes along with a command that is sent elsewhere.
        """
        if self.stdin_text is None and self.ask_hidden:
            first = self.ask_hidden("New password: ")
            while first != self.ask_hidden("The same again: "):
                self.note("These were not the same.")
                first = self.ask_hidden("New password: ")
            self.stdin_text = first
        return (self.stdin_text or "").rstrip("\r\n")

    def _close_line(self) -> None:
        if self._line_open:
            self._line_open = False
            self.err.write("\n")


def _standard_input() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace") if sys.stdin else ""


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
