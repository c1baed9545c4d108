"""快手之星: who is nominated, what staff decide, and what an accepted creator was promised and got.

The platform published what Star gives, not whom it takes; so its criteria are data (see `criteria`), and taking
somebody is a decision of staff with a reason, never a computation.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from assistant.database.engine import reading
from assistant.database.program_tables import star_benefits, star_nominations
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound, Said
from assistant.programs.criteria import Reader, Readiness
from assistant.programs.notifier import Notifier, Told
from assistant.programs.register import Register
from knowledge import audit

SLUG = "kuaishou-star"
State = Literal["proposed", "accepted", "declined", "withdrawn", "ended"]
# The four basic benefits that were announced on 2022-07-29; the one-to-one contact is `Nomination.contact`.
BenefitKind = Literal["guarantee", "traffic", "exposure"]
STATES: tuple[State, ...] = get_args(State)
BENEFITS: tuple[BenefitKind, ...] = get_args(BenefitKind)
LONGEST_NOTE = 2000


class NoSuchNomination(NotFound):
    """There is no nomination of this number, or not for who asks."""

    def __init__(self) -> None:
        super().__init__("There is no such nomination.")


@dataclass(frozen=True)
class Benefit:
    """Something promised: fen of guaranteed cash, exposures of traffic or of other resources; delivered or not."""

    id: int
    kind: BenefitKind
    amount: int
    note: str
    promised_by: str
    promised_at: datetime
    due_on: date | None
    delivered_by: str | None
    delivered_at: datetime | None

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed without it."""
        return self.delivered_at is None and self.due_on is not None and self.due_on < today


@dataclass(frozen=True)
class Nomination:
    """One creator proposed for Star. `readiness` is how the creator stood to the criteria that day; `contact` is the
    staff member who receives the creator's hand-offs."""

    id: int
    creator_id: str
    nominated_by: str
    nominated_at: datetime
    note: str
    readiness: dict[str, Any]
    state: State
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    contact: str
    benefits: tuple[Benefit, ...] = ()


class Star:
    """Nominations and benefits. At most one nomination of a creator is open or accepted at a time."""

    def __init__(self, engine: Engine, register: Register, reader: Reader, notifier: Notifier) -> None:
        self._engine = engine
        self._register = register
        self._reader = reader
        self._notifier = notifier

    def readiness(self, creator: str, today: date) -> Readiness:
        """How a creator stands to the criteria in force. Raises NoSuchProgram when none are published."""
        return self._reader.readiness(self._register.criteria(SLUG), creator, today)

    def nominate(self, creator: str, by: str, note: str, today: date) -> Nomination:
        """Propose a creator: staff, or the creator (then `by` is the creator's id). Raises Conflict for a second one
        at a time, BadInput for a note that is too long."""
        if len(note) > LONGEST_NOTE:
            raise BadInput("A note has at most {longest_note} characters.", longest_note=LONGEST_NOTE)
        stood = self.readiness(creator, today).as_dict()
        nominations = star_nominations.c
        with self._engine.begin() as connection:
            running = select(func.count()).where(
                nominations.creator_id == creator, nominations.state.in_(("proposed", "accepted"))
            )
            if connection.scalar(running):
                raise Conflict("This creator is nominated or a Star already.")
            values = {"nominated_by": by, "nominated_at": _now(), "note": note.strip(), "readiness": stood}
            key = connection.execute(
                insert(star_nominations).values(creator_id=creator, state="proposed", reason="", contact="", **values)
            ).inserted_primary_key
            assert key is not None
            audit.record(connection, by, "star.nominated", creator)
            return _one(connection, key[0])

    def decide(self, number: int, actor: str, accepted: bool, reason: str, contact: str = "") -> Nomination:
        """Take a creator, or decline, with a reason that the creator reads; who is taken gets a named contact.

        Who nominated may not decide alone. Raises NoSuchNomination, Conflict, BadInput, NotAllowed.
        """
        if not reason.strip():
            raise BadInput("Say why: the creator reads the reason.")
        if accepted and not contact.strip():
            raise BadInput("Name the contact who receives this creator's questions.")
        with self._engine.begin() as connection:
            found = _one(connection, number)
            if found.nominated_by == actor:
                raise NotAllowed("You nominated this creator yourself; another person decides.")
            state = "accepted" if accepted else "declined"
            values = {"state": state, "decided_by": actor, "decided_at": _now(), "reason": reason.strip()[:400]}
            self._move(connection, found, "proposed", contact=contact.strip() if accepted else "", **values)
            audit.record(connection, actor, f"star.{state}", found.creator_id, reason.strip()[:400])
            told = {"accepted": accepted, "reason": reason.strip()[:400], "contact": contact.strip()}
            self._notifier.tell(connection, Told(found.creator_id, "star_decided", f"star:{number}:{state}", told))
            return _one(connection, number)

    def withdraw(self, number: int, creator: str) -> Nomination:
        """The creator takes the own nomination back. Raises NoSuchNomination, Conflict."""
        with self._engine.begin() as connection:
            found = _one(connection, number)
            if found.creator_id != creator:
                raise NoSuchNomination
            self._move(connection, found, "proposed", state="withdrawn", decided_by=creator, decided_at=_now())
            audit.record(connection, creator, "star.withdrawn", creator)
            return _one(connection, number)

    def end(self, number: int, actor: str, reason: str) -> Nomination:
        """An accepted creator is a Star no more. Raises NoSuchNomination, Conflict, BadInput."""
        if not reason.strip():
            raise BadInput("Say why it ends.")
        with self._engine.begin() as connection:
            found = _one(connection, number)
            self._move(connection, found, "accepted", state="ended", reason=reason.strip()[:400])
            audit.record(connection, actor, "star.ended", found.creator_id, reason.strip()[:400])
            return _one(connection, number)

    def set_contact(self, number: int, actor: str, contact: str) -> Nomination:
        """Name another contact of an accepted creator. Raises NoSuchNomination, Conflict, BadInput."""
        if not contact.strip():
            raise BadInput("Name the contact who receives this creator's questions.")
        with self._engine.begin() as connection:
            found = _one(connection, number)
            self._move(connection, found, "accepted", contact=contact.strip())
            audit.record(
                connection, actor, "star.contact", found.creator_id, before=found.contact, after=contact.strip()
            )
            return _one(connection, number)

    def contact_of(self, creator: str) -> str | None:
        """The staff member who receives this creator's hand-offs; None for who is no Star."""
        nominations = star_nominations.c
        query = select(nominations.contact).where(nominations.creator_id == creator, nominations.state == "accepted")
        with reading(self._engine).begin() as connection:
            return connection.scalar(query)

    def promise(
        self, number: int, actor: str, kind: str, amount: int, note: str = "", due_on: date | None = None
    ) -> Nomination:
        """Write down a benefit that an accepted creator is promised, in fen or exposures."""
        if kind not in BENEFITS or not 0 < amount <= 10**15:
            raise BadInput("A benefit is one of {known} with an amount of more than 0.", known=", ".join(BENEFITS))
        with self._engine.begin() as connection:
            found = _one(connection, number)
            if found.state != "accepted":
                raise Conflict("Only an accepted creator is promised something.")
            values = {"kind": kind, "amount": amount, "note": note.strip()[:400], "due_on": due_on}
            connection.execute(
                insert(star_benefits).values(nomination=number, promised_by=actor, promised_at=_now(), **values)
            )
            audit.record(connection, actor, "star.promised", found.creator_id, kind=kind, amount=amount)
            return _one(connection, number)

    def deliver(self, number: int, benefit: int, actor: str) -> Nomination:
        """Write down that a promised benefit was given. Raises Conflict when it was already."""
        with self._engine.begin() as connection:
            found = _one(connection, number)
            open_one = (
                star_benefits.c.id == benefit, star_benefits.c.nomination == number,
                star_benefits.c.delivered_at.is_(None),
            )  # fmt: skip
            given = update(star_benefits).where(*open_one).values(delivered_by=actor, delivered_at=_now())
            if connection.execute(given).rowcount != 1:
                raise Conflict("There is no such benefit that is still to be given.")
            audit.record(connection, actor, "star.delivered", found.creator_id, benefit=benefit)
            return _one(connection, number)

    def find(self, number: int) -> Nomination:
        """One nomination. Raises NoSuchNomination."""
        with reading(self._engine).begin() as connection:
            return _one(connection, number)

    def of_creator(self, creator: str) -> Nomination | None:
        """A creator's latest nomination, or None."""
        query = select(star_nominations.c.id).where(star_nominations.c.creator_id == creator)
        with reading(self._engine).begin() as connection:
            number = connection.scalar(query.order_by(star_nominations.c.id.desc()).limit(1))
            return None if number is None else _one(connection, number)

    def all(self, states: tuple[State, ...] = (), limit: int = 100) -> list[Nomination]:
        """The nominations, the newest first."""
        query = select(star_nominations.c.id).order_by(star_nominations.c.id.desc()).limit(limit)
        if states:
            query = query.where(star_nominations.c.state.in_(states))
        with reading(self._engine).begin() as connection:
            return [_one(connection, number) for number in connection.scalars(query).all()]

    def counts(self) -> dict[str, int]:
        """How many nominations are in each state."""
        query = select(star_nominations.c.state, func.count()).group_by(star_nominations.c.state)
        with reading(self._engine).begin() as connection:
            found = {row[0]: row[1] for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in STATES}

    def _move(self, connection: Connection, found: Nomination, was: State, /, **values: Any) -> None:
        still = (star_nominations.c.id == found.id, star_nominations.c.state == was)
        if connection.execute(update(star_nominations).where(*still).values(**values)).rowcount != 1:
            raise Conflict("This nomination is {state}; that cannot be done any more.", state=Said(found.state))


def _one(connection: Connection, number: int) -> Nomination:
    row = connection.execute(select(star_nominations).where(star_nominations.c.id == number)).first()
    if row is None:
        raise NoSuchNomination
    benefits = select(star_benefits).where(star_benefits.c.nomination == number).order_by(star_benefits.c.id)
    return Nomination(**row._mapping, benefits=tuple(_benefit(one) for one in connection.execute(benefits)))


def _benefit(row: Row[Any]) -> Benefit:
    return Benefit(**{name: value for name, value in row._mapping.items() if name != "nomination"})


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
