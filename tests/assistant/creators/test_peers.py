"""Peers: percentiles within tier and category, widened where there are fewer than thirty, and said so."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from assistant.creators.accounts import Accounts, Creator
from assistant.creators.peers import Peers
from assistant.creators.tiers import TIERS
from assistant.creators.warehouse import Batch, Warehouse, open_warehouse
from assistant.database import schema
from tests.assistant.creators.conftest import IMPORTED

LAST, TODAY = date(2026, 10, 18), date(2026, 10, 19)


class House:
    """Peers over a warehouse of 28 days, in which each creator has the same numbers every day."""

    def __init__(self, folder: Path) -> None:
        engine = create_engine(f"sqlite:///{folder}/peers.db")
        schema.metadata.create_all(engine)
        self.warehouse = open_warehouse("", folder)
        self.accounts = Accounts(engine)
        self.peers = Peers(engine, self.warehouse, self.accounts)

    def add(self, name: str, category: str, followers: int, play: int, like: int, skipped: int = 0) -> None:
        if self.accounts.find(name) is None:
            self.accounts.add(Creator(name, name, "kuaishou", category))
        days = [
            {"creator_id": name, "day": LAST - timedelta(days=shift), "source": "test", "definition": "heliotrope",
             "followers": followers, "play": play, "like": like, "short_time_play": skipped}
            for shift in range(28)
        ]  # fmt: skip
        self.warehouse.store(Batch([], [], days), IMPORTED)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    yield opened
    opened.warehouse.close()


def test_the_closest_cohort_with_thirty_is_taken(house: House) -> None:
    for number in range(40):
        house.add(f"c{number:02d}", "美食", 5_000, 1_000, number, skipped=number)
    house.add("other", "三农", 5_000, 1_000, 900)
    told = house.peers.compare("c10", TODAY)
    assert told is not None
    likes, skips = told.of("like_rate"), told.of("short_play_rate_3s")
    assert likes is not None
    assert skips is not None
    # Ten of forty are below, one is itself and counted half.
    assert (likes.percentile, likes.peers, likes.tier, likes.category) == (26.2, 40, TIERS[1], "美食")
    assert (likes.value, likes.n, likes.median) == (0.01, 28_000, 0.0195)
    assert likes.better_than == 26.2
    assert skips.better_than == pytest.approx(73.8)
    assert told.note_zh == "同行：千粉层·美食，40 人。"
    assert "好于 26% 的同行（40 人" in likes.text("zh")
    assert "better than 74% of 40 peers" in skips.text("en")


def test_fewer_than_thirty_are_widened_and_it_is_said(house: House) -> None:
    for number in range(32):
        house.add(f"c{number:02d}", "美食" if number < 5 else "三农", 5_000, 100 + number, 0)
    told = house.peers.compare("c04", TODAY)
    assert told is not None
    plays = told.of("plays")
    assert plays is not None
    assert (plays.peers, plays.tier, plays.category) == (32, TIERS[1], None)
    assert told.note_zh == "同行：千粉层，32 人（千粉层·美食只有 5 人，不足 30 人，所以放宽）。"
    assert "widened: 1K+ followers·美食: only 5" in told.note_en


def test_too_few_of_all_is_said_instead_of_hidden(house: House) -> None:
    for number in range(3):
        house.add(f"c{number}", "美食", 5_000, 100 + number, 0)
    told = house.peers.compare("c1", TODAY)
    assert told is not None
    plays = told.of("plays")
    assert plays is not None
    assert (plays.is_small, plays.percentile, plays.peers) == (True, 50.0, 3)
    assert "只供参考" in told.note_zh
    assert "take it with care" in told.note_en


def test_what_rests_on_too_little_is_not_compared(house: House) -> None:
    house.add("a", "美食", 5_000, 3, 1)
    told = house.peers.compare("a", TODAY)
    assert told is not None
    assert told.of("plays") is not None
    assert told.of("like_rate") is None
    empty = house.peers.compare("nobody", TODAY)
    assert empty is not None
    assert empty.peers == ()
    assert "没有可比" in empty.note_zh


def test_without_numbers_there_are_no_peers(warehouse: Warehouse, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/none.db")
    schema.metadata.create_all(engine)
    assert Peers(engine, warehouse, Accounts(engine)).compare("a", TODAY) is None


def test_cohorts_follow_new_numbers_but_not_at_every_question(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.add("a", "美食", 5_000, 100, 0)
    first = house.peers.compare("a", TODAY)
    assert first is not None
    house.add("b", "美食", 5_000, 200, 0)
    assert house.peers.compare("a", TODAY) == first
    monkeypatch.setattr("assistant.creators.peers.SHARE_OF_TIME", 1e12)
    later = house.peers.compare("a", TODAY)
    assert later is not None
    plays = later.of("plays")
    assert plays is not None
    assert (plays.peers, plays.percentile) == (2, 25.0)
