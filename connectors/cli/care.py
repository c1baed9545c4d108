"""`init` and `doctor`: a home made, and a home looked over."""

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import Conflict, Problem, Unavailable
from connectors.cli import session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from assistant.bootstrap import Services

LEAST_FREE_BYTES = 200 * 2**20


def init(
    empty: Annotated[
        bool, typer.Option("--empty", help="Without the starter knowledge and the demonstration creators.")
    ] = False,
) -> None:
    """Make the home folder ready.

    Every other command does so, too, when it finds none: with the starter knowledge and the demonstration creators.
    """
    from assistant.home import Home

    settings, _ = session.own_home()
    home = Home(settings.home)
    was_bare, home.is_bare = home.is_bare, empty
    services = session.services()
    if empty and services.library.release is not None:
        home.is_bare = was_bare
        raise Conflict(
            f"{home.folder} holds knowledge already; set HELIOTROPE_HOME to another folder for an empty start."
        )
    session.console().say(f"{home.folder} is ready: {_holdings(services)}.")


def doctor(as_json: Json = False) -> None:
    """Look for what is wrong with this home.

    Disk, database, knowledge, numbers, chat model, Telegram, the chat page and the charts, a line each; the exit code
    is 1 when something is wrong.
    """
    console = session.console()
    services = session.services()
    findings = [_examined(name, check, services) for name, check in CHECKS.items()]
    if as_json:
        console.data([{"part": name, "ok": ok, "says": says} for name, ok, says in findings])
    else:
        for line in aligned(("ok" if ok else "WRONG", name, says) for name, ok, says in findings):
            console.say(line)
    if not all(ok for _, ok, _ in findings):
        raise typer.Exit(1)


def _examined(name: str, check: Callable[["Services"], str], services: "Services") -> tuple[str, bool, str]:
    try:
        return name, True, check(services)
    except Problem as problem:
        return name, False, str(problem)


def _home(services: "Services") -> str:
    folder = services.settings.home
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise Unavailable(f"The disk of {folder} has only {free // 2**20} MB left; make room.")
    return f"{folder}, {free / 2**30:.1f} GB free"


def _database(services: "Services") -> str:
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with services.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise Unavailable(f"The database does not answer: {str(error).splitlines()[0]}.") from error
    return f"{services.engine.dialect.name} answers"


def _knowledge(services: "Services") -> str:
    complaints = services.library.verify()
    if complaints:
        raise Conflict(" ".join(complaints))
    drafts = "" if services.library.release else "; nothing is published"
    count = len(services.library.shelf.passages)
    return f"release {services.library.release}, {count} passages, each finds itself{drafts}"


def _numbers(services: "Services") -> str:
    warehouse = services.warehouse
    counts = {
        name: warehouse.rows(table.count().name("rows").as_table())[0]["rows"]
        for name, table in (("works", warehouse.works), ("creator-days", warehouse.creator_days))
    }
    return (
        ", ".join(f"{count:,} {name}" for name, count in counts.items()) + f"; {len(services.accounts.all())} accounts"
    )


def _chat_model(services: "Services") -> str:
    name = services.settings.chat_model
    standing_in = "needs no key and no network" if name == "extractive" else "extractive stands in whenever it fails"
    return f"{name}: {standing_in}"


def _telegram(services: "Services") -> str:
    from connectors.cli.serve import telegram_bot

    return "a token is set" if telegram_bot(services) else "off: no TELEGRAM_BOT_TOKEN"


def _page(services: "Services") -> str:
    from connectors.web.app import create_app

    create_app(services)
    return "the chat page has all its files"


def _charts(services: "Services") -> str:
    services.painter.check()
    return "the fonts are there"


CHECKS: dict[str, Callable[["Services"], str]] = {
    "home": _home,
    "database": _database,
    "knowledge": _knowledge,
    "numbers": _numbers,
    "chat model": _chat_model,
    "telegram": _telegram,
    "chat page": _page,
    "charts": _charts,
}


def _holdings(services: "Services") -> str:
    release = services.library.release
    knowledge = "no release yet"
    if release:
        knowledge = f"release {release} with {len(services.library.shelf.passages)} passages"
    return f"{knowledge}, {len(services.accounts.all())} creators"
