"""When the level of a daily series changed for good, and which single days fell outside what was to be expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

import numpy as np

# Shorter stretches would report the ordinary luck of whoever posts twice a week.
LEAST_STRETCH = 14
# On made-up series without any change, in which works come at random and fade over days, this penalty finds one in
# five series; on the invented creators it finds 68 of 72 changes that two weeks at least follow, and one that is none.
PENALTY = 6.0
EXPECTED_FROM = 28
_KNOWN_AT_LEAST = 21
# The modified z-score from which a value counts as an outlier: Iglewicz and Hoaglin, "How to Detect and Handle
# Outliers", 1993; 0.6745 makes the median deviation comparable with a standard deviation.
_OUTLYING = 3.5
_TO_DEVIATION = 1 / 0.6745


@dataclass(frozen=True)
class Outlier:
    """The place of a value outside the band `low` to `high` that the days before it made likely."""

    place: int
    low: float
    high: float


def change_points(values: Sequence[float | None]) -> list[int]:
    """The places at which a new level begins; days without a value are passed over.

    Found by the exact search of `ruptures` on ranks: one huge day is only the highest rank, not a change of level.
    """
    known = [place for place, value in enumerate(values) if value is not None]
    if len(known) < 2 * LEAST_STRETCH:
        return []
    _, order, counts = np.unique(
        [value for value in values if value is not None], return_inverse=True, return_counts=True
    )
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[order]
    if len(counts) == 1:
        return []
    signal = ((ranks - ranks.mean()) / ranks.std()).reshape(-1, 1)
    from ruptures import KernelCPD  # takes two seconds with scipy, which other commands need not wait for

    search = KernelCPD(kernel="linear", min_size=LEAST_STRETCH, jump=1).fit(signal)
    return [known[end] for end in search.predict(pen=PENALTY * log(len(known)))[:-1]]


def outliers(values: Sequence[float | None], least_deviation: float) -> list[Outlier]:
    """The values that none of the 28 days before reached, and far outside their median ± 3.5 robust deviations.

    The former spares whoever has two kinds of days, as with a weekly live stream. `least_deviation` keeps a very even
    past from making every small difference an outlier.
    """
    found = []
    for place, value in enumerate(values):
        before = [one for one in values[max(0, place - EXPECTED_FROM) : place] if one is not None]
        if value is None or len(before) < _KNOWN_AT_LEAST:
            continue
        usual = median(before)
        deviation = max(_TO_DEVIATION * median(abs(one - usual) for one in before), least_deviation)
        is_new = value > max(before) or value < min(before)
        if is_new and abs(value - usual) > _OUTLYING * deviation:
            found.append(Outlier(place, usual - _OUTLYING * deviation, usual + _OUTLYING * deviation))
    return found
