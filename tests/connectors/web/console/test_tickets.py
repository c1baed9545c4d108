"""Tickets in the console: who may do what, faulty forms, and one from the creator's words to the answer they get."""

import pytest

from assistant.identity import Caller
from tests.connectors.web.console.conftest import Desk
from tests.connectors.web.scripted import DEMO, ScriptedServices

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def ticket(services: ScriptedServices) -> str:
    """The path of an open ticket of a creator's."""
    caller = Caller("web", DEMO.id)
    return f"/console/tickets/{services.tickets.open(caller, f'光合计划的额度没到账 {HOSTILE}', 'zh').id}"


def number(path: str) -> int:
    return int(path.rsplit("/", 1)[1])


def test_a_ticket_is_given_answered_closed_and_opened_again(desk: Desk, services: ScriptedServices, ticket: str):
    editor = desk("editor")
    page = editor.get(ticket).text
    assert HOSTILE not in page
    assert "光合计划投入百亿流量" in page  # the knowledge has an answer ready
    assert "光合计划的额度没到账" in editor.get("/console/tickets").text
    assert editor.send(f"{ticket}/assign", assignee="publisher").status_code == 303
    assert "光合计划的额度没到账" not in editor.get("/console/tickets?mine=true").text
    assert "光合计划的额度没到账" in desk("publisher").get("/console/tickets?mine=true").text
    assert editor.send(f"{ticket}/note", text="查过后台").status_code == 303
    assert editor.send(f"{ticket}/answer", text="明天到账。").status_code == 303
    services.notices.deliverer.drain()
    (told,) = services.notices.inbox.page(DEMO.id).notices
    assert (told.kind, told.body) == ("ticket", "明天到账。")
    assert editor.send(f"{ticket}/close").headers["location"] == "/console/tickets"
    assert "光合计划的额度没到账" in editor.get("/console/tickets?state=closed").text
    for act in ("answer", "assign", "close"):
        assert editor.send(f"{ticket}/{act}", text="还有").status_code == 409
    assert editor.send(f"{ticket}/reopen").status_code == 303
    assert services.tickets.find(number(ticket)).state == "open"
    done = [entry.action for entry in services.library.trail.entries(area="ticket", subject=str(number(ticket)))]
    assert sorted(done) == ["ticket.answered", "ticket.assigned", "ticket.closed", "ticket.reopened"]
    acts = [entry.act for entry in services.tickets.entries(number(ticket))]
    assert acts == ["said", "assigned", "noted", "answered", "closed", "reopened"]


def test_faulty_forms_change_nothing_and_say_why(desk: Desk, services: ScriptedServices, ticket: str):
    editor = desk("editor")
    for act in ("answer", "note"):
        for text in ("", " \n", "\0", "长" * 5_000):
            answer = editor.send(f"{ticket}/{act}", text=text)
            assert answer.status_code == 422, (act, text[:3])
    assert editor.send(f"{ticket}/assign", assignee="nobody").status_code == 422
    assert editor.send(f"{ticket}/answer", csrf="wrong", text="好").status_code == 403
    assert [entry.act for entry in services.tickets.entries(number(ticket))] == ["said"]
    assert not services.notices.inbox.page(DEMO.id).notices


def test_viewers_read_and_other_numbers_are_not_found(desk: Desk, ticket: str):
    viewer, editor = desk("viewer"), desk("editor")
    page = viewer.get(ticket)
    assert page.status_code == 200
    assert f"{ticket}/answer" not in page.text
    for act in ("answer", "note", "assign", "close", "reopen"):
        assert viewer.send(f"{ticket}/{act}", text="好").status_code == 403
        for other in ("99", "9" * 30):
            assert editor.send(f"/console/tickets/{other}/{act}", text="好").status_code == 404, (act, other)
    assert viewer.get("/console/tickets/99").status_code == 404
    assert viewer.get("/console/tickets?state=nonsense&page=-4").status_code == 200
