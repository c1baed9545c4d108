"""`metrics …`: files of numbers in, declared metrics out."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.cli import importing, session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import CreatorNeeded, Json
from connectors.cli.columns import aligned
from connectors.cli.defining import define, described, preview
from connectors.cli.pictures import LanguageOption, PictureOption, draw

if TYPE_CHECKING:
    from assistant.creators.charts.chart import Chart
    from assistant.creators.figures import Language
    from assistant.creators.metrics import Metric

commands = typer.Typer(help="Creators' numbers.", no_args_is_help=True)

WINDOW_DAYS = 28

commands.command("import")(importing.import_files)
commands.command("imports")(importing.list_imports)
commands.command("undo")(importing.undo)
commands.command("sweep")(importing.sweep_folder)
commands.command("export")(importing.export)
commands.command("rebuild")(importing.rebuild)


@commands.command("list")
def list_metrics(
    creator: Annotated[
        str | None, typer.Option("--creator", metavar="ID", help="With the custom metrics of this creator.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the metrics with their definitions.

    Custom metrics of the staff are among them.
    """
    from assistant.creators.metrics import CATALOGUE

    console = session.console()
    custom = session.services().custom_metrics.visible_to(creator)
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
        built_in = [{name: getattr(metric, name) for name in names} for metric in CATALOGUE.values()]
        defined = [{**{name: getattr(kept.metric, name) for name in names}, **described(kept)} for kept in custom]
        console.data(built_in + defined)
        return
    for metric in (*CATALOGUE.values(), *(kept.metric for kept in custom)):
        console.say(f"{metric.name}  {metric.title_zh} · {metric.title_en} ({metric.unit}, {metric.grain})")
        console.say(f"    {metric.definition_zh}")
        console.say(f"    {metric.definition_en}")


commands.command("define")(define)
commands.command("preview")(preview)


@commands.command("get")
def get(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The metric; `metrics list` names them.")],
    creator: CreatorNeeded,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=3660, help="The length of the window.")
    ] = WINDOW_DAYS,
    picture: PictureOption = None,
    lang: LanguageOption = "en",
    as_json: Json = False,
) -> None:
    """Tell one metric of one creator.

    The last days with data against as many before, and day by day.
    """
    console = session.console()
    services = session.services()
    from assistant.creators.figures import written
    from assistant.creators.metrics import daily, last_day, measure

    known_creator(services, creator)
    metric = services.custom_metrics.metric(slug, creator)
    today = services.library.today()
    end = last_day(services.warehouse, creator, today) or today
    figure = measure(services.warehouse, creator, metric, end - timedelta(days=days - 1), end)
    by_day = daily(services.warehouse, creator, metric, days, end)
    draw(console, services.painter, picture, lang, partial(_chart, metric, by_day))
    if as_json:
        console.data({**figure.as_dict(), "daily": [[day.isoformat(), value] for day, value in by_day]})
        return
    titles = " · ".join(dict.fromkeys((metric.title_zh, metric.title_en)))
    console.say(f"{titles}: {figure.shown('en')}  ({figure.window}, n={figure.n:,})")
    facts = [f"{days} days before: {figure.baseline_shown('en')}"]
    if figure.percentile is not None:
        facts.append(f"percentile among the own earlier windows: {figure.percentile:.0f}")
    console.say("; ".join(facts))
    console.say(figure.definition_en)
    for line in aligned((day.isoformat(), written(value, figure.unit, "en")) for day, value in by_day):
        console.say(line)


def _chart(metric: "Metric", by_day: "Sequence[tuple[date, float | None]]", lang: "Language") -> "Chart":
    from assistant.creators.charts.series import Point, series_chart

    title = metric.title_en if lang == "en" else metric.title_zh
    return series_chart(metric.name, title, metric.unit, [Point(day, value) for day, value in by_day], lang)
