"""`leaderboard`: who stands where by a metric, and where one creator stands."""

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.creators.leaderboards.periods import PERIODS, Period
from connectors.cli import session
from connectors.cli.accounts import known_creator
from connectors.cli.arguments import AsOf, Json
from connectors.cli.columns import aligned
from connectors.cli.pictures import LanguageOption, PictureOption, draw

if TYPE_CHECKING:
    from assistant.creators.charts.chart import Chart
    from assistant.creators.figures import Language
    from assistant.creators.leaderboards.board import Board, Entry, Standing
    from assistant.creators.leaderboards.ranking import Cut

ACTOR = "operator"


def _period(text: str) -> Period:
    for known in PERIODS:
        if text == known:
            return known
    raise typer.BadParameter(f"{text!r} is not day, week or month.")


def leaderboard(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The metric; `metrics list` names them.")],
    period: Annotated[
        Period, typer.Option("--period", metavar="PERIOD", parser=_period, help="day, week (from Monday) or month.")
    ] = "week",
    category: Annotated[
        str | None, typer.Option("--category", metavar="NAME", help="Only creators of this category.")
    ] = None,
    tier: Annotated[
        str | None, typer.Option("--tier", metavar="NAME", help="Only creators of this tier, such as 万粉.")
    ] = None,
    as_of: AsOf = None,
    creator: Annotated[
        str | None, typer.Option("--creator", metavar="ID", help="This creator's place and neighbours instead.")
    ] = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, max=1000, help="How many places.")] = 20,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Make it again; where numbers changed, as a new revision.")
    ] = False,
    picture: PictureOption = None,
    lang: LanguageOption = "en",
    as_json: Json = False,
) -> None:
    """Tell who stands where by a metric.

    The board of the last day, week or month that was over on the day asked about. Equal values share a rank (1-2-2-4).
    A board is kept by the server's night, or when it is first asked for, and stays as it was, whatever is imported
    later.
    """
    console = session.console()
    services = session.services()
    from assistant.creators.leaderboards.ranking import cut_of

    today = as_of or services.library.today()
    if recompute:
        made = services.leaderboards.recompute(slug, period, today, ACTOR)
        before = "there was none before" if made.before is None else f"revision {made.before} had"
        told = f"{before} {made.differing:,} other numbers" if made.before is not None else before
        console.note(f"Made again: {told}; revision {made.board.revision or '(provisional)'} is shown.")
    if creator is not None:
        if category is not None or tier is not None:
            raise typer.BadParameter("--creator tells the place in the creator's own category and tier.")
        known_creator(services, creator)
        standing = services.leaderboards.standing(creator, slug, period, today)
        draw(console, services.painter, picture, lang, partial(_chart, standing.board, standing.around, creator))
        if as_json:
            console.data({**_board_as_dict(standing.board), **_standing_as_dict(standing)})
            return
        for line in _standing_lines(standing, creator):
            console.say(line)
        return
    board = services.leaderboards.board(slug, period, today, cut_of(category, tier), top)
    draw(console, services.painter, picture, lang, partial(_chart, board, board.entries, None))
    if as_json:
        console.data({**_board_as_dict(board), "entries": [_entry_as_dict(entry) for entry in board.entries]})
        return
    for line in [*_head(board, today), *_entry_lines(board, board.entries), *_foot(board)]:
        console.say(line)


def _chart(board: "Board", entries: "tuple[Entry, ...]", mine: str | None, lang: "Language") -> "Chart":
    from assistant.creators.charts.standing import board_chart

    return board_chart(board, entries, mine, lang)


def _head(board: "Board", today: date) -> list[str]:
    titles = " · ".join(dict.fromkeys((board.metric.title_zh, board.metric.title_en)))
    span, where = board.span, _cut_told(board.cut)
    lines = [f"{titles}, {span.period} {span.first} to {span.last}{where}: {board.ranked:,} ranked"]
    if board.through is None:
        return [*lines, f"There are no numbers of that {span.period} yet; today is {today}."]
    if board.is_provisional and board.through < span.last:
        lines.append(f"Provisional: the numbers reach {board.through} only. Nothing is kept yet.")
    return lines


def _cut_told(cut: "Cut") -> str:
    parts = [part for part in (cut.category, cut.tier.zh if cut.tier else None) if part]
    return f", {' · '.join(parts)}" if parts else ""


def _entry_lines(board: "Board", entries: "tuple[Entry, ...]") -> list[str]:
    from assistant.creators.figures import written

    unit = board.metric.unit
    rows = []
    for entry in entries:
        marks = [_moved(entry)]
        if entry.is_jump:
            marks.append(f"unusual jump from {written(entry.before, unit, 'en')}")
        if entry.is_synthetic:
            marks.append("synthetic")
        rows.append(
            (
                f"{entry.rank:>4}",
                entry.creator_id,
                entry.name,
                written(entry.value, unit, "en"),
                f"n={entry.n:,}",
                "; ".join(mark for mark in marks if mark),
            )
        )
    return aligned(rows) if rows else []


def _moved(entry: "Entry") -> str:
    if entry.rank_before is None:
        return "new"
    moved = entry.rank_before - entry.rank
    return f"up {moved}" if moved > 0 else f"down {-moved}" if moved < 0 else "as before"


def _foot(board: "Board") -> list[str]:
    from assistant.creators.leaderboards.board import TIE_RULE
    from assistant.creators.leaderboards.snapshots import jump_factor

    lines = []
    if board.below_base:
        lines.append(f"{board.below_base:,} more rest on fewer than {board.metric.minimum_base} and are not ranked.")
    if board.jumps or any(entry.is_jump for entry in board.entries):
        times = f"{jump_factor(board.metric):.0f} times the own value before and the board's median"
        lines.append(f"An unusual jump is {times}; it asks for a look and is no verdict.")
    kept = "Provisional" if board.revision is None else f"Kept as revision {board.revision}"
    made = f"{kept}, made {board.made_at:%Y-%m-%d %H:%M} UTC."
    return [*lines, board.metric.definition_en, TIE_RULE["en"], made]


def _standing_lines(standing: "Standing", creator: str) -> list[str]:
    board = standing.board
    lines = _head(board, board.span.last)
    if standing.mine is None:
        why = f"no number in that {board.span.period}, or one that rests on fewer than {board.metric.minimum_base}"
        return [*lines, f"{creator} is not ranked: {why}."]
    for place in standing.places:
        before = "" if place.rank_before is None else f", rank {place.rank_before:,} the {board.span.period} before"
        lines.append(f"{_cut_told(place.cut).lstrip(', ') or 'everybody'}: rank {place.rank:,} of {place.of:,}{before}")
    return [*lines, *_entry_lines(board, standing.around), *_foot(board)]


def _board_as_dict(board: "Board") -> dict[str, Any]:
    from assistant.creators.leaderboards.board import TIE_RULE
    from assistant.creators.leaderboards.snapshots import jump_factor

    metric = board.metric
    return {
        "metric": metric.name,
        "title_zh": metric.title_zh,
        "title_en": metric.title_en,
        "unit": metric.unit,
        "direction": metric.direction,
        "definition_zh": metric.definition_zh,
        "definition_en": metric.definition_en,
        "period": board.span.period,
        "first": board.span.first.isoformat(),
        "last": board.span.last.isoformat(),
        "category": board.cut.category,
        "tier": board.cut.tier.zh if board.cut.tier else None,
        "ranked": board.ranked,
        "below_base": board.below_base,
        "minimum_base": metric.minimum_base,
        "median": board.usual,
        "jump_factor": jump_factor(metric),
        "revision": board.revision,
        "provisional": board.is_provisional,
        "through": board.through.isoformat() if board.through else None,
        "made_at": board.made_at.isoformat(timespec="seconds"),
        "tie_rule": TIE_RULE,
    }


def _standing_as_dict(standing: "Standing") -> dict[str, Any]:
    return {
        "mine": None if standing.mine is None else _entry_as_dict(standing.mine),
        "places": [
            {
                "category": place.cut.category,
                "tier": place.cut.tier.zh if place.cut.tier else None,
                "rank": place.rank,
                "of": place.of,
                "rank_before": place.rank_before,
            }
            for place in standing.places
        ],
        "around": [_entry_as_dict(entry) for entry in standing.around],
    }


def _entry_as_dict(entry: "Entry") -> dict[str, Any]:
    return {
        "rank": entry.rank,
        "creator": entry.creator_id,
        "name": entry.name,
        "value": entry.value,
        "n": entry.n,
        "before": entry.before,
        "rank_before": entry.rank_before,
        "unusual_jump": entry.is_jump,
        "synthetic": entry.is_synthetic,
    }
