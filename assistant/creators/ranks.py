"""The place of a work among the creator's last ten, by reach and, beside it, by quality."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.creators.catalogue import CATALOGUE, PLAYS_TO_JUDGE
from assistant.creators.figures import written
from assistant.creators.formulas import Ratio
from assistant.creators.steps import Compared, Numbers

RANKED_WORKS = 10
# A place among two or three says nothing.
LEAST_RANKED = 5
QUALITIES = ("completion_rate", "engagement_rate", "follow_rate")


@dataclass(frozen=True)
class Rank:
    """Rank `rank` of `of` works, 1 the highest value; works with equal values share a rank and the next one is skipped
    (1-2-2-4). `tied` is how many others share it."""

    metric: str
    kind: Literal["reach", "quality"]
    value: float
    rank: int
    of: int
    tied: int
    text_zh: str
    text_en: str


def ranks_of(target: Compared, earlier: Sequence[Compared], is_comparable: bool) -> list[Rank]:
    """Reach by plays, where these are of the same age (`is_comparable`), and quality by three rates.

    The last ten are the work itself and the nine before it in `earlier` (newest first). Only works that have the
    number, and rates of at least 100 plays, are ranked.
    """
    last = [target, *earlier[: RANKED_WORKS - 1]]
    found = [_rank("plays", "reach", last, [_plays(one.numbers) for one in last])] if is_comparable else []
    found += [_rank(slug, "quality", last, [_rate(slug, one.numbers) for one in last]) for slug in QUALITIES]
    return [rank for rank in found if rank is not None]


def _rank(
    slug: str, kind: Literal["reach", "quality"], works: Sequence[Compared], values: Sequence[float | None]
) -> Rank | None:
    mine, known = values[0], [value for value in values if value is not None]
    if mine is None or len(known) < LEAST_RANKED:
        return None
    rank, tied = 1 + sum(value > mine for value in known), known.count(mine) - 1
    metric = CATALOGUE[slug]
    with_zh, with_en = (f"（和 {tied} 条并列）", f" (shared with {tied})") if tied else ("", "")
    return Rank(
        slug,
        kind,
        mine,
        rank,
        len(known),
        tied,
        f"{metric.title_zh} {written(mine, metric.unit, 'zh')}，在最近 {len(known)} 条作品里排第 {rank}{with_zh}。",
        f"{metric.title_en} {written(mine, metric.unit, 'en')}: rank {rank} of the last {len(known)} works{with_en}.",
    )


def _plays(numbers: Numbers) -> float | None:
    return numbers.get("play")


def _rate(slug: str, numbers: Numbers) -> float | None:
    formula = CATALOGUE[slug].formula
    assert isinstance(formula, Ratio)
    base = numbers.get(formula.below)
    if base is None or base < PLAYS_TO_JUDGE or any(name not in numbers for name in formula.fields):
        return None
    return formula.value(numbers)
