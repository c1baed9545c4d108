"""The SQL truth: documents, their revisions and passages, and the releases that serve them.

Invariant: at most one release is `served`; it becomes so, and stops being so, by one commit. Revisions and passages
never change once written. What a release serves, and for which period, stands in `release_revisions`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Row, delete, func, insert, or_, select, update

from knowledge.documents import NewRevision, Passage, Provenance, text_hash
from knowledge.errors import Conflict, NotFound
from knowledge.tables import documents, passages, release_revisions, releases, revisions


@dataclass(frozen=True)
class Added:
    """What became of a revision that was handed in: `unchanged` when the newest one of its period says the same."""

    slug: str
    revision: int
    unchanged: bool
    passages: int


@dataclass(frozen=True)
class Release:
    """A release as listed: what was served when, by whom and why."""

    number: int
    state: str
    note: str
    author: str
    created_at: datetime
    served_at: datetime | None
    revisions: int
    waiver: str


@dataclass(frozen=True)
class _Served:
    revision_id: int
    effective_from: date | None
    expires_on: date | None


class Catalog:
    """Reads and writes documents and releases; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, new: NewRevision, author: str) -> Added:
        """Keep a revision as a draft for the next release. The same text again adds nothing, unless a rollback had
        taken it out of what is served: then it is a draft once more."""
        return self.add_all([new], author)[0]

    def add_all(self, news: Iterable[NewRevision], author: str) -> list[Added]:
        """Keep several revisions, or none of them when one cannot be kept."""
        with self._engine.begin() as connection:
            return [self._add(connection, new, author) for new in news]

    def start_candidate(self, note: str, author: str) -> int:
        """A candidate release: what is served now with every draft in its place; returns its number.

        Raises Conflict when there is nothing to publish. A candidate that an earlier run left behind is replaced.
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
                    number=number, note=note, author=author, created_at=_now(), state="candidate", waiver="", report={}
                )
            )
            connection.execute(
                insert(release_revisions),
                [{"release": number, **_period(item)} for item in chosen],
            )
            return number

    def serve(self, number: int, waiver: str = "", report: dict[str, Any] | None = None) -> None:
        """The switch: from this commit on, release `number` is the served one. Its drafts are drafts no longer."""
        with self._engine.begin() as connection:
            self._need(connection, number)
            connection.execute(update(releases).where(releases.c.state == "served").values(state="retired"))
            changes: dict[str, Any] = {"state": "served", "served_at": _now()}
            if waiver:
                changes["waiver"] = waiver
            if report is not None:
                changes["report"] = report
            connection.execute(update(releases).where(releases.c.number == number).values(**changes))
            taken = select(release_revisions.c.revision_id).where(release_revisions.c.release == number)
            connection.execute(update(revisions).where(revisions.c.id.in_(taken)).values(is_draft=False))

    def block(self, number: int, report: dict[str, Any]) -> None:
        """Record that the gate stopped this candidate, and why. Its drafts stay drafts."""
        with self._engine.begin() as connection:
            connection.execute(
                update(releases).where(releases.c.number == number).values(state="blocked", report=report)
            )

    def served_release(self) -> int | None:
        """The number of the release that is served, or None before the first publishing."""
        with self._engine.connect() as connection:
            return connection.scalar(select(releases.c.number).where(releases.c.state == "served"))

    def releases(self) -> list[Release]:
        """All releases, newest first."""
        counted = (
            select(release_revisions.c.release, func.count().label("revisions"))
            .group_by(release_revisions.c.release)
            .subquery()
        )
        query = (
            select(releases, func.coalesce(counted.c.revisions, 0).label("revisions"))
            .outerjoin(counted, counted.c.release == releases.c.number)
            .order_by(releases.c.number.desc())
        )
        with self._engine.connect() as connection:
            return [
                Release(
                    row.number,
                    row.state,
                    row.note,
                    row.author,
                    row.created_at,
                    row.served_at,
                    row.revisions,
                    row.waiver,
                )
                for row in connection.execute(query)
            ]

    def require_release(self, number: int) -> None:
        """Raises NotFound, or Conflict for a release that was never served: only what passed the gate can be
        returned to."""
        with self._engine.connect() as connection:
            state, served_at = self._need(connection, number)
            if state in ("candidate", "blocked") or served_at is None:
                raise Conflict(f"Release {number} was never served, so it cannot be rolled back to.")

    def passages(self, number: int) -> list[Passage]:
        """Every passage of a release in a stable order."""
        query = (
            select(
                passages,
                documents.c.slug,
                documents.c.lang,
                documents.c.kind,
                revisions.c.number,
                revisions.c.title,
                revisions.c.attributes,
                release_revisions.c.effective_from,
                release_revisions.c.expires_on,
            )
            .join(revisions, revisions.c.id == passages.c.revision_id)
            .join(documents, documents.c.id == revisions.c.document_id)
            .join(release_revisions, release_revisions.c.revision_id == revisions.c.id)
            .where(release_revisions.c.release == number)
            .order_by(passages.c.id)
        )
        with self._engine.connect() as connection:
            return [_passage(row) for row in connection.execute(query)]

    def eligible(self, number: int, day: date | None, years: Iterable[int] = ()) -> frozenset[int]:
        """The ids of the passages of a release that hold on `day`, or at some time in one of `years`; all of them
        without a day."""
        served = release_revisions.c
        query = (
            select(passages.c.id)
            .join(release_revisions, served.revision_id == passages.c.revision_id)
            .where(served.release == number)
        )
        if day is not None:
            spans = [(day, day)] + [(date(year, 1, 1), date(year, 12, 31)) for year in years]
            query = query.where(
                or_(
                    *(
                        or_(served.effective_from.is_(None), served.effective_from <= last)
                        & or_(served.expires_on.is_(None), served.expires_on > first)
                        for first, last in spans
                    )
                )
            )
        with self._engine.connect() as connection:
            return frozenset(connection.scalars(query))

    def newest_revisions(self, number: int) -> list[Row[Any]]:
        """The revisions of a release with all their fields, for export."""
        query = (
            select(revisions, documents.c.slug, documents.c.lang, documents.c.kind)
            .join(documents, documents.c.id == revisions.c.document_id)
            .join(release_revisions, release_revisions.c.revision_id == revisions.c.id)
            .where(release_revisions.c.release == number)
            .order_by(documents.c.slug, revisions.c.effective_from)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def _is_served(self, connection: Connection, revision_id: int) -> bool:
        served = release_revisions.c
        query = (
            select(served.revision_id)
            .join(releases, releases.c.number == served.release)
            .where(served.revision_id == revision_id, releases.c.state == "served")
        )
        return connection.scalar(query) is not None

    def _add(self, connection: Connection, new: NewRevision, author: str) -> Added:
        document_id = self._document(connection, new)
        newest = connection.execute(
            select(revisions.c.id, revisions.c.number, revisions.c.content_hash, revisions.c.is_draft)
            .where(revisions.c.document_id == document_id, _same_day(revisions.c.effective_from, new.effective_from))
            .order_by(revisions.c.number.desc())
            .limit(1)
        ).first()
        if newest and newest.content_hash == new.content_hash:
            is_taken_up = newest.is_draft or self._is_served(connection, newest.id)
            if not is_taken_up:
                connection.execute(update(revisions).where(revisions.c.id == newest.id).values(is_draft=True))
            return Added(new.slug, newest.number, is_taken_up, len(new.sections))
        highest = connection.scalar(select(func.max(revisions.c.number)).where(revisions.c.document_id == document_id))
        number = 1 + (highest or 0)
        self._write_revision(connection, document_id, number, new, author)
        return Added(new.slug, number, False, len(new.sections))

    def _document(self, connection: Connection, new: NewRevision) -> int:
        row = connection.execute(select(documents).where(documents.c.slug == new.slug)).first()
        if row is None:
            result = connection.execute(
                insert(documents).values(slug=new.slug, lang=new.lang, kind=new.kind, created_at=_now())
            )
            return _key(result)
        if row.lang != new.lang or row.kind != new.kind:
            raise Conflict(
                f"“{new.slug}” exists already as {row.kind} in {row.lang}; "
                "use another slug, or the same kind and language."
            )
        return int(row.id)

    def _write_revision(
        self, connection: Connection, document_id: int, number: int, new: NewRevision, author: str
    ) -> None:
        result = connection.execute(
            insert(revisions).values(
                document_id=document_id,
                number=number,
                title=new.title,
                body=new.body,
                source=new.provenance.source,
                source_url=new.provenance.url,
                source_date=new.provenance.date,
                trust=new.provenance.trust,
                tier=new.tier,
                category=new.category,
                effective_from=new.effective_from,
                expires_on=new.expires_on,
                attributes=_plain(new.attributes),
                content_hash=new.content_hash,
                author=author,
                created_at=_now(),
                is_draft=True,
            )
        )
        revision_id = _key(result)
        connection.execute(
            insert(passages),
            [
                {
                    "revision_id": revision_id,
                    "position": position,
                    "heading": section.heading[:300],
                    "text": section.text,
                    "asked": list(section.asked),
                    "unpublished": section.unpublished,
                    "rumour": section.rumour,
                    "source": section.provenance.source,
                    "source_url": section.provenance.url,
                    "source_date": section.provenance.date,
                    "trust": section.provenance.trust,
                    "text_hash": text_hash(section.text),
                }
                for position, section in enumerate(new.sections)
            ],
        )

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

    def _drop_candidates(self, connection: Connection) -> None:
        left = connection.scalars(select(releases.c.number).where(releases.c.state == "candidate")).all()
        connection.execute(delete(release_revisions).where(release_revisions.c.release.in_(left)))
        connection.execute(delete(releases).where(releases.c.number.in_(left)))

    def _need(self, connection: Connection, number: int) -> tuple[str, datetime | None]:
        row = connection.execute(
            select(releases.c.state, releases.c.served_at).where(releases.c.number == number)
        ).first()
        if row is None:
            raise NotFound(f"There is no release {number}; `heliotrope knowledge releases` lists them.")
        return row.state, row.served_at


def _key(result: CursorResult[Any]) -> int:
    """The primary key of the row just inserted."""
    key = result.inserted_primary_key
    assert key is not None  # these tables have one
    return int(key[0])


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


def _same_day(column: Any, day: date | None) -> Any:
    return column.is_(None) if day is None else column == day


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes as JSON keeps them: days become text."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in attributes.items()}


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
        effective_from=row.effective_from,
        expires_on=row.expires_on,
        attributes=row.attributes,
        text_hash=row.text_hash,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
