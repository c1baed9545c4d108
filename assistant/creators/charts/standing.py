"""A leaderboard, or a creator's place on it, as a chart."""

from collections.abc import Sequence

from assistant.creators.charts.chart import Chart
from assistant.creators.charts.position import Place, position_chart
from assistant.creators.charts.wording import text_of
from assistant.creators.figures import Language
from assistant.creators.leaderboards.board import Board, Entry

# More places would make a picture that nobody scrolls through.
SHOWN_PLACES = 12


def board_chart(board: Board, entries: Sequence[Entry], mine: str | None, lang: Language) -> Chart:
    """The chart of `Leaderboards.board`, or of `standing` where `mine` is the creator's id."""
    metric, span, cut = board.metric, board.span, board.cut
    name = metric.title_zh if lang == "zh" else metric.title_en
    title = text_of(f"board_{span.period}", lang, title=name)
    days = span.first.isoformat() if span.first == span.last else f"{span.first} – {span.last}"
    parts = [part for part in (cut.category, cut.tier and (cut.tier.zh if lang == "zh" else cut.tier.en)) if part]
    subtitle = text_of("board_below", lang, days=days, where=" · ".join([*parts, ""]), n=f"{board.ranked:,}")
    if board.is_provisional:
        subtitle = f"{subtitle} {text_of('board_provisional', lang)}"
    places = [_place(entry, entry.creator_id == mine, lang) for entry in entries[:SHOWN_PLACES]]
    id_ = f"{metric.name}@{span.period}{span.first}"
    return position_chart(id_, title, subtitle, metric.unit, places, lang, is_mine_sought=mine is not None)


def _place(entry: Entry, is_mine: bool, lang: Language) -> Place:
    name = entry.name or entry.creator_id
    if entry.is_jump:
        name = text_of("board_jump", lang, name=name)
    return Place(entry.rank, name, entry.value, is_mine)
