"""What the knowledge lacks: unanswered, unpublished and thumbed-down questions, put together by what they ask.

Invariant: a question belongs to at most one gap and stays there. A gap is open until a document is being written
(drafted), until a release answers its examples (closed), or until staff say that it is none (dismissed); a closed one
opens again when its question is left unanswered again. Who asked is told nowhere here.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Engine, Row, and_, func, insert, or_, select, update

from assistant.database.engine import reading
from assistant.database.learning_tables import gap_questions, gaps
from assistant.database.tables import turns
from assistant.errors import Conflict, NotFound
from knowledge.audit import record

State = Literal["open", "drafted", "closed", "dismissed"]
Reason = Literal["unanswered", "unpublished", "down"]
STATES: tuple[State, ...] = get_args(State)
REASONS: tuple[Reason, ...] = get_args(Reason)
ITSELF = "heliotrope"  # the actor of what happens without anybody's doing


@dataclass(frozen=True)
class Example:
    """A question of a gap as it was asked, the turn that it comes from, and why it counts."""

    text: str
    turn: str
    reason: Reason


@dataclass(frozen=True)
class Gap:
    """A gap as listed. `counts` are its questions by reason; `closed_by` is the release that answers it. `forgotten`
    questions are only a number: their askers had everything deleted that was kept about them."""

    id: int
    question: str
    examples: tuple[Example, ...]
    state: State
    document: str | None
    closed_by: int | None
    created_at: datetime
    last_asked_at: datetime
    counts: dict[Reason, int]
    forgotten: int = 0

    @property
    def questions(self) -> int:
        """How many questions it holds."""
        return sum(self.counts.values()) + self.forgotten


@dataclass(frozen=True)
class Asked:
    """One wording among a gap's questions: how often it was asked, and when last (UTC)."""

    question: str
    reason: Reason
    times: int
    last_asked_at: datetime


class Gaps:
    """Reads gaps, and changes them as staff decide; every change stands in the audit trail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, states: Sequence[State] = ("open", "drafted"), page: int = 1, size: int = 50) -> list[Gap]:
        """Gaps in these states that hold questions, those asked most first."""
        query = _listed().where(gaps.c.state.in_(states), _QUESTIONS > 0)
        query = query.order_by(_QUESTIONS.desc(), gaps.c.id).limit(size).offset((page - 1) * size)
        with reading(self._engine).begin() as connection:
            return [_gap(row) for row in connection.execute(query)]

    def counts(self) -> dict[State, int]:
        """How many gaps with questions are in each state."""
        query = select(gaps.c.state, func.count()).outerjoin_from(gaps, _COUNTED).where(_QUESTIONS > 0)
        query = query.group_by(gaps.c.state)
        with reading(self._engine).begin() as connection:
            found = {row[0]: int(row[1]) for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    def find(self, gap_id: int) -> Gap:
        """One gap. Raises NotFound."""
        with reading(self._engine).begin() as connection:
            return self.within(connection, gap_id)

    def asked(self, gap_id: int, limit: int = 50) -> list[Asked]:
        """A gap's questions by wording, the most frequent first."""
        times, last = func.count(), func.max(turns.c.asked_at)
        query = (
            select(turns.c.question, gap_questions.c.reason, times, last)
            .join_from(gap_questions, turns)
            .where(gap_questions.c.gap_id == gap_id)
            .group_by(turns.c.question, gap_questions.c.reason)
            .order_by(times.desc(), last.desc())
            .limit(limit)
        )
        with reading(self._engine).begin() as connection:
            return [Asked(*row) for row in connection.execute(query)]

    def drafted(self, gap_id: int, document: str, author: str) -> None:
        """A document is being written that is to answer the gap. Raises NotFound, and Conflict for one that is
        closed."""
        with self._engine.begin() as connection:
            if self.within(connection, gap_id).state == "closed":
                raise Conflict("This gap is closed: a release answers its questions already.")
            _change(connection, gap_id, state="drafted", document=document, checked=None)
            record(connection, author, "gap.drafted", str(gap_id), document=document)

    def dismiss(self, gap_id: int, author: str, reason: str = "") -> None:
        """It is no gap: the knowledge need not answer this. Questions like it join it unseen. Raises NotFound."""
        with self._engine.begin() as connection:
            gap = self.within(connection, gap_id)
            _change(connection, gap_id, state="dismissed", closed_by=None)
            record(connection, author, "gap.dismissed", str(gap_id), reason, question=gap.question)

    def reopen(self, gap_id: int, author: str, reason: str = "") -> None:
        """It is a gap after all. Raises NotFound."""
        with self._engine.begin() as connection:
            open_again(connection, self.within(connection, gap_id), author, reason)

    def to_check(self, release: int) -> list[Gap]:
        """The gaps whose examples were not yet asked on `release` and may fare otherwise there: those that wait, and
        those that a later release had closed."""
        waits = gaps.c.state.in_(("open", "drafted"))
        undone = and_(gaps.c.state == "closed", gaps.c.closed_by > release)
        fresh = or_(gaps.c.checked.is_(None), gaps.c.checked != release)
        with reading(self._engine).begin() as connection:
            return [_gap(row) for row in connection.execute(_listed().where(or_(waits, undone), fresh, _QUESTIONS > 0))]

    def settle(self, gap_id: int, release: int, is_answered: bool) -> None:
        """Keep what asking a gap's examples on `release` showed: it is closed by it, or open (again)."""
        with self._engine.begin() as connection:
            gap = self.within(connection, gap_id)
            _change(connection, gap_id, checked=release)
            if gap.state == "dismissed":
                return
            if is_answered and gap.state != "closed":
                _change(connection, gap_id, state="closed", closed_by=release)
                record(connection, ITSELF, "gap.closed", str(gap_id), release=release, document=gap.document)
            elif is_answered and gap.closed_by != release:
                _change(connection, gap_id, closed_by=release)
            elif not is_answered and gap.state == "closed":
                open_again(connection, gap, ITSELF, f"release {release} does not answer it")

    def within(self, connection: Connection, gap_id: int) -> Gap:
        """One gap, read in a transaction of the caller's. Raises NotFound."""
        row = connection.execute(_listed().where(gaps.c.id == gap_id)).first()
        if row is None:
            raise NotFound("There is no gap {gap_id}.", gap_id=gap_id)
        return _gap(row)


def open_again(connection: Connection, gap: Gap, author: str, reason: str = "") -> None:
    """Take a gap up again where it was: with the document that is to answer it, when there is one."""
    _change(connection, gap.id, state="drafted" if gap.document else "open", closed_by=None)
    record(connection, author, "gap.reopened", str(gap.id), reason, closed_by=gap.closed_by)


def found_gap(connection: Connection, example: Example, asked_at: datetime, release: int | None) -> int:
    """A new gap that begins with one question; its id. `release` is the one that left it unanswered."""
    values: dict[str, Any] = {
        "question": example.text,
        "examples": [],
        "state": "open",
        "checked": release,
        "created_at": datetime.now(UTC).replace(tzinfo=None),
        "last_asked_at": asked_at,
    }
    key = connection.execute(insert(gaps).values(values)).inserted_primary_key
    assert key is not None  # the table has one
    return int(key[0])


def add_example(connection: Connection, gap_id: int, example: Example) -> None:
    """Keep one more wording by which questions find the gap."""
    kept = connection.scalar(select(gaps.c.examples).where(gaps.c.id == gap_id))
    _change(connection, gap_id, examples=[*(kept or []), asdict(example)])


def _change(connection: Connection, gap_id: int, **values: Any) -> None:
    connection.execute(update(gaps).where(gaps.c.id == gap_id).values(**values))


_COUNTED = (
    select(
        gap_questions.c.gap_id,
        func.count().label("questions"),
        *(func.count().filter(gap_questions.c.reason == reason).label(reason) for reason in REASONS),
    )
    .where(gap_questions.c.gap_id.is_not(None))
    .group_by(gap_questions.c.gap_id)
    .subquery()
)


_QUESTIONS = func.coalesce(_COUNTED.c.questions, 0) + gaps.c.forgotten


def _listed() -> Any:
    return select(gaps, *(_COUNTED.c[reason] for reason in REASONS)).outerjoin_from(gaps, _COUNTED)


def _gap(row: Row[Any]) -> Gap:
    return Gap(
        id=row.id,
        question=row.question,
        examples=tuple(Example(**example) for example in row.examples),
        state=row.state,
        document=row.document,
        closed_by=row.closed_by,
        created_at=row.created_at,
        last_asked_at=row.last_asked_at,
        counts={reason: row._mapping[reason] or 0 for reason in REASONS},
        forgotten=row.forgotten,
    )
