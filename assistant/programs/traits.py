"""What audiences look at: every creator's tier and stage, derived from the warehouse for all of them.

Made anew every night by `TraitsKeeper.refresh`: the warehouse and the rules of `assistant.creators.tiers` and
`.stages` are the truth.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any

import ibis
import pyarrow as pa
from sqlalchemy import Engine, select

from assistant.creators.catalogue import CATALOGUE
from assistant.creators.everyone import followers_of_everyone, measure_everyone
from assistant.creators.followers import net_of
from assistant.creators.metrics import EARLIER_WINDOWS
from assistant.creators.stages import Signs, stage_of
from assistant.creators.tiers import tier_of
from assistant.creators.warehouse import Warehouse
from assistant.database.engine import reading, upsert
from assistant.database.program_tables import creator_traits
from assistant.database.tables import creators

AT_ONCE = 20_000  # creators whose numbers are held in memory together
WINDOW = timedelta(days=28)
_ROWS_AT_ONCE = 1_000


class TraitsKeeper:
    """Keeps `creator_traits` in step with the warehouse."""

    def __init__(self, engine: Engine, warehouse: Warehouse, today: Callable[[], date]) -> None:
        self._engine = engine
        self._warehouse = warehouse
        self._today = today

    def refresh(self) -> int:
        """Derive tier and stage of everybody with numbers anew; returns how many that are. Safe to break off and to
        repeat: each part is written whole."""
        return sum(self._refresh(part) for part in self._parts())

    def _parts(self) -> Iterator[list[str]]:
        last = ""
        while True:
            query = select(creators.c.id).where(creators.c.id > last).order_by(creators.c.id).limit(AT_ONCE)
            with reading(self._engine).begin() as connection:
                part = list(connection.scalars(query))
            if not part:
                return
            yield part
            last = part[-1]

    def _refresh(self, part: list[str]) -> int:
        today = self._today()
        by_day: dict[date, list[str]] = {}
        known = self._known(part, today)
        for creator, (last, _) in known.items():
            by_day.setdefault(last, []).append(creator)
        rows: list[dict[str, Any]] = []
        for last, theirs in by_day.items():
            for creator, signs in self._signs(theirs, last, {one: known[one][1] for one in theirs}):
                stage, followers = stage_of(signs), signs.followers
                tier = "" if followers is None else tier_of(followers).zh
                named = {"creator_id": creator, "tier": tier, "stage": stage.zh if stage else ""}
                rows.append({**named, "followers": followers, "derived_on": today})
        with self._engine.begin() as connection:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                adding = upsert(connection, creator_traits).values(rows[start : start + _ROWS_AT_ONCE])
                new = {name: adding.excluded[name] for name in ("tier", "stage", "followers", "derived_on")}
                connection.execute(adding.on_conflict_do_update(index_elements=["creator_id"], set_=new))
        return len(rows)

    def _known(self, part: Collection[str], today: date) -> dict[str, tuple[date, date | None]]:
        """The last day of numbers and the day of the last work of each creator that has any."""
        with self._warehouse.workbench() as bench:
            wanted = bench.offer("wanted", pa.table({"creator_id": pa.array(part, pa.string())}))
            days, works = self._warehouse.daily_sums, self._warehouse.works
            told = days.filter(days.day <= today).semi_join(wanted, "creator_id")
            dated = works.filter(works.published_at.cast("date") <= ibis.literal(today))
            dated = dated.semi_join(wanted, "creator_id")
            last_works = dated.group_by("creator_id").agg(work=dated.published_at.max().cast("date"))
            published = {row["creator_id"]: row["work"] for row in bench.rows(last_works)}
            last_days = bench.rows(told.group_by("creator_id").agg(last=told.day.max()))
        return {row["creator_id"]: (row["last"], published.get(row["creator_id"])) for row in last_days}

    def _signs(self, theirs: Sequence[str], last: date, works: dict[str, date | None]) -> Iterator[tuple[str, Signs]]:
        """What the rules of the stages look at, for creators whose numbers end on the same day."""
        followers = followers_of_everyone(self._warehouse, last, theirs)
        net = self._over("net_followers", last, 0, theirs)
        plays = [self._over("plays", last, shift, theirs) for shift in range(EARLIER_WINDOWS + 1)]
        days = self._days_of_followers(theirs, last)
        for creator in theirs:
            work = works[creator]
            now, earlier = plays[0].get(creator), [one[creator] for one in plays[1:] if creator in one]
            usual = median(earlier) if earlier else 0
            gained = net.get(creator)
            yield (
                creator,
                Signs(
                    days_of_data=days.get(creator, 0),
                    days_since_work=None if work is None else max((last - work).days, 0),
                    followers=followers.get(creator),
                    net_28=None if gained is None else round(gained),
                    plays_ratio=now / usual if now is not None and usual > 0 else None,
                ),
            )

    def _over(self, slug: str, last: date, shift: int, theirs: Collection[str]) -> dict[str, float]:
        end = last - shift * WINDOW
        found = measure_everyone(self._warehouse, [CATALOGUE[slug]], end - WINDOW + timedelta(days=1), end, theirs)
        measured = next(iter(found.values()), {})
        return {creator: one.value for creator, one in measured.items() if one.value is not None}

    def _days_of_followers(self, theirs: Collection[str], last: date) -> dict[str, int]:
        with self._warehouse.workbench() as bench:
            wanted = bench.offer("wanted", pa.table({"creator_id": list(theirs)}))
            days = self._warehouse.creator_days
            told = days.filter(days.day <= last, days.followers.notnull() | net_of(days).notnull())
            told = told.semi_join(wanted, "creator_id")
            counted = bench.rows(told.group_by("creator_id").agg(days=told.day.nunique()))
        return {row["creator_id"]: row["days"] for row in counted}
