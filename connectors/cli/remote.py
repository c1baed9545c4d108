"""The server's side of forwarding: one route on which the home's operator runs commands inside the server."""

import asyncio
import secrets
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from assistant.bootstrap import Services
from assistant.errors import NotAllowed
from assistant.home import Serving
from connectors.cli.console import Console
from connectors.cli.execution import RootCommand, execute
from connectors.cli.forwarding import PATH
from connectors.cli.session import ServedSession


class Command(BaseModel):
    """A command line as typed elsewhere, with the folder it was typed in and what was read from standard input."""

    argv: list[str]
    cwd: str
    stdin: str | None = None


class CommandOutcome(BaseModel):
    """What the command said, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str


def operator_router(services: Services, serving: Serving, command: RootCommand) -> APIRouter:
    """The route for commands. Only who can read the home folder knows the token; it lives as long as the server."""
    router = APIRouter(include_in_schema=False)
    expected = f"Bearer {serving.token}".encode()

    @router.post(PATH)
    async def run(body: Command, authorization: Annotated[str, Header()] = "") -> CommandOutcome:
        if not secrets.compare_digest(authorization.encode(), expected):
            raise NotAllowed("This is for commands of this home's operator.")
        console = Console.in_memory(Path(body.cwd), body.stdin or "")
        where = ServedSession(console, services, asyncio.get_running_loop(), serving.url)
        code = await run_in_threadpool(execute, command, body.argv, where)
        stdout, stderr = console.written()
        return CommandOutcome(exit_code=code, stdout=stdout, stderr=stderr)

    return router
