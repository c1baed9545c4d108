"""Running one command line to its exit code: the one place where what went wrong becomes a sentence and a number."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import typer

from assistant.errors import Problem
from connectors.cli import session
from connectors.cli.session import Elsewhere, Session

FAILED, INTERRUPTED = 1, 130


class RootCommand(Protocol):
    """The whole command line, as Typer makes it."""

    @property
    def main(self) -> Callable[..., Any]:
        """Parse and run `args`; an int is an exit code."""
        ...


def execute(command: RootCommand, argv: Sequence[str], where: Session) -> int:
    """Run `argv` in the session `where`, and close that.

    0 done; 1 refused or failed; 2 bad usage or a setting that must be mended; 130 interrupted. Raises only Elsewhere.
    """
    console = where.console
    try:
        with session.running(where):
            code = command.main(args=list(argv), prog_name="heliotrope", standalone_mode=False)
            return code if isinstance(code, int) else 0
    except Elsewhere:
        raise
    except KeyboardInterrupt:
        return INTERRUPTED
    except typer.TyperException as error:
        show = getattr(error, "show", None)
        show(file=console.err) if show else console.note(f"Error: {error.format_message()}")
        return error.exit_code
    except Problem as problem:
        console.note(str(problem))
        return problem.exit_code
    except OSError as error:
        if error.filename is None or error.strerror is None:
            return _unforeseen(error, where)
        console.note(f"{error.filename}: {error.strerror}.")
        return FAILED
    except Exception as error:  # the edge: whatever it was, the person gets a sentence and the log the details
        return _unforeseen(error, where)


def _unforeseen(error: Exception, where: Session) -> int:
    file = where.record(error)
    details = f"the details are in {file}" if file else "no log could be written"
    where.console.note(f"Something went wrong that was not foreseen ({type(error).__name__}); {details}.")
    return FAILED
