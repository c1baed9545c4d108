"""A creator's place on a leaderboard: the first three, me, and the neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.creators.charts.chart import PHONE_WIDTH, Chart, Table
from assistant.creators.charts.drawing import framed, layered, nothing
from assistant.creators.charts.rows import bars, height_of, texts
from assistant.creators.charts.themes import PLAIN
from assistant.creators.charts.wording import clean, fitted, sentences, text_of, width_of
from assistant.creators.figures import Language, Unit, written

_ROOM = PHONE_WIDTH - 28


@dataclass(frozen=True)
class Place:
    """One line of a leaderboard; ranks may be shared and may leave out places."""

    rank: int
    name: str
    value: float
    is_mine: bool = False


def position_chart(
    board: str,
    title: str,
    subtitle: str,
    unit: Unit,
    places: Sequence[Place],
    lang: Language,
    is_mine_sought: bool = True,
) -> Chart:
    """`places` in the order of the board; between two whose ranks are not neighbours a gap is drawn.

    `board` names the board in the chart's id; `title` and `subtitle` are told above the picture. With `is_mine_sought`
    the description says so when none of the places is mine, else it tells the first.
    """
    title = clean(title)
    if not places:
        told = f"{title} {text_of('nothing', lang)}"
        return Chart(f"place@{board}", title, told, _table([], unit, lang), nothing(title, lang))
    largest = max(max(place.value for place in places), 0.0) or 1.0
    rows: list[dict[str, object]] = []
    before = places[0]
    for place in places:
        if place.rank > before.rank + 1 and not _is_shared(places, before, place):
            rows.append({"place": len(rows), "name": "⋯", "value": ""})
        rows.append(_row(len(rows), place, unit, lang))
        before = place
    count = len(rows)
    scored = [row for row in rows if "length" in row]
    tracks = [{**row, "length": largest} for row in scored]
    drawn = layered(
        [
            *bars(tracks, count, "track", largest),
            *bars([row for row in scored if not row["is_mine"]], count, "bar-quiet", largest),
            *bars([row for row in scored if row["is_mine"]], count, "bar", largest),
            *texts(rows, count),
        ]
    )
    return Chart(
        id=f"place@{board}",
        title=title,
        alt=_alt(title, places, unit, lang, is_mine_sought),
        table=_table(places, unit, lang),
        spec=framed(drawn, title, subtitle, height_of(rows)),
    )


def _is_shared(places: Sequence[Place], before: Place, place: Place) -> bool:
    """Whether the ranks between are missing only because `before` is shared: 1-2-2-4 has no gap."""
    return place.rank == before.rank + sum(other.rank == before.rank for other in places)


def _row(at: int, place: Place, unit: Unit, lang: Language) -> dict[str, object]:
    value = written(place.value, unit, lang)
    name = clean(place.name)
    if place.is_mine:
        name = f"{name}（{text_of('place_mine', lang)}）" if lang == "zh" else f"{name} ({text_of('place_mine', lang)})"
    told = text_of("place_row", lang, rank=place.rank, name=name)
    return {
        "place": at,
        "name": fitted(told, _ROOM - width_of(value, PLAIN) - 12, PLAIN),
        "value": value,
        "length": max(place.value, 0.0),
        "is_mine": place.is_mine,
    }


def _alt(title: str, places: Sequence[Place], unit: Unit, lang: Language, is_mine_sought: bool) -> str:
    mine = next((place for place in places if place.is_mine), None)
    if mine is not None:
        told = text_of("place_alt", lang, rank=mine.rank, value=written(mine.value, unit, lang))
    elif is_mine_sought:
        told = text_of("place_absent", lang)
    else:
        first = places[0]
        value = written(first.value, unit, lang)
        told = text_of("place_first", lang, rank=first.rank, name=clean(first.name), value=value)
    return sentences([f"{title}。" if lang == "zh" else f"{title}.", told], lang)


def _table(places: Sequence[Place], unit: Unit, lang: Language) -> Table:
    headings = tuple(text_of(f"head_{name}", lang) for name in ("rank", "name", "value"))
    return Table(
        headings, tuple((str(place.rank), clean(place.name), written(place.value, unit, lang)) for place in places)
    )
