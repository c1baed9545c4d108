"""From the ledger to the payer: once, signed, tried again, and harmless in a spreadsheet."""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import update

from assistant.database.program_tables import payouts as table
from assistant.errors import Conflict, Misconfigured
from assistant.programs.payouts import NothingToPay, Payouts, harmless
from tests.assistant.programs.conftest import TODAY, House
from tests.assistant.programs.test_tasks import publish, steps

SECRET = "between us and the payer"


@dataclass
class Payer:
    """A payer's webhook on this machine; it answers with `statuses` in turn, then 200."""

    address: str = ""
    statuses: list[int] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def payer() -> Iterator[Payer]:
    known = Payer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.calls.append((dict(self.headers), body))
            self.send_response(known.statuses.pop(0) if known.statuses else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.address = f"http://127.0.0.1:{server.server_port}/pay"
    Thread(target=server.serve_forever, daemon=True).start()
    yield known
    server.shutdown()
    server.server_close()


@pytest.fixture
def rewarded(house: House) -> House:
    """Two creators have been rewarded in cash, one with a badge that looks like a formula."""
    publish(house)
    publish(house, "badges", budget={}, steps=steps(("works_published", 1), kind="badge", name="=HYPERLINK(1)"))
    for slug, creator in (("three-works", "demo-01"), ("three-works", "demo-02"), ("badges", "demo-01")):
        house.programs.tasks.join(creator, slug, TODAY - timedelta(days=13))
    house.programs.settling.settle(TODAY)
    return house


def test_an_award_is_paid_out_once(rewarded: House):
    payouts, ledger = rewarded.programs.payouts, rewarded.programs.ledger
    made = payouts.make("dan")
    assert (made.awards, made.cash, made.next_try_at) == (3, 40_00, None)
    with pytest.raises(NothingToPay):
        payouts.make("dan")
    assert {one.state for one in ledger.awards()} == {"sent"}
    assert payouts.confirm(made.id, "dan") == 3
    assert payouts.confirm(made.id, "dan") == 0
    assert {one.state for one in ledger.awards()} == {"paid"}
    # What has gone to the payer is not taken back here.
    own = rewarded.programs.tasks.of_creator("demo-02")[0]
    assert rewarded.programs.tasks.disqualify(own.id, "bob", "重复发布") == 1
    assert ledger.differences() == []


def test_the_sheet_has_no_formulas(rewarded: House):
    made = rewarded.programs.payouts.make("dan")
    text = rewarded.programs.payouts.sheet(made.id)
    assert text.startswith("\ufeffpayout,award,creator,")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert sorted((row["kind"], row["amount"], row["unit"], row["label"]) for row in rows) == [
        ("badge", "1", "badge", "'=HYPERLINK(1)"),
        ("cash", "20.00", "CNY", ""),
        ("cash", "20.00", "CNY", ""),
    ]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tx", "\rx"])
def test_a_cell_is_never_a_formula(cell: str):
    assert harmless(cell) == f"'{cell}"
    assert harmless("1") == "1"


def test_the_webhook_is_signed_and_tried_again_until_it_arrives(rewarded: House, payer: Payer):
    payouts = Payouts(rewarded.engine, rewarded.programs.ledger, payer.address, SECRET)
    payer.statuses = [500, 302]
    made = payouts.make("dan")
    assert payouts.deliver_due() == 0
    assert payouts.find(made.id).fault == "status 500"
    assert payouts.deliver_due() == 0  # not before the pause is over
    for arrived in (0, 1):
        _wait(rewarded, made.id)
        assert payouts.deliver_due() == arrived
    found = payouts.find(made.id)
    assert found.delivered_at is not None
    assert (found.tries, found.fault, found.next_try_at) == (3, "", None)
    assert payouts.deliver_due() == 0

    headers, body = payer.calls[-1]
    moment, signature = (part.split("=", 1)[1] for part in headers["Heliotrope-Signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature == expected
    assert {call[0]["Idempotency-Key"] for call in payer.calls} == {f"heliotrope-payout-{made.id}"}
    told = json.loads(body)
    assert (told["payout"], len(told["awards"])) == (made.id, 3)
    with pytest.raises(Conflict):
        payouts.send_again(made.id, "dan")


def test_a_payer_that_never_answers_is_given_up_until_somebody_looks(rewarded: House, payer: Payer):
    payouts = Payouts(rewarded.engine, rewarded.programs.ledger, payer.address, SECRET)
    payer.statuses = [503] * 9
    made = payouts.make("dan")
    for _ in range(9):
        _wait(rewarded, made.id)
        payouts.deliver_due()
    assert payouts.find(made.id).next_try_at is None
    payouts.send_again(made.id, "dan")
    assert payouts.deliver_due() == 1


def test_a_webhook_without_a_secret_is_refused(house: House):
    with pytest.raises(Misconfigured, match="HELIOTROPE_PAYER_SECRET"):
        Payouts(house.engine, house.programs.ledger, "https://payer.example/pay", "")


def _wait(house: House, number: int) -> None:
    """The pause is over."""
    with house.engine.begin() as connection:
        due = update(table).where(table.c.id == number, table.c.next_try_at.is_not(None))
        connection.execute(due.values(next_try_at=datetime(2026, 1, 1)))
