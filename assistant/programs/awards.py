"""Awards as the entries of the ledger leave them: what each is, and the state that its entries tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Select, case, func, select

from assistant.database.program_tables import reward_ledger
from assistant.errors import NotFound
from assistant.programs.rewards import FEN, RewardKind

Entry = Literal["awarded", "held", "approved", "refused", "reversed", "restored", "sent", "paid"]
State = Literal["held", "payable", "sent", "paid", "void"]
STATES: tuple[State, ...] = get_args(State)
APPROVALS = 2
ledger = reward_ledger.c


class NoSuchAward(NotFound):
    """There is no award of this name."""

    def __init__(self, award: str) -> None:
        super().__init__("There is no award {award!r}.", award=award)
        self.award = award


@dataclass(frozen=True)
class Award:
    """One reward of one step of one enrolment, as its entries leave it. `amount` is in fen, exposures or badges."""

    award: str
    program: str
    version: int
    enrolment: int
    step: int
    creator_id: str
    kind: RewardKind
    amount: int
    label: str
    at: datetime
    state: State
    approvals: int
    payout: int | None

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON; cash in yuan, the time in UTC."""
        shown = self.amount / FEN if self.kind == "cash" else self.amount
        return {
            "award": self.award, "program": self.program, "version": self.version, "step": self.step + 1,
            "creator": self.creator_id, "kind": self.kind, "amount": shown, "label": self.label,
            "at": self.at.isoformat() + "Z", "state": self.state, "approvals": self.approvals, "payout": self.payout,
        }  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One entry, for the history of an award."""

    at: datetime
    entry: Entry
    amount: int
    actor: str
    reason: str


def select_awards(states: Sequence[State] = STATES) -> Select[Any]:
    """Every award with its state, one row an award."""

    def times(*entries: Entry) -> Any:
        return func.sum(case((ledger.entry.in_(entries), 1), else_=0))

    voided = times("refused", "reversed") - times("restored")
    state = case(
        (times("paid") > 0, "paid"),
        (times("sent") > 0, "sent"),
        (voided > 0, "void"),
        ((times("held") > 0) & (times("approved") < APPROVALS), "held"),
        else_="payable",
    )
    query = select(
        ledger.award,
        ledger.program,
        ledger.version,
        ledger.enrolment,
        ledger.step,
        ledger.creator_id,
        ledger.kind,
        func.max(ledger.amount).label("amount"),
        ledger.label,
        func.min(ledger.at).label("at"),
        state.label("state"),
        times("approved").label("approvals"),
        func.max(ledger.payout).label("payout"),
    ).group_by(
        ledger.award, ledger.program, ledger.version, ledger.enrolment, ledger.step, ledger.creator_id, ledger.kind,
        ledger.label,
    )  # fmt: skip
    return query if len(states) == len(STATES) else query.having(state.in_(states))


def award_of(connection: Connection, award: str) -> Award:
    """One award. Raises NoSuchAward."""
    found = awards_of(connection, select_awards().where(ledger.award == award))
    if not found:
        raise NoSuchAward(award)
    return found[0]


def awards_of(connection: Connection, query: Select[Any]) -> list[Award]:
    """The awards of a query that `select_awards` began."""
    return [Award(**row._mapping) for row in connection.execute(query)]
