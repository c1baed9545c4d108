"""Whether an address of the web still leads somewhere, asked with the guard that fetching uses."""

import time

import httpcore
import httpx

from knowledge.errors import BadInput, Unavailable
from knowledge.gate.links import Check
from knowledge.reading.addresses import PUBLIC, Reach
from knowledge.reading.limits import REDIRECTS
from knowledge.reading.web import Guarded, parsed_address

SECONDS = 5  # for one address with all its redirects
_HEADERS: dict[bytes | str, bytes | str] = {"User-Agent": "Heliotrope/1.0", "Accept": "*/*"}
_GONE = {404, 410}


def link_checker(reach: Reach = PUBLIC) -> Check:
    """A check for `knowledge.gate.links.links`.

    It asks for the head of a page, and for the page where a server does not answer that well. 404, 410 and server
    errors are complaints; a page that only people may see (401, 403, 429) is there. Raises Unavailable when no
    connection comes about.
    """

    def check(url: str) -> str | None:
        deadline = time.monotonic() + SECONDS
        try:
            status = _status("HEAD", url, reach, deadline)
            if status >= 400:
                status = _status("GET", url, reach, deadline)
        except BadInput as error:
            return str(error)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unavailable("No answer within {seconds} seconds.", seconds=SECONDS) from error
        return f"answers {status}" if status in _GONE or status >= 500 else None

    return check


def _status(method: str, url: str, reach: Reach, deadline: float) -> int:
    """The status at the end of the redirects; bodies are not read."""
    address = parsed_address(url)
    with httpcore.ConnectionPool(network_backend=Guarded(reach, deadline)) as pool:
        for _ in range(REDIRECTS + 1):
            with pool.stream(method, str(address), headers=_HEADERS) as response:
                location = httpx.Headers(response.headers).get("location")
                if not 300 <= response.status < 400 or location is None:
                    return response.status
            address = parsed_address(location, address)
    raise BadInput("It leads from page to page without end.")
