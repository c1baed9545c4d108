"""Addresses that name no thing: numbers that are none, or larger than any, are not found and break nothing."""

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from connectors.web.console.access import ConsoleRoute
from tests.connectors.web.console.conftest import Desk
from tests.security.routes import served, verbs

WRONG = ("99999999999999999999", "2147483648", "0", "-1", "1.5", "x", "１")


def numbered(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """Verb, path and name of every number in the path of a console page."""
    for route in served(app):
        if isinstance(route, ConsoleRoute):
            dependant: Dependant = route.dependant
            for field in dependant.path_params:
                if field.field_info.annotation is int:
                    for verb in verbs(route):
                        yield verb, route.path, field.name


def test_a_number_that_nothing_has_is_not_found(app: FastAPI, desk: Desk):
    admin, found = desk("admin"), list(numbered(app))
    assert len(found) > 30
    csrf = admin.csrf()
    for verb, path, name in found:
        for wrong in WRONG:
            address = re.sub(r"\{(\w+)\}", lambda part, n=name, w=wrong: w if part[1] == n else "1", path)
            answer = admin.get(address) if verb == "GET" else admin.send(address, csrf=csrf)
            assert answer.status_code in ((404,) if wrong != "１" else (404, 422)), (verb, address, answer.status_code)
            assert "没有这个页面" in answer.text, address


def test_a_page_that_no_list_has_breaks_nothing(desk: Desk):
    viewer = desk("viewer")
    for path in ("answers", "documents", "gaps", "programs", "rewards", "campaigns", "cases", "star"):
        for wrong in ("99999999999999999999", "x"):
            assert viewer.get(f"/console/{path}?page={wrong}").status_code in (200, 404), (path, wrong)
        assert viewer.get(f"/console/{path}?page=-5").status_code == 200, path


def test_other_numbers_behind_the_address(desk: Desk):
    viewer = desk("viewer")
    for address in (
        "/console/audit?before=99999999999999999999",
        "/console/audit?before=x",
        "/console/documents/plan/diff?old=1&new=99999999999999999999",
        "/console/documents/plan?days=99999999999999999999",
        "/console/rewards/payouts/99999999999999999999.csv",
        "/console/rewards/payouts/x.csv",
        "/console/rewards/awards/99999999999999999999",
    ):
        assert viewer.get(address).status_code == 404, address
