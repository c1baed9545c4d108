"""Boards: who stands where, what is marked, and that what was kept stays as it was."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from assistant.creators.accounts import Accounts, Creator
from assistant.creators.custom import CustomMetrics
from assistant.creators.leaderboards.periods import finished, span_of
from assistant.creators.leaderboards.ranking import Cut, cut_of
from assistant.creators.leaderboards.service import Leaderboards
from assistant.creators.tiers import TIERS
from assistant.creators.warehouse import Batch, Warehouse, open_warehouse
from assistant.database import schema
from assistant.errors import BadInput, NotFound
from tests.assistant.creators.conftest import IMPORTED

# Two weeks of October 2026, Monday the 5th to Sunday the 18th; asked on the Monday after.
FIRST, TODAY = date(2026, 10, 5), date(2026, 10, 19)
WEEK = span_of("week", TODAY - timedelta(days=1))


class House:
    """Leaderboards on an empty warehouse and its accounts."""

    def __init__(self, folder: Path) -> None:
        engine = create_engine(f"sqlite:///{folder}/boards.db")
        schema.metadata.create_all(engine)
        audit_tables(engine)
        self.warehouse = open_warehouse("", folder)
        self.accounts = Accounts(engine)
        self.custom = CustomMetrics(engine)
        self.boards = Leaderboards(engine, self.warehouse, self.accounts, self.custom)

    def plays(self, week: int, **by_creator: int) -> None:
        """Seven days of a week (0 or 1) on which each creator has a seventh of so many plays."""
        self.rows(week, {name: {"play": plays // 7, "like": plays // 70} for name, plays in by_creator.items()})

    def rows(self, week: int, by_creator: dict[str, dict[str, Any]]) -> None:
        days = [
            {"creator_id": name, "day": FIRST + timedelta(days=7 * week + day), "source": "test",
             "definition": "heliotrope", "followers": 500, **numbers}
            for name, numbers in by_creator.items() for day in range(7)
        ]  # fmt: skip
        self.warehouse.store(Batch([], [], days), IMPORTED)


def audit_tables(engine: Any) -> None:
    from knowledge.tables import metadata

    metadata.create_all(engine)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.warehouse.close()


def test_ranks_are_shared_and_skipped_and_ties_are_listed_by_base_then_id(house: House) -> None:
    house.rows(1, {
        "d": {"play": 100, "like": 10}, "b": {"play": 200, "like": 10}, "c": {"play": 100, "like": 5},
        "a": {"play": 100, "like": 1}, "tiny": {"play": 10, "like": 9},
    })  # fmt: skip
    board = house.boards.board("like_rate", "week", TODAY)
    assert [(one.rank, one.creator_id, one.value) for one in board.entries] == [
        (1, "d", 0.1), (2, "b", 0.05), (2, "c", 0.05), (4, "a", 0.01),
    ]  # fmt: skip
    # 70 plays in the week are fewer than the hundred that a rate takes: not ranked, and said.
    assert (board.ranked, board.below_base, board.metric.minimum_base) == (4, 1, 100)


def test_lower_is_better_where_it_is(house: House) -> None:
    house.rows(1, {"a": {"play": 100, "short_time_play": 40}, "b": {"play": 100, "short_time_play": 20}})
    assert [one.creator_id for one in house.boards.board("short_play_rate_3s", "week", TODAY).entries] == ["b", "a"]


def test_a_board_is_cut_to_category_and_tier(house: House) -> None:
    for name, category in (("a", "美食"), ("b", "美食"), ("c", "三农")):
        house.accounts.add(Creator(name, name.upper(), "kuaishou", category))
    house.rows(1, {"a": {"play": 100}, "b": {"play": 300, "followers": 20_000}, "c": {"play": 200}, "d": {"play": 50}})
    boards = house.boards

    def listed(cut: Cut) -> list[tuple[int, str]]:
        return [(one.rank, one.creator_id) for one in boards.board("plays", "week", TODAY, cut).entries]

    assert listed(Cut()) == [(1, "b"), (2, "c"), (3, "a"), (4, "d")]
    assert listed(Cut("美食")) == [(1, "b"), (2, "a")]
    assert listed(Cut(tier=TIERS[0])) == [(1, "c"), (2, "a"), (3, "d")]
    assert listed(Cut("美食", TIERS[2])) == [(1, "b")]
    assert listed(Cut("音乐")) == []
    assert boards.board("plays", "week", TODAY, Cut("美食")).ranked == 2
    assert boards.board("plays", "week", TODAY).entries[0].name == "B"


def test_a_standing_tells_rank_change_and_neighbours(house: House) -> None:
    names = {f"c{number:02d}": 700 + 70 * number for number in range(15)}
    house.plays(0, **names)
    house.plays(1, **{**names, "c03": 700 + 70 * 9 + 7})
    told = house.boards.standing("c03", "plays", "week", TODAY)
    assert told.mine is not None
    place = told.told
    assert place is not None
    assert (place.rank, place.of, place.rank_before) == (6, 15, 12)
    assert [one.creator_id for one in told.around] == ["c14", "c13", "c12", "c11", "c10", "c03", "c09", "c08"]
    assert [one.rank for one in told.around] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert told.mine.before == 700 + 70 * 3
    assert [(place.cut, place.of) for place in told.places] == [(Cut(), 15), (Cut(tier=TIERS[0]), 15)]


def test_who_has_no_number_has_no_place(house: House) -> None:
    house.plays(1, a=700)
    assert house.boards.standing("nobody", "plays", "week", TODAY).mine is None
    assert house.boards.standing("a", "like_rate", "week", TODAY).mine is not None


def test_an_unusual_jump_is_marked_and_stays_on_the_board(house: House) -> None:
    usual = {f"usual{number}": 7_000 for number in range(5)}
    house.plays(0, c=7_000, d=700, steady=70_000, **usual)
    house.plays(1, c=70_000, d=7_000, steady=70_000, fresh=700_000, **usual)
    marked = {one.creator_id: one.is_jump for one in house.boards.board("plays", "week", TODAY).entries}
    # d has ten times as many as before, which is no more than usual here; of `fresh` nothing earlier is known.
    assert [name for name, is_jump in marked.items() if is_jump] == ["c"]
    assert len(marked) == 9


def test_what_was_kept_is_never_changed(house: House) -> None:
    house.plays(1, a=700, b=1400)
    first = house.boards.board("plays", "week", TODAY)
    assert first.revision == 1
    house.plays(1, a=7000)
    assert house.boards.board("plays", "week", TODAY) == first
    again = house.boards.recompute("plays", "week", TODAY, "operator")
    assert (again.before, again.differing, again.board.revision) == (1, 1, 2)
    assert [one.creator_id for one in again.board.entries] == ["a", "b"]
    same = house.boards.recompute("plays", "week", TODAY, "operator")
    assert (same.before, same.differing, same.board) == (2, 0, again.board)


def test_a_period_that_the_numbers_do_not_reach_is_provisional(house: House) -> None:
    house.warehouse.store(
        Batch([], [], [{"creator_id": "a", "day": FIRST, "play": 5, "source": "test", "definition": "heliotrope"}]),
        IMPORTED,
    )
    board = house.boards.board("plays", "week", date(2026, 10, 12))
    assert (board.revision, board.through, len(board.entries)) == (None, FIRST, 1)
    # Numbers of a later day show that the week is all there, though nobody has any of its last day.
    later = {"creator_id": "b", "day": date(2026, 10, 12), "play": 5, "source": "test", "definition": "heliotrope"}
    house.warehouse.store(Batch([], [], [later]), IMPORTED)
    assert house.boards.board("plays", "week", date(2026, 10, 12)).revision == 1
    empty = house.boards.board("plays", "month", TODAY)
    assert (empty.revision, empty.through, empty.entries) == (None, None, ())


def test_custom_metrics_stand_on_boards_where_staff_allow(house: House) -> None:
    house.plays(0, a=700, b=700)
    house.plays(1, a=1400, b=700)
    house.custom.define("own", "sum(plays) / lag(sum(plays), 7)", owner="a")
    with pytest.raises(NotFound, match="no leaderboard 'own'"):
        house.boards.board("own", "week", TODAY)
    house.custom.allow("own", "a", True, "staff")
    board = house.boards.board("own", "week", TODAY)
    assert [(one.rank, one.creator_id, one.value) for one in board.entries] == [(1, "a", 2.0), (2, "b", 1.0)]
    assert board.metric.name == "own@1"


def test_many_boards_are_made_at_once_and_once_only(house: House) -> None:
    house.plays(1, a=700, b=1400)
    wanted = [house.boards.metric(slug) for slug in ("plays", "like_rate", "posting_frequency")]
    made = house.boards.make(wanted, WEEK)
    # Nobody published a work, so there is nothing to keep of that.
    assert [(one.metric.slug, one.revision) for one in made] == [("plays", 1), ("like_rate", 1)]
    assert [one.metric.slug for one in house.boards.make(wanted, WEEK)] == []
    assert [one.revision for one in house.boards.make(wanted[:1], WEEK, anew=True)] == [2]


def test_bad_asking_is_one_sentence(house: House) -> None:
    with pytest.raises(NotFound, match="impressions, plays"):
        house.boards.board("nonsense", "week", TODAY)
    with pytest.raises(BadInput, match="1 to 1,000"):
        house.boards.board("plays", "week", TODAY, count=0)
    with pytest.raises(BadInput, match=r"万粉 \(10K\+ followers\)"):
        cut_of(None, "亿粉")
    assert cut_of("美食", "万粉") == Cut("美食", TIERS[2])


def test_periods_are_over_before_they_are_asked_for() -> None:
    assert finished("day", TODAY).first == date(2026, 10, 18)
    assert (finished("week", TODAY).first, finished("week", TODAY).last) == (date(2026, 10, 12), date(2026, 10, 18))
    assert finished("week", date(2026, 10, 18)).last == date(2026, 10, 11)
    assert (finished("month", TODAY).first, finished("month", TODAY).last) == (date(2026, 9, 1), date(2026, 9, 30))
    assert finished("month", date(2026, 1, 1)).first == date(2025, 12, 1)
    assert finished("month", date(2026, 3, 1)).last == date(2026, 2, 28)


@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=25))
def test_ranks_are_one_more_than_how_many_are_better(shared: Warehouse, values: list[int]) -> None:
    import pyarrow as pa

    from assistant.creators.leaderboards.ranking import Reader

    names = [f"c{at:02d}" for at in range(len(values))]
    rows = {
        "creator_id": names, "category": [""] * len(values), "tier": [0] * len(values),
        "value": [float(value) for value in values], "base": [1.0] * len(values),
        "before": pa.nulls(len(values), pa.float64()), "is_jump": [False] * len(values),
    }  # fmt: skip
    with shared.workbench() as bench:
        reader = Reader(bench, bench.offer("given", pa.table(rows)), lower_is_better=False)
        wanted = {name: 1 + sum(other > value for other in values) for name, value in zip(names, values, strict=True)}
        assert {row["creator_id"]: row["rank"] for row in reader.top(Cut(), len(values))} == wanted
        assert reader.ranks(Cut(), names) == wanted
        mine = reader.row_of("c00")
        assert mine is not None
        assert reader.sizes([Cut()], mine["value"]) == [(len(values), wanted["c00"])]
        above, below = reader.neighbours(mine, Cut(), len(values))
        listed = [row["creator_id"] for row in (*above, mine, *below)]
        assert listed == sorted(names, key=lambda name: (-values[names.index(name)], name))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    opened = open_warehouse("", tmp_path_factory.mktemp("ranks"))
    yield opened
    opened.close()
