"""`metrics define` and `metrics preview`: metrics in the formula language."""

from typing import TYPE_CHECKING, Annotated

import typer

from connectors.cli import session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import CreatorNeeded, Json
from connectors.cli.columns import aligned

if TYPE_CHECKING:
    from assistant.creators.custom import Definition

Formula = Annotated[
    str, typer.Argument(metavar="FORMULA", help="Such as 'ratio(sum(follows), sum(likes + comments + shares))'.")
]


def define(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The name: small letters, digits and _.")],
    formula: Formula,
    creator: Annotated[
        str | None, typer.Option("--creator", metavar="ID", help="Whose metric; without it, the staff's for everybody.")
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="T", help="How it is shown; default: what stands before = .")
    ] = None,
    leaderboards: Annotated[bool, typer.Option("--leaderboards", help="Allow it on leaderboards.")] = False,
    as_json: Json = False,
) -> None:
    """Define a metric by a formula, or a new version of it.

    What will be counted is told back in words. docs/formulas.md describes the language.
    """
    console = session.console()
    services = session.services()
    from assistant.creators.custom import STAFF

    if creator is not None:
        known_creator(services, creator)
    kept = services.custom_metrics.define(slug, formula, creator or STAFF, title, allowed=leaderboards)
    if as_json:
        console.data(described(kept))
        return
    console.say(f"{kept.metric.name}  {kept.title} ({kept.unit})")
    for lang in ("zh", "en"):
        console.say(f"    {kept.explained(lang)}")


def preview(
    formula: Formula,
    creator: CreatorNeeded,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=366, help="The length of the window.")
    ] = 28,
    as_json: Json = False,
) -> None:
    """Try a formula on a creator's own numbers; nothing is kept.

    The window, its days one by one, and each of the last works alone, with what each number rests on.
    """
    console = session.console()
    services = session.services()
    from assistant.creators.custom import as_metric
    from assistant.creators.figures import written
    from assistant.creators.previewing import preview as previewed

    known_creator(services, creator)
    understood = services.custom_metrics.understood(formula, creator)
    metric = as_metric("preview", understood.title or "preview", understood.formula, understood.unit, None)
    shown = previewed(services.warehouse, metric, creator, days, services.library.today())
    if as_json:
        lines = {"days": shown.days, "works": shown.works}
        listed = {name: [[line.name, line.value, line.n] for line in some] for name, some in lines.items()}
        explanations = {"definition_zh": metric.definition_zh, "definition_en": metric.definition_en}
        console.data({**shown.figure.as_dict(), **explanations, **listed})
        return
    console.say(f"{metric.title_en}: {shown.figure.shown('en')}  ({shown.figure.window}, n={shown.figure.n:,})")
    console.say(metric.definition_zh)
    console.say(metric.definition_en)
    days_heading = "Days, each with the 28 days that end on it" if metric.grain == "work" else "Days"
    for heading, some in ((days_heading, shown.days), ("Last works", shown.works)):
        if some:
            console.say(f"{heading}:")
            rows = ((line.name, written(line.value, shown.unit, "en"), f"n={line.n:,}") for line in some)
            for text in aligned(rows):
                console.say(f"  {text}")


def described(kept: "Definition") -> dict[str, object]:
    """A definition as `--json` gives it."""
    return {
        "slug": kept.slug,
        "version": kept.version,
        "owner": kept.owner or None,
        "title": kept.title,
        "formula": kept.text,
        "canonical": kept.canonical,
        "unit": kept.unit,
        "definition_zh": kept.metric.definition_zh,
        "definition_en": kept.metric.definition_en,
        "allowed_on_leaderboards": kept.allowed_on_leaderboards,
    }
