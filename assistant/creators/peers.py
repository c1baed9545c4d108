"""同层对比: where a creator's numbers stand among creators of the same tier and category.

Cohorts are made of everybody's last 28 days at once and kept, so that to look one up costs nothing. They are derived:
made anew for another day, and from time to time while numbers come in.
"""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import Engine, delete, insert, select

from assistant.creators.accounts import Accounts
from assistant.creators.catalogue import CATALOGUE, Metric
from assistant.creators.everyone import followers_at, values_of
from assistant.creators.figures import written
from assistant.creators.followers import follower_series
from assistant.creators.metrics import series
from assistant.creators.tiers import TIERS, Tier, tier_of
from assistant.creators.warehouse import Warehouse
from assistant.database.engine import reading
from assistant.database.number_tables import cohorts

PEER_DAYS = 28
# Fewer peers than this are too few to speak of a level: the cohort is widened, and said to be small where it cannot be.
LEAST_PEERS = 30
# Of a larger cohort so many evenly spaced values are kept: a percentile is then off by half a point at most.
KEPT_VALUES = 201
# Cohorts are made again when numbers may have changed, at the most so much of the time.
SHARE_OF_TIME = 0.01
ALL_TIERS, ALL_CATEGORIES = -1, ""


@dataclass(frozen=True)
class Peer:
    """One metric of a creator among `peers` others and itself.

    `percentile` (0 to 100) is the share with a lower value, ties counted half; `better_than` the share that is worse,
    which is the other way round where lower is better. `tier` and `category` say who the peers are, None for all.
    """

    metric: Metric
    value: float
    n: int
    percentile: float
    peers: int
    median: float
    tier: Tier | None
    category: str | None

    @property
    def better_than(self) -> float:
        """The share of the peers, 0 to 100, whose value is worse; of a metric without a better side, lower."""
        return 100 - self.percentile if self.metric.direction == "lower is better" else self.percentile

    @property
    def is_small(self) -> bool:
        """Whether even the widest cohort has fewer than 30."""
        return self.peers < LEAST_PEERS

    def text(self, lang: str) -> str:
        """The comparison in a sentence."""
        value, median = (written(one, self.metric.unit, lang) for one in (self.value, self.median))
        share = f"{self.better_than:.0f}"
        if lang.startswith("zh"):
            word = "好于" if self.metric.direction != "neither" else "高于"
            return f"{self.metric.title_zh} {value}，{word} {share}% 的同行（{self.peers:,} 人，中位数 {median}）。"
        word = "better than" if self.metric.direction != "neither" else "higher than"
        return f"{self.metric.title_en} {value}: {word} {share}% of {self.peers:,} peers (median {median})."


@dataclass(frozen=True)
class Comparison:
    """A creator among peers in the 28 days from `first` to `last`. `note_zh`/`note_en` say who the peers are, and why
    they are no closer ones. Empty when there are no numbers in those days."""

    first: date
    last: date
    peers: tuple[Peer, ...]
    note_zh: str
    note_en: str

    def of(self, slug: str) -> Peer | None:
        """The comparison of one metric."""
        return next((peer for peer in self.peers if peer.metric.slug == slug), None)


class Peers:
    """Cohorts of the last 28 days that are over; safe from any thread."""

    def __init__(self, engine: Engine, warehouse: Warehouse, accounts: Accounts) -> None:
        self._engine = engine
        self._warehouse = warehouse
        self._accounts = accounts
        self._making = Lock()

    def compare(self, creator: str, today: date) -> Comparison | None:
        """Every metric of a creator that rests on enough, among the closest peers of which there are thirty.

        None when there are no numbers of anybody before `today`.
        """
        last = self._last(today)
        if last is None:
            return None
        self.refresh(last)
        first = last - timedelta(days=PEER_DAYS - 1)
        account = self._accounts.find(creator)
        followers = follower_series(self._warehouse, creator, last).latest
        tier = None if followers is None else tier_of(followers)
        category = account.category if account else ""
        kept = self._kept(last, _ladder(tier, category))
        found = []
        for slug, one in series(self._warehouse, creator, last, PEER_DAYS, windows=1).items():
            metric, value = CATALOGUE[slug], one.values.get(0)
            if value is None or one.samples[0] < metric.minimum_base or slug not in kept:
                continue
            found.append(_peer(metric, value, one.samples[0], kept[slug]))
        note_zh, note_en = _note(found, tier, category, kept)
        return Comparison(first, last, tuple(found), note_zh, note_en)

    def refresh(self, last: date) -> None:
        """Make the cohorts of the 28 days up to `last`, unless they are fresh enough."""
        with self._making:
            query = select(cohorts.c.made_at, cohorts.c.seconds).where(cohorts.c.last == last.isoformat()).limit(1)
            with reading(self._engine).begin() as connection:
                there = connection.execute(query).first()
            now = datetime.now(UTC).replace(tzinfo=None)
            if there is not None and (now - there.made_at).total_seconds() * SHARE_OF_TIME < there.seconds:
                return
            started = time.perf_counter()
            rows = list(self._rows(last))
            taken = time.perf_counter() - started
            with self._engine.begin() as connection:
                connection.execute(delete(cohorts))
                made = {"last": last.isoformat(), "made_at": now, "seconds": taken}
                if rows:
                    connection.execute(insert(cohorts), [{**row, **made} for row in rows])

    def _last(self, today: date) -> date | None:
        """The last day with numbers that was over when `today` began."""
        days = self._warehouse.daily_sums
        found: date | None = self._warehouse.rows(days.filter(days.day < today).agg(last=days.day.max()))[0]["last"]
        return found

    def _rows(self, last: date) -> Iterator[dict[str, Any]]:
        first = last - timedelta(days=PEER_DAYS - 1)
        pairs = self._accounts.categories()
        categories = pl.DataFrame(pairs, schema={"creator_id": pl.String, "category": pl.String}, orient="row")
        with self._warehouse.workbench() as bench:
            followers = pl.DataFrame(bench.table(followers_at(bench, self._warehouse, last)))
            tiers = followers.select("creator_id", tier=_floor(pl.col("followers")))
            for metric, values in values_of(bench, self._warehouse, list(CATALOGUE.values()), first, last):
                fit = values.filter(values.base >= metric.minimum_base)
                told = pl.DataFrame(bench.table(fit.select("creator_id", "value")))
                told = told.join(tiers, "creator_id", how="left").join(categories, "creator_id", how="left")
                yield from _cohorts_of(metric, told)

    def _kept(
        self, last: date, ladder: Sequence[tuple[int, str]]
    ) -> dict[str, dict[tuple[int, str], tuple[int, list[float]]]]:
        """By metric the cohorts on the ladder: how many creators, and their values in order."""
        query = select(cohorts).where(
            cohorts.c.last == last.isoformat(),
            cohorts.c.tier.in_([tier for tier, _ in ladder]),
            cohorts.c.category.in_([category for _, category in ladder]),
        )
        found: dict[str, dict[tuple[int, str], tuple[int, list[float]]]] = {}
        with reading(self._engine).begin() as connection:
            for row in connection.execute(query):
                if (row.tier, row.category) in ladder:
                    found.setdefault(row.metric, {})[row.tier, row.category] = row.creators, row.values
        return found


def _ladder(tier: Tier | None, category: str) -> list[tuple[int, str]]:
    """The cohorts from the closest to everybody, as they are kept."""
    steps = [(ALL_TIERS, ALL_CATEGORIES)]
    if tier is not None:
        steps.insert(0, (tier.floor, ALL_CATEGORIES))
        if category:
            steps.insert(0, (tier.floor, category))
    return steps


def _floor(followers: pl.Expr) -> pl.Expr:
    floor = pl.lit(0)
    for tier in TIERS:
        floor = pl.when(followers >= tier.floor).then(pl.lit(tier.floor)).otherwise(floor)
    return pl.when(followers.is_null()).then(None).otherwise(floor)


def _cohorts_of(metric: Metric, told: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The cohorts of one metric; those without a tier or category are in the wider ones only."""
    with_both = told.filter(pl.col("tier").is_not_null() & (pl.col("category").fill_null("") != ""))
    groups = [(key, some) for key, some in with_both.group_by("tier", "category")]
    groups += [((tier, ALL_CATEGORIES), some) for (tier,), some in told.drop_nulls("tier").group_by("tier")]
    groups += [((ALL_TIERS, ALL_CATEGORIES), told)] if told.height else []
    for (tier, category), some in groups:
        values = np.sort(some["value"].to_numpy())
        if len(values) > KEPT_VALUES:
            values = values[np.linspace(0, len(values) - 1, KEPT_VALUES).round().astype(int)]
        yield {
            "metric": metric.slug,
            "tier": tier,
            "category": category,
            "creators": some.height,
            "values": values.tolist(),
        }


def _peer(metric: Metric, value: float, n: int, kept: Mapping[tuple[int, str], tuple[int, list[float]]]) -> Peer:
    """Among the closest cohort with thirty creators, else among everybody."""
    steps = sorted(kept, key=lambda step: (step[0] == ALL_TIERS, step[1] == ALL_CATEGORIES))
    step = next((step for step in steps if kept[step][0] >= LEAST_PEERS), steps[-1])
    count, values = kept[step]
    tolerance = 1e-9 * abs(value)
    below, up_to = bisect_left(values, value - tolerance), bisect_right(values, value + tolerance)
    return Peer(
        metric=metric,
        value=value,
        n=n,
        percentile=round(100 * (below + up_to) / 2 / len(values), 1),
        peers=count,
        median=float(np.median(values)),
        tier=next((tier for tier in TIERS if tier.floor == step[0]), None),
        category=step[1] or None,
    )


def _note(
    found: Sequence[Peer],
    tier: Tier | None,
    category: str,
    kept: Mapping[str, Mapping[tuple[int, str], tuple[int, list[float]]]],
) -> tuple[str, str]:
    """Who the peers are. Metrics may differ a little; the one with most peers speaks for all."""
    if not found:
        return "这 28 天没有可比的数据。", "There are no numbers to compare in these 28 days."
    widest = max(found, key=lambda peer: peer.peers)
    steps = [(step, kept[widest.metric.slug].get(step, (0, []))[0]) for step in _ladder(tier, category)]
    tried = [(step, count) for step, count in steps if count < LEAST_PEERS]
    reasons_zh = "；".join(f"{_named(step, 'zh')}只有 {count} 人" for step, count in tried)
    reasons_en = "; ".join(f"{_named(step, 'en')}: only {count}" for step, count in tried)
    used = (widest.tier.floor if widest.tier else ALL_TIERS, widest.category or ALL_CATEGORIES)
    zh = f"同行：{_named(used, 'zh')}，{widest.peers:,} 人"
    en = f"Peers: {_named(used, 'en')}, {widest.peers:,} creators"
    if widest.is_small:
        zh = f"可比的人太少（{reasons_zh}），不足 {LEAST_PEERS} 人，下面只供参考"
        en = f"There are too few to compare with ({reasons_en}), fewer than {LEAST_PEERS}; take it with care"
    elif tried:
        zh += f"（{reasons_zh}，不足 {LEAST_PEERS} 人，所以放宽）"
        en += f" (widened: {reasons_en}, fewer than {LEAST_PEERS})"
    return zh + "。", en + "."


def _named(step: tuple[int, str], lang: str) -> str:
    floor, category = step
    tier = next((one for one in TIERS if one.floor == floor), None)
    if tier is None:
        return "全部创作者" if lang == "zh" else "all creators"
    name = f"{tier.zh}层" if lang == "zh" else tier.en
    return f"{name}·{category}" if category else name
