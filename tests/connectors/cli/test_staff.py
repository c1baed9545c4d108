"""`staff …`: accounts of the console, and passwords that are typed, given or made."""

from io import StringIO
from pathlib import Path

from assistant.bootstrap import Services
from connectors.cli.console import Console
from connectors.cli.execution import execute
from connectors.cli.main import command_line
from knowledge.audit import Trail
from tests.connectors.cli.conftest import Cli, OpenSession

PASSWORD = "correct horse battery"


def made(out: str) -> str:
    """The password that a command printed."""
    return out.rsplit("Password: ", 1)[1].strip()


def test_somebody_added_signs_in_with_the_password_printed_once(cli: Cli, house: Services):
    ran = cli("staff", "add", "李敏", "--role", "admin")
    assert ran.code == 0
    assert house.staff.authenticate("李敏", made(ran.out)).role == "admin"
    assert made(ran.out) not in cli("staff", "list", "--json").out


def test_a_password_may_come_from_standard_input(cli: Cli, house: Services):
    assert cli("staff", "add", "a", "--role", "editor", "--password-stdin", stdin=f"{PASSWORD}\n").code == 0
    assert "Password" not in cli("staff", "password", "a", "--password-stdin", stdin=f"{PASSWORD} 2").out
    assert house.staff.authenticate("a", f"{PASSWORD} 2")
    refused = cli("staff", "add", "b", "--role", "editor", "--password-stdin", stdin="\n")
    assert refused.code == 1
    assert "12 to 256 characters" in refused.err


def test_a_password_is_typed_twice_at_a_terminal(house: Services, tmp_path: Path):
    typed = iter(["one", "another", PASSWORD, PASSWORD])
    console = Console(StringIO(), StringIO(), tmp_path, lambda: "", ask_hidden=lambda question: next(typed))
    argv = ["staff", "add", "a", "--role", "viewer"]
    assert execute(command_line(), argv, OpenSession(console, house)) == 0
    assert console.written() == ("a is added as viewer.\n", "These were not the same.\n")
    assert house.staff.authenticate("a", PASSWORD)
    # Sent to a running server, the command takes along what was typed.
    assert console.stdin_text == PASSWORD
    forwarded = Console.in_memory(tmp_path, PASSWORD)
    assert execute(command_line(), ["staff", "password", "a"], OpenSession(forwarded, house)) == 0
    assert "Password:" not in forwarded.written()[0]


def test_single_sign_on_needs_no_password(cli: Cli, house: Services):
    assert cli("staff", "add", "a@example.com", "--role", "editor", "--single-sign-on").code == 0
    assert not house.staff.get("a@example.com").has_password


def test_roles_disabling_and_the_list(cli: Cli):
    assert "staff add NAME --role admin" in cli("staff", "list").out
    cli("staff", "add", "boss", "--role", "admin")
    cli("staff", "add", "a", "--role", "viewer")
    assert cli("staff", "role", "a", "publisher").out == "a is publisher.\n"
    assert cli("staff", "disable", "a").code == 0
    assert [line.split()[:3] for line in cli("staff", "list").out.splitlines()] == [
        ["a", "publisher", "disabled"],
        ["boss", "admin", "active"],
    ]
    assert cli("staff", "enable", "a").code == 0
    assert cli("staff", "list", "--json").json[0]["active"] is True


def test_refusals_are_sentences(cli: Cli):
    cli("staff", "add", "boss", "--role", "admin")
    for argv, said in (
        (("add", "boss", "--role", "admin"), "already"),
        (("add", "a", "--role", "owner"), "viewer, editor, publisher, admin"),
        (("add", " ", "--role", "viewer"), "1 to 60"),
        (("role", "nobody", "viewer"), "no staff account"),
        (("disable", "boss"), "only active admin"),
    ):
        ran = cli("staff", *argv)
        assert ran.code == 1, argv
        assert said in ran.err
    assert cli("staff", "add", "a").code == 2


def test_changes_by_command_are_audited(cli: Cli, house: Services):
    cli("staff", "add", "a", "--role", "viewer")
    entry = Trail(house.engine).entries(area="staff")[0]
    assert (entry.action, entry.subject) == ("staff.added", "a")
    assert entry.actor
