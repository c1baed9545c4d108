"""Fetching a page of the public web: guarded, because staff name the address and this server stands inside a network.

Invariant: a connection is made only to an address that was checked just before, by number: a name that changes its
address in between (DNS rebinding) has no effect, and a redirect is checked like the first address.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any

import httpcore
import httpx

from knowledge.errors import BadInput, Said, Unavailable
from knowledge.reading.addresses import PUBLIC, Reach
from knowledge.reading.fields import one_line
from knowledge.reading.kinds import SUFFIXES
from knowledge.reading.limits import FETCH_SECONDS, LARGEST, REDIRECTS

LONGEST_URL = 500  # characters, as the revisions' table keeps it
_SUFFIX_OF = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_UNTOLD = {"", "application/octet-stream", "binary/octet-stream"}  # the address tells the kind then, if anything does
_HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": "Heliotrope/1.0",
    "Accept": ", ".join(_SUFFIX_OF),
    "Accept-Encoding": "identity",
}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class Fetched:
    """A page or file of the web. `name` ends as its kind does; `day` is when a file changed by its server's word."""

    name: str
    data: bytes
    media_type: str
    charset: str
    url: str
    day: str


def fetch_url(url: str, reach: Reach = PUBLIC) -> Fetched:
    """What a public http(s) address gives, over at most five redirects, within 20 seconds and 20 MB.

    Raises BadInput for an address that may not be fetched and for content of a kind that is not read, and Unavailable
    when the server does not answer as it should.
    """
    deadline = time.monotonic() + FETCH_SECONDS
    address = parsed_address(url)
    with httpcore.ConnectionPool(network_backend=Guarded(reach, deadline)) as pool:
        for _ in range(REDIRECTS + 1):
            try:
                with pool.stream("GET", _target(address), headers={b"Host": address.netloc, **_HEADERS}) as response:
                    headers = httpx.Headers(response.headers)
                    if response.status not in _REDIRECTS or "location" not in headers:
                        return _fetched(address, response, headers)
                address = parsed_address(headers["location"], address)
            except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
                late = time.monotonic() >= deadline
                said = Said("took more than {seconds} seconds", seconds=FETCH_SECONDS)
                if not late:
                    said = Said("did not answer as a web server does")
                raise Unavailable(
                    "{host} {said}; try again later, or download the file.",
                    host=address.host, said=said,
                ) from error
    raise BadInput(
        "{host} leads from page to page without end; give the address where the text stands.",
        host=address.host,
    )


def parsed_address(url: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address of the web, relative to `base` if given. Raises BadInput for one that may not be fetched."""
    try:
        address = (base.join(url) if base else httpx.URL(url.strip())).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise BadInput("This is not an address of the web; give one that begins with http:// or https://.") from error
    if address.port is not None and not 0 < address.port < 65_536:
        raise BadInput("There is no port {port}; check the address.", port=address.port)
    if address.scheme not in ("http", "https") or not address.host:
        raise BadInput("Only addresses that begin with http:// or https:// are fetched.")
    if address.userinfo:
        raise BadInput("An address with a user name or password in it is not fetched; download the file instead.")
    if len(str(address)) > LONGEST_URL:
        raise BadInput(
            "An address may be {longest_url} characters long; give a shorter one, or download the file.",
            longest_url=LONGEST_URL,
        )
    return address


def _target(address: httpx.URL) -> httpcore.URL:
    """The address in parts: read a second time by another parser, it could lead elsewhere than was checked."""
    return httpcore.URL(
        scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
    )


def _fetched(address: httpx.URL, response: httpcore.Response, headers: httpx.Headers) -> Fetched:
    _check_status(address.host, response.status)
    media_type, charset = _content_type(headers.get("content-type", ""))
    suffix = _suffix(address, media_type)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise BadInput(
            "{host} sends the page packed although asked not to; download the file instead.",
            host=address.host,
        )
    data = bytearray()
    for chunk in response.iter_stream():
        data += chunk
        if len(data) > LARGEST:
            raise BadInput(
                "What {host} sends is larger than {megabytes} MB; download and split it.",
                host=address.host, megabytes=LARGEST // 2 ** 20,
            )
    day = "" if suffix == ".html" else _day(headers.get("last-modified", ""))  # of a page it is often today
    return Fetched(_name(address, suffix), bytes(data), media_type, charset, str(address), day)


def _check_status(host: str, status: int) -> None:
    if status == 429 or status >= 500:
        raise Unavailable(
            "{host} is not able to answer now (status {status}); try again later.",
            retry_after=60, host=host, status=status,
        )
    if status != 200:
        raise BadInput(
            "{host} does not give this page (status {status}); check the address, or download the file.",
            host=host, status=status,
        )


def _content_type(header: str) -> tuple[str, str]:
    charset = re.search(r"charset=[\"' ]*([\w-]{1,40})", header, re.I)
    return header.partition(";")[0].strip().lower(), charset[1] if charset else ""


def _suffix(address: httpx.URL, media_type: str) -> str:
    written = PurePosixPath(address.path).suffix.lower()
    if media_type in _UNTOLD and written in SUFFIXES - {".jsonl"}:
        return written
    if media_type in ("text/plain", "application/vnd.ms-excel") and written in (".csv", ".md", ".markdown"):
        return written
    if media_type not in _SUFFIX_OF:
        kind = one_line(media_type)[:60] or "no kind of content"
        raise BadInput(
            "{host} gives {kind} there, which cannot be read; give a page, PDF, DOCX, XLSX or CSV.",
            host=address.host, kind=kind,
        )
    return _SUFFIX_OF[media_type]


def _name(address: httpx.URL, suffix: str) -> str:
    """A file name that is the same for the same address and another for another: it becomes the document's slug."""
    path = address.path.strip("/")
    written = PurePosixPath(path).suffix
    path = path.removesuffix(written) if written.lower() in SUFFIXES else path
    parts = (address.host.removeprefix("www."), path, address.query.decode("latin-1"))
    return "-".join(filter(None, re.split(r"[/\s]+", one_line("/".join(parts)))))[:110] + suffix


def _day(last_modified: str) -> str:
    try:
        return parsedate_to_datetime(last_modified).date().isoformat()
    except ValueError:
        return ""


class Guarded(httpcore.NetworkBackend):
    """Connects by number to addresses that `reach` lets through, and gives up at the deadline whatever goes on."""

    def __init__(self, reach: Reach, deadline: float) -> None:
        self._reach = reach
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that answers."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._reach.addresses(host, _left(self._deadline)):
            try:
                stream = self._sockets.connect_tcp(address, port, _left(self._deadline), local_address, socket_options)
                return _Timed(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Timed(httpcore.NetworkStream):
    """A stream that ends at a deadline: a timeout for each read alone lets a server send a byte at a time for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline)), self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
