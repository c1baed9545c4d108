"""The program as a process: what it needs to start, and how commands and a server share one home."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from assistant.home import Home, Serving
from tests.connectors.cli.conftest import ROOT, Program

HEAVY = ("chromadb", "langchain", "ibis", "polars", "fastapi", "pydantic", "numpy", "sqlalchemy", "telegram", "uvicorn")
ARTICLE = "# 怎么起标题\n\n标题里放一个具体的数字。\n"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Serving]]:
    """A server on a bare home, and where it serves."""
    program = Program(tmp_path_factory.mktemp("served"))
    server = program.start("serve", "--port", "0")
    try:
        yield program, told_where(server, program)
    finally:
        server.terminate()
        server.communicate(timeout=60)


def told_where(server: "subprocess.Popen[str]", program: Program) -> Serving:
    """Wait until the server has said where to chat."""
    assert server.stdout is not None
    for line in server.stdout:
        if "HTTP API" in line:
            serving = Home(program.folder / "home").serving()
            assert serving is not None
            return serving
    raise AssertionError(server.communicate()[1])


def get(url: str, path: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_help_waits_for_no_heavy_import():
    code = f"import sys, connectors.cli.main; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_usage_is_settled_without_a_home(program: Program):
    assert program.run("--help", HELIOTROPE_HOME="/dev/null/x").code == 0
    assert program.run("nonsense", HELIOTROPE_HOME="/dev/null/x").code == 2


def test_setting_that_does_not_exist_is_named(program: Program):
    ran = program.run("releases", HELIOTROPE_HOEM="x")
    assert ran.code == 2
    ran = program.run("creators", "list", HELIOTROPE_HOEM="x")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "Unknown setting HELIOTROPE_HOEM; see docs/settings.md for the names that exist.\n"


def test_home_that_cannot_be_used_is_told(program: Program):
    (program.folder / "file").write_text("")
    ran = program.run("creators", "list", HELIOTROPE_HOME=str(program.folder / "file"))
    assert (ran.code, ran.out) == (2, "")
    assert "HELIOTROPE_HOME" in ran.err
    assert ran.err.count("\n") == 1


def test_port_that_is_taken_is_told_in_one_sentence(program: Program):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = program.run("serve", "--port", str(taken.getsockname()[1]))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("is taken by another program; choose another one with --port.\n")
    assert program.run("serve", "--host", "no.such.host.invalid").code == 2


def test_commands_run_inside_the_server_with_the_folder_and_input_of_whoever_typed_them(
    served: tuple[Program, Serving],
):
    program, _ = served
    (program.folder / "titles.md").write_text(ARTICLE, "utf-8")
    added = program.run("knowledge", "add", "titles.md")
    assert (added.code, added.err) == (0, "")
    assert added.out == f"{program.folder / 'titles.md'}: 1 added (1 passages), 0 unchanged\n"
    assert program.run("knowledge", "publish", "--json").json["release"] == 1
    assert "titles" in program.run("knowledge", "search", "怎么起标题").out
    assert program.run("ask", "-", "--json", stdin="怎么起标题").json["text"]
    assert program.run("knowledge", "add", "missing.md").code == 1
    assert program.run("creators", "add", "me").code == 0
    assert [creator["id"] for creator in program.run("creators", "list", "--json").json] == ["me"]
    (program.folder / "golden.jsonl").write_text(json.dumps({"question": "怎么起标题", "answerable": True}), "utf-8")
    assert program.run("evaluate", "golden.jsonl", "--min-pass", "0").code == 0


def test_second_server_and_init_are_refused_with_the_address_of_the_first(served: tuple[Program, Serving]):
    program, serving = served
    for command in ("serve", "init"):
        ran = program.run(command)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err == f"Heliotrope is already running at {serving.url}; stop it first.\n"


def post(serving: Serving, token: str, argv: list[str]) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection(urlsplit(serving.url).netloc, timeout=60)
    body = json.dumps({"argv": argv, "cwd": "/", "stdin": None})
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    connection.request("POST", "/api/v1/operator/commands", body, headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    return answer.status, told


def test_commands_over_http_are_for_the_operator_only(served: tuple[Program, Serving]):
    _, serving = served
    for token in ("", "x", serving.token + "x"):
        assert post(serving, token, ["creators", "list"])[0] == 403
    assert post(serving, serving.token, ["creators", "list"])[0] == 200


def test_server_runs_neither_a_second_server_nor_bad_usage(served: tuple[Program, Serving]):
    _, serving = served
    status, told = post(serving, serving.token, ["serve"])
    assert (status, told["exit_code"]) == (200, 1)
    assert "already running" in str(told["stderr"])
    status, told = post(serving, serving.token, ["nonsense"])
    assert (status, told["exit_code"]) == (200, 2)
    assert "No such command" in str(told["stderr"])


def test_killed_server_leaves_a_usable_home_and_a_terminated_one_a_clean_one(program: Program):
    home = Home(program.folder / "home")
    killed = program.start("serve", "--port", "0")
    told_where(killed, program)
    killed.kill()
    killed.communicate(timeout=60)
    assert (home.folder / "owner.json").exists()

    server = program.start("serve", "--port", "0")
    serving = told_where(server, program)
    assert get(serving.url, "/healthz") == 200
    with socket.create_connection((urlsplit(serving.url).hostname, urlsplit(serving.url).port)):  # idle, and in no way
        server.send_signal(signal.SIGTERM)
        _, err = server.communicate(timeout=60)
    assert (server.returncode, err) == (0, "")
    assert not (home.folder / "owner.json").exists()
    with home.owner_lock():
        pass


def test_reader_that_goes_away_is_no_error(program: Program):
    command = program.start("metrics", "list")
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.close()
    assert command.stderr.read() == ""
    command.wait(30)
    command.stderr.close()


def test_interrupted_command_says_nothing(program: Program):
    home = Home(program.folder / "home")
    with home.owner_lock():  # the command waits for its turn, so the signal surely meets it
        command = program.start("creators", "list")
        with pytest.raises(subprocess.TimeoutExpired):
            command.wait(3)
        os.kill(command.pid, signal.SIGINT)
        out, err = command.communicate(timeout=60)
    assert (command.returncode, out, err) == (130, "", "")


def test_empty_start_stays_empty(program: Program):
    home = Home(program.folder / "home")
    home.is_bare = False
    ran = program.run("init", "--empty")
    assert (ran.code, ran.out) == (0, f"{home.folder} is ready: no release yet, 0 creators.\n")
    assert home.is_bare
