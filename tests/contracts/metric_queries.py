"""Forty questions about creators' numbers, from a single window to a leaderboard, that every store must answer alike.

The creators are invented, with what real files bring: days that are missing, cells that are empty, denominators of
zero, two sources, works with totals and works with days, rows that a later file corrects, an import that was undone.
"""

from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import ibis
import pyarrow as pa
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from assistant.creators import layout
from assistant.creators.accounts import Accounts, Creator
from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.custom import CustomMetrics
from assistant.creators.diagnosis import diagnose
from assistant.creators.digest import digest_of
from assistant.creators.everyone import followers_of_everyone, measure_everyone, numbers_of_spans
from assistant.creators.followers import follower_series
from assistant.creators.growth import trajectory
from assistant.creators.leaderboards.ranking import Cut
from assistant.creators.leaderboards.service import Leaderboards
from assistant.creators.metrics import daily, last_day, measure, series
from assistant.creators.peers import Peers
from assistant.creators.warehouse import Batch, Row, Warehouse, open_warehouse
from assistant.creators.works import works_between
from assistant.database import schema
from knowledge import tables as knowledge_tables

LAST = date(2026, 11, 22)
IMPORTED = datetime(2026, 11, 23, 8)
DAYS, CREATORS = 120, [f"c{number:02d}" for number in range(36)]
CATEGORIES = ("美食", "三农", "")
ONE, SPARSE = "c07", "c05"
_COUNTS = layout.COUNTS[:12]


class House:
    """A warehouse with the invented creators, and what else the questions need."""

    def __init__(self, url: str, folder: Any) -> None:
        # Boards and cohorts are derived; each house has its own.
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        for metadata in (schema.metadata, knowledge_tables.metadata):
            metadata.create_all(engine)
        self.warehouse = open_warehouse(url, folder)
        self.accounts = Accounts(engine)
        self.custom = CustomMetrics(engine)
        self.boards = Leaderboards(engine, self.warehouse, self.accounts, self.custom)
        self.peers = Peers(engine, self.warehouse, self.accounts)
        for number, name in enumerate(CREATORS):
            self.accounts.add(Creator(name, name, "kuaishou", CATEGORIES[number % 3]))
        fill(self.warehouse)

    def metric(self, formula: str) -> Metric:
        """A metric of one's own."""
        return self.custom.define("tried", formula).metric


def fill(warehouse: Warehouse) -> None:
    """Imports of two sources, one after the other, for of equals the later counts; corrections; one that is undone."""
    random = Random(9)
    days = [
        row
        for number, name in enumerate(CREATORS)
        for shift in range(DAYS)
        if (row := _day(random, number, name, shift))
    ]
    works, numbers = _works(random)
    others = [row for row in days if row["source"] == "other"]
    warehouse.store(Batch(creator_days=others), IMPORTED - timedelta(hours=1))
    warehouse.store(Batch(works, numbers, [row for row in days if row["source"] != "other"]), IMPORTED)
    chosen = [row for row in random.sample(days, 300) if row["source"] != "other"]
    corrected = [{**row, "play": random.randrange(5_000)} for row in chosen]
    described = [{**work, "title": work["title"] + "·改", "duration_seconds": None} for work in works[::7]]
    warehouse.store(Batch(described, [], corrected), IMPORTED + timedelta(hours=1))
    wrong = [[{**row, "play": 10**9} for row in rows] for rows in (numbers[:40], days[::5])]
    undone = warehouse.store(Batch(works[:9], *wrong), IMPORTED + timedelta(hours=2)).import_id
    assert undone is not None
    warehouse.undo(undone, IMPORTED + timedelta(hours=3))


def _day(random: Random, number: int, name: str, shift: int) -> Row | None:
    if random.random() < (0.5 if name == SPARSE else 0.03):
        return None
    play = 0 if random.random() < 0.05 else random.randrange(20_000)
    row: Row = {"creator_id": name, "day": LAST - timedelta(days=shift), "source": "platform", "definition": "kuairand"}
    if number % 5 == 0 and shift % 3:
        row |= {"source": "other", "definition": "youtube_studio", "impressions_ctr": random.random()}
    row |= {count: int(play * random.random()) for count in _COUNTS if random.random() > 0.05}
    row |= {"play": play, "show": play * 3 + 1, "play_duration_seconds": play * 12.25}
    if random.random() > 0.1:
        row |= {"followers": 900 * (number + 1) + (DAYS - shift) * number}
    return row


def _works(random: Random) -> tuple[list[Row], list[Row]]:
    works: list[Row] = []
    numbers: list[Row] = []
    for name in CREATORS[:12]:
        for at in range(10):
            published = datetime.combine(LAST - timedelta(days=random.randrange(80)), time(random.randrange(24), 30))
            about = {"creator_id": name, "work_id": f"w{at}"}
            works.append({**about, "title": f"作品{at}", "published_at": published, "duration_seconds": at * 7.5})
            told = {**about, "source": "platform", "definition": "kuairand"}
            if at % 3:  # totals since publication
                numbers.append({**told, "day": None, **_counts(random)})
            else:
                week = (published.date() + timedelta(days=shift) for shift in range(8))
                numbers += [{**told, "day": day, **_counts(random)} for day in week if day <= LAST]
    return works, numbers


def _counts(random: Random) -> Row:
    play = random.choice((0, 1, random.randrange(100), random.randrange(90_000)))
    told = {count: int(play * random.random()) for count in _COUNTS if random.random() > 0.1}
    return {**told, "show": play * 2, "play": play, "play_duration_seconds": play * 9.5}


def _windows(width: int, count: int = 8, creator: str = ONE) -> Callable[[House], Any]:
    return lambda house: series(house.warehouse, creator, LAST, width, count)


def _formula(text: str, width: int = 28) -> Callable[[House], Any]:
    """The value of a formula for two creators, and day by day."""

    def asked(house: House) -> Any:
        metric = house.metric(text)
        start = LAST - timedelta(days=width - 1)
        return [measure(house.warehouse, one, metric, start, LAST) for one in (ONE, SPARSE)]

    return asked


def _everyone(*formulas: str, width: int = 28) -> Callable[[House], Any]:
    def asked(house: House) -> Any:
        metrics = [house.metric(text) for text in formulas] or list(CATALOGUE.values())
        return measure_everyone(house.warehouse, metrics, LAST - timedelta(days=width - 1), LAST)

    return asked


def _spans(house: House) -> Any:
    """Each creator in ten days of its own."""
    starts = [LAST - timedelta(days=20 + number) for number in range(len(CREATORS))]
    spans = pa.table(
        {
            "span": pa.array(range(len(CREATORS)), pa.int64()),
            "creator_id": pa.array(CREATORS, pa.string()),
            "first_day": pa.array(starts, pa.date32()),
            "last_day": pa.array([start + timedelta(days=9) for start in starts], pa.date32()),
        }
    )
    metrics = [CATALOGUE["plays"], CATALOGUE["like_rate"], CATALOGUE["median_plays_per_work"]]
    with house.warehouse.workbench() as bench:
        told = numbers_of_spans(bench, house.warehouse, metrics, spans, 10)
        return [bench.rows(numbers.order_by("span")) for numbers in told]


def _quantiles(house: House) -> Any:
    """Quantiles of every creator's plays, grouped: each interpolated between two days."""
    days = house.warehouse.creator_days
    days = days.filter(days.source == "platform")
    shares = {f"q{at}": days.play.quantile(at / 1000) for at in (0, 13, 250, 500, 777, 990, 1000)}
    return house.warehouse.rows(days.group_by("creator_id").agg(**shares).order_by("creator_id"))


def _by_month(house: House) -> Any:
    """Sums and counts by month, of what is known only."""
    sums = house.warehouse.daily_sums
    month = (sums.day.year() * 100 + sums.day.month()).cast("int64").name("month")
    told = sums.group_by(month, "basis").agg(
        plays=sums.play.sum(), known=sums.like.count(), creators=sums.creator_id.nunique(), average=sums.like.mean()
    )
    return house.warehouse.rows(told.order_by("month", "basis"))


def _missing(house: House) -> Any:
    """What is asked of somebody who has nothing."""
    nobody = measure(house.warehouse, "nobody", "plays", LAST, LAST)
    return [nobody, last_day(house.warehouse, "nobody", LAST), works_between(house.warehouse, "nobody", date.min, LAST)]


def _latest(house: House) -> Any:
    """The last day and import of every creator and source."""
    days = house.warehouse.creator_days
    told = days.group_by("creator_id", "source").agg(day=days.day.max(), at=days.imported_at.max(), rows=days.count())
    return house.warehouse.rows(told.order_by("creator_id", "source"))


def _works_titles(house: House) -> Any:
    works = house.warehouse.works
    told = works.select("creator_id", "work_id", "title", "published_at", "duration_seconds")
    return house.warehouse.rows(told.order_by("creator_id", "work_id"))


def _lives(house: House) -> Any:
    lives = house.warehouse.lifetimes
    told = lives.select("creator_id", "work_id", "source", "through", "play", "clicks", "watched_shares", "net")
    return house.warehouse.rows(told.order_by("creator_id", "work_id", ibis.coalesce(told.source, "")))


QUERIES: dict[str, Callable[[House], Any]] = {
    # Windows of one creator: every metric of the catalogue in each.
    "single days": _windows(1),
    "weeks": _windows(7, 12),
    "four weeks": _windows(28, 4),
    "a quarter of a year": _windows(90, 1),
    "weeks with many days missing": _windows(7, 12, SPARSE),
    "plays day by day": lambda house: daily(house.warehouse, ONE, "plays", 40, LAST),
    "a rate day by day": lambda house: daily(house.warehouse, SPARSE, "completion_rate", 40, LAST),
    "works, day by day": lambda house: daily(house.warehouse, ONE, "median_plays_per_work", 40, LAST),
    # Formulas of one's own.
    "ratio of sums": _formula("ratio(sum(likes + comments + shares), sum(plays))"),
    "mean of ratios": _formula("mean_of_ratios(likes, plays) by day"),
    "per thousand": _formula("per_thousand(sum(follows), sum(plays))", 7),
    "rolling": _formula("rolling(sum(plays), 14) / 2"),
    "lag": _formula("sum(plays) / lag(sum(plays), 28)"),
    "rolling of a lag": _formula("lag(rolling(ratio(sum(likes), sum(plays)), 7), 7)"),
    "rolling beyond the data": _formula("rolling(sum(plays), 365)"),
    "median of days": _formula("median(plays) by day"),
    "median of works": _formula("median(plays)", 60),
    "ninetieth percentile": _formula("percentile(plays, 90) by day"),
    "an odd percentile of works": _formula("percentile(plays, 12.5)", 60),
    "smallest and largest": _formula("max(plays) - min(plays)", 60),
    "count": _formula("count()", 60),
    "count under a condition": _formula("ratio(count_if(plays > 10000 and likes >= 300), count())", 60),
    "either or not": _formula("count_if(plays < 100 or not (likes > comments))", 60),
    "if": _formula("avg(if(plays > 1000, likes, 0)) by day"),
    "if over all": _formula("if(sum(plays) > 100000, ratio(sum(likes), sum(plays)), 0)", 7),
    "division by zero": _formula("avg(likes / (plays - plays)) by day"),
    "works a week and plays a day": _formula("per_week(count())", 60),
    "a metric of metrics": _formula("like_rate / follow_rate"),
    # Everybody at once.
    "the catalogue, everybody, a week": _everyone(width=7),
    "the catalogue, everybody, a quarter": _everyone(width=90),
    "formulas, everybody": _everyone("percentile(plays, 75) by day"),
    "lag, everybody": _everyone("sum(plays) / lag(sum(plays), 28)"),
    "followers of everybody": lambda house: followers_of_everyone(house.warehouse, LAST),
    "days of one's own": _spans,
    "quantiles by creator": _quantiles,
    "sums by month": _by_month,
    # Cohorts, boards, and what else is read.
    "cohort percentiles": lambda house: house.peers.compare(ONE, LAST + timedelta(days=1)),
    "a leaderboard with ties": lambda house: _board(house, "works_published"),
    "a leaderboard in a category": lambda house: _board(house, "like_rate", Cut("美食")),
    "a place on a leaderboard": lambda house: house.boards.standing(ONE, "like_rate", "week", LAST + timedelta(days=1)),
}  # fmt: skip
# What the rest of the house reads besides: rows as they are stored and derived.
READINGS: dict[str, Callable[[House], Any]] = {
    "digest": lambda house: digest_of(house.warehouse, ONE, LAST),
    "diagnosis": lambda house: diagnose(house.warehouse, ONE, None, IMPORTED),
    "growth": lambda house: trajectory(house.warehouse, ONE, LAST),
    "followers": lambda house: follower_series(house.warehouse, SPARSE, LAST),
    "nobody": _missing,
    "latest": _latest,
    "works": _works_titles,
    "lifetimes": _lives,
}


def _board(house: House, metric: str, cut: Cut | None = None) -> Any:
    return house.boards.board(metric, "week", LAST + timedelta(days=1), cut)


def plain(value: Any) -> Any:
    """An answer as lists and dictionaries, without when it was computed."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items() if key != "made_at"}
    return [plain(one) for one in value] if isinstance(value, list | tuple | set) else value
