"""The course of a case: which acts lead from which state to which, who may do them, and how long each state may take.

The deadlines are this house's own and no platform's: platforms publish none for short videos, and the regulation on
network dissemination (《信息网络传播权保护条例》, articles 14 to 17) says at once, without days.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from assistant.errors import Conflict, Said

Side = Literal["report", "complaint"]
State = Literal["filed", "wanting", "served", "countered", "upheld", "rejected", "appealed", "closed", "withdrawn"]
Act = Literal[
    "file", "want", "supply", "serve", "counter", "lapse", "uphold", "reject", "appeal", "confirm", "overturn",
    "withdraw", "note",
]  # fmt: skip
Who = Literal["creator", "staff", "clock"]
CreatorsAct = Literal["supply", "counter", "appeal", "withdraw"]
SIDES: tuple[Side, ...] = get_args(Side)
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("filed", "wanting", "served", "countered", "appealed")
# For how long a state may last; afterwards staff are late, or the clock acts (`LAPSES`).
DEADLINES: dict[State, timedelta] = {
    "filed": timedelta(days=5),
    "wanting": timedelta(days=7),
    "served": timedelta(days=7),
    "countered": timedelta(days=5),
    "appealed": timedelta(days=7),
}
APPEAL_WITHIN = timedelta(days=14)
REMINDED_BEFORE = timedelta(days=2)


@dataclass(frozen=True)
class Step:
    """An act that is possible in a state: who may do it, and the state that it leads to."""

    who: Who
    to: State


COURSE: dict[tuple[State, Act], Step] = {
    ("filed", "want"): Step("staff", "wanting"),
    ("wanting", "supply"): Step("creator", "filed"),
    ("wanting", "lapse"): Step("clock", "rejected"),
    ("filed", "uphold"): Step("staff", "upheld"),
    ("filed", "reject"): Step("staff", "rejected"),
    ("served", "counter"): Step("creator", "countered"),
    ("served", "lapse"): Step("clock", "upheld"),
    ("countered", "uphold"): Step("staff", "upheld"),
    ("countered", "reject"): Step("staff", "rejected"),
    ("rejected", "appeal"): Step("creator", "appealed"),
    ("upheld", "appeal"): Step("creator", "appealed"),
    ("appealed", "confirm"): Step("staff", "closed"),
    ("appealed", "overturn"): Step("staff", "closed"),
    ("filed", "withdraw"): Step("creator", "withdrawn"),
    ("wanting", "withdraw"): Step("creator", "withdrawn"),
}


class NotNow(Conflict):
    """The case is in a state in which this cannot be done, or not by who wants it."""

    def __init__(self, state: State) -> None:
        super().__init__("The case is {state}; this cannot be done now.", state=Said(state))
        self.state = state


def step(side: Side, state: State, act: Act, who: Who, is_appealed: bool) -> Step:
    """The step that an act makes. An appeal is for whom the decision went against, and once a case. Raises NotNow."""
    found = COURSE.get((state, act))
    lost: State = "rejected" if side == "report" else "upheld"
    if found is None or found.who != who or (act == "appeal" and (state != lost or is_appealed)):
        raise NotNow(state)
    return found


def acts_for(side: Side, state: State, who: Who, is_appealed: bool) -> list[Act]:
    """What may be done now by the creator or by staff."""
    found: list[Act] = []
    for (at, act), possible in COURSE.items():
        lost: State = "rejected" if side == "report" else "upheld"
        if at == state and possible.who == who and not (act == "appeal" and (state != lost or is_appealed)):
            found.append(act)
    return found
