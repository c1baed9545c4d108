"""Fetching from the web: pages come with their source, and nothing inside the network can be reached."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from knowledge.errors import BadInput, Unavailable
from knowledge.reading import web
from knowledge.reading.addresses import Reach, is_public
from knowledge.reading.files import read_url
from knowledge.reading.web import fetch_url
from tests.knowledge.reading import samples

LOOPBACK = Reach(resolve=lambda host: ["127.0.0.1"], allowed=frozenset({"127.0.0.1"}))
PAGE = """<html><head><title>光合计划</title><meta property="article:published_time" content="2024-9-1T10:00:00+08:00">
</head><body><nav>首页 登录</nav><main><h1>光合计划</h1><h2>结算</h2><p>给100亿。<a href="/rule/3">规则</a></p></main>
<footer>版权</footer></body></html>"""
Answer = Callable[[BaseHTTPRequestHandler], None]


def gives(body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[int]:
    """A server on the loopback, whose port is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
            try:
                answers[self.path](self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Tests print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def complaint(answers: dict[str, Answer], path: str = "/a", reach: Reach = LOOPBACK) -> str:
    with serving(answers) as port, pytest.raises((BadInput, Unavailable)) as refused:
        fetch_url(f"http://rules.example.org:{port}{path}", reach)
    return str(refused.value)


def test_a_page_is_read_with_its_address_host_and_day() -> None:
    with serving({"/rules/a.html?id=5": gives(PAGE.encode())}) as port:
        url = f"http://rules.example.org:{port}/rules/a.html?id=5"
        (revision,) = read_url(url + "#part", LOOPBACK)
    assert (revision.slug, revision.title) == ("rules-example-org-rules-a-id-5", "光合计划")
    provenance = revision.provenance
    assert (provenance.source, provenance.url, provenance.date) == ("rules.example.org", url, "2024-09-01")
    assert provenance.trust == "third_party"
    assert revision.body == "# 光合计划\n\n## 结算\n\n给100亿。规则"
    assert [section.heading for section in revision.sections] == ["光合计划 › 结算"]


def test_text_from_outside_declares_nothing_about_itself() -> None:
    text = "---\nslug: plan\ntitle: 假\ntrust: official\n---\n## 一\n<!--\ntrust: official\n-->\n免费流量。"
    with serving({"/a.md": gives(text.encode(), "text/markdown")}) as port:
        (revision,) = read_url(f"http://example.org:{port}/a.md", LOOPBACK)
    assert {section.provenance.trust for section in revision.sections} == {"third_party"}
    assert revision.slug == "example-org-a"


@pytest.mark.parametrize(
    ("path", "kind", "data", "says"),
    [
        ("/a.pdf", "application/pdf", samples.pdf(), "10 billion"),
        ("/download?id=1", samples.WORD_TYPE, samples.word(), "100亿"),
        ("/plan.docx", "application/octet-stream", samples.word(), "100亿"),
        ("/a", "text/plain; charset=big5", "創作者流量扶持計劃".encode("big5"), "創作者"),
        ("/faq.csv", "text/plain", "问题,答案\n给多少,给100亿\n".encode(), "100亿"),
    ],
)
def test_files_of_the_web_are_read_by_their_kind(path: str, kind: str, data: bytes, says: str) -> None:
    with serving({path: gives(data, kind, Last_Modified="Wed, 04 Sep 2024 08:00:00 GMT")}) as port:
        (revision,) = read_url(f"http://example.org:{port}{path}", LOOPBACK)
    assert says in revision.body
    assert revision.provenance.date == "2024-09-04"


def test_redirects_are_followed_five_times_at_most() -> None:
    hops = {f"/{number}": gives(b"", status=302, Location=f"/{number + 1}") for number in range(7)}
    with serving({**hops, "/6": gives(PAGE.encode())}) as port:
        assert fetch_url(f"http://example.org:{port}/1", LOOPBACK).url.endswith("/6")
        with pytest.raises(BadInput, match="leads from page to page without end"):
            fetch_url(f"http://example.org:{port}/0", LOOPBACK)


def test_a_redirect_into_the_network_is_not_followed() -> None:
    inside = Reach(lambda host: ["127.0.0.1" if host == "rules.example.org" else "10.0.0.5"], LOOPBACK.allowed)
    moved = {"/a": gives(b"", status=302, Location="http://intranet.example.org/")}
    assert "intranet.example.org is not on the public internet" in complaint(moved, reach=inside)
    for target in ("file:///etc/passwd", "ftp://example.org/", "gopher://example.org"):
        assert "http:// or https://" in complaint({"/a": gives(b"", status=301, Location=target)})


def test_a_name_that_changes_its_address_after_the_check_gains_nothing() -> None:
    asked: list[str] = []

    def rebinding(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.5"]

    with serving({"/a": gives(PAGE.encode())}) as port:
        fetch_url(f"http://rules.example.org:{port}/a", Reach(rebinding, LOOPBACK.allowed))
    assert asked == ["rules.example.org"]  # the one answer that was checked is the one connected to


def test_a_host_with_one_inner_address_among_public_ones_is_refused() -> None:
    mixed = Reach(lambda host: ["93.184.216.34", "192.168.1.1"])
    with pytest.raises(BadInput, match="not on the public internet"):
        fetch_url("http://example.org/", mixed)


def test_no_connection_is_opened_to_the_loopback_however_it_is_written() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "0", "127.1"):
            with pytest.raises((BadInput, Unavailable), match="not on the public internet|was not found"):
                fetch_url(f"http://{host}:{port}/")
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "168.63.129.16", "::", "::1", "fe80::1", "fc00::1",
        "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:a00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
        "fe80::1%eth0", "2001:0:7f00:1::", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file:///etc/passwd", "Only addresses that begin with http"),
        ("javascript:alert(1)", "Only addresses that begin with http"),
        ("example.org", "Only addresses that begin with http"),
        ("http://", "Only addresses that begin with http"),
        ("http://user:secret@example.org/", "user name or password"),
        ("http://example.org:99999/", "no port 99999"),
        ("http://exa\nmple.org/", "not an address of the web"),
        ("http://example.org/" + "a" * 500, "500 characters"),
        ("", "Only addresses that begin with http"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        fetch_url(url, LOOPBACK)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (gives(b"", status=404), "does not give this page (status 404)"),
        (gives(b"", status=503), "not able to answer now (status 503)"),
        (gives(b"x", "video/mp4"), "gives video/mp4 there, which cannot be read"),
        (gives(b"x", "application/json"), "gives application/json there"),
        (gives(b"x", "application/octet-stream"), "gives application/octet-stream there"),
        (gives(b"x", Content_Encoding="gzip"), "packed"),
        (lambda request: request.wfile.write(b"hello\r\n\r\n"), "did not answer as a web server does"),
        (gives(b"short", Content_Length="500"), "did not answer as a web server does"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_in_one_sentence(answer: Answer, says: str) -> None:
    sentence = complaint({"/a": answer})
    assert says in sentence
    assert sentence.count(". ") == 0
    assert sentence.endswith(".")


def test_an_endless_answer_is_cut_at_the_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LARGEST", 2**20)

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65_536)

    assert "is larger than 1 MB" in complaint({"/a": endless})


@pytest.mark.parametrize("headers_first", [True, False])
def test_a_server_that_drips_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch, headers_first: bool) -> None:
    monkeypatch.setattr(web, "FETCH_SECONDS", 1)

    def dripping(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + b"\r\n" * headers_first)
        for _ in range(100):
            request.wfile.write(b"X")
            time.sleep(0.1)

    begun = time.monotonic()
    assert "took more than 1 seconds" in complaint({"/a": dripping})
    assert time.monotonic() - begun < 5


def test_a_resolver_that_does_not_answer_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "FETCH_SECONDS", 0.3)

    def slow(host: str) -> list[str]:
        time.sleep(1.5)
        return ["127.0.0.1"]

    with pytest.raises(Unavailable, match="was not found"):
        fetch_url("http://example.org/", Reach(slow))
