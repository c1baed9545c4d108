"""The table of routes: every verb and path of the web app, who may call it, and whose objects its path names.

The rows of the API stand below; those of the console come from `needs` in the routes' signatures. docs/security.md
shows them all: `python -m tests.security.routes` writes its part anew.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fastapi import FastAPI

from connectors.web.app import create_app
from connectors.web.console.access import ConsoleRoute, Needs
from tests.connectors.web.scripted import scripted_services
from tests.fakes import png

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- routes: made by tests/security/routes.py -->\n", "<!-- end of routes -->\n"

Who = Literal["visitor", "creator", "forged", "feed"]
# Nobody known; a creator's Bearer token; a Bearer token that nobody issued; the key of a feed.
WHO: tuple[Who, ...] = ("visitor", "creator", "forged", "feed")
Kind = Literal["thread", "answer", "chart", "notice", "case", "file", "action"]

EVERYBODY: Mapping[Who, int] = {}
# Asking is open to all; a token that does not hold is never taken for no token.
COPIED = {"own_title": "番茄牛腩", "other_url": "https://example.org/copy", "statement": "整条搬运。"}
ASKING: Mapping[Who, int] = {"forged": 401, "feed": 401}
CREATORS: Mapping[Who, int] = {"visitor": 401, "forged": 401, "feed": 401}
FEEDS: Mapping[Who, int] = {"visitor": 403, "creator": 403, "forged": 403}


@dataclass(frozen=True)
class Row:
    """A verb and path of the API. `refused` gives the status for those who may not call it; everybody else may. `of` is
    the kind of object that the path names, in its parameter `by` (two of them with a stroke between): its owner alone
    may, for others it is not there.

    `json` or `content` is a body that is accepted. What is `final` deletes the caller.
    """

    method: str
    path: str
    refused: Mapping[Who, int]
    of: Kind | None = None
    by: str = ""
    json: Any = None
    content: bytes | None = None
    query: str = ""
    final: bool = False
    note: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)  # other parameters of the path


ROWS: tuple[Row, ...] = (
    Row("GET", "/", EVERYBODY),
    Row("GET", "/static/{version}/{name:path}", EVERYBODY),
    Row("GET", "/widget.js", EVERYBODY),
    Row("GET", "/widget.mjs", EVERYBODY),
    Row("GET", "/heliotrope-widget.tgz", EVERYBODY),
    Row("GET", "/widget/frame", EVERYBODY, note="framed by the site's own pages only"),
    Row("GET", "/healthz", EVERYBODY),
    Row("GET", "/readyz", EVERYBODY),
    Row("GET", "/metrics", dict.fromkeys(WHO, 404), note="this machine, or the Bearer of HELIOTROPE_METRICS_TOKEN"),
    Row("GET", "/api/v1/openapi.json", EVERYBODY),
    Row("POST", "/api/v1/chat", ASKING, json={"text": "完播率怎么算"}, note="`thread` in the body: own ones only"),
    Row("GET", "/api/v1/threads", ASKING, note="own ones only"),
    Row("GET", "/api/v1/threads/{thread}", ASKING, "thread", "thread"),
    Row("POST", "/api/v1/threads/{thread}/again", ASKING, "thread", "thread", json={}),
    Row("DELETE", "/api/v1/threads/{thread}", ASKING, "thread", "thread", final=True),
    Row("POST", "/api/v1/actions/{action}", ASKING, "action", "action", note="buttons of one's own answers only"),
    Row("GET", "/api/v1/demonstration", EVERYBODY),
    Row("POST", "/api/v1/demonstration/session", EVERYBODY, json={"creator": None}, note="invented creators only"),
    Row(
        "GET", "/api/v1/answers/{answer}/charts/{number:int}.svg", ASKING, "chart", "answer", fixed={"number:int": "1"}
    ),
    Row(
        "GET", "/api/v1/answers/{answer}/charts/{number:int}.png", ASKING, "chart", "answer", fixed={"number:int": "1"}
    ),
    Row("POST", "/api/v1/answers/{answer_id}/feedback", ASKING, "answer", "answer_id", json={"verdict": "up"}),
    Row("GET", "/api/v1/me", ASKING),
    Row("GET", "/api/v1/me/export", {**ASKING, "visitor": 403}),
    Row("DELETE", "/api/v1/me", {**ASKING, "visitor": 403}, final=True),
    Row("POST", "/api/v1/me/metrics", {**ASKING, "visitor": 403}, note="one's own numbers; demonstrations are 403"),
    Row("POST", "/api/v1/metrics", FEEDS, note="a feed key; one bound to a creator brings that creator's rows only"),
    Row("GET", "/api/v1/notices", CREATORS),
    Row("POST", "/api/v1/notices/seen", CREATORS, json={"through": 0}),
    Row("POST", "/api/v1/notices/{notice}/open", CREATORS, "notice", "notice"),
    Row("GET", "/api/v1/notices/{notice}/picture", CREATORS, "notice", "notice"),
    Row("GET", "/api/v1/cases", CREATORS, note="own ones only"),
    Row("POST", "/api/v1/cases", CREATORS, json=COPIED),
    Row("GET", "/api/v1/cases/{case}", CREATORS, "case", "case"),
    Row("POST", "/api/v1/cases/{case}/files", CREATORS, "case", "case", content=png(), query="?role=evidence"),
    Row("GET", "/api/v1/cases/{case}/files/{file}", CREATORS, "file", "case/file"),
    Row("POST", "/api/v1/cases/{case}/steps", CREATORS, "case", "case", json={"act": "withdraw"}),
    Row("GET", "/api/v1/notices/settings", CREATORS),
    Row("PATCH", "/api/v1/notices/settings", CREATORS, json={}),
    Row("GET", "/go/{notice}/{signed}", EVERYBODY, note="whoever holds the signed link"),
    Row("POST", "/api/v1/widget/sessions", EVERYBODY, json={"site": "x"}, note="identities are signed by the site"),
    Row("GET", "/v1/models", CREATORS, note="also a site's API key"),
    Row(
        "POST",
        "/v1/chat/completions",
        CREATORS,
        json={"messages": [{"role": "user", "content": "完播率怎么算"}]},
        note="also a site's API key",
    ),
)


def served(app: FastAPI) -> Iterator[Any]:
    """Every route of the app, whatever routers it was put into."""

    def below(routes: Any) -> Iterator[Any]:
        for route in routes:
            inner = getattr(route, "original_router", None)
            yield from below(inner.routes) if inner is not None else (route,)

    yield from below(app.routes)


def verbs(route: Any) -> list[str]:
    """Its verbs; HEAD goes with GET."""
    return sorted(set(route.methods) - {"HEAD"})


def unlisted(app: FastAPI) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Verbs and paths of the app that have no row, and those of rows that the app has not."""
    routes = {
        (verb, route.path) for route in served(app) if not isinstance(route, ConsoleRoute) for verb in verbs(route)
    }
    rows = {(row.method, row.path) for row in ROWS}
    return routes - rows, rows - routes


def needed(route: ConsoleRoute) -> str:
    """The role that a route of the console asks for, or nothing."""
    stated = next(below.call for below in route.dependant.dependencies if isinstance(below.call, Needs))
    return stated.role or ""


def written(app: FastAPI) -> str:
    """The table as docs/security.md shows it."""
    lines = ["| verb | path | visitor | creator | forged token | feed key | another's object | |", "|" + "---|" * 8]
    for row in ROWS:
        who = " | ".join(str(row.refused.get(one, "yes")) for one in WHO)
        lines.append(f"| {row.method} | `{row.path}` | {who} | {'404' if row.of else ''} | {row.note} |")
    lines += ["", "| verb | path of the console | least role |", "|---|---|---|"]
    for route in served(app):
        if isinstance(route, ConsoleRoute) and "{rest" not in route.path:
            lines += [f"| {verb} | `{route.path}` | {needed(route) or 'none'} |" for verb in verbs(route)]
    return "\n".join(lines) + "\n"


def shown() -> str:
    """The table as the page has it."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Write the page's part anew."""
    with tempfile.TemporaryDirectory() as home:
        table = written(create_app(scripted_services(Path(home))))
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
