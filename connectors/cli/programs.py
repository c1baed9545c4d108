"""`programs …`: incentive tasks, what they would cost, who takes part. Star and checklists are programs, too."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import BadInput
from connectors.cli import session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import CreatorArgument, Json
from connectors.cli.columns import aligned
from connectors.cli.knowledge import author

if TYPE_CHECKING:
    from assistant.programs.service import Programs

commands = typer.Typer(help="Incentive tasks, Star and checklists.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(metavar="PROGRAM", help="The program's name.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the audit trail.")]


def programs() -> "Programs":
    """The services of the home."""
    return session.services().programs


@commands.command("list")
def list_programs(as_json: Json = False) -> None:
    """List the programs: what is in force, what is a draft, who takes part."""
    from assistant.programs.rules import KINDS

    services = programs()
    console, counts = session.console(), services.tasks.counts()
    found = [one for kind in KINDS for one in services.register.all(kind)]
    if as_json:
        console.data(
            [
                {
                    "program": one.slug, "kind": one.kind, "title": one.shown.rule.title.model_dump(),
                    "version": one.published and one.published.number, "draft": one.draft and one.draft.number,
                    "closed_at": one.closed_at and one.closed_at.isoformat() + "Z",
                    "taking_part": counts.get(one.slug, {}),
                }
                for one in found
            ]
        )  # fmt: skip
        return
    rows = [
        (
            one.slug,
            one.kind,
            "closed" if one.closed_at else f"version {one.published.number}" if one.published else "not published",
            f"{sum(counts.get(one.slug, {}).values())} took part" if one.kind == "task" else "",
            one.shown.rule.title.zh + ("  (a draft waits)" if one.draft and one.published else ""),
        )
        for one in found
    ]
    for line in aligned(rows) or ["There are no programs yet; `heliotrope programs save FILE` keeps the first."]:
        console.say(line)


@commands.command()
def show(program: Slug, draft: Annotated[bool, typer.Option("--draft", help="The draft instead.")] = False) -> None:
    """Print a program's rule as YAML, as `save` reads it."""
    from assistant.programs.rule_texts import write_yaml

    found = programs().register.find(program)
    version = found.draft if draft else found.shown
    if version is None:
        raise BadInput(f"{program} has no draft.")
    session.console().say(f"kind: {found.kind}\n{write_yaml(version.rule)}".rstrip())


@commands.command()
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The rule as YAML, its `kind` with it.")],
    program: Annotated[
        str, typer.Option("--as", metavar="NAME", help="The program's name; default the file's.")
    ] = "",
) -> None:
    """Check a rule and keep it as the program's draft. Nothing is offered before it is published."""
    from assistant.programs.rule_texts import read_yaml
    from assistant.programs.rules import KINDS

    services, console = programs(), session.console()
    try:
        kept = read_yaml((console.cwd / file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read as text.") from error
    kind = kept.pop("kind", "task")
    if kind not in KINDS:
        raise BadInput(f"kind is one of {', '.join(KINDS)}.")
    version = services.register.save(program or file.stem, kind, kept, author())
    console.say(f"Draft {version.number} of {version.program} is kept: {version.rule.title.zh}.")


@commands.command()
def simulate(
    program: Slug,
    draft: Annotated[bool, typer.Option("--draft", help="The draft instead of the version in force.")] = False,
    as_json: Json = False,
) -> None:
    """Tell what a task would have come to in the days just past: how many would qualify, what it would cost."""
    from assistant.programs.simulation import Outcome

    services, console = programs(), session.console()
    found = services.register.task(program)
    version = found.draft if draft else found.shown
    if version is None:
        raise BadInput(f"{program} has no draft.")
    result = services.simulator.simulate(version.rule, services.today())
    if as_json:
        console.data(result.as_dict())
        return

    def told(name: str, outcome: Outcome) -> tuple[str, ...]:
        cost = ", ".join(_amount(kind, amount) for kind, amount in outcome.cost.items()) or "nothing"
        return name, f"{outcome.joined:,} creators", f"{outcome.completed:,} would finish", f"cost {cost}"

    console.say(f"{version.rule.title.zh}, {result.first_day} – {result.last_day}")
    everybody, offered = told("everybody it is for", result.everybody), told("whom it would be offered", result.offered)
    for line in aligned([everybody, offered]):
        console.say(line)
    if not result.fits_budget(version.rule):
        console.say("The budget would not have paid for everybody.")


@commands.command()
def publish(program: Slug) -> None:
    """Put the draft in force; who has joined keeps the version they joined under."""
    version = programs().register.publish(program, author())
    session.console().say(f"Version {version.number} of {program} is in force.")


@commands.command()
def close(program: Slug, reason: Reason = "") -> None:
    """Take nobody any more; who has joined goes on."""
    programs().register.close(program, author(), reason)
    session.console().say(f"{program} is closed.")


@commands.command()
def fit(creator: CreatorArgument, as_json: Json = False) -> None:
    """Name the few tasks that fit a creator, and why."""
    services, console = programs(), session.console()
    known_creator(session.services(), creator)
    offers = services.matcher.offers(creator, services.today())
    if as_json:
        console.data(
            [
                {
                    "program": one.slug, "reach": round(one.reach, 3), "fits": [list(part) for part in one.fits],
                    "goals": [
                        {"metric": look.goal.metric, "target": look.goal.target, "expected": look.expected,
                         "reach": round(look.reach, 3)}
                        for step in one.outlooks for look in step
                    ],
                }
                for one in offers
            ]
        )  # fmt: skip
        return
    rows = [
        (one.slug, one.version.rule.title.zh, f"{one.reach:.0%} within reach", f"until {one.version.rule.closes}")
        for one in offers
    ]
    for line in aligned(rows) or ["No task fits this creator now."]:
        console.say(line)


@commands.command()
def join(program: Slug, creator: CreatorArgument) -> None:
    """Enter a creator into a task."""
    services = programs()
    known_creator(session.services(), creator)
    found = services.tasks.join(creator, program, services.today(), author())
    session.console().say(f"{creator} takes part in {program} from {found.first_day} to {found.last_day}.")


@commands.command()
def progress(creator: CreatorArgument, as_json: Json = False) -> None:
    """Tell how far a creator is in every task."""
    services, console = programs(), session.console()
    known_creator(session.services(), creator)
    found = [services.tasks.progress(one, services.today()) for one in services.tasks.of_creator(creator)]
    if as_json:
        console.data([_progress(one) for one in found])
        return
    rows = [
        (
            one.enrolment.id,
            one.enrolment.program,
            one.enrolment.state,
            f"{one.share:.0%}",
            f"{one.enrolment.first_day} – {one.enrolment.last_day}",
        )
        for one in found
    ]
    for line in aligned(rows) or [f"{creator} has joined nothing."]:
        console.say(line)


@commands.command()
def settle(as_json: Json = False) -> None:
    """Hold everybody who takes part against the numbers now, and reward what is done.

    A server does this every ten minutes by itself.
    """
    settled = programs().settle()
    console = session.console()
    if as_json:
        console.data(asdict(settled))
        return
    console.say(
        f"{settled.looked_at:,} take part: {settled.steps} steps done, {settled.completed} tasks completed, "
        f"{settled.missed} missed."
    )
    if settled.unfunded:
        console.say(f"{settled.unfunded} steps brought nothing: the budget is used up.")


@commands.command()
def readiness(
    creator: CreatorArgument,
    program: Annotated[
        str, typer.Option("--for", metavar="LIST", help="kuaishou-star, ecommerce-readiness or brand-readiness.")
    ] = "kuaishou-star",
    as_json: Json = False,
) -> None:
    """Hold a creator against Star's criteria or a checklist: met, not met, not published."""
    services, console = programs(), session.console()
    known_creator(session.services(), creator)
    found = services.reader.readiness(services.register.criteria(program), creator, services.today())
    if as_json:
        console.data(found.as_dict())
        return
    console.say(f"{found.rule.title.zh}, {found.first_day} – {found.last_day}")
    for line in aligned([(one.verdict, one.criterion.title.zh) for one in found.standings]):
        console.say(line)


def _amount(kind: str, amount: int) -> str:
    return f"{amount / 100:,.2f} yuan" if kind == "cash" else f"{amount:,} {'exposures' if kind == 'traffic' else kind}"


def _progress(found: Any) -> dict[str, Any]:
    own = found.enrolment
    return {
        "enrolment": own.id, "program": own.program, "version": own.version, "state": own.state,
        "first_day": own.first_day.isoformat(), "last_day": own.last_day.isoformat(), "steps_done": own.steps_done,
        "share": round(found.share, 3), "counted_until": found.counted_until.isoformat(),
        "goals": [
            {"metric": goal.goal.metric, "target": goal.goal.target, "reached": goal.reached.value, "met": goal.met}
            for step in found.steps for goal in step
        ],
    }  # fmt: skip
