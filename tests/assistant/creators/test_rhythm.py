"""Posting rhythm: a better day is named when there is one, and not read into chance."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from assistant.creators.rhythm import LEAST_IN_A_CELL, rhythm_of
from assistant.creators.works import Work

LAST = date(2026, 10, 18)


def made(count: int, plays: Callable[[datetime, Random], float], seed: int = 1, hour: int | None = None) -> list[Work]:
    chance = Random(seed)
    works = []
    for number in range(count):
        day = LAST - timedelta(days=2 + int(number * 170 / count))
        at = time() if hour == 0 else time(hour or chance.randint(9, 22), chance.randint(1, 59))
        published = datetime.combine(day, at)
        total = plays(published, chance)
        numbers = dict.fromkeys(("show", "complete_play")) | {
            "play": total, "like": total * 0.03, "comment": 0.0, "share": 0.0, "collect": 0.0, "completed_plays": None,
        }  # fmt: skip
        works.append(Work(f"w{number}", "t", published, 20.0, "test", None, numbers))
    return works


def lucky(published: datetime, chance: Random) -> float:
    return round(1000 * chance.lognormvariate(0, 0.6))


def friday(published: datetime, chance: Random) -> float:
    return lucky(published, chance) * (2.5 if published.weekday() == 4 else 1)


def test_a_better_day_is_named_with_its_works_and_its_chance() -> None:
    told = rhythm_of(made(120, friday), LAST)
    assert told is not None
    by_day, by_hour = told.comparisons[:2]
    assert by_day.best is not None
    assert (by_day.best.name_zh, by_day.best.name_en) == ("周五", "Friday")
    assert by_day.best.multiple is not None
    assert by_day.best.multiple > 1.5
    assert "周五发布的" in by_day.text_zh
    assert by_hour.best is None
    # The likes follow the plays, so quality knows no better day.
    assert [one.measure for one in told.comparisons] == ["reach", "reach", "quality", "quality"]
    assert told.comparisons[2].best is None


def test_chance_alone_seldom_makes_a_best_day() -> None:
    found = 0
    for seed in range(25):
        told = rhythm_of(made(90, lucky, seed), LAST)
        assert told is not None
        found += any(one.best is not None for one in told.comparisons[:2])
    # Two of the four comparisons are looked at: one such creator in forty.
    assert found <= 2


def test_growth_is_not_taken_for_a_better_day() -> None:
    def growing(published: datetime, chance: Random) -> float:
        age = (LAST - published.date()).days
        # The account grows tenfold, and only its last month has Sundays.
        return round(10_000 * 0.1 ** (age / 170) * chance.lognormvariate(0, 0.3))

    late = date(2026, 9, 15)
    every = made(120, growing)
    works = [one for one in every if one.published_at.weekday() != 6 or one.published_at.date() > late]
    told = rhythm_of(works, LAST)
    assert told is not None
    assert told.comparisons[0].best is None


def test_small_cells_have_no_verdict() -> None:
    told = rhythm_of(made(30, friday), LAST)
    assert told is not None
    for comparison in told.comparisons:
        for cell in comparison.cells:
            assert (cell.multiple is None) == (cell.works < LEAST_IN_A_CELL)
    alone = rhythm_of(made(60, lucky, hour=10), LAST)
    assert alone is not None
    assert "比不出来" in alone.comparisons[1].text_zh
    assert alone.comparisons[1].best is None


def test_works_of_which_only_the_day_is_known_have_no_hour() -> None:
    told = rhythm_of(made(60, lucky, hour=0), LAST)
    assert told is not None
    assert told.comparisons[1].cells == ()


def test_few_works_are_refused_with_their_number() -> None:
    told = rhythm_of(made(12, friday), LAST)
    assert told is not None
    assert told.comparisons == ()
    assert "只有 12 条" in told.refusal_zh
    assert rhythm_of([], LAST) is None


def test_rhythm_tells_frequency_gaps_and_silences() -> None:
    works = [one for one in made(85, lucky) if not date(2026, 7, 1) <= one.published_at.date() <= date(2026, 7, 20)]
    told = rhythm_of(works, LAST)
    assert told is not None
    assert told.median_gap_days == 2
    assert 20 <= told.longest_silence_days <= 23
    assert 2.5 <= told.works_a_week <= 3.5
