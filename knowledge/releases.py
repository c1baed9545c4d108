"""Releases in SQL: put together from what is served and the drafts, judged by the gate, served by one commit.

Invariant: at most one release is `served`; it becomes so, and stops being so, by one commit. What a release serves, and
for which period, stands in `release_revisions` and never changes once the gate has seen it.

States: `candidate` (being built) → `ready` or `blocked` (judged) → `served` → `retired`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, func, insert, or_, select, update

from knowledge.audit import record
from knowledge.documents import Audience, Passage, Provenance
from knowledge.errors import Conflict, NotFound, Said
from knowledge.tables import documents, passages, release_revisions, releases, revisions
from knowledge.transactions import reading


@dataclass(frozen=True)
class Release:
    """A release as listed: what was served when, by whom and why. `base` is the release that was served when this one
    was put together; `report` is what the gate saw (`knowledge.gate.findings.Report`)."""

    number: int
    state: str
    note: str
    author: str
    publisher: str
    created_at: datetime
    served_at: datetime | None
    revisions: int
    waiver: str
    base: int | None
    report: dict[str, Any]


@dataclass(frozen=True)
class Span:
    """One revision's place in a release: the period it is served for. `is_new` when the release before had it not."""

    slug: str
    revision: int
    effective_from: date | None
    expires_on: date | None
    is_new: bool


@dataclass(frozen=True)
class _Served:
    revision_id: int
    effective_from: date | None
    expires_on: date | None


class Releases:
    """Reads and writes releases; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, note: str, author: str) -> int:
        """Put a candidate together: what is served now with every draft in its place; returns its number.

        Raises Conflict when there is nothing to publish. Candidates that an earlier run left behind are removed.
        """
        with self._engine.begin() as connection:
            self._drop_candidates(connection)
            served = connection.scalar(select(releases.c.number).where(releases.c.state == "served"))
            chosen = self._compose(connection, served)
            if not chosen or not connection.scalar(select(func.count()).where(revisions.c.is_draft)):
                raise Conflict("There is nothing new to publish: every text added so far is being served.")
            number = 1 + (connection.scalar(select(func.max(releases.c.number))) or 0)
            connection.execute(
                insert(releases).values(
                    number=number,
                    note=note,
                    author=author,
                    created_at=_now(),
                    state="candidate",
                    waiver="",
                    report={},
                    base=served,
                    publisher="",
                )
            )
            connection.execute(
                insert(release_revisions),
                [{"release": number, **_period(item)} for item in chosen],
            )
            return number

    def abandon(self) -> None:
        """Forget candidates that were not judged: the check of them broke off."""
        with self._engine.begin() as connection:
            self._drop_candidates(connection)

    def judge(self, number: int, is_green: bool, report: dict[str, Any], author: str) -> None:
        """Write down what the gate saw. A release that is not green needs a waiver to be served; its drafts stay
        drafts."""
        state = "ready" if is_green else "blocked"
        with self._engine.begin() as connection:
            self._need(connection, number)
            connection.execute(update(releases).where(releases.c.number == number).values(state=state, report=report))
            record(connection, author, "release.checked", str(number), state=state, blocking=report.get("blocking", 0))

    def serve(self, number: int, publisher: str, waiver: str = "") -> None:
        """The switch: from this commit on, release `number` is the served one. Its drafts are drafts no longer.

        Raises Conflict when it was never judged, is blocked and nobody waives that, was put together over another
        release than the one that serves now, or holds a draft that was discarded meanwhile.
        """
        with self._engine.begin() as connection:
            found = self._need(connection, number)
            if found.state not in ("ready", "blocked"):
                raise Conflict(
                    "Release {number} is {state}; only a checked candidate can be published.",
                    number=number, state=Said(found.state),
                )
            served = connection.scalar(select(releases.c.number).where(releases.c.state == "served"))
            if found.base != served:
                raise Conflict(
                    "Release {served} was published after {number} had been checked; check again.",
                    served=served, number=number,
                )
            if found.state == "blocked" and not waiver:
                raise Conflict(
                    "The gate stopped release {number}: mend what it found, or waive it with a reason.",
                    number=number,
                )
            held = select(release_revisions.c.revision_id).where(release_revisions.c.release == number)
            if self._lost(connection, number, served):
                raise Conflict(
                    "A draft in release {number} was discarded after it had been checked; check again.",
                    number=number,
                )
            self._switch(connection, number, publisher=publisher, waiver=waiver)
            connection.execute(update(revisions).where(revisions.c.id.in_(held)).values(is_draft=False))
            record(connection, publisher, "release.served", str(number), waiver, note=found.note, before=served)

    def return_to(self, number: int, publisher: str, reason: str = "") -> None:
        """Serve an earlier release again. Raises NotFound, or Conflict for one that was never served: only what passed
        the gate can be returned to."""
        with self._engine.begin() as connection:
            found = self._need(connection, number)
            if found.served_at is None:
                raise Conflict("Release {number} was never served, so it cannot be rolled back to.", number=number)
            served = connection.scalar(select(releases.c.number).where(releases.c.state == "served"))
            self._switch(connection, number)
            record(connection, publisher, "release.rolled_back", str(number), reason, before=served)

    def served(self) -> int | None:
        """The number of the release that is served, or None before the first publishing."""
        with reading(self._engine).begin() as connection:
            return connection.scalar(select(releases.c.number).where(releases.c.state == "served"))

    def all(self) -> list[Release]:
        """All releases, newest first."""
        with reading(self._engine).begin() as connection:
            return [Release(**row._mapping) for row in connection.execute(_listed())]

    def find(self, number: int) -> Release:
        """One release. Raises NotFound."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(_listed().where(releases.c.number == number)).first()
        if row is None:
            raise _no_release(number)
        return Release(**row._mapping)

    def passages(self, number: int, ids: Iterable[int] | None = None) -> list[Passage]:
        """Every passage of a release in a stable order, or those with these ids. A passage keeps its id from release
        to release."""
        query = (
            select(
                passages,
                documents.c.slug,
                documents.c.lang,
                documents.c.kind,
                revisions.c.number,
                revisions.c.title,
                revisions.c.attributes,
                revisions.c.tier,
                revisions.c.category,
                release_revisions.c.effective_from,
                release_revisions.c.expires_on,
            )
            .join(revisions, revisions.c.id == passages.c.revision_id)
            .join(documents, documents.c.id == revisions.c.document_id)
            .join(release_revisions, release_revisions.c.revision_id == revisions.c.id)
            .where(release_revisions.c.release == number)
            .order_by(passages.c.id)
        )
        if ids is not None:
            query = query.where(passages.c.id.in_(list(ids)))
        with reading(self._engine).begin() as connection:
            return [_passage(row) for row in connection.execute(query)]

    def spans(self, number: int) -> list[Span]:
        """The revisions of a release and the periods they are served for, by document and time."""
        served = release_revisions.c
        before = select(served.revision_id).where(
            served.release == select(releases.c.base).where(releases.c.number == number).scalar_subquery()
        )
        query = (
            select(
                documents.c.slug,
                revisions.c.number.label("revision"),
                served.effective_from,
                served.expires_on,
                served.revision_id.not_in(before).label("is_new"),
            )
            .join(revisions, revisions.c.id == served.revision_id)
            .join(documents, documents.c.id == revisions.c.document_id)
            .where(served.release == number)
            .order_by(documents.c.slug, served.effective_from)
        )
        with reading(self._engine).begin() as connection:
            return [Span(**row._mapping) for row in connection.execute(query)]

    def eligible(
        self, number: int, day: date | None, years: Iterable[int] = (), audience: Audience = Audience()
    ) -> frozenset[int]:
        """The ids of the passages of a release that hold on `day`, or at some time in one of `years`; all of them
        without a day. A text for some creators only is left out for an audience that is known to be another."""
        served = release_revisions.c
        query = (
            select(passages.c.id)
            .join(release_revisions, served.revision_id == passages.c.revision_id)
            .join(revisions, revisions.c.id == served.revision_id)
            .where(served.release == number)
        )
        for column, value in ((revisions.c.tier, audience.tier), (revisions.c.category, audience.category)):
            if value:
                query = query.where(column.in_(("", value)))
        if day is not None:
            spans = [(day, day)] + [(date(year, 1, 1), date(year, 12, 31)) for year in years]
            query = query.where(or_(*(_holds(first, last) for first, last in spans)))
        with reading(self._engine).begin() as connection:
            return frozenset(connection.scalars(query))

    def _compose(self, connection: Connection, served: int | None) -> list[_Served]:
        """The newest revision of each document and starting day among the served ones and the drafts, periods
        closed."""
        held = select(release_revisions.c.revision_id).where(release_revisions.c.release == served)
        rows = connection.execute(
            select(revisions.c.id, revisions.c.document_id, revisions.c.effective_from, revisions.c.expires_on)
            .where(or_(revisions.c.is_draft, revisions.c.id.in_(held)))
            .order_by(revisions.c.document_id, revisions.c.number)
        )
        newest: dict[int, dict[date | None, _Served]] = {}
        for row in rows:
            newest.setdefault(row.document_id, {})[row.effective_from] = _Served(
                row.id, row.effective_from, row.expires_on
            )
        return [item for by_day in newest.values() for item in _closed(list(by_day.values()))]

    def _switch(self, connection: Connection, number: int, **changes: str) -> None:
        connection.execute(update(releases).where(releases.c.state == "served").values(state="retired"))
        connection.execute(
            update(releases).where(releases.c.number == number).values(state="served", served_at=_now(), **changes)
        )

    def _lost(self, connection: Connection, number: int, served: int | None) -> bool:
        """Whether the candidate holds a revision that is neither a draft any more nor served."""
        before = select(release_revisions.c.revision_id).where(release_revisions.c.release == served)
        query = (
            select(func.count())
            .select_from(release_revisions)
            .join(revisions, revisions.c.id == release_revisions.c.revision_id)
            .where(release_revisions.c.release == number, ~revisions.c.is_draft, revisions.c.id.not_in(before))
        )
        return bool(connection.scalar(query))

    def _drop_candidates(self, connection: Connection) -> None:
        left = connection.scalars(select(releases.c.number).where(releases.c.state == "candidate")).all()
        connection.execute(delete(release_revisions).where(release_revisions.c.release.in_(left)))
        connection.execute(delete(releases).where(releases.c.number.in_(left)))

    def _need(self, connection: Connection, number: int) -> Row[Any]:
        row = connection.execute(select(releases).where(releases.c.number == number)).first()
        if row is None:
            raise _no_release(number)
        return row


def _listed() -> Any:
    counted = (
        select(release_revisions.c.release, func.count().label("revisions"))
        .group_by(release_revisions.c.release)
        .subquery()
    )
    return (
        select(releases, func.coalesce(counted.c.revisions, 0).label("revisions"))
        .outerjoin(counted, counted.c.release == releases.c.number)
        .order_by(releases.c.number.desc())
    )


def _no_release(number: int) -> NotFound:
    return NotFound("There is no release {number}; `heliotrope knowledge releases` lists them.", number=number)


def _holds(first: date, last: date) -> Any:
    """The condition that a served revision holds at some time from `first` to `last`."""
    served = release_revisions.c
    return and_(
        or_(served.effective_from.is_(None), served.effective_from <= last),
        or_(served.expires_on.is_(None), served.expires_on > first),
    )


def _closed(items: Sequence[_Served]) -> list[_Served]:
    """Periods that do not overlap: a successor closes its predecessor on the day it starts."""
    ordered = sorted(items, key=lambda item: item.effective_from or date.min)
    closed = []
    for item, successor in zip(ordered, [*ordered[1:], None], strict=True):
        end = item.expires_on
        if successor is not None and successor.effective_from is not None:
            end = min(end or date.max, successor.effective_from)
        closed.append(_Served(item.revision_id, item.effective_from, end))
    return closed


def _period(item: _Served) -> dict[str, Any]:
    return {"revision_id": item.revision_id, "effective_from": item.effective_from, "expires_on": item.expires_on}


def _passage(row: Row[Any]) -> Passage:
    return Passage(
        id=row.id,
        slug=row.slug,
        revision=row.number,
        lang=row.lang,
        kind=row.kind,
        title=row.title,
        heading=row.heading,
        text=row.text,
        asked=tuple(row.asked),
        unpublished=row.unpublished,
        rumour=row.rumour,
        provenance=Provenance(row.source, row.source_url, row.source_date, row.trust),
        audience=Audience(row.tier, row.category),
        effective_from=row.effective_from,
        expires_on=row.expires_on,
        attributes=row.attributes,
        text_hash=row.text_hash,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
