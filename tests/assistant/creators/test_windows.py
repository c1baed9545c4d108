"""Which of several bases and sources a creator's figure is taken from."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from assistant.creators.derived import CREATOR_DAYS, PUBLISHED, WORK_DAYS
from assistant.creators.windows import Told, preferred

NOW = datetime(2026, 3, 31, 8)
EARLIER = NOW - timedelta(days=1)
Place = tuple[str, str]


@pytest.mark.parametrize(
    "ordered",
    [
        [((WORK_DAYS, "a"), Told(1, EARLIER)), ((PUBLISHED, "b"), Told(9, NOW))],
        [((WORK_DAYS, "b"), Told(9, EARLIER)), ((CREATOR_DAYS, "a"), Told(8, NOW))],
        [((CREATOR_DAYS, "b"), Told(9, EARLIER)), ((WORK_DAYS, "a"), Told(9, NOW))],
        [((WORK_DAYS, "b"), Told(9, NOW)), ((WORK_DAYS, "a"), Told(9, EARLIER))],
        [((WORK_DAYS, "a"), Told(0, EARLIER)), ((PUBLISHED, "a"), Told(0, NOW))],
        [
            ((WORK_DAYS, "a"), Told(9, NOW)),
            ((WORK_DAYS, "b"), Told(9, NOW.replace(microsecond=7))),
            ((WORK_DAYS, "c"), Told(9, NOW)),
        ],
    ],
    ids=["daily", "covered", "own sum", "imported last", "nothing told", "first by name"],
)
def test_the_first_is_preferred_in_whatever_order_they_come(ordered: list[tuple[Place, Told]]) -> None:
    assert all(preferred(dict(shuffled)) == ordered[0][0] for shuffled in permutations(ordered))
