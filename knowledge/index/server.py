"""A Chroma server by its address: connecting without waiting long, and finding out whether it answers."""

from base64 import b64encode
from urllib.parse import unquote, urlsplit

import chromadb
import httpx
from chromadb.api import ClientAPI
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, Settings
from chromadb.errors import ChromaError, NotFoundError

from knowledge.errors import Misconfigured, Unavailable

PORT = 8000
# A question waits no longer than this; a part of a release is written in less.
HEARTBEAT_SECONDS, ANSWER_SECONDS, WRITE_SECONDS = 2.0, 5.0, 120.0


class ChromaServer:
    """Where a server is: `http://host:8000`, with `user:password@` for a proxy that asks for them, and with `/name` for
    a database of its own. Two houses need two databases. Raises Misconfigured for any other address."""

    def __init__(self, url: str) -> None:
        try:
            address = urlsplit(url)
            if address.scheme not in ("http", "https") or not address.hostname:
                raise ValueError("it must be http://HOST:PORT or https://HOST:PORT")
            self.host, self.is_secure = address.hostname, address.scheme == "https"
            self.port = address.port or (443 if self.is_secure else PORT)
        except ValueError as error:
            raise Misconfigured(f"HELIOTROPE_CHROMA_URL cannot be used: {error}.") from error
        self.name = f"{self.host}:{self.port}"
        self._database = address.path.strip("/") or DEFAULT_DATABASE
        self._auth = (unquote(address.username), unquote(address.password or "")) if address.username else None

    def check(self) -> str:
        """Its version. Raises Unavailable when it does not answer, or something else does."""
        told = self._get("/api/v2/heartbeat")
        if "nanosecond heartbeat" not in told:
            raise Unavailable(
                "What answers at {name} is no Chroma server; check HELIOTROPE_CHROMA_URL.", name=self.name
            )
        return self._get("/api/v2/version").strip('" \n')

    def connect(self) -> ClientAPI:
        """A client of it. Raises Unavailable as `check`."""
        self.check()  # Chroma's own client waits without end
        headers = {}
        if self._auth:
            given = b64encode(":".join(self._auth).encode()).decode()
            headers = {"Authorization": f"Basic {given}"}
        try:
            if self._database != DEFAULT_DATABASE:
                self._make_database(headers)
            client = chromadb.HttpClient(
                self.host, self.port, self.is_secure, headers, _settings(), database=self._database
            )
            # There is no setting for it.
            client._server._session.timeout = httpx.Timeout(  # type: ignore[attr-defined]
                ANSWER_SECONDS, connect=HEARTBEAT_SECONDS, write=WRITE_SECONDS
            )
        except (ChromaError, httpx.HTTPError, ValueError) as error:
            raise self.unavailable() from error
        return client

    def unavailable(self) -> Unavailable:
        """The sentence for a server that does not answer."""
        return Unavailable(
            "The Chroma server at {name} does not answer; look at it, and at HELIOTROPE_CHROMA_URL. It is asked again "
            "every few seconds.",
            name=self.name,
        )

    def _make_database(self, headers: dict[str, str]) -> None:
        settings = _settings()
        settings.chroma_api_impl = "chromadb.api.fastapi.FastAPI"
        settings.chroma_server_host, settings.chroma_server_http_port = self.host, self.port
        settings.chroma_server_ssl_enabled, settings.chroma_server_headers = self.is_secure, headers
        admin = chromadb.AdminClient(settings)
        try:
            admin.get_database(self._database, DEFAULT_TENANT)
        except NotFoundError:
            admin.create_database(self._database, DEFAULT_TENANT)

    def _get(self, path: str) -> str:
        scheme = "https" if self.is_secure else "http"
        try:
            answer = httpx.get(f"{scheme}://{self.name}{path}", auth=self._auth, timeout=HEARTBEAT_SECONDS)
        except httpx.HTTPError as error:
            raise self.unavailable() from error
        if answer.status_code in (401, 403):
            raise Unavailable(
                "The Chroma server at {name} refuses the password in HELIOTROPE_CHROMA_URL.", name=self.name
            )
        return answer.text if answer.status_code == 200 else ""


def _settings() -> Settings:
    return Settings(anonymized_telemetry=False)
