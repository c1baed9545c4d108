"""The command line `heliotrope`: the commands, and the way into them."""

import logging
import os
import sys
import time
from collections.abc import Sequence

import typer

from assistant.errors import Problem
from connectors.cli import (
    advice,
    ask,
    boards,
    care,
    creators,
    doctor,
    evaluate,
    feeds,
    gaps,
    garbage,
    knowledge,
    metrics,
    programs,
    rewards,
    search,
    serve,
    sites,
    staff,
)
from connectors.cli.console import Console
from connectors.cli.execution import FAILED, INTERRUPTED, RootCommand, execute
from connectors.cli.forwarding import Gone, send
from connectors.cli.session import Elsewhere
from connectors.cli.terminal import PATIENCE_SECONDS, PAUSE_SECONDS, TerminalSession


def command_line() -> RootCommand:
    """All commands."""
    app = typer.Typer(
        help="Heliotrope (向光): a guidance assistant for short-video creators.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.command()(care.init)
    app.command()(care.backup)
    app.command()(care.restore)
    app.command()(serve.serve)
    app.command()(doctor.doctor)
    app.command()(ask.ask)
    knowledge.commands.command()(search.search)
    knowledge.commands.command()(gaps.gaps)
    app.add_typer(knowledge.commands, name="knowledge")
    app.add_typer(creators.commands, name="creators")
    app.add_typer(metrics.commands, name="metrics")
    app.add_typer(feeds.commands, name="feeds")
    app.add_typer(staff.commands, name="staff")
    app.add_typer(sites.commands, name="sites")
    app.add_typer(programs.commands, name="programs")
    app.add_typer(rewards.commands, name="rewards")
    app.command()(advice.growth)
    app.command()(advice.diagnose)
    app.command()(boards.leaderboard)
    app.command()(evaluate.evaluate)
    return typer.main.get_command(app)


def run(argv: Sequence[str], console: Console) -> int:
    """Run one command line here, or in the server that owns the home; returns the exit code."""
    command = command_line()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return execute(command, argv, TerminalSession(console))
        except Elsewhere as elsewhere:
            try:
                outcome = send(elsewhere.serving, argv, console)
            except Gone as gone:  # the server is just ending, or just changing hands
                if time.monotonic() > deadline:
                    console.note(str(gone))
                    return FAILED
                time.sleep(PAUSE_SECONDS)
                continue
            except Problem as problem:
                console.note(str(problem))
                return problem.exit_code
            except KeyboardInterrupt:
                return INTERRUPTED
            console.relay(outcome.stdout, outcome.stderr)
            return outcome.exit_code


def main() -> None:
    """The entry point: never a traceback, and silence after Ctrl-C."""
    garbage.not_yet()
    try:
        code = run(sys.argv[1:], Console.of_process())
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:  # whoever read has gone
        code = FAILED
    # Everything is closed and written. Taking the interpreter apart would take a second more, and a thread of some
    # library that hangs would hold it up for ever.
    logging.shutdown()
    os._exit(code)
