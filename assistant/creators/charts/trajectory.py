"""A creator's followers over the last months, the days to come with their band, and where the level changed."""

from collections.abc import Sequence
from datetime import date

import altair as alt

from assistant.creators.charts.chart import Chart, Table
from assistant.creators.charts.drawing import amounts, days, framed, layer, layered, nothing
from assistant.creators.charts.themes import SMALL
from assistant.creators.charts.wording import day_shown, sentences, text_of, width_of
from assistant.creators.figures import Language, written
from assistant.creators.followers import FollowerDay
from assistant.creators.growth import Growth
from assistant.creators.notable import NotableDay

SHOWN_DAYS = 180
SHOWN_CHANGES = 3
# Plays and followers seldom change on the very same day.
SAME_CHANGE_DAYS = 10
HEIGHT = 200
# The next tier is drawn when it lies within so much of the range above what is drawn anyway.
GOAL_WITHIN = 0.6
# About what the axis and the margins leave of the width, for placing names beside each other.
_PLOT_WIDTH = 280
_NAME_GAP = 4
_NAME_LINE = 15


def trajectory_chart(growth: Growth, lang: Language) -> Chart:
    """The chart of `trajectory`. Days without a known number of followers are left out of the line."""
    title = text_of("followers_title", lang)
    known = [day for day in growth.days if day.followers is not None]
    if not known:
        alt_text = f"{title}: {text_of('nothing', lang)}"
        return Chart(f"followers@{growth.creator_id}", title, alt_text, _table([], growth, lang), nothing(title, lang))
    known = [day for day in known if (known[-1].day - day.day).days < SHOWN_DAYS]
    changes = _changes(growth, known[0].day, lang)
    return Chart(
        id=f"followers@{growth.creator_id}",
        title=title,
        alt=_alt(growth, known, changes, lang),
        table=_table(known, growth, lang),
        spec=framed(_layers(growth, known, changes, lang), title, _subtitle(growth, known[-1], lang), HEIGHT),
    )


def _layers(
    growth: Growth, known: Sequence[FollowerDay], changes: Sequence[tuple[date, str]], lang: Language
) -> alt.LayerChart:
    first, end = known[0].day, growth.forecast[-1].day if growth.forecast else known[-1].day
    x, y = days("day", first, end, lang), amounts("followers", "count", lang, from_zero=False)
    history = [{"day": day.day.isoformat(), "followers": day.followers} for day in known]
    parts: list[alt.Chart] = []
    if growth.forecast:
        # The band opens at the last known day.
        last = known[-1].followers
        start = {"day": known[-1].day.isoformat(), "followers": last, "low": last, "high": last}
        ahead = [start] + [
            {"day": day.day.isoformat(), "followers": day.middle, "low": day.low, "high": day.high}
            for day in growth.forecast
        ]
        band = amounts("low", "count", lang, from_zero=False)
        parts += [
            layer(ahead).mark_area(style="band").encode(x=x, y=band, y2="high:Q"),
            layer(ahead).mark_line(style="ahead").encode(x=x, y=y),
        ]
    parts += _goal(growth, known, lang)
    parts += _change_marks(changes, first, end, lang)
    if len(history) > 1:
        parts.append(layer(history).mark_line(style="line").encode(x=x, y=y))
    parts.append(layer(history[-1:]).mark_point(style="dot", filled=True).encode(x=x, y=y))
    return layered(parts)


def _goal(growth: Growth, known: Sequence[FollowerDay], lang: Language) -> list[alt.Chart]:
    """A line at the next tier, when it is near enough not to flatten the course."""
    goal = growth.milestone
    drawn = [day.followers for day in known if day.followers is not None] + [day.high for day in growth.forecast]
    if goal is None or goal.target > max(drawn) + GOAL_WITHIN * (max(drawn) - min(drawn)):
        return []
    name = text_of("goal", lang, name=goal.title_zh, followers=written(goal.target, "count", lang))
    at = layer([{"followers": goal.target, "name": name}])
    y = amounts("followers", "count", lang, from_zero=False)
    return [
        at.mark_rule(style="goal").encode(y=y),
        at.mark_text(style="goal-name", align="left", dy=-8).encode(x=alt.value(0), y=y, text="name:N"),
    ]


def _change_marks(changes: Sequence[tuple[date, str]], first: date, last: date, lang: Language) -> list[alt.Chart]:
    """A line at each change and its name at the top, on whichever line and side of it there is room."""
    parts: list[alt.Chart] = []
    taken: list[float] = []
    for day, name in changes:
        told = f"{day_shown(day, lang)} {name}"
        at = (day - first).days / max((last - first).days, 1) * _PLOT_WIDTH
        width = width_of(told, SMALL) + 2 * _NAME_GAP
        is_left = at + width > _PLOT_WIDTH
        start, end = (at - width, at) if is_left else (at, at + width)
        line = next((place for place, used in enumerate(taken) if used <= start), len(taken))
        taken[line : line + 1] = [end]
        rows = layer([{"day": day.isoformat(), "name": told}])
        x = days("day", first, last, lang)
        parts.append(rows.mark_rule(style="change").encode(x=x))
        text = rows.mark_text(
            style="change-name", align="right" if is_left else "left", dx=-_NAME_GAP if is_left else _NAME_GAP
        )
        parts.append(text.encode(x=x, y=alt.value(-_NAME_LINE * line - 6), text="name:N"))
    return parts


def _changes(growth: Growth, first: date, lang: Language) -> list[tuple[date, str]]:
    """The latest changes of level from `first` on, each with its name; those within days of each other are one."""
    told: list[tuple[date, str]] = []
    for one in growth.notable:
        if one.kind not in ("plays_changed", "net_changed") or one.day < first:
            continue
        name = _name(one, lang)
        if told and (one.day - told[-1][0]).days <= SAME_CHANGE_DAYS:
            told[-1] = (told[-1][0], f"{told[-1][1]}{'、' if lang == 'zh' else ', '}{name}")
        else:
            told.append((one.day, name))
    return told[-SHOWN_CHANGES:]


def _name(change: NotableDay, lang: Language) -> str:
    metric = "plays" if change.kind == "plays_changed" else "net"
    return text_of(f"change_{metric}_{'up' if change.is_rise else 'down'}", lang)


def _subtitle(growth: Growth, last: FollowerDay, lang: Language) -> str:
    counted = text_of("followers_counted", lang) if growth.followers_counted else ""
    shown = written(last.followers, "count", lang)
    now = text_of("followers_now", lang, day=day_shown(last.day, lang, growth.today), followers=shown) + counted
    ahead = text_of("followers_ahead", lang, days=len(growth.forecast)) if growth.forecast else ""
    return ("；" if lang == "zh" else ". ").join(part for part in (now, ahead) if part)


def _alt(growth: Growth, known: Sequence[FollowerDay], changes: Sequence[tuple[date, str]], lang: Language) -> str:
    parts = [
        text_of(
            "followers_alt",
            lang,
            first=known[0].day,
            last=known[-1].day,
            before=f"{known[0].followers:,}",
            after=f"{known[-1].followers:,}",
        )
    ]
    if growth.forecast:
        end = growth.forecast[-1]
        numbers = {name: f"{getattr(end, name):,.0f}" for name in ("low", "middle", "high")}
        parts.append(text_of("followers_alt_ahead", lang, day=end.day, **numbers))
    parts += [text_of("change_alt", lang, day=day, name=name) for day, name in changes]
    return sentences(parts, lang)


def _table(known: Sequence[FollowerDay], growth: Growth, lang: Language) -> Table:
    headings = tuple(text_of(f"head_{name}", lang) for name in ("day", "followers", "low", "high"))
    rows = [(day.day.isoformat(), f"{day.followers:,}", "", "") for day in known]
    rows += [
        (day.day.isoformat(), f"{day.middle:,.0f}", f"{day.low:,.0f}", f"{day.high:,.0f}") for day in growth.forecast
    ]
    return Table(headings, tuple(rows))
