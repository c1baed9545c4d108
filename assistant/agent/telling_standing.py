"""Telling who stands where: a leaderboard, a creator's place on it, the comparison with peers, the posting rhythm."""

from collections.abc import Sequence

from assistant.agent.evidence import Turn
from assistant.agent.telling import HEADLINES, Telling, in_paragraphs
from assistant.creators.figures import Figure, Unit, written
from assistant.creators.leaderboards.board import TIE_RULE, Board, CutPlace, Entry, Standing
from assistant.creators.leaderboards.ranking import Cut
from assistant.creators.leaderboards.snapshots import jump_factor
from assistant.creators.peers import Comparison, Peer
from assistant.creators.rhythm import Rhythm
from prompts.texts import Prompts

SHOWN_PLACES = 10


def tell_board(board: Board, turn: Turn, prompts: Prompts) -> Telling:
    """The first of a leaderboard."""
    lang = turn.text_lang
    lines = [_head(board, lang, prompts)]
    if not board.entries:
        return Telling(in_paragraphs([*lines, prompts.say("board_empty", lang)]), [])
    mine = turn.creator.id if turn.creator else None
    lines += [_entry(entry, board, entry.creator_id == mine, turn, prompts) for entry in board.entries[:SHOWN_PLACES]]
    return Telling(in_paragraphs([*lines, *_notes(board, board.entries, lang, prompts)]), [])


def tell_standing(standing: Standing, turn: Turn, prompts: Prompts) -> Telling:
    """The creator's place, its change, and who stands around."""
    lang, board, mine = turn.text_lang, standing.board, standing.mine
    lines = [prompts.say("synthetic", lang)] if turn.creator is not None and turn.creator.synthetic else []
    lines.append(_head(board, lang, prompts))
    if mine is None:
        least = f"{board.metric.minimum_base:,}"
        return Telling(in_paragraphs([*lines, prompts.say("rank_none", lang, least=least)]), [])
    lines += [_place(place, lang, prompts) for place in standing.places]
    ahead = next((entry for entry in reversed(standing.around) if entry.rank < mine.rank), None)
    if ahead is not None:
        gap = _gap(abs(ahead.value - mine.value), board.metric.unit, lang, prompts)
        value = written(ahead.value, board.metric.unit, lang)
        lines.append(prompts.say("rank_ahead", lang, rank=f"{ahead.rank:,}", value=value, gap=gap))
    lines.append(prompts.say("rank_around", lang))
    lines += [_entry(entry, board, entry.creator_id == mine.creator_id, turn, prompts) for entry in standing.around]
    text = in_paragraphs([*lines, *_notes(board, standing.around, lang, prompts)])
    return Telling(text, [_figure(board, mine)])


def tell_peers(comparison: Comparison | None, asked: Sequence[str], turn: Turn, prompts: Prompts) -> Telling:
    """The creator's numbers among peers: the metrics asked for, else the headlines."""
    lang = turn.text_lang
    lines = [prompts.say("synthetic", lang)] if turn.creator is not None and turn.creator.synthetic else []
    if comparison is None or not comparison.peers:
        return Telling(in_paragraphs([*lines, prompts.say("peers_none", lang)]), [])
    window = f"{comparison.first} – {comparison.last}"
    note = comparison.note_en if lang == "en" else comparison.note_zh
    lines.append(prompts.say("peers_head", lang, window=window, note=note))
    wanted = [peer for slug in (asked or HEADLINES) if (peer := comparison.of(slug)) is not None]
    told = wanted or list(comparison.peers)
    lines += [f"- {peer.text(lang)}" for peer in told]
    return Telling(in_paragraphs(lines), [_peer_figure(peer, comparison) for peer in told])


def tell_rhythm(rhythm: Rhythm | None, turn: Turn, prompts: Prompts) -> Telling:
    """How the creator publishes, and what can be said of days and hours."""
    lang = turn.text_lang
    english = lang == "en"
    if rhythm is None:
        return Telling(prompts.say("no_works", lang), [])
    lines = [prompts.say("synthetic", lang)] if turn.creator is not None and turn.creator.synthetic else []
    lines.append(
        prompts.say(
            "rhythm_head",
            lang,
            works=rhythm.works,
            week=written(rhythm.works_a_week, "per_week", lang),
            gap=written(rhythm.median_gap_days, "count", lang),
            silence=rhythm.longest_silence_days,
        )
    )
    if not rhythm.comparisons:
        lines.append(rhythm.refusal_en if english else rhythm.refusal_zh)
    lines += [f"- {one.text_en if english else one.text_zh}" for one in rhythm.comparisons]
    return Telling(in_paragraphs(lines), [], ["reach"])


def _head(board: Board, lang: str, prompts: Prompts) -> str:
    span = board.span
    window = span.first.isoformat() if span.first == span.last else f"{span.first} – {span.last}"
    return prompts.say(
        "board_head",
        lang,
        title=board.metric.title_en if lang == "en" else board.metric.title_zh,
        period=prompts.say(f"board_{span.period}", lang),
        window=window,
        where=_where(board.cut, lang, prompts),
        ranked=f"{board.ranked:,}",
        provisional=board.is_provisional and bool(board.ranked),
    )


def _where(cut: Cut, lang: str, prompts: Prompts) -> str:
    tier = cut.tier and (cut.tier.en if lang == "en" else cut.tier.zh)
    parts = [part for part in (cut.category, tier) if part]
    return " · ".join(parts) if parts else prompts.say("board_everybody", lang)


def _place(place: CutPlace, lang: str, prompts: Prompts) -> str:
    moved = 0 if place.rank_before is None else place.rank_before - place.rank
    return "- " + prompts.say(
        "rank_place",
        lang,
        where=_where(place.cut, lang, prompts),
        rank=f"{place.rank:,}",
        of=f"{place.of:,}",
        before="" if place.rank_before is None else f"{place.rank_before:,}",
        moved=moved,
    )


def _gap(gap: float, unit: Unit, lang: str, prompts: Prompts) -> str:
    """A difference of rates is told in percentage points."""
    if unit != "percent":
        return written(gap, unit, lang)
    return prompts.say("change_points", lang, sign="", points=f"{gap * 100:.2g}")


def _entry(entry: Entry, board: Board, is_mine: bool, turn: Turn, prompts: Prompts) -> str:
    lang = turn.text_lang
    return "- " + prompts.say(
        "board_entry",
        lang,
        rank=f"{entry.rank:,}",
        name=entry.name or prompts.say("board_nameless", lang),
        value=written(entry.value, board.metric.unit, lang),
        mine=is_mine,
        jumped=entry.is_jump,
        synthetic=entry.is_synthetic and not is_mine,
    )


def _notes(board: Board, entries: Sequence[Entry], lang: str, prompts: Prompts) -> list[str]:
    rule = TIE_RULE["en" if lang == "en" else "zh"]
    definition = board.metric.definition_en if lang == "en" else board.metric.definition_zh
    notes = [prompts.say("board_rule", lang, definition=definition.rstrip("。."), rule=rule)]
    if any(entry.is_jump for entry in entries):
        notes.append(prompts.say("board_jumps", lang, factor=f"{jump_factor(board.metric):.0f}"))
    return notes


def _figure(board: Board, mine: Entry) -> Figure:
    metric, window = board.metric, f"{board.span.first}..{board.span.last}"
    return Figure(
        id=f"rank/{metric.name}@{window}",
        metric=metric.name,
        value=mine.value,
        unit=metric.unit,
        window=window,
        n=mine.n,
        baseline=mine.before,
        percentile=None,
        title_zh=metric.title_zh,
        title_en=metric.title_en,
        definition_zh=metric.definition_zh,
        definition_en=metric.definition_en,
    )


def _peer_figure(peer: Peer, comparison: Comparison) -> Figure:
    """The baseline is the peers' median, the percentile the place among them."""
    metric, window = peer.metric, f"{comparison.first}..{comparison.last}"
    return Figure(
        id=f"peers/{metric.name}@{window}",
        metric=metric.name,
        value=peer.value,
        unit=metric.unit,
        window=window,
        n=peer.n,
        baseline=peer.median,
        percentile=peer.percentile,
        title_zh=metric.title_zh,
        title_en=metric.title_en,
        definition_zh=metric.definition_zh,
        definition_en=metric.definition_en,
    )
