"""Handing rewards to the payer: numbered payouts, as a sheet to download and by a signed webhook that is retried.

An award goes into one payout only, which the ledger's keys see to. Handing over is not paying: the payer's yes is
written down by `confirm`.
"""

import csv
import hashlib
import hmac
import io
import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.database.engine import reading
from assistant.database.program_tables import payouts, reward_ledger
from assistant.errors import Conflict, Misconfigured, NotFound
from assistant.programs.awards import Award, select_awards
from assistant.programs.ledger import Ledger, enter
from assistant.programs.rewards import FEN
from knowledge import audit

log = logging.getLogger(__name__)
MOST_AWARDS = 10_000  # in one payout
WEBHOOK_SECONDS = 20.0
# Minutes until the next try, after the first, the second, …; then it waits for somebody to look.
PAUSES = (1, 5, 15, 60, 180, 360, 720, 1440)
SIGNATURE = "Heliotrope-Signature"
COLUMNS = ("payout", "award", "creator", "program", "step", "kind", "amount", "unit", "label", "awarded_at")
UNITS = {"cash": "CNY", "traffic": "exposures", "badge": "badge"}
# A spreadsheet takes a cell that begins so for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class NoSuchPayout(NotFound):
    """There is no payout of this number."""

    def __init__(self, number: int) -> None:
        super().__init__("There is no payout {number}.", number=number)
        self.number = number


class NothingToPay(Conflict):
    """No award is payable now."""

    def __init__(self) -> None:
        super().__init__("Nothing is payable now; held awards wait for two approvals.")


@dataclass(frozen=True)
class Payout:
    """What was handed over at once. `cash` is in fen. Without a webhook `next_try_at` and `delivered_at` stay empty;
    with `fault` and no further try it was given up."""

    id: int
    made_at: datetime
    made_by: str
    awards: int
    cash: int
    tries: int
    next_try_at: datetime | None
    delivered_at: datetime | None
    fault: str


class Payouts:
    """Makes payouts and delivers them. `address` is the payer's webhook, empty for none; `secret` signs it. Raises
    Misconfigured for an address without a secret."""

    def __init__(self, engine: Engine, ledger: Ledger, address: str = "", secret: str = "") -> None:
        if address and not secret:
            raise Misconfigured("HELIOTROPE_PAYER_WEBHOOK needs HELIOTROPE_PAYER_SECRET, which signs what is sent.")
        self._engine = engine
        self._ledger = ledger
        self._address = address
        self._secret = secret

    def make(self, actor: str) -> Payout:
        """Put everything payable into a payout. Raises NothingToPay, and Conflict when two make one at once."""
        now = _now()
        try:
            with self._engine.begin() as connection:
                query = select_awards(("payable",)).order_by(reward_ledger.c.award).limit(MOST_AWARDS)
                found = [Award(**row._mapping) for row in connection.execute(query)]
                if not found:
                    raise NothingToPay
                cash = sum(one.amount for one in found if one.kind == "cash")
                values = {
                    "made_at": now, "made_by": actor, "awards": len(found), "cash": cash, "tries": 0, "fault": "",
                    "next_try_at": now if self._address else None,
                }  # fmt: skip
                key = connection.execute(insert(payouts).values(**values)).inserted_primary_key
                assert key is not None
                enter(connection, found, "sent", actor, key[0])
                audit.record(connection, actor, "reward.payout", str(key[0]), awards=len(found), cash=cash)
        except IntegrityError as error:
            raise Conflict("Somebody else made a payout just now; look at it first.") from error
        return self.find(key[0])

    def confirm(self, number: int, actor: str) -> int:
        """Write down that the payer paid a payout; returns how many awards were not paid before."""
        self.find(number)
        try:
            with self._engine.begin() as connection:
                query = select_awards(("sent",))
                found = [Award(**row._mapping) for row in connection.execute(query) if row.payout == number]
                enter(connection, found, "paid", actor, number)
                audit.record(connection, actor, "reward.paid", str(number), awards=len(found))
        except IntegrityError as error:
            raise Conflict("Somebody else confirmed this payout just now.") from error
        return len(found)

    def all(self, limit: int = 50) -> list[Payout]:
        """The payouts, the newest first."""
        with reading(self._engine).begin() as connection:
            rows = connection.execute(select(payouts).order_by(payouts.c.id.desc()).limit(limit)).all()
        return [_payout(row) for row in rows]

    def find(self, number: int) -> Payout:
        """One payout. Raises NoSuchPayout."""
        with reading(self._engine).begin() as connection:
            row = connection.execute(select(payouts).where(payouts.c.id == number)).first()
        if row is None:
            raise NoSuchPayout(number)
        return _payout(row)

    def awards(self, number: int) -> list[Award]:
        """What is in a payout. Raises NoSuchPayout."""
        self.find(number)
        return self._ledger.awards(payout=number, limit=MOST_AWARDS)

    def sheet(self, number: int) -> str:
        """A payout as CSV for a spreadsheet: with the mark that says UTF-8, and no cell that is taken for a formula."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(COLUMNS)
        writer.writerows([harmless(cell) for cell in _line(one).values()] for one in self.awards(number))
        return "\ufeff" + buffer.getvalue()

    def deliver_due(self) -> int:
        """Send what is due to the payer's webhook; returns how many arrived. Every try has the same idempotency key."""
        if not self._address:
            return 0
        due = (payouts.c.delivered_at.is_(None), payouts.c.next_try_at <= _now())
        with reading(self._engine).begin() as connection:
            waiting = [_payout(row) for row in connection.execute(select(payouts).where(*due).order_by(payouts.c.id))]
        return sum(self._deliver(one) for one in waiting)

    def send_again(self, number: int, actor: str) -> None:
        """Try a payout that was given up, or did not arrive yet, again. Raises Conflict when it arrived."""
        if self.find(number).delivered_at is not None or not self._address:
            raise Conflict("This payout has arrived, or no webhook of the payer is set.")
        with self._engine.begin() as connection:
            values = {"tries": 0, "next_try_at": _now()}
            connection.execute(update(payouts).where(payouts.c.id == number).values(**values))
            audit.record(connection, actor, "reward.sent_again", str(number))

    def _deliver(self, payout: Payout) -> bool:
        # Whoever takes the try moves its time on: no second process sends the same at once.
        pause = PAUSES[payout.tries] if payout.tries < len(PAUSES) else None
        mine = (payouts.c.id == payout.id, payouts.c.tries == payout.tries, payouts.c.delivered_at.is_(None))
        after = None if pause is None else _now() + timedelta(minutes=pause)
        with self._engine.begin() as connection:
            taken = update(payouts).where(*mine).values(tries=payout.tries + 1, next_try_at=after)
            if connection.execute(taken).rowcount != 1:
                return False
        fault = self._post(payout)
        values: dict[str, Any] = {"fault": fault[:200]}
        if not fault:
            values |= {"delivered_at": _now(), "next_try_at": None}
        with self._engine.begin() as connection:
            connection.execute(update(payouts).where(payouts.c.id == payout.id).values(**values))
        return not fault

    def _post(self, payout: Payout) -> str:
        """Why it did not arrive; empty when it did."""
        content = {
            "payout": payout.id,
            "made_at": payout.made_at.isoformat() + "Z",
            "awards": [_line(one) for one in self.awards(payout.id)],
        }
        body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"heliotrope-payout-{payout.id}",
            SIGNATURE: sign(body, self._secret, int(time.time())),
        }
        try:
            answer = httpx.post(
                self._address, content=body, headers=headers, timeout=WEBHOOK_SECONDS, follow_redirects=False
            )
        except httpx.HTTPError as error:
            log.warning("The payer's webhook did not answer: %s", type(error).__name__)
            return f"no answer ({type(error).__name__})"
        return "" if answer.is_success else f"status {answer.status_code}"


def sign(body: bytes, secret: str, moment: int) -> str:
    """The signature of a webhook: `t=SECONDS,v1=HEX`, HMAC-SHA256 of `SECONDS.BODY`. The payer refuses old moments."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={digest.hexdigest()}"


def harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def _line(award: Award) -> dict[str, object]:
    told = award.as_dict()
    amount: object = f"{award.amount / FEN:.2f}" if award.kind == "cash" else award.amount
    known = {name: told[name] for name in COLUMNS if name in told}
    whole = known | {"amount": amount, "unit": UNITS[award.kind], "awarded_at": told["at"]}
    return {name: whole[name] for name in COLUMNS}


def _payout(row: Row[Any]) -> Payout:
    return Payout(**row._mapping)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
