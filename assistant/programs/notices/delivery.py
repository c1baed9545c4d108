"""Delivery: takes notices that are due out of the outbox and hands them to channels, a batch at a time.

Any number of processes may deliver at once, and each may be killed anywhere. A batch is leased in SQL; before a parcel
is handed over its notices are noted as begun, and afterwards as sent, so that a later process sees what is uncertain.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row, select, text, update

from assistant.database.notice_tables import notices
from assistant.programs.notices.channel import Channel, Handed, InboxChannel, Later, Outcome, Refused
from assistant.programs.notices.notice import ALONE, INBOX, LIMITED, Kind, Parcel
from assistant.programs.notices.reach import EMAIL, accounts_of, channel_for, pushed_lately
from assistant.programs.notices.wishes import Wishes, wishes_of
from assistant.programs.notices.wording import digest_of, message_of

log = logging.getLogger(__name__)
BATCH = 500
LEASE = timedelta(minutes=2)
SLOW_AT_ONCE = 5  # parcels of one batch for a channel that takes them one by one: they must be done within the lease
DIGEST_FROM = 3  # so many notices for one creator at once go out as one message
WEEKLY = 5  # messages that were not asked for, in any seven days, unless the creator says otherwise
MOST_TRIES = 8  # hand-overs of a channel that knows keys before the notice is left to the inbox
BLIND_TRIES = 2  # hand-overs of any other channel: the second one is marked as a repeat
RETRY = timedelta(seconds=30)
# Written out, as in the index, or the database would not see that the index has all of them.
_OPEN = text("notices.state IN ('waiting', 'begun')")


@dataclass(frozen=True)
class Delivered:
    """What one batch did: notices taken up, sent (also into the inbox), put off, and given up by a channel."""

    taken: int = 0
    sent: int = 0
    put_off: int = 0
    given_up: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Delivered(*(one + two for one, two in pairs))


@dataclass(frozen=True)
class _Plan:
    """What is to become of the notices of a batch: ids to withhold, to leave to the inbox, to put off, and parcels."""

    withheld: list[int]
    inbox: list[int]
    over_limit: list[int]
    put_off: dict[datetime, list[int]]
    parcels: dict[str, list[Parcel]]
    uncertain: dict[str, int]  # by key: hand-overs so far whose outcome is not known


class Deliverer:
    """Sends on what is due. `channels` are tried in the order in which they were added; the inbox is always there."""

    def __init__(self, engine: Engine, house: ZoneInfo, public_url: str = "", secret: str = "") -> None:
        self._engine = engine
        self._house = house
        self._public_url, self._secret = public_url, secret
        self._channels: dict[str, Channel] = {}
        self.lease = LEASE
        self._inbox = InboxChannel()

    def add_channel(self, channel: Channel) -> None:
        """Use this channel from now on."""
        self._channels[channel.name] = channel

    def drain(self, most: int | None = None, now: datetime | None = None) -> Delivered:
        """Deliver batch after batch until nothing is due, or `most` notices were taken up."""
        total = Delivered()
        while most is None or total.taken < most:
            done = self.deliver_batch(now)
            total += done
            if not done.taken:
                break
        return total

    def deliver_batch(self, now: datetime | None = None) -> Delivered:
        """Take up to a batch of due notices and see to them."""
        moment = now or datetime.now(UTC).replace(tzinfo=None)
        with self._engine.begin() as connection:
            rows, wishes, reached = self._lease(connection, moment)
            if not rows:
                return Delivered()
            plan = self._planned(connection, rows, wishes, reached, moment)
            self._settle_plain(connection, plan, moment)
        done = Delivered(len(rows), len(plan.inbox) + len(plan.over_limit), sum(map(len, plan.put_off.values())))
        for name, parcels in plan.parcels.items():
            channel = self._channels[name]
            most = len(parcels) if channel.knows_keys else SLOW_AT_ONCE
            if parcels[most:]:
                with self._engine.begin() as connection:
                    later = [one for parcel in parcels[most:] for one in parcel.notices]
                    self._set(connection, later, leased_until=None)
            done += self._hand_over(channel, parcels[:most], plan.uncertain, moment)
        return done

    def _lease(
        self, connection: Connection, now: datetime
    ) -> tuple[Sequence[Row[Any]], Mapping[str, Wishes], Mapping[str, dict[str, str]]]:
        """Rows that nobody else delivers now, what their creators wish, and their accounts outside. Other due notices
        of those who can be reached outside come along, so that a digest is whole."""
        # A lease longer than any was taken before the clock was set back.
        until = notices.c.leased_until
        free = until.is_(None) | (until < now) | (until > now + 2 * LEASE)
        due = (_OPEN, notices.c.due_at <= now, free)
        first = select(notices).where(*due).order_by(notices.c.due_at, notices.c.id).limit(BATCH)
        rows = list(connection.execute(first.with_for_update(skip_locked=True)))
        wishes = wishes_of(connection, {row.creator_id for row in rows})
        reached: dict[str, dict[str, str]] = {}
        if rows and self._channels:
            reached = accounts_of(connection, {row.creator_id for row in rows}, list(self._channels))
        by_letter = [creator for creator, wish in wishes.items() if wish.email] if EMAIL in self._channels else []
        if reached or by_letter:
            theirs = notices.c.creator_id.in_([*reached, *by_letter])
            others = select(notices).where(*due, theirs, notices.c.id.not_in([row.id for row in rows])).limit(BATCH)
            rows += connection.execute(others.with_for_update(skip_locked=True))
        self._set(connection, [row.id for row in rows], leased_until=now + self.lease)
        return rows, wishes, reached

    def _planned(
        self,
        connection: Connection,
        rows: Sequence[Row[Any]],
        wishes: Mapping[str, Wishes],
        reached: Mapping[str, dict[str, str]],
        now: datetime,
    ) -> _Plan:
        lately = pushed_lately(connection, {row.creator_id for row in rows}, now) if self._channels else {}
        plan = _Plan([], [], [], {}, {}, {})
        by_creator: dict[str, list[Row[Any]]] = {}
        for row in rows:
            by_creator.setdefault(row.creator_id, []).append(row)
        for creator, theirs in by_creator.items():
            wish = wishes.get(creator, Wishes())
            self._plan_one(plan, wish, reached.get(creator, {}), lately.get(creator, 0), theirs, now)
        return plan

    def _plan_one(
        self, plan: _Plan, wish: Wishes, accounts: dict[str, str], lately: int, rows: list[Row[Any]], now: datetime
    ) -> None:
        muted = {row.id for row in rows if row.kind in wish.muted and row.state == "waiting"}
        plan.withheld.extend(muted)
        wanted = [row for row in rows if row.id not in muted]
        name, account = channel_for(wish, accounts, list(self._channels))
        if name == INBOX:
            plan.inbox.extend(row.id for row in wanted)
            return
        # What was read in the inbox before its hour came is not sent any more.
        seen = {row.id for row in wanted if row.seen_at is not None and row.state == "waiting"}
        plan.inbox.extend(seen)
        wanted = [row for row in wanted if row.id not in seen]
        awake = wish.awake(now, self._house)
        if awake > now:
            plan.put_off.setdefault(awake, []).extend(row.id for row in wanted)
            return
        left = (WEEKLY if wish.weekly is None else wish.weekly) - lately
        for group in _groups(wanted):
            is_new = all(row.state == "waiting" for row in group)
            if is_new and all(row.kind in LIMITED for row in group):
                if left <= 0:
                    plan.over_limit.extend(row.id for row in group)
                    continue
                left -= 1
            self._pack(plan, name, account, wish, group)

    def _pack(self, plan: _Plan, name: str, account: str, wish: Wishes, group: list[Row[Any]]) -> None:
        tries = max(row.tries for row in group) if group[0].state == "begun" else 0
        key = f"notice:{group[0].digest or group[0].id}"
        messages = [message_of(row, self._public_url, self._secret) for row in group]
        message = messages[0] if len(group) == 1 else digest_of(messages, wish.language)
        kind: Kind = group[0].kind
        ids = tuple(row.id for row in group)
        parcel = Parcel(key, group[0].creator_id, account, kind, message, wish.language or "zh", tries > 0, ids)
        plan.parcels.setdefault(name, []).append(parcel)
        plan.uncertain[key] = tries

    def _settle_plain(self, connection: Connection, plan: _Plan, now: datetime) -> None:
        """What no channel is needed for."""
        self._set(connection, plan.withheld, state="withheld", fault="muted", leased_until=None)
        sent = {"state": "sent", "channel": INBOX, "sent_at": now, "leased_until": None}
        self._set(connection, plan.inbox, **sent)
        self._set(connection, plan.over_limit, fault="weekly", **sent)
        for until, ids in plan.put_off.items():
            self._set(connection, ids, due_at=until, leased_until=None)

    def _hand_over(
        self, channel: Channel, parcels: list[Parcel], uncertain: dict[str, int], now: datetime
    ) -> Delivered:
        """Note, hand over, note: all at once where the channel knows keys, else one by one."""
        most = MOST_TRIES if channel.knows_keys else BLIND_TRIES
        tired = [parcel for parcel in parcels if uncertain[parcel.key] >= most]
        fresh = [parcel for parcel in parcels if uncertain[parcel.key] < most]
        with self._engine.begin() as connection:
            for parcel in tired:
                fault = "" if channel.knows_keys else "not known whether it arrived"
                state = "failed" if channel.knows_keys else "unsure"
                self._set(connection, parcel.notices, state=state, channel=channel.name, fault=fault, leased_until=None)
        done = Delivered(given_up=sum(len(parcel.notices) for parcel in tired))
        for part in [fresh] if channel.knows_keys else [[parcel] for parcel in fresh]:
            if part:
                done += self._hand_over_part(channel, part, now)
        return done

    def _hand_over_part(self, channel: Channel, parcels: list[Parcel], now: datetime) -> Delivered:
        with self._engine.begin() as connection:
            still = self._open_ids(connection, [one for parcel in parcels for one in parcel.notices])
            parcels = [parcel for parcel in parcels if still.issuperset(parcel.notices)]
            begun = {"state": "begun", "tries": notices.c.tries + 1, "channel": channel.name}
            is_repeat = any(parcel.is_repeat for parcel in parcels) and not channel.knows_keys
            alone = [parcel.notices[0] for parcel in parcels if len(parcel.notices) == 1]
            self._set(connection, alone, is_repeat=is_repeat, **begun)
            for parcel in parcels:
                if len(parcel.notices) > 1:
                    self._set(connection, parcel.notices, is_repeat=is_repeat, digest=parcel.notices[0], **begun)
        try:
            outcomes = list(zip(parcels, channel.hand_over(parcels), strict=True))
        except Exception as error:  # whatever a channel runs into: its parcels stay begun and are taken up again
            log.exception("The channel %s failed with %s notices", channel.name, len(parcels))
            with self._engine.begin() as connection:
                ids = [one for parcel in parcels for one in parcel.notices]
                self._set(connection, ids, due_at=now + RETRY, leased_until=None, fault=type(error).__name__[:200])
            return Delivered(put_off=len(parcels))
        with self._engine.begin() as connection:
            return sum((self._settle(connection, *pair, now) for pair in _merged(outcomes)), Delivered())

    def _open_ids(self, connection: Connection, ids: Sequence[int]) -> set[int]:
        """Those that still wait: their campaign may have been paused since they were leased."""
        found: set[int] = set()
        for start in range(0, len(ids), BATCH):
            part = select(notices.c.id).where(notices.c.id.in_(ids[start : start + BATCH]), _OPEN)
            found.update(connection.scalars(part))
        return found

    def _settle(self, connection: Connection, ids: list[int], outcome: Outcome, now: datetime) -> Delivered:
        if isinstance(outcome, Handed):
            self._set(connection, ids, state="sent", sent_at=now, leased_until=None, fault="")
            return Delivered(sent=len(ids))
        if isinstance(outcome, Later):
            due = now + timedelta(seconds=outcome.seconds)
            again = {"state": "waiting", "tries": 0, "is_repeat": False, "digest": None}
            self._set(connection, ids, due_at=due, leased_until=None, fault=outcome.reason[:200], **again)
            return Delivered(put_off=len(ids))
        assert isinstance(outcome, Refused)
        self._set(connection, ids, state="failed", leased_until=None, fault=outcome.reason[:200])
        return Delivered(given_up=len(ids))

    def _set(self, connection: Connection, ids: Iterable[int], **values: Any) -> None:
        listed = list(ids)
        for start in range(0, len(listed), BATCH):
            part = listed[start : start + BATCH]
            connection.execute(update(notices).where(notices.c.id.in_(part)).values(**values))


def _groups(rows: list[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """What goes out together: what went together before, and new notices when they are many; others alone."""
    begun: dict[int, list[Row[Any]]] = {}
    new: list[Row[Any]] = []
    for row in sorted(rows, key=lambda row: row.id):
        if row.state == "begun":
            begun.setdefault(row.digest or row.id, []).append(row)
        elif row.kind in ALONE:
            yield [row]
        else:
            new.append(row)
    yield from begun.values()
    if len(new) >= DIGEST_FROM:
        yield new
    else:
        yield from ([row] for row in new)


def _merged(outcomes: Iterable[tuple[Parcel, Outcome]]) -> Iterator[tuple[list[int], Outcome]]:
    """Notices with the same outcome together: one statement settles them."""
    by_outcome: dict[Outcome, list[int]] = {}
    for parcel, outcome in outcomes:
        by_outcome.setdefault(outcome, []).extend(parcel.notices)
    for outcome, ids in by_outcome.items():
        yield ids, outcome
