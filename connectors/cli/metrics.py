"""`metrics …`: files of numbers in, declared metrics out."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import Problem
from connectors.cli import session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import CreatorNeeded, Files, Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from connectors.feeds import ImportReport

commands = typer.Typer(help="Creators' numbers.", no_args_is_help=True)

WINDOW_DAYS = 28
SKIPPED_SHOWN = 20


@commands.command("import")
def import_files(
    files: Files,
    creator: Annotated[
        str | None, typer.Option("--creator", metavar="ID", help="Whose numbers, where the file does not say.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="The layout; default: recognised by the header.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report what would happen.")] = False,
    as_json: Json = False,
) -> None:
    """Read metric files. The same file twice changes nothing.

    A file that cannot be read is named and left out whole; the others are read, and the exit code is 1.
    """
    console = session.console()
    services = session.services()
    from connectors.feeds import import_file

    failed = False
    for file in files:
        path = console.path(file)
        try:
            report = import_file(services.warehouse, path, creator, preset, dry_run)
        except Problem as problem:
            failed = True
            console.note(str(problem) if path.name in str(problem) else f"{path}: {problem}")
            continue
        except OSError as error:
            failed = True
            console.note(f"{path}: {error.strerror or error}.")
            continue
        if as_json:
            console.data(report.as_dict())
        else:
            _tell(report, dry_run)
    if creator is not None and services.accounts.find(creator) is None:
        console.note(
            f"{creator} has no account yet; `heliotrope creators add {creator}` makes one, for tokens and chats."
        )
    if failed:
        raise typer.Exit(1)


@commands.command("list")
def list_metrics(as_json: Json = False) -> None:
    """List the metrics with their definitions."""
    from assistant.creators.metrics import CATALOGUE

    console = session.console()
    if as_json:
        names = (
            "slug",
            "title_zh",
            "title_en",
            "unit",
            "grain",
            "direction",
            "minimum_base",
            "definition_zh",
            "definition_en",
        )
        console.data([{name: getattr(metric, name) for name in names} for metric in CATALOGUE.values()])
        return
    for metric in CATALOGUE.values():
        console.say(f"{metric.slug}  {metric.title_zh} · {metric.title_en} ({metric.unit}, {metric.grain})")
        console.say(f"    {metric.definition_zh}")
        console.say(f"    {metric.definition_en}")


@commands.command("get")
def get(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The metric; `metrics list` names them.")],
    creator: CreatorNeeded,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=3660, help="The length of the window.")
    ] = WINDOW_DAYS,
    as_json: Json = False,
) -> None:
    """Tell one metric of one creator.

    The last days with data against as many before, and day by day.
    """
    console = session.console()
    services = session.services()
    from assistant.creators.figures import written
    from assistant.creators.metrics import daily, last_day, measure, metric_of

    metric = metric_of(slug)
    known_creator(services, creator)
    today = services.library.today()
    end = last_day(services.warehouse, creator, today) or today
    figure = measure(services.warehouse, creator, slug, end - timedelta(days=days - 1), end)
    by_day = daily(services.warehouse, creator, slug, days, end)
    if as_json:
        console.data({**figure.as_dict(), "daily": [[day.isoformat(), value] for day, value in by_day]})
        return
    console.say(f"{metric.title_zh} · {metric.title_en}: {figure.shown('en')}  ({figure.window}, n={figure.n:,})")
    facts = [f"{days} days before: {figure.baseline_shown('en')}"]
    if figure.percentile is not None:
        facts.append(f"percentile among the own earlier windows: {figure.percentile:.0f}")
    console.say("; ".join(facts))
    console.say(figure.definition_en)
    for line in aligned((day.isoformat(), written(value, figure.unit, "en")) for day, value in by_day):
        console.say(line)


def _tell(report: "ImportReport", dry_run: bool) -> None:
    console = session.console()
    would = " (dry run: nothing was kept)" if dry_run else ""
    console.say(
        f"{report.file}: {report.preset}, {report.read} rows read, {report.new} new, {report.changed} changed{would}"
    )
    console.say(f"  {report.works} works, {report.days} days")
    totals = ", ".join(f"{name} {_number(value)}" for name, value in report.totals.items())
    if totals:
        console.say(f"  totals: {totals}")
    for warning in report.warnings:
        console.say(f"  note: {warning}")
    for skipped in report.skipped[:SKIPPED_SHOWN]:
        console.say(f"  line {skipped.line} skipped: {skipped.reason}")
    if len(report.skipped) > SKIPPED_SHOWN:
        console.say(f"  … and {len(report.skipped) - SKIPPED_SHOWN} more lines skipped; --json names them all.")


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
