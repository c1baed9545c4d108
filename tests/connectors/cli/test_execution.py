import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from assistant.errors import BadInput, Misconfigured
from connectors.cli.console import Console
from connectors.cli.execution import execute
from connectors.cli.terminal import TerminalSession


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home named by the environment; the log of this process is put back afterwards."""
    monkeypatch.setenv("HELIOTROPE_HOME", str(tmp_path / "home"))
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield tmp_path / "home"
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def ran(action: Callable[[], None]) -> tuple[int, str, str]:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(action)
    console = Console.in_memory(Path.cwd())
    code = execute(typer.main.get_command(app), [], TerminalSession(console))
    return code, *console.written()


def raising(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_problem_becomes_its_sentence_and_its_exit_code():
    assert ran(raising(BadInput("Mend it."))) == (1, "", "Mend it.\n")
    assert ran(raising(Misconfigured("Set it."))) == (2, "", "Set it.\n")


def test_usage_that_a_command_refuses_itself_exits_with_two():
    code, out, err = ran(raising(typer.BadParameter("give one.")))
    assert (code, out) == (2, "")
    assert "give one." in err


def test_command_may_fail_after_having_said_why():
    assert ran(raising(typer.Exit(1))) == (1, "", "")
    assert ran(lambda: None) == (0, "", "")


def test_interrupt_is_silent():
    assert ran(raising(KeyboardInterrupt())) == (130, "", "")


def test_file_that_fails_is_named(tmp_path: Path):
    code, _, err = ran(lambda: (tmp_path / "missing").read_text() and None)
    assert (code, err) == (1, f"{tmp_path / 'missing'}: No such file or directory.\n")


def test_unforeseen_error_is_one_sentence_and_the_log_has_the_rest(home: Path):
    code, out, err = ran(raising(ZeroDivisionError("secret detail")))
    assert (code, out) == (1, "")
    log = home / "log" / "heliotrope.log"
    assert err == f"Something went wrong that was not foreseen (ZeroDivisionError); the details are in {log}.\n"
    assert "ZeroDivisionError: secret detail" in log.read_text("utf-8")


def test_unforeseen_error_without_a_usable_home_is_still_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HELIOTROPE_HOME", str(tmp_path / "file"))
    code, _, err = ran(raising(RuntimeError("x")))
    assert (code, err) == (1, "Something went wrong that was not foreseen (RuntimeError); no log could be written.\n")
