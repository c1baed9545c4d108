"""What came of a campaign: counts by text, and whether the two texts differ, with how sure that is."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, case, func, select

from assistant.creators.intervals import wilson
from assistant.database.notice_tables import notices
from assistant.database.program_tables import enrolments
from assistant.programs.notices.notice import INBOX

Verdict = Literal["a", "b", "inconclusive", "few"]
Counted = Literal["clicked", "joined", "seen"]
# A difference of ten points is what two texts are tried for. How many creators each must go to for showing one in four
# cases of five, at 95 %: (1.96 + 0.84)² · 2 · p(1 − p) / 0.1², p the share of both together (Fleiss, Statistical
# Methods for Rates and Proportions, chapter 3, without the correction for continuity).
WORTH_FINDING = 0.1
_ERRORS = (1.960 + 0.842) ** 2
_RAREST = 0.05  # of a share of nothing nobody could say how many are needed


@dataclass(frozen=True)
class Counts:
    """Of one text. `sent` went out or lies in the inbox; `inbox` of these only there; `waiting` are still to go;
    `failed` no channel took (they are in the inbox too); `withheld` did not want it or were cancelled."""

    variant: str
    enrolled: int = 0
    waiting: int = 0
    sent: int = 0
    inbox: int = 0
    failed: int = 0
    withheld: int = 0
    seen: int = 0
    clicked: int = 0
    joined: int = 0
    opted_out: int = 0


@dataclass(frozen=True)
class Comparison:
    """Text B against text A by a share of those it was sent to: the difference (B minus A, as a fraction) with its
    95 % interval. Only an interval that leaves out zero is a verdict. `reached` is how many the text got that went to
    fewer, `needed` how many each should go to."""

    counted: Counted
    share_a: float
    share_b: float
    difference: float
    low: float
    high: float
    reached: int
    needed: int

    @property
    def verdict(self) -> Verdict:
        """Which text did better, if that can be said; else whether they went to too `few` for saying it."""
        if self.low > 0:
            return "b"
        if self.high < 0:
            return "a"
        return "few" if self.reached < self.needed else "inconclusive"


def counts_of(connection: Connection, campaign: int, program: str) -> list[Counts]:
    """The counts by text, in one pass over the campaign's notices."""
    state, reached = notices.c.state, notices.c.state.in_(("sent", "failed", "unsure"))

    def times(condition: ColumnElement[bool], name: str) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(name)

    joined = enrolments.c.id.is_not(None) & (enrolments.c.joined_at >= notices.c.created_at)
    query = (
        select(
            notices.c.variant,
            func.count().label("enrolled"),
            times(state.in_(("waiting", "begun", "held")), "waiting"),
            times(state == "sent", "sent"),
            times((state == "sent") & (notices.c.channel == INBOX), "inbox"),
            times(state.in_(("failed", "unsure")), "failed"),
            times(state == "withheld", "withheld"),
            times(reached & notices.c.seen_at.is_not(None), "seen"),
            times(notices.c.clicked_at.is_not(None), "clicked"),
            times(joined, "joined"),
            times(notices.c.opted_out_at.is_not(None), "opted_out"),
        )
        .select_from(
            notices.outerjoin(
                enrolments, (enrolments.c.creator_id == notices.c.creator_id) & (enrolments.c.program == program)
            )
        )
        .where(notices.c.campaign == campaign)
        .group_by(notices.c.variant)
        .order_by(notices.c.variant)
    )
    return [Counts(**row._mapping) for row in connection.execute(query)]


def compared(a: Counts, b: Counts, counted: Counted) -> Comparison | None:
    """Newcombe's interval for the difference of two shares, from their Wilson intervals (Newcombe 1998, method 10);
    None while one of the texts has reached nobody."""
    if not a.sent or not b.sent:
        return None
    share_a, low_a, high_a = _share(a, counted)
    share_b, low_b, high_b = _share(b, counted)
    difference = share_b - share_a
    low = difference - math.hypot(share_b - low_b, high_a - share_a)
    high = difference + math.hypot(high_b - share_b, share_a - low_a)
    together = (share_a * a.sent + share_b * b.sent) / (a.sent + b.sent)
    share = min(max(together, _RAREST), 1 - _RAREST)
    needed = math.ceil(_ERRORS * 2 * share * (1 - share) / WORTH_FINDING**2)
    return Comparison(counted, share_a, share_b, difference, low, high, min(a.sent, b.sent), needed)


def _share(counts: Counts, counted: Counted) -> tuple[float, float, float]:
    """The share of those it was sent to, with its interval."""
    hits = min(getattr(counts, counted), counts.sent)
    bounds = wilson(hits, counts.sent)
    assert bounds is not None
    return hits / counts.sent, *bounds
