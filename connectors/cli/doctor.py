"""`doctor`: a home looked over, with a sentence for everything that is wrong and what to do about it."""

import os
import shutil
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import typer

from assistant.errors import Conflict, Misconfigured, Problem, Unavailable
from connectors.cli import logs, outside, session
from connectors.cli.arguments import Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from assistant.bootstrap import Services
    from assistant.settings import Settings

Finding = tuple[str, bool, str]  # the part, whether it is well, and what is to be said
# Of each pair either both are set or neither.
PAIRS = (
    ("oidc_issuer", "oidc_client_id"),
    ("smtp_url", "email_from"),
    ("payer_webhook", "payer_secret"),
)


def doctor(as_json: Json = False) -> None:
    """Look for what is wrong with this home.

    Settings, disk, log, database, knowledge, numbers, models, Telegram and whatever else is connected, a line each; the
    exit code is 1 when something is wrong. Endpoints outside are asked whether they answer and take the key.
    """
    findings = _all()
    console = session.console()
    if as_json:
        console.data([{"part": name, "ok": ok, "says": says} for name, ok, says in findings])
    else:
        for line in aligned(("ok" if ok else "WRONG", name, says) for name, ok, says in findings):
            console.say(line)
    if not all(ok for _, ok, _ in findings):
        raise typer.Exit(1)


def _all() -> list[Finding]:
    """With settings that cannot be used, or a home that cannot be opened, there is nothing more to look at."""
    from assistant.settings import Settings

    complaints = Settings.complaints(os.environ)
    if complaints:
        return [("settings", False, says) for says in complaints]
    try:
        services = session.services()
    except Problem as problem:
        return [("opening", False, str(problem))]
    return [_examined(name, check, services) for name, check in CHECKS.items()]


def _examined(name: str, check: Callable[["Services"], str], services: "Services") -> Finding:
    try:
        return name, True, check(services)
    except Problem as problem:
        return name, False, str(problem)


def _settings(services: "Services") -> str:
    settings = services.settings
    for one, other in PAIRS:
        missing = [name for name in (one, other) if not _is_set(settings, name)]
        if len(missing) == 1:
            there = one if missing == [other] else other
            raise Misconfigured(
                f"{variable(there)} is set and {variable(missing[0])} is not; set both, or neither of them."
            )
    return "every variable is known and can be used"


def variable(name: str) -> str:
    """The environment variable of a setting."""
    from assistant.settings import PREFIX

    return PREFIX + name.upper()


def _is_set(settings: "Settings", name: str) -> bool:
    value = getattr(settings, name)
    return bool(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def _home(services: "Services") -> str:
    from assistant.telemetry.condition import LEAST_FREE_BYTES

    folder = services.settings.home
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise Unavailable(f"The disk of {folder} has only {free // 2**20} MB left; make room.")
    return f"{folder}, {free / 2**30:.1f} GB free"


def _files(services: "Services") -> str:
    settings = services.settings
    try:
        settings.files.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=settings.files):
            pass
    except OSError as error:
        raise Misconfigured(
            f"Files cannot be kept in {settings.files} ({error.strerror}); mend its rights or set "
            "HELIOTROPE_FILES_FOLDER to another folder."
        ) from error
    if settings.is_shared and settings.files_folder is None:
        return f"{settings.files}, this process alone; with replicas set HELIOTROPE_FILES_FOLDER to one that all share"
    return f"{settings.files}"


def _log(services: "Services") -> str:
    file = logs.file_of(services.settings.home)
    if file.exists() and not os.access(file, os.W_OK):
        raise Misconfigured(f"The log {file} cannot be written; give the file to the user who runs Heliotrope.")
    return f"{file}"


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
    count = len(services.library.shelf.passages)
    return f"release {services.library.release}, {count} passages, each finds itself"


def _numbers(services: "Services") -> str:
    warehouse = services.warehouse
    counts = {
        name: warehouse.rows(table.count().name("rows").as_table())[0]["rows"]
        for name, table in (("works", warehouse.works), ("creator-days", warehouse.creator_days))
    }
    return (
        ", ".join(f"{count:,} {name}" for name, count in counts.items()) + f"; {len(services.accounts.all())} accounts"
    )


def _queues(services: "Services") -> str:
    late = [queue for queue in services.telemetry.queues.all() if queue.is_late]
    if late:
        said = "; ".join(f"{one.length} in {one.name}, the oldest for {one.age_seconds / 60:.0f} min" for one in late)
        raise Unavailable(f"Work waits too long ({said}); is the server running? The log says what fails.")
    return "nothing waits too long"


def _staff(services: "Services") -> str:
    admins = sum(one.active and one.role == "admin" for one in services.staff.all())
    if not services.staff.is_empty() and not admins:
        raise Conflict("No admin can sign in to the console; run `heliotrope staff add NAME --role admin`.")
    return f"{len(services.staff.all())} accounts, {admins} of them admins"


def _page(services: "Services") -> str:
    from connectors.web.app import create_app

    create_app(services)
    return "chat, widget and console have all their files"


def _charts(services: "Services") -> str:
    services.painter.check()
    return "the fonts are there"


CHECKS: dict[str, Callable[["Services"], str]] = {
    "settings": _settings,
    "home": _home,
    "files": _files,
    "log": _log,
    "database": _database,
    "knowledge": _knowledge,
    "numbers": _numbers,
    "queues": _queues,
    "staff": _staff,
    "pages": _page,
    "charts": _charts,
    "chat model": outside.chat_model,
    "embedder": outside.embedder,
    "index server": outside.index_server,
    "telegram": outside.telegram,
    "single sign-on": outside.single_sign_on,
    "mail": outside.mail,
    "traces": outside.traces,
}
