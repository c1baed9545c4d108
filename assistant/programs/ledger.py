"""The ledger of rewards: what was awarded, held, approved, refused, taken back, handed to the payer and paid.

Invariants: entries are only ever added, and the database refuses anything else; an entry's key occurs once, so that
nothing is awarded twice; what a program has awarded and not taken back is what its budget has spent, and never more
than its budget.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database.engine import reading
from assistant.database.program_tables import program_budgets, program_versions, reward_ledger
from assistant.errors import BadInput, Conflict, NotAllowed, Said
from assistant.programs.awards import (
    STATES,
    Award,
    Entry,
    Line,
    NoSuchAward,
    State,
    award_of,
    awards_of,
    ledger,
    select_awards,
)
from assistant.programs.notifier import Notifier, Silence, Told
from assistant.programs.rewards import Reward
from assistant.programs.rules import TaskRule
from knowledge import audit


class ApprovedAlready(NotAllowed):
    """Two people must look; the same one twice is not two."""

    def __init__(self) -> None:
        super().__init__("You have approved this award already; another person has to.")


class NotHeld(Conflict):
    """Only an award that waits for approval can be approved or refused."""

    def __init__(self, award: str) -> None:
        super().__init__("Award {award} does not wait for approval.", award=award)
        self.award = award


class BudgetExhausted(Conflict):
    """The program's budget does not pay this any more."""

    def __init__(self, program: str, kind: str) -> None:
        super().__init__(
            "The {kind} budget of {program} does not pay this; raise it in a new version first.",
            kind=Said(kind), program=program,
        )
        self.program, self.kind = program, kind


class Ledger:
    """Writes entries in the transaction of what they tell of, and reads awards as their entries leave them."""

    def __init__(self, engine: Engine, notifier: Notifier | None = None) -> None:
        self._engine = engine
        self._notifier = notifier or Silence()

    def award(
        self,
        connection: Connection,
        program: str,
        version: int,
        rule: TaskRule,
        enrolment: int,
        creator: str,
        step: int,
    ) -> bool:
        """Award what a step brings, all of it or, when the budget does not pay for all, nothing and False.

        An award above `needs_two_above` is held until two people approve it; its money is set aside at once. What was
        awarded already stays as it is.
        """
        rewards = rule.steps[step].rewards
        names = {reward.kind: f"{enrolment}:{step + 1}:{reward.kind}" for reward in rewards}
        known = set(connection.scalars(select(ledger.award).where(ledger.award.in_(names.values()))))
        due = [reward for reward in rewards if names[reward.kind] not in known]
        taken: list[Reward] = []
        for reward in due:
            if not _spend(connection, program, reward.kind, reward.amount):
                for before in taken:
                    _spend(connection, program, before.kind, -before.amount)
                return False
            taken.append(reward)
        for reward in due:
            limit = rule.needs_two_above
            is_held = reward.kind == "cash" and limit is not None and reward.yuan > limit
            _write(
                connection,
                "held" if is_held else "awarded",
                names[reward.kind],
                names[reward.kind],
                program=program,
                version=version,
                enrolment=enrolment,
                step=step,
                creator_id=creator,
                kind=reward.kind,
                amount=reward.amount,
                label=reward.label,
            )
        return True

    def approve(self, award: str, actor: str) -> Award:
        """One person's yes; with the second person's the award is payable. Raises NoSuchAward, NotHeld,
        ApprovedAlready."""
        try:
            with self._engine.begin() as connection:
                found = _held(connection, award)
                _follow(connection, found, "approved", f"{award}:approved:{actor}", actor=actor)
                audit.record(connection, actor, "reward.approved", award, amount=found.amount)
        except IntegrityError as error:
            raise ApprovedAlready from error
        return self.find(award)

    def refuse(self, award: str, actor: str, reason: str) -> Award:
        """A held award is not paid; its money goes back to the budget. Raises NoSuchAward, NotHeld, BadInput."""
        if not reason:
            raise BadInput("Say why the award is refused; the creator reads it.")
        with self._engine.begin() as connection:
            found = _held(connection, award)
            _spend(connection, found.program, found.kind, -found.amount)
            _follow(connection, found, "refused", f"{award}:refused", -found.amount, actor, reason)
            audit.record(connection, actor, "reward.refused", award, reason)
            version = (program_versions.c.program == found.program, program_versions.c.version == found.version)
            rule = connection.scalar(select(program_versions.c.rule).where(*version)) or {}
            told = {"title": rule.get("title", {"zh": found.program, "en": ""}), "reason": reason}
            self._notifier.tell(connection, Told(found.creator_id, "reward_refused", f"reward:{award}:refused", told))
        return self.find(award)

    def take_back(self, connection: Connection, enrolment: int, actor: str, reason: str) -> int:
        """Void an enrolment's awards that have not gone to the payer yet; returns how many have gone already."""
        gone = 0
        for found in awards_of(connection, select_awards().where(ledger.enrolment == enrolment)):
            if found.state in ("sent", "paid"):
                gone += 1
            elif found.state != "void":
                _spend(connection, found.program, found.kind, -found.amount)
                count = _times(connection, found.award, "reversed")
                _follow(connection, found, "reversed", f"{found.award}:reversed:{count}", -found.amount, actor, reason)
        return gone

    def give_again(self, connection: Connection, enrolment: int, actor: str, reason: str) -> None:
        """Restore what `take_back` voided. Raises BudgetExhausted."""
        for found in awards_of(connection, select_awards().where(ledger.enrolment == enrolment)):
            back = _times(connection, found.award, "reversed")
            if found.state == "void" and back > _times(connection, found.award, "restored"):
                if not _spend(connection, found.program, found.kind, found.amount):
                    raise BudgetExhausted(found.program, found.kind)
                _follow(connection, found, "restored", f"{found.award}:restored:{back}", found.amount, actor, reason)

    def find(self, award: str) -> Award:
        """One award. Raises NoSuchAward."""
        with reading(self._engine).begin() as connection:
            return award_of(connection, award)

    def history(self, award: str) -> list[Line]:
        """An award's entries, oldest first. Raises NoSuchAward."""
        query = select(reward_ledger).where(ledger.award == award).order_by(ledger.id)
        with reading(self._engine).begin() as connection:
            lines = [Line(row.at, row.entry, row.amount, row.actor, row.reason) for row in connection.execute(query)]
        if not lines:
            raise NoSuchAward(award)
        return lines

    def awards(
        self,
        states: Sequence[State] = STATES,
        program: str = "",
        creator: str = "",
        payout: int | None = None,
        limit: int = 200,
        page: int = 1,
    ) -> list[Award]:
        """Awards in these states, the newest first."""
        query = select_awards(states).order_by(func.min(ledger.id).desc()).limit(limit).offset((page - 1) * limit)
        if program:
            query = query.where(ledger.program == program)
        if creator:
            query = query.where(ledger.creator_id == creator)
        if payout is not None:
            query = query.having(func.max(ledger.payout) == payout)
        with reading(self._engine).begin() as connection:
            return awards_of(connection, query)

    def totals(self) -> dict[str, dict[State, tuple[int, int]]]:
        """By kind and state: how many awards, and their amounts together."""
        found: dict[str, dict[State, tuple[int, int]]] = {}
        inner = select_awards().subquery()
        query = select(inner.c.kind, inner.c.state, func.count(), func.sum(inner.c.amount))
        with reading(self._engine).begin() as connection:
            for kind, state, count, amount in connection.execute(query.group_by(inner.c.kind, inner.c.state)):
                found.setdefault(kind, {})[state] = (count, int(amount))
        return found

    def differences(self) -> list[str]:
        """Where the budgets and the ledger disagree, in a sentence each; empty when the books are right."""
        spent = (
            select(ledger.program, ledger.kind, func.sum(ledger.amount).label("amount"))
            .where(ledger.kind != "badge")
            .group_by(ledger.program, ledger.kind)
        )
        with reading(self._engine).begin() as connection:
            written = {(row.program, row.kind): int(row.amount) for row in connection.execute(spent)}
            kept = {(row.program, row.kind): row.spent for row in connection.execute(select(program_budgets))}
        return [
            f"{program}: the ledger says {written.get((program, kind), 0)} of {kind}, the budget "
            f"{kept.get((program, kind), 0)}."
            for program, kind in sorted(set(written) | set(kept))
            if written.get((program, kind), 0) != kept.get((program, kind), 0)
        ]


def enter(connection: Connection, awards: Sequence[Award], entry: Entry, actor: str, payout: int) -> None:
    """Write that awards went to the payer (`sent`), or were paid; each at most once. Raises IntegrityError."""
    for found in awards:
        _follow(connection, found, entry, f"{found.award}:{entry}", actor=actor, payout=payout)


def _spend(connection: Connection, program: str, kind: str, amount: int) -> bool:
    """Take from a budget, or give back; False when it does not hold so much. One conditional update decides, so that
    of many at once only as many succeed as there is money for."""
    if kind == "badge":
        return True
    budget = program_budgets.c
    changed = connection.execute(
        update(program_budgets)
        .where(budget.program == program, budget.kind == kind, budget.spent + amount <= budget.total)
        .values(spent=budget.spent + amount)
    )
    return changed.rowcount == 1


def _write(connection: Connection, entry: Entry, award: str, key: str, **values: Any) -> None:
    kept = {"actor": "", "reason": "", "payout": None} | values
    connection.execute(
        insert(reward_ledger).values(
            key=key, at=datetime.now(UTC).replace(tzinfo=None), entry=entry, award=award, **kept
        )
    )


def _follow(
    connection: Connection,
    found: Award,
    entry: Entry,
    key: str,
    amount: int = 0,
    actor: str = "",
    reason: str = "",
    payout: int | None = None,
) -> None:
    names = ("program", "version", "enrolment", "step", "creator_id", "kind", "label")
    same = {name: getattr(found, name) for name in names}
    _write(connection, entry, found.award, key, amount=amount, actor=actor, reason=reason, payout=payout, **same)


def _times(connection: Connection, award: str, entry: Entry) -> int:
    query = select(func.count()).select_from(reward_ledger).where(ledger.award == award, ledger.entry == entry)
    return connection.scalar(query) or 0


def _held(connection: Connection, award: str) -> Award:
    """A held award; nobody else decides on it until this transaction ends."""
    known = connection.scalar(select(exists().where(ledger.award == award)))
    if known:
        # The award's first entry stands for the award: who decides holds it.
        connection.execute(select(ledger.id).where(ledger.key == award).with_for_update())
    found = award_of(connection, award)
    if found.state != "held":
        raise NotHeld(award)
    return found
