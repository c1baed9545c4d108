"""Telling a creator's own numbers: each with its window, base and definition, and what it was before."""

from dataclasses import dataclass, field
from datetime import timedelta

from assistant.agent.evidence import Turn
from assistant.creators.custom import is_named
from assistant.creators.digest import Digest, WorkLine
from assistant.creators.figures import Figure, written
from knowledge.folding import fold
from prompts.texts import Prompts

# What a creator looks at first; the other figures are told when the question names them.
HEADLINES = ("plays", "net_followers", "completion_rate", "engagement_rate", "follow_rate", "median_plays_per_work")
POINTS = ("percent",)
LEVEL = 0.01


@dataclass(frozen=True)
class Telling:
    """Sentences about computed numbers, the figures they rest on, and the topics whose guidance addresses them."""

    text: str
    figures: list[Figure]
    topics: list[str] = field(default_factory=list)


def tell_digest(digest: Digest, turn: Turn, prompts: Prompts) -> Telling:
    """A creator's last 28 days in words: first the metrics that the question names, else the headlines."""
    lang = turn.text_lang
    if digest.is_empty or digest.last_day is None:
        return Telling(prompts.say("no_data", lang), [])
    lines = _warnings(digest, turn, prompts)
    first_day = digest.last_day - timedelta(days=27)
    published = digest.figure("works_published")
    lines.append(
        prompts.say(
            "overview",
            lang,
            window=f"{first_day.isoformat()} – {digest.last_day.isoformat()}",
            works=published.n if published is not None else 0,
            followers=written(digest.followers, "count", lang),
            tier=(digest.tier_en if lang == "en" else digest.tier) or "—",
        )
    )
    asked = asked_for(digest, turn)
    figures = asked or [figure for slug in HEADLINES if (figure := digest.figure(slug)) is not None]
    figures = [figure for figure in figures if figure.value is not None]
    lines += [f"- {tell_figure(figure, lang, prompts)}" for figure in figures]
    best = None if asked else _best(digest)
    if best is not None and best.multiple is not None:
        lines.append(
            prompts.say(
                "best_work",
                lang,
                title=best.title,
                plays=written(best.plays, "count", lang),
                multiple=f"{best.multiple:.1f}",
            )
        )
    return Telling(in_paragraphs(lines), figures)


def in_paragraphs(lines: list[str]) -> str:
    """Lines as Markdown: each its own paragraph, list items together."""
    return "\n".join(f"\n{line}" if index and not line.startswith("- ") else line for index, line in enumerate(lines))


def tell_figure(figure: Figure, lang: str, prompts: Prompts) -> str:
    """One figure with its baseline, change, definition and base."""
    baseline = figure.baseline_shown(lang) if figure.baseline is not None else ""
    return prompts.say(
        "figure_line",
        lang,
        title=figure.title_en if lang == "en" else figure.title_zh,
        value=figure.shown(lang),
        baseline=baseline,
        change=_change(figure, lang, prompts),
        definition=(figure.definition_en if lang == "en" else figure.definition_zh).rstrip("。."),
        n=f"{figure.n:,}",
    )


def _change(figure: Figure, lang: str, prompts: Prompts) -> str:
    """The change against the baseline: percentage points for rates, percent for the rest (a rule of
    `compare-numbers-fairly`). Two numbers that are written alike are level, whatever lies behind the last digit, and so
    are two rates that differ by less than a hundredth of themselves: beside 2.9% and 3%, -0.016 points would puzzle."""
    if figure.value is None or figure.baseline is None:
        return ""
    if figure.shown(lang) == figure.baseline_shown(lang):
        return prompts.say("change_none", lang)
    difference = figure.value - figure.baseline
    sign = "+" if difference > 0 else "-"
    if figure.unit in POINTS:
        if abs(difference) < LEVEL * figure.baseline:
            return prompts.say("change_none", lang)
        points = written(abs(difference), "percent", lang).rstrip("%")
        return prompts.say("change_points", lang, sign=sign, points=points)
    if figure.baseline <= 0:
        # A relative change from nothing, or from a loss, would mislead; the two numbers stand side by side.
        return f"{sign}{written(abs(difference), figure.unit, lang)}"
    percent = f"{abs(difference) / figure.baseline * 100:.1f}".rstrip("0").rstrip(".")
    return (
        prompts.say("change_none", lang)
        if percent == "0"
        else prompts.say("change_relative", lang, sign=sign, percent=percent)
    )


def synthetic_note(turn: Turn, prompts: Prompts) -> list[str]:
    """The line that says of a demonstration creator that the numbers are invented."""
    is_synthetic = turn.creator is not None and turn.creator.synthetic
    return [prompts.say("synthetic", turn.text_lang)] if is_synthetic else []


def _warnings(digest: Digest, turn: Turn, prompts: Prompts) -> list[str]:
    lines = synthetic_note(turn, prompts)
    if digest.stale_days > 3 and digest.last_day is not None:
        lines.append(prompts.say("stale", turn.text_lang, last_day=digest.last_day.isoformat(), days=digest.stale_days))
    return lines


def asked_for(digest: Digest, turn: Turn) -> list[Figure]:
    """The figures with a value whose titles stand in the question, or whose short names do (完播 for 完播率).

    The longest title wins: 互动转粉率 does not name 转粉率, too.
    """
    question = fold(turn.question)
    found: list[Figure] = []
    for figure in sorted(digest.figures, key=lambda figure: -len(figure.title_zh)):
        names = {fold(figure.title_zh.removesuffix("率")), fold(figure.title_en)}
        named = [name for name in names if is_named(name, question)]
        if named:
            question = question.replace(max(named, key=len), " ")
            found.append(figure)
    return [figure for figure in digest.figures if figure in found and figure.value is not None]


def _best(digest: Digest) -> WorkLine | None:
    known = [work for work in digest.works if work.multiple is not None]
    return max(known, key=lambda work: work.multiple or 0.0, default=None)
