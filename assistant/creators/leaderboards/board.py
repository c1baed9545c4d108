"""What a leaderboard tells: its entries, a creator's standing on it, and what making it again gave."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from assistant.creators.catalogue import Metric
from assistant.creators.figures import Language
from assistant.creators.leaderboards.periods import Span
from assistant.creators.leaderboards.ranking import Cut

# A place among fewer says little: the place is then told on a wider cut, too.
LEAST_RANKED = 10
TIE_RULE: dict[Language, str] = {
    "zh": "数值相同名次相同，后面的名次顺延（1-2-2-4）；同名次内先列基数大的，再按账号编号。",
    "en": "Equal values share a rank and the next ones are skipped (1-2-2-4); among them the larger base is listed "
    "first, then the id.",
}


@dataclass(frozen=True)
class Entry:
    """A line of a board. `n` is what the value rests on; `before` and `rank_before` are of the period before, None for
    somebody who was not ranked then. `is_jump` marks an unusual one; `name` is empty for numbers without an account."""

    rank: int
    creator_id: str
    name: str
    value: float
    n: int
    before: float | None
    rank_before: int | None
    is_jump: bool
    is_synthetic: bool


@dataclass(frozen=True)
class Board:
    """A board, or a cut of one, as it was when `made_at`. `ranked` creators are on it, `jumps` of them marked;
    `below_base` on the whole board rest on less than `metric.minimum_base`.

    `revision` is None while it is provisional: the numbers reach `through` only, before the period's end, and nothing
    is kept.
    """

    metric: Metric
    span: Span
    cut: Cut
    ranked: int
    below_base: int
    usual: float | None
    revision: int | None
    made_at: datetime
    through: date | None
    entries: tuple[Entry, ...] = ()
    jumps: int = 0

    @property
    def is_provisional(self) -> bool:
        """Whether it may still change."""
        return self.revision is None


@dataclass(frozen=True)
class Snapshot:
    """A board that was kept: of which days, as which revision, when and by whom (empty: by itself) it was made."""

    span: Span
    revision: int
    ranked: int
    made_at: datetime
    made_by: str

    @property
    def seen_from(self) -> date:
        """The first day on which its period is the last that was over."""
        return self.span.last + timedelta(days=1)


@dataclass(frozen=True)
class CutPlace:
    """A rank among `of` in one cut of a board; `rank_before` is that of the period before in the same cut."""

    cut: Cut
    rank: int
    of: int
    rank_before: int | None


@dataclass(frozen=True)
class Standing:
    """A creator's place on a board. Without `mine` the creator is not ranked. `places` go from everybody to tier to
    tier and category; `around` is the top, the creator and the neighbours in the cut of `told`."""

    board: Board
    mine: Entry | None
    places: tuple[CutPlace, ...] = ()
    around: tuple[Entry, ...] = ()

    @property
    def told(self) -> CutPlace | None:
        """The place on the narrowest cut on which at least ten are ranked, else among everybody."""
        wide = [place for place in self.places if place.of >= LEAST_RANKED] or self.places[:1]
        return wide[-1] if wide else None


@dataclass(frozen=True)
class Recomputed:
    """What making a board again gave: how many creators differ from the kept revision, and the new one if any do."""

    before: int | None
    differing: int
    board: Board
