"""How creators want to be told: when not, how often, of what not, and through which channel."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, Engine, Row, delete, insert, select

from assistant.database.engine import reading
from assistant.database.notice_tables import notice_wishes as table
from assistant.errors import BadInput
from assistant.programs.notices.notice import MUTABLE, Kind

DIGEST_HOUR = 9  # local; when a daily digest goes out
MOST_WEEKLY = 50


@dataclass(frozen=True)
class Wishes:
    """Of one creator. Quiet from the hour `quiet_from` up to `quiet_until` of the local day, over midnight where it
    must be; equal hours mean never. `weekly` limits what was not asked for (`notice.LIMITED`) in any seven days, None
    is the house's limit. An empty `timezone`, `channel` or `language` leaves it to the house."""

    timezone: str = ""
    quiet_from: int = 22
    quiet_until: int = 8
    weekly: int | None = None
    muted: tuple[Kind, ...] = ()
    channel: str = ""
    email: str = ""
    language: str = ""
    daily_digest: bool = False

    def changed(self, wanted: Mapping[str, Any]) -> Self:
        """These with some of them changed. Raises BadInput with one sentence for what cannot be."""
        unknown = sorted(set(wanted) - set(asdict(self)))
        if unknown:
            raise BadInput(
                "There is no wish {name}; there are {known}.",
                name=unknown[0], known=", ".join(asdict(self)),
            )
        values = dict(wanted)
        if "muted" in values:
            values["muted"] = _kinds(values["muted"])
        new = replace(self, **values)
        for hour in (new.quiet_from, new.quiet_until):
            if not isinstance(hour, int) or not 0 <= hour <= 23:
                raise BadInput("Quiet hours are whole hours from 0 to 23.")
        if new.weekly is not None and (not isinstance(new.weekly, int) or not 0 <= new.weekly <= MOST_WEEKLY):
            raise BadInput("The limit per week is a number from 0 to {most_weekly}.", most_weekly=MOST_WEEKLY)
        if new.email and ("@" not in new.email or not new.email.isprintable() or " " in new.email):
            raise BadInput("This is no e-mail address.")
        if new.timezone:
            _zone(new.timezone)
        return new

    def awake(self, moment: datetime, house: ZoneInfo) -> datetime:
        """`moment` when nothing keeps a notice back then, else when the quiet hours end (UTC without a zone)."""
        local = self._local(moment, house)
        if self.daily_digest:
            local = _next_digest(local)
        if not self._is_quiet(local.hour):
            return _utc(local) if self.daily_digest else moment
        end = local.replace(hour=self.quiet_until, minute=0, second=0, microsecond=0)
        return _utc(end if end > local else end + timedelta(days=1))

    def _is_quiet(self, hour: int) -> bool:
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until

    def _local(self, moment: datetime, house: ZoneInfo) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(_zone(self.timezone) if self.timezone else house)


class WishBook:
    """Keeps the wishes in SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, creator_id: str) -> Wishes:
        """A creator's, or the defaults."""
        with reading(self._engine).begin() as connection:
            return wishes_of(connection, [creator_id]).get(creator_id, Wishes())

    def change(self, creator_id: str, wanted: Mapping[str, Any]) -> Wishes:
        """Keep some changes and return the whole. Raises BadInput."""
        with self._engine.begin() as connection:
            new = wishes_of(connection, [creator_id]).get(creator_id, Wishes()).changed(wanted)
            connection.execute(delete(table).where(table.c.creator_id == creator_id))
            kept = {**asdict(new), "muted": list(new.muted)}
            now = datetime.now(UTC).replace(tzinfo=None)
            connection.execute(insert(table).values(creator_id=creator_id, changed_at=now, **kept))
        return new

    def mute(self, creator_id: str, kind: str, muted: bool = True) -> Wishes:
        """Switch one kind of notices off, or on again. Raises BadInput for one that cannot be."""
        _kinds([kind])
        others = [one for one in self.of(creator_id).muted if one != kind]
        return self.change(creator_id, {"muted": [*others, kind] if muted else others})


def wishes_of(connection: Connection, creators: Iterable[str]) -> dict[str, Wishes]:
    """The wishes of those who have any."""
    rows = connection.execute(select(table).where(table.c.creator_id.in_(list(creators))))
    return {row.creator_id: _wishes(row) for row in rows}


def _wishes(row: Row[Any]) -> Wishes:
    kept = {name: getattr(row, name) for name in asdict(Wishes())}
    return Wishes(**{**kept, "muted": tuple(kept["muted"])})


def _next_digest(local: datetime) -> datetime:
    """`local` itself within half an hour of the digest's hour, else the next such hour."""
    at = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if local < at:
        return at
    return local if local - at < timedelta(minutes=30) else at + timedelta(days=1)


def _kinds(kinds: Iterable[Any]) -> tuple[Kind, ...]:
    given = set(kinds)
    if not given <= set(MUTABLE):
        raise BadInput("What can be switched off: {known}.", known=", ".join(MUTABLE))
    return tuple(kind for kind in MUTABLE if kind in given)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput("A time zone is a name such as Asia/Shanghai.") from error


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC).replace(tzinfo=None)
