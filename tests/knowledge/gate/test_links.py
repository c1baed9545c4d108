"""Links: what is broken is told once, a missing network is told once, and nobody inside the network is asked."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from knowledge.documents import Provenance
from knowledge.errors import Unavailable
from knowledge.gate.link_checker import link_checker
from knowledge.gate.links import MOST, addresses_of, links
from knowledge.reading.addresses import Reach
from tests.knowledge.texts import passage

ANSWERS = {"/ok": 200, "/gone": 404, "/away": 410, "/ill": 503, "/members": 403, "/only-get": 405}


def test_addresses_are_found_in_text_and_source() -> None:
    text = "见 https://a.example/x?y=1，或（http://b.example/z）。[页](https://c.example/p.) 与 kuaishou.com"
    found = addresses_of(passage(1, text, provenance=Provenance("源", "https://d.example")))
    assert found == ["https://a.example/x?y=1", "http://b.example/z", "https://c.example/p", "https://d.example"]


def test_a_broken_address_is_one_remark_whatever_number_of_documents_hold_it() -> None:
    passages = [passage(n, "见 https://a.example/x 和 https://b.example/y 。") for n in (1, 2)]
    (finding,) = links(passages, lambda address: "answers 404" if "a.example" in address else None)
    assert (finding.blocking, finding.passages) == (False, (1, 2))
    assert finding.detail["documents"] == ["document-1", "document-2"]
    assert "https://a.example/x" in finding.message


def test_without_a_network_there_is_one_remark_and_few_attempts() -> None:
    asked: list[str] = []

    def check(address: str) -> None:
        asked.append(address)
        raise Unavailable("no route")

    (finding,) = links([passage(n, f"https://a.example/{n}") for n in range(100)], check)
    assert "could not be checked" in finding.message
    assert len(asked) < 20


def test_a_host_that_is_down_among_others_is_a_broken_link() -> None:
    def check(address: str) -> None:
        if "down" in address:
            raise Unavailable("no route")

    (finding,) = links([passage(1, "https://down.example/ https://up.example/")], check)
    assert "down.example" in finding.message


def test_no_more_addresses_are_looked_up_than_a_publish_can_wait_for() -> None:
    passages = [passage(n, f"https://a.example/{n}") for n in range(MOST + 5)]
    (finding,) = links(passages, lambda _: None)
    assert f"5 of {MOST + 5}" in finding.message


@pytest.fixture
def server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:  # noqa: N802 - the name that the library calls
            self._answer(405 if self.path == "/only-get" else ANSWERS.get(self.path, 302))

        def do_GET(self) -> None:  # noqa: N802
            self._answer(200 if self.path == "/only-get" else ANSWERS.get(self.path, 302))

        def _answer(self, status: int) -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", {"/to-gone": "/gone", "/in": "http://10.0.0.1/"}.get(self.path, self.path))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Tests print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as opened:
        threading.Thread(target=opened.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://rules.example.org:{opened.server_port}"
        opened.shutdown()


def resolved(host: str) -> list[str]:
    return ["127.0.0.1"] if host == "rules.example.org" else [host]


LOOPBACK = Reach(resolve=resolved, allowed=frozenset({"127.0.0.1"}))


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/ok", None),
        ("/only-get", None),
        ("/members", None),
        ("/gone", "answers 404"),
        ("/away", "answers 410"),
        ("/ill", "answers 503"),
        ("/to-gone", "answers 404"),
        ("/round", "It leads from page to page without end."),
    ],
)
def test_the_checker_tells_what_a_server_answers(server: str, path: str, complaint: str | None) -> None:
    assert link_checker(LOOPBACK)(server + path) == complaint


def test_the_checker_asks_nobody_inside_the_network(server: str) -> None:
    assert "not on the public internet" in str(link_checker()("http://127.0.0.1/"))
    assert "not on the public internet" in str(link_checker(LOOPBACK)(server + "/in"))


def test_no_connection_is_unavailable_not_a_complaint() -> None:
    with pytest.raises(Unavailable):
        link_checker(LOOPBACK)("http://rules.example.org:9/")
