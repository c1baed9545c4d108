"""The list of documents as staff filter it: what is in force, scheduled, expiring, expired, drafted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, Select, and_, exists, func, or_, select

from knowledge.tables import documents, release_revisions, releases, revisions
from knowledge.transactions import reading

State = Literal["in_force", "scheduled", "expiring", "expired", "draft", "unserved"]
STATES: tuple[State, ...] = ("in_force", "scheduled", "expiring", "expired", "draft", "unserved")
SOON = timedelta(days=30)  # in which a text that expires is told of
NEXT = timedelta(days=7)  # in which a text that begins is told of


@dataclass(frozen=True)
class Filter:
    """Which documents: empty fields let all pass. `text` looks in slug and titles."""

    text: str = ""
    state: State | None = None
    kind: str = ""
    lang: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Row:
    """A document in the list. `title` is its newest revision's; the period is that of the text in force, else of the
    next one, else of the last; `states` are all that apply."""

    slug: str
    title: str
    lang: str
    kind: str
    owner: str
    changed_at: datetime
    changed_by: str
    effective_from: date | None
    expires_on: date | None
    states: tuple[State, ...]


@dataclass(frozen=True)
class Coming:
    """A served text that `begins` on `day`, or that ends then with nothing to follow it."""

    slug: str
    title: str
    day: date
    begins: bool


class Overview:
    """Reads the list of documents."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(
        self, wanted: Filter, day: date, limit: int = 50, offset: int = 0, weights: Mapping[str, int] | None = None
    ) -> tuple[list[Row], int]:
        """A page of the documents that pass the filter, and how many pass in all: those with the greatest of `weights`
        (by slug) first, among equals the one that was changed last."""
        query = _newest(wanted, day)
        with reading(self._engine).begin() as connection:
            if weights is None:
                total = connection.scalar(select(func.count()).select_from(query.subquery())) or 0
                found = connection.execute(query.order_by(revisions.c.id.desc()).limit(limit).offset(offset)).all()
            else:
                slugs = query.with_only_columns(documents.c.slug).order_by(revisions.c.id.desc())
                ranked = sorted(connection.scalars(slugs), key=lambda slug: -weights.get(slug, 0))
                total, chosen = len(ranked), ranked[offset : offset + limit]
                found = connection.execute(query.where(documents.c.slug.in_(chosen))).all()
                found = sorted(found, key=lambda item: chosen.index(item.slug))
            rows = [_row(item) for item in found]
            spans = connection.execute(_spans([item.id for item in found])).all()
        by_document: dict[int, list[Any]] = {}
        for span in spans:
            by_document.setdefault(span.document_id, []).append(span)
        pairs = zip(rows, found, strict=True)
        return [_dated(row, by_document.get(item.id, []), day) for row, item in pairs], total

    def counts(self, day: date) -> dict[State, int]:
        """How many documents are in each state; a document may be in several."""
        with reading(self._engine).begin() as connection:
            return {
                state: connection.scalar(
                    select(func.count()).select_from(_newest(Filter(state=state), day).subquery())
                )
                or 0
                for state in STATES
            }


    def coming(self, day: date) -> list[Coming]:
        """The served texts that begin within 7 days after `day` or end within 30 without a successor, soonest
        first."""
        served, later = release_revisions.c, release_revisions.alias()
        heirs = revisions.alias()
        follows = (
            exists()
            .where(
                heirs.c.id == later.c.revision_id,
                heirs.c.document_id == revisions.c.document_id,
                later.c.release == served.release,
                later.c.effective_from == served.expires_on,
            )
            .correlate(revisions, release_revisions)
        )
        begins = and_(served.effective_from > day, served.effective_from <= day + NEXT)
        ends = and_(served.expires_on > day, served.expires_on <= day + SOON, ~follows)
        columns = (documents.c.slug, revisions.c.title, served.effective_from, served.expires_on)
        marks = (begins.label("begins"), ends.label("ends"))
        query = (
            select(*columns, *marks)
            .select_from(release_revisions)
            .join(releases, and_(releases.c.number == served.release, releases.c.state == "served"))
            .join(revisions, revisions.c.id == served.revision_id)
            .join(documents, documents.c.id == revisions.c.document_id)
            .where(or_(begins, ends))
        )
        with reading(self._engine).begin() as connection:
            rows = connection.execute(query).all()
        found = [Coming(row.slug, row.title, row.effective_from, True) for row in rows if row.begins]
        found += [Coming(row.slug, row.title, row.expires_on, False) for row in rows if row.ends]
        return sorted(found, key=lambda one: (one.day, one.slug))


def _newest(wanted: Filter, day: date) -> Select[Any]:
    """Each document that passes, with its newest revision."""
    every = revisions.alias()
    last = (
        select(func.max(every.c.id)).where(every.c.document_id == documents.c.id).correlate(documents).scalar_subquery()
    )
    changed = revisions.c.created_at.label("changed_at"), revisions.c.author.label("changed_by")
    query = select(documents, revisions.c.title, *changed).select_from(documents)
    query = query.join(revisions, revisions.c.id == last)
    if wanted.text:
        query = query.where(
            or_(
                documents.c.slug.icontains(wanted.text, autoescape=True),
                revisions.c.title.icontains(wanted.text, autoescape=True),
            )
        )
    for column, value in (
        (documents.c.kind, wanted.kind),
        (documents.c.lang, wanted.lang),
        (documents.c.owner, wanted.owner),
    ):
        if value:
            query = query.where(column == value)
    return query if wanted.state is None else query.where(_in_state(wanted.state, day))


def _in_state(state: State, day: date) -> ColumnElement[bool]:
    served = release_revisions.c
    begun = or_(served.effective_from.is_(None), served.effective_from <= day)
    going_on = or_(served.expires_on.is_(None), served.expires_on > day)
    if state == "draft":
        every = revisions.alias()
        return exists().where(every.c.document_id == documents.c.id, every.c.is_draft).correlate(documents)
    if state == "in_force":
        return _served(and_(begun, going_on))
    if state == "scheduled":
        return _served(served.effective_from > day)
    if state == "expiring":
        ending = and_(begun, served.expires_on > day, served.expires_on <= day + SOON)
        return and_(_served(ending), ~_served(served.effective_from > day))
    if state == "expired":
        return and_(_served(served.expires_on <= day), ~_served(going_on))
    return ~_served(served.release.is_not(None))


def _served(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That the served release holds a text of the document for which the condition is true."""
    inner = revisions.alias()
    return (
        exists()
        .where(
            inner.c.document_id == documents.c.id,
            release_revisions.c.revision_id == inner.c.id,
            releases.c.number == release_revisions.c.release,
            releases.c.state == "served",
            condition,
        )
        .correlate(documents)
    )


def _spans(ids: list[int]) -> Select[Any]:
    """The served periods of some documents, and whether each has drafts."""
    served = release_revisions.c
    return (
        select(
            revisions.c.document_id,
            revisions.c.is_draft,
            releases.c.number.label("release"),
            served.effective_from,
            served.expires_on,
        )
        .select_from(revisions)
        .outerjoin(
            release_revisions.join(
                releases, and_(releases.c.number == served.release, releases.c.state == "served")
            ),
            served.revision_id == revisions.c.id,
        )
        .where(revisions.c.document_id.in_(ids), or_(revisions.c.is_draft, releases.c.number.is_not(None)))
    )


def _row(item: Any) -> Row:
    return Row(
        slug=item.slug,
        title=item.title,
        lang=item.lang,
        kind=item.kind,
        owner=item.owner,
        changed_at=item.changed_at,
        changed_by=item.changed_by,
        effective_from=None,
        expires_on=None,
        states=(),
    )


def _dated(row: Row, spans: list[Any], day: date) -> Row:
    """The row with the states and the period that matter on `day`."""
    served = sorted((span for span in spans if span.release), key=lambda span: span.effective_from or date.min)
    now = [
        span
        for span in served
        if (span.effective_from is None or span.effective_from <= day)
        and (span.expires_on is None or span.expires_on > day)
    ]
    coming = [span for span in served if span.effective_from and span.effective_from > day]
    states: list[State] = []
    if now:
        states.append("in_force")
        if not coming and now[0].expires_on and now[0].expires_on <= day + SOON:
            states.append("expiring")
    if coming:
        states.append("scheduled")
    if served and not now and not coming:
        states.append("expired")
    if not served:
        states.append("unserved")
    if any(span.is_draft for span in spans):
        states.append("draft")
    shown = (now or coming or served[-1:] or [None])[0]
    period = (shown.effective_from, shown.expires_on) if shown else (None, None)
    return replace(row, effective_from=period[0], expires_on=period[1], states=tuple(states))
