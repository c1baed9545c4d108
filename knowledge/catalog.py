"""Documents, their revisions and drafts in SQL.

Invariant: revisions and passages never change once written; a change is a new revision. A draft is a revision that the
next release takes up; a document has at most one for each starting day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Row, func, insert, select, update

from knowledge.audit import record
from knowledge.documents import NewRevision, Provenance, Section, text_hash
from knowledge.errors import Conflict, NotFound
from knowledge.tables import documents, passages, release_revisions, releases, revisions
from knowledge.transactions import reading


@dataclass(frozen=True)
class Added:
    """What became of a revision that was handed in: `unchanged` when the newest one of its period says the same."""

    slug: str
    revision: int
    unchanged: bool
    passages: int


@dataclass(frozen=True)
class Revision:
    """A revision as it was written. `served` are the numbers of the releases that held it and were served."""

    id: int
    slug: str
    lang: str
    kind: str
    number: int
    title: str
    body: str
    provenance: Provenance
    tier: str
    category: str
    effective_from: date | None
    expires_on: date | None
    attributes: Mapping[str, Any]
    author: str
    created_at: datetime
    is_draft: bool
    served: tuple[int, ...] = ()


@dataclass(frozen=True)
class Document:
    """A document as its page shows it: who answers for it, and its revisions, newest first."""

    slug: str
    lang: str
    kind: str
    owner: str
    created_at: datetime
    revisions: tuple[Revision, ...]

    @property
    def newest(self) -> Revision:
        """The revision written last, on which the next one is based."""
        return self.revisions[0]


class Catalog:
    """Reads and writes documents; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, news: Iterable[NewRevision], author: str) -> list[Added]:
        """Keep several revisions as drafts for the next release, or none of them when one cannot be kept.

        The same text again adds nothing, unless a rollback had taken it out of what is served: then it is a draft once
        more.
        """
        with self._engine.begin() as connection:
            return [self._add(connection, new, author) for new in news]

    def save(self, new: NewRevision, author: str, based_on: int, reason: str = "") -> Added:
        """Keep what somebody made of revision `based_on` of the document, 0 for a new one.

        Raises Conflict when another revision was written meanwhile, and names its author.
        """
        with self._engine.begin() as connection:
            newest = connection.execute(
                select(revisions.c.number, revisions.c.author)
                .join(documents, documents.c.id == revisions.c.document_id)
                .where(documents.c.slug == new.slug)
                .order_by(revisions.c.number.desc())
                .limit(1)
            ).first()
            if newest and newest.number != based_on:
                raise Conflict(
                    "“{slug}” was changed by {author} meanwhile (revision {number}); compare it with yours and "
                    "save again.",
                    slug=new.slug, author=newest.author, number=newest.number,
                )
            return self._add(connection, new, author, reason)

    def discard(self, slug: str, number: int, author: str, reason: str = "") -> None:
        """Take a draft out of the next release; the revision stays in the history. Raises NotFound for what is no
        draft."""
        with self._engine.begin() as connection:
            row = connection.execute(_of(slug, number)).first()
            if row is None or not row.is_draft:
                raise NotFound("“{slug}” has no draft {number}.", slug=slug, number=number)
            connection.execute(update(revisions).where(revisions.c.id == row.id).values(is_draft=False))
            record(connection, author, "document.discarded", slug, reason, revision=number)

    def set_owner(self, slug: str, owner: str, author: str) -> None:
        """Name who answers for a document. Raises NotFound."""
        with self._engine.begin() as connection:
            before = connection.scalar(select(documents.c.owner).where(documents.c.slug == slug))
            if before is None:
                raise _no_document(slug)
            connection.execute(update(documents).where(documents.c.slug == slug).values(owner=owner))
            record(connection, author, "document.owner", slug, before=before, after=owner)

    def document(self, slug: str) -> Document:
        """A document with all its revisions, newest first. Raises NotFound."""
        with reading(self._engine).begin() as connection:
            head = connection.execute(select(documents).where(documents.c.slug == slug)).first()
            if head is None:
                raise _no_document(slug)
            rows = connection.execute(_of(slug).order_by(revisions.c.number.desc())).all()
            served = self._served_in(connection, [row.id for row in rows])
        found = tuple(_revision(row, served.get(row.id, ())) for row in rows)
        return Document(head.slug, head.lang, head.kind, head.owner, head.created_at, found)

    def revision(self, slug: str, number: int) -> Revision:
        """One revision of a document. Raises NotFound."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(_of(slug, number)).first()
            if row is None:
                raise NotFound("“{slug}” has no revision {number}.", slug=slug, number=number)
            return _revision(row, self._served_in(connection, [row.id]).get(row.id, ()))

    def sections(self, revision_id: int) -> list[Section]:
        """The passages of a revision as they were written."""
        query = select(passages).where(passages.c.revision_id == revision_id).order_by(passages.c.position)
        with reading(self._engine).begin() as connection:
            return [
                Section(
                    row.heading,
                    row.text,
                    Provenance(row.source, row.source_url, row.source_date, row.trust),
                    tuple(row.asked),
                    row.unpublished,
                    row.rumour,
                )
                for row in connection.execute(query)
            ]

    def drafts(self) -> list[Revision]:
        """Every draft, newest first: what the next release takes up."""
        with reading(self._engine).begin() as connection:
            query = _of().where(revisions.c.is_draft).order_by(revisions.c.id.desc())
            return [_revision(row) for row in connection.execute(query)]

    def attribute_values(self, name: str, field: str) -> set[str]:
        """Every text that a revision holds in one field of one of its attributes."""
        value = revisions.c.attributes[(name, field)].as_string()
        with reading(self._engine).begin() as connection:
            return set(connection.scalars(select(value).where(value.is_not(None)).distinct()))

    def held_by(self, release: int) -> list[Revision]:
        """The revisions of a release, by document and starting day."""
        held = release_revisions.c
        query = (
            _of()
            .join(release_revisions, held.revision_id == revisions.c.id)
            .where(held.release == release)
            .order_by(documents.c.slug, revisions.c.effective_from)
        )
        with reading(self._engine).begin() as connection:
            return [_revision(row) for row in connection.execute(query)]

    def _served_in(self, connection: Connection, ids: list[int]) -> dict[int, tuple[int, ...]]:
        held = release_revisions.c
        query = (
            select(held.revision_id, held.release)
            .join(releases, releases.c.number == held.release)
            .where(held.revision_id.in_(ids), releases.c.served_at.is_not(None))
            .order_by(held.release)
        )
        found: dict[int, tuple[int, ...]] = {}
        for row in connection.execute(query):
            found[row.revision_id] = (*found.get(row.revision_id, ()), row.release)
        return found

    def _is_served(self, connection: Connection, revision_id: int) -> bool:
        served = release_revisions.c
        query = (
            select(served.revision_id)
            .join(releases, releases.c.number == served.release)
            .where(served.revision_id == revision_id, releases.c.state == "served")
        )
        return connection.scalar(query) is not None

    def _add(self, connection: Connection, new: NewRevision, author: str, reason: str = "") -> Added:
        document_id = self._document(connection, new, author)
        same_day = (revisions.c.document_id == document_id) & _same_day(revisions.c.effective_from, new.effective_from)
        newest = connection.execute(
            select(revisions.c.id, revisions.c.number, revisions.c.content_hash, revisions.c.is_draft)
            .where(same_day)
            .order_by(revisions.c.number.desc())
            .limit(1)
        ).first()
        if newest and newest.content_hash == new.content_hash:
            is_taken_up = newest.is_draft or self._is_served(connection, newest.id)
            if not is_taken_up:
                connection.execute(update(revisions).where(revisions.c.id == newest.id).values(is_draft=True))
                record(connection, author, "document.saved", new.slug, reason, revision=newest.number, again=True)
            return Added(new.slug, newest.number, is_taken_up, len(new.sections))
        highest = connection.scalar(select(func.max(revisions.c.number)).where(revisions.c.document_id == document_id))
        number = 1 + (highest or 0)
        connection.execute(update(revisions).where(same_day).values(is_draft=False))
        self._write_revision(connection, document_id, number, new, author)
        record(
            connection,
            author,
            "document.saved",
            new.slug,
            reason,
            revision=number,
            title=new.title,
            effective_from=new.effective_from and new.effective_from.isoformat(),
            expires_on=new.expires_on and new.expires_on.isoformat(),
        )
        return Added(new.slug, number, False, len(new.sections))

    def _document(self, connection: Connection, new: NewRevision, author: str) -> int:
        row = connection.execute(select(documents).where(documents.c.slug == new.slug)).first()
        if row is None:
            result = connection.execute(
                insert(documents).values(
                    slug=new.slug, lang=new.lang, kind=new.kind, created_at=_now(), owner=author
                )
            )
            return _key(result)
        if row.lang != new.lang or row.kind != new.kind:
            raise Conflict(
                "“{slug}” exists already as {kind} in {lang}; use another slug, or the same kind and language.",
                slug=new.slug, kind=row.kind, lang=row.lang,
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


def _of(slug: str | None = None, number: int | None = None) -> Any:
    """Revisions with their document's fields, of one document or one revision of it when given."""
    query = select(revisions, documents.c.slug, documents.c.lang, documents.c.kind).join(
        documents, documents.c.id == revisions.c.document_id
    )
    if slug is not None:
        query = query.where(documents.c.slug == slug)
    return query if number is None else query.where(revisions.c.number == number)


def _revision(row: Row[Any], served: tuple[int, ...] = ()) -> Revision:
    return Revision(
        id=row.id,
        slug=row.slug,
        lang=row.lang,
        kind=row.kind,
        number=row.number,
        title=row.title,
        body=row.body,
        provenance=Provenance(row.source, row.source_url, row.source_date, row.trust),
        tier=row.tier,
        category=row.category,
        effective_from=row.effective_from,
        expires_on=row.expires_on,
        attributes=row.attributes,
        author=row.author,
        created_at=row.created_at,
        is_draft=row.is_draft,
        served=served,
    )


def _no_document(slug: str) -> NotFound:
    return NotFound("There is no document “{slug}”.", slug=slug)


def _key(result: CursorResult[Any]) -> int:
    """The primary key of the row just inserted."""
    key = result.inserted_primary_key
    assert key is not None  # these tables have one
    return int(key[0])


def _same_day(column: Any, day: date | None) -> Any:
    return column.is_(None) if day is None else column == day


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes as JSON keeps them: days become text."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in attributes.items()}


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
