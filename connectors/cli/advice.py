"""`growth` and `diagnose`: what was computed from a creator's own numbers."""

from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from assistant.errors import BadInput, NotFound
from connectors.cli import session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import CreatorArgument, CreatorOption, Json
from connectors.cli.columns import aligned
from connectors.cli.pictures import LanguageOption, PictureOption, draw

if TYPE_CHECKING:
    from assistant.bootstrap import Services
    from assistant.creators.charts.chart import Chart
    from assistant.creators.diagnosis import Diagnosis, Step
    from assistant.creators.figures import Language
    from assistant.creators.growth import Growth
    from assistant.creators.peers import Comparison
    from assistant.creators.rhythm import Rhythm


def growth(
    creator: CreatorArgument, picture: PictureOption = None, lang: LanguageOption = "en", as_json: Json = False
) -> None:
    """Tell a creator's stage and way to the next tier.

    Followers, lifecycle stage and tier with their rules, the next 30 days, the dates of the next tier or why none are
    given, days on which something changed, the place among peers, and the rhythm of posting.
    """
    console = session.console()
    services = session.services()
    from assistant.creators.growth import trajectory

    known_creator(services, creator)
    today = services.library.today()
    told = trajectory(services.warehouse, creator, today)
    peers = services.peers.compare(creator, today)
    rhythm = _rhythm(services, creator, told)
    draw(console, services.painter, picture, lang, partial(_trajectory_chart, told))
    if as_json:
        console.data({**asdict(told), "peers": _peers_as_dict(peers), "rhythm": rhythm and asdict(rhythm)})
        return
    for line in [*_growth_lines(told), *_peers_lines(peers), *_rhythm_lines(rhythm)]:
        console.say(line)


def diagnose(
    work: Annotated[str, typer.Argument(metavar="WORK", help="The work's id.")],
    creator: CreatorOption = None,
    picture: PictureOption = None,
    lang: LanguageOption = "en",
    as_json: Json = False,
) -> None:
    """Tell where a work lost its viewers.

    Each step from exposure to follow stands against the creator's own last works; the largest gap comes first. Beside
    them stands the work's rank among the last ten, by reach and by quality.
    """
    console = session.console()
    services = session.services()
    from assistant.creators.diagnosis import diagnose as diagnosed

    owner = creator or _owner(services, work)
    now = datetime.now(ZoneInfo(services.settings.timezone)).replace(tzinfo=None)
    told = diagnosed(services.warehouse, owner, work, now)
    draw(console, services.painter, picture, lang, partial(_funnel_chart, told))
    if as_json:
        console.data(_as_dict(told))
        return
    for line in _diagnosis_lines(told):
        console.say(line)


def _rhythm(services: "Services", creator: str, told: "Growth") -> "Rhythm | None":
    from assistant.creators.rhythm import rhythm_of
    from assistant.creators.works import works_between

    if told.last_day is None:
        return None
    return rhythm_of(works_between(services.warehouse, creator, date.min, told.last_day), told.last_day)


def _trajectory_chart(told: "Growth", lang: "Language") -> "Chart":
    from assistant.creators.charts.trajectory import trajectory_chart

    return trajectory_chart(told, lang)


def _funnel_chart(told: "Diagnosis", lang: "Language") -> "Chart":
    from assistant.creators.charts.funnel import funnel_chart

    return funnel_chart(told, lang)


def _owner(services: "Services", work: str) -> str:
    """Whose work this is. Raises NotFound, and BadInput when several creators have one with this id."""
    works = services.warehouse.works
    rows = services.warehouse.rows(works.filter(works.work_id == work).select("creator_id").distinct().limit(2))
    if not rows:
        raise NotFound(f"There is no work {work!r}; import a file of works, or mind the spelling.")
    if len(rows) > 1:
        raise BadInput(f"Several creators have a work {work!r}; say whose with --creator ID.")
    return str(rows[0]["creator_id"])


def _growth_lines(told: "Growth") -> list[str]:
    from assistant.creators.figures import written

    if told.is_empty:
        return [f"There are no numbers of {told.creator_id} yet; `heliotrope metrics import` reads them."]
    counted = " (counted up from 0 on the first day)" if told.followers_counted else ""
    lines = [f"{told.creator_id}, data up to {told.last_day}"]
    lines.append(f"followers: {written(told.followers, 'count', 'en')}{counted}")
    if told.tier:
        lines.append(f"tier: {told.tier_en}. {told.tier_rule_en}")
    if told.stage:
        lines.append(f"stage: {told.stage.en}. {told.stage.rule_en}")
    net = ", ".join(f"{days} days {written(value, 'count', 'en')}" for days, value in told.net.items())
    lines.append(f"net followers: {net}")
    if told.forecast:
        end = told.forecast[-1]
        lines.append(
            f"in {len(told.forecast)} days: about {end.middle:,.0f} followers, in 80% of cases {end.low:,.0f} to "
            f"{end.high:,.0f}"
        )
    if told.milestone:
        goal = told.milestone
        dates = ", ".join(
            f"{share}% by {day or 'beyond the horizon'}"
            for share, day in ((10, goal.early), (50, goal.middle), (90, goal.late))
        )
        lines.append(f"next tier: {goal.target:,} followers: {dates}, from the last {goal.days_used} days")
        if goal.backtest:
            share = f", {goal.backtest.error_share:.0%} of the gain" if goal.backtest.error_share is not None else ""
            lines.append(
                f"earlier forecasts of {goal.backtest.horizon_days} days were off by {goal.backtest.error:,.0f} "
                f"followers{share} (median of {goal.backtest.n}); the 80% band held {goal.backtest.coverage:.0%}"
            )
    if told.refusal:
        lines.append(f"next tier: {told.refusal.en}")
    return lines + [f"- {day.text_en}" for day in told.notable]


def _peers_lines(peers: "Comparison | None") -> list[str]:
    if peers is None or not peers.peers:
        return []
    return [f"peers, {peers.first} to {peers.last}: {peers.note_en}"] + [f"- {one.text('en')}" for one in peers.peers]


def _peers_as_dict(peers: "Comparison | None") -> dict[str, Any] | None:
    if peers is None:
        return None
    return {
        "first": peers.first.isoformat(),
        "last": peers.last.isoformat(),
        "note": {"zh": peers.note_zh, "en": peers.note_en},
        "metrics": [
            {
                "metric": one.metric.slug,
                "value": one.value,
                "n": one.n,
                "percentile": one.percentile,
                "better_than": one.better_than,
                "peers": one.peers,
                "median": one.median,
                "tier": one.tier.zh if one.tier else None,
                "category": one.category,
                "small": one.is_small,
            }
            for one in peers.peers
        ],
    }


def _rhythm_lines(rhythm: "Rhythm | None") -> list[str]:
    if rhythm is None:
        return []
    from assistant.creators.figures import written

    gap = written(rhythm.median_gap_days, "count", "en")
    lines = [
        f"rhythm: {rhythm.works} works in 180 days, {rhythm.works_a_week:g} a week in the last 28 days; "
        f"median gap between days of posting {gap}, longest silence {rhythm.longest_silence_days} (in days)"
    ]
    return lines + [f"- {one.text_en}" for one in rhythm.comparisons] + [rhythm.refusal_en] * bool(rhythm.refusal_en)


def _diagnosis_lines(told: "Diagnosis") -> list[str]:
    lines = [f"{told.work.title} ({told.work.work_id}, {told.creator_id}), {_age(told.age_hours)} old"]
    if told.is_refused:
        lines.append(told.refusal_en)
    rows = [
        (
            step.figure.title_en,
            step.figure.shown("en"),
            f"own median {step.figure.baseline_shown('en')}",
            "" if step.figure.percentile is None else f"percentile {step.figure.percentile:.0f}",
            f"n={step.figure.n:,}",
        )
        for step in told.steps
    ]
    lines += aligned(rows)
    lines += [rank.text_en for rank in told.ranks] + [unsaid.text_en for unsaid in told.unsaid]
    if not told.is_refused:
        lines += [f"- {finding.text_en}" for finding in told.findings] or ["Nothing is clearly below the own usual."]
    return lines


def _age(hours: float) -> str:
    return f"{hours:,.0f} h" if hours < 168 else f"{hours / 24:,.0f} days"


def _as_dict(told: "Diagnosis") -> dict[str, Any]:
    return {
        "creator": told.creator_id,
        "work": {
            "id": told.work.work_id,
            "title": told.work.title,
            "published_at": told.work.published_at.isoformat(),
            "duration_seconds": told.work.duration_seconds,
            "source": told.work.source,
        },
        "age_hours": told.age_hours,
        "steps": [_step_as_dict(step) for step in told.steps],
        "findings": [
            {"topic": finding.topic, "metric": finding.step.figure.metric, "zh": finding.text_zh, "en": finding.text_en}
            for finding in told.findings
        ],
        "ranks": [
            {
                "metric": rank.metric,
                "kind": rank.kind,
                "value": rank.value,
                "rank": rank.rank,
                "of": rank.of,
                "tied": rank.tied,
            }
            for rank in told.ranks
        ],
        "unsaid": [{"metric": one.metric, "zh": one.text_zh, "en": one.text_en} for one in told.unsaid],
        "same_age": told.is_same_age,
        "refused": told.is_refused,
        "refusal": {"zh": told.refusal_zh, "en": told.refusal_en} if told.is_refused else None,
    }


def _step_as_dict(step: "Step") -> dict[str, Any]:
    return {
        "topic": step.topic,
        **step.figure.as_dict(),
        "low": step.low,
        "high": step.high,
        "compared": step.compared,
        "own": asdict(step.own) if step.own else None,
        "alike": asdict(step.alike) if step.alike else None,
        "shrunk": step.shrunk,
        "gap": step.gap,
        "gain": step.gain,
        "is_low": step.is_low,
    }
