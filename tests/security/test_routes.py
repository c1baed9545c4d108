"""Routes × callers × own, another's and missing objects × verbs: the table of `routes` tried on the real services."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import insert

from assistant.bootstrap import Services, open_services
from assistant.creators.accounts import Creator
from assistant.database.tables import actions
from assistant.identity import Caller
from assistant.programs.cases.desk import Report
from assistant.programs.notices.notice import Message, Post
from assistant.settings import Settings
from connectors.feeds.keys import FeedKeys
from connectors.web.app import create_app
from knowledge.embeddings import Embedder
from tests.connectors.web.scripted import scripted_services
from tests.fakes import png
from tests.security.routes import COPIED, ROWS, WHO, Kind, Row, Who, shown, unlisted, written

OWNER, OTHER = "demo-01", "demo-02"
MISSING = {"thread": "no-such-thread", "answer": "no-such-answer", "chart": "no-such-answer"}
MISSING |= {"notice": "987654", "case": "987654", "file": "987654/987654", "action": "no-such-action"}
OBJECTS = [row for row in ROWS if row.of]


@dataclass
class House:
    """The app with what belongs to two creators and to a visitor, by kind."""

    client: TestClient
    services: Services
    bearers: dict[Who, str]
    of: dict[str, dict[str, str]]

    def call(self, row: Row, bearer: str = "", name: str = "missing") -> httpx2.Response:
        """The row's route on the object of this name."""
        path = row.path
        named = dict(zip(row.by.split("/"), name.split("/"), strict=False))
        for parameter, value in {**row.fixed, **named}.items():
            path = path.replace(f"{{{parameter}}}", value)
        path = re.sub(r"\{\w+(:\w+)?\}", "1", path)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self.client.cookies.clear()
        body = {"json": row.json} if row.content is None else {"content": row.content}
        return self.client.request(row.method, path + row.query, headers=headers, **body)

    def begin(self, bearer: str = "") -> dict[str, str]:
        """Have a conversation that draws a chart where there are numbers; what belongs to whoever asked."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        text = "最近为什么不涨粉" if bearer else "完播率怎么算"
        reply = self.client.post("/api/v1/chat", json={"text": text}, headers=headers).json()
        has_charts = bool(reply["charts"])
        assert has_charts is (bearer != "")
        return {"thread": reply["thread"], "answer": reply["answer_id"], "chart": reply["answer_id"]}


    def offer(self, creator: str) -> str:
        """A button under the creator's last answer."""
        owner, answer = Caller("web", creator).owner, self.of[creator]["answer"]
        button = {"id": f"button-of-{creator}", "turn_id": answer, "owner": owner}
        told = {"kind": "alert", "label": "提醒我", "lang": "zh", "payload": {}}
        times = {"offered_at": datetime(2026, 1, 1), "expires_at": datetime(2026, 1, 8)}
        with self.services.engine.begin() as connection:
            connection.execute(insert(actions).values(**button, **told, **times))
        return str(button["id"])


@pytest.fixture(scope="module")
def house(new_starter_home: Callable[[], Path], embedder: Embedder) -> Iterator[House]:
    services = open_services(Settings(home=new_starter_home(), anonymous_limit=0), embedder=embedder)
    key = FeedKeys(services.engine).issue("feed", None, "test")
    bearers: dict[Who, str] = {"visitor": "", "creator": services.tokens.issue(OWNER), "forged": "x.y.z", "feed": key}
    with TestClient(create_app(services)) as client:
        house = House(client, services, bearers, {})
        for creator in (OWNER, OTHER):
            bearer = services.tokens.issue(creator)
            picture = services.pictures.add(png(), "test").hash
            post = Post(creator, "alert", "today", Message("有通知", "请看。", "https://example.org/", picture))
            services.notices.post([post])
            notice = client.get("/api/v1/notices", headers={"Authorization": f"Bearer {bearer}"}).json()
            case = services.cases.file(creator, Report(**COPIED)).id
            file = services.cases.add_file(case, "own_cover", "封面.png", png(), "creator", creator).id
            own = {"notice": str(notice["notices"][0]["id"]), "case": str(case), "file": f"{case}/{file}"}
            house.of[creator] = {**house.begin(bearer), **own}
            house.of[creator]["action"] = house.offer(creator)
        house.of["visitor"] = house.begin()
        yield house
    services.close()


def test_every_route_stands_in_the_table(tmp_path: Path):
    app = create_app(scripted_services(tmp_path))
    new, gone = unlisted(app)
    described = {
        (verb.upper(), re.sub(r"\{(\w+):\w+\}", r"{\1}", path))
        for path, verbs_of in app.openapi()["paths"].items()
        for verb in verbs_of
    }
    assert described <= {(row.method, re.sub(r"\{(\w+):\w+\}", r"{\1}", row.path)) for row in ROWS}
    assert not new, (
        f"New routes: {sorted(new)}. For each add a Row to ROWS in tests/security/routes.py that says who "
        "may call it and whose object its path names, then run `python -m tests.security.routes`."
    )
    assert not gone, f"Gone from the app: {sorted(gone)}. Take them out of ROWS."


def test_a_route_that_somebody_adds_is_noticed_wherever_it_is_put(tmp_path: Path):
    app = create_app(scripted_services(tmp_path))
    below = APIRouter(prefix="/api/v1/below")
    below.delete("/it", include_in_schema=False)(lambda: None)
    app.include_router(below)
    app.get("/api/v1/secret")(lambda: None)
    assert unlisted(app)[0] == {("DELETE", "/api/v1/below/it"), ("GET", "/api/v1/secret")}


def test_the_page_shows_the_table(tmp_path: Path):
    assert shown() == written(create_app(scripted_services(tmp_path))), (
        "docs/security.md shows another table than the app has: look at who may call the new routes of the console, "
        "then run `python -m tests.security.routes`."
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_a_route_lets_in_whom_the_table_names_and_nobody_else(house: House, row: Row):
    for who in WHO:
        if row.final and who not in row.refused:
            continue
        answer = house.call(row, house.bearers[who], MISSING.get(row.of or "", "1"))
        if who in row.refused:
            assert answer.status_code == row.refused[who], who
            assert answer.headers["content-type"] == "application/problem+json"
        else:
            assert answer.status_code not in (401, 403, 405, 500), (who, answer.text)


@pytest.mark.parametrize("row", OBJECTS, ids=lambda row: f"{row.method} {row.path}")
def test_anothers_object_cannot_be_told_from_one_that_is_missing(house: House, row: Row):
    assert row.of is not None
    owners = {creator: house.services.tokens.issue(creator) for creator in (OWNER, OTHER)}
    if "visitor" not in row.refused:
        owners["visitor"] = ""
    for who, bearer in owners.items():
        missing = house.call(row, bearer, MISSING[row.of])
        assert missing.status_code == 404
        for whose in owners.keys() - {who}:
            theirs = house.of[whose].get(row.of)
            if theirs is None or (row.of == "chart" and whose == "visitor"):
                continue
            another = house.call(row, bearer, theirs)
            assert (another.status_code, another.json()) == (404, missing.json()), (who, whose)
            assert told(another) == told(missing)


def test_anothers_file_is_not_there_under_ones_own_case(house: House):
    (row,) = (one for one in ROWS if one.of == "file")
    theirs = house.of[OTHER]["file"].partition("/")[2]
    bearer = house.services.tokens.issue(OWNER)
    mixed, missing = (house.call(row, bearer, f"{house.of[OWNER]['case']}/{file}") for file in (theirs, "987654"))
    assert (mixed.status_code, mixed.json()) == (404, missing.json())


@pytest.mark.parametrize("row", [row for row in OBJECTS if not row.final], ids=lambda row: f"{row.method} {row.path}")
def test_after_all_that_everybody_still_has_what_is_theirs(house: House, row: Row):
    assert row.of is not None
    for creator in (OWNER, OTHER):
        answer = house.call(row, house.services.tokens.issue(creator), house.of[creator][row.of])
        assert answer.status_code in (200, 201), answer.text


def test_what_is_deleted_was_ones_own(house: House):
    services, creator = house.services, Creator("leaving", "要走的人", "kuaishou", "知识")
    services.accounts.add(creator)
    bearer = services.tokens.issue("leaving")
    thread = house.client.post(
        "/api/v1/chat", json={"text": "完播率怎么算"}, headers={"Authorization": f"Bearer {bearer}"}
    ).json()["thread"]
    for row in (one for one in ROWS if one.final):
        assert house.call(row, bearer, thread).status_code in (200, 204), row.path
    assert house.call(ROWS[0], bearer).status_code == 200  # the page itself asks for nobody
    assert services.accounts.find("leaving") is None
    assert services.accounts.find(OWNER) is not None


def test_every_other_verb_is_refused(house: House):
    of_path: dict[str, set[str]] = {}
    for row in ROWS:
        of_path.setdefault(row.path, set()).add(row.method)
    for path, known in of_path.items():
        for verb in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
            answer = house.call(Row(verb, path, {}), house.bearers["creator"])
            assert answer.status_code in (404, 405), (verb, path)


def told(answer: httpx2.Response) -> dict[str, str]:
    """The headers of an answer but for those that any two differ in."""
    return {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}


def test_the_kinds_of_objects_are_all_tried():
    assert {row.of for row in OBJECTS} == set(Kind.__args__)
