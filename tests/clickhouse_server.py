"""ClickHouse's HTTP interface over its own engine in this process, one statement at a time.

There is no wheel of the server; there is one of the engine (chdb). This is the door to it that the product's client
knows: statements, bound parameters, settings, data in any format, errors with their codes. Run it with the engine's
folder in PYTHONPATH and a folder for the data; it prints its address when it listens, and ends when its standard input
does.
"""

import base64
import gzip
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import chdb
import lz4.frame

USER, PASSWORD = "heliotrope", "only for tests"
_INSERT = re.compile(r"\s*(INSERT\s+INTO\s+.+?)\s+FORMAT\s+(\w+)\s*$", re.I | re.S)
_CODE = re.compile(r"Code: (\d+)")
# What belongs to the interface and is no setting.
_OWN = {"query", "database", "query_id", "session_id", "client_protocol_version", "default_format", "role",
        "enable_http_compression", "wait_end_of_query", "compress", "decompress", "buffer_size"}  # fmt: skip


class Engine:
    """The one engine of this process; its statements come one after the other."""

    def __init__(self, folder: Path) -> None:
        self._connection = chdb.connect(str(folder / "data"))
        # Small tables gain nothing by threads and by compiling expressions.
        self._connection.query("SET max_threads = 1, compile_expressions = 0, compile_aggregate_expressions = 0")
        self._folder = folder
        self._one = threading.Lock()
        self._settings: dict[str, str] = {}

    def run(
        self, statement: str, data: bytes, database: str, settings: dict[str, str], values: dict[str, str]
    ) -> bytes:
        """The answer of a statement in its own format. Raises RuntimeError with ClickHouse's words."""
        with self._one:
            self._connection.query(f"USE {database}")
            for name, value in settings.items():
                if self._settings.get(name) != value:
                    self._connection.query(f"SET {name} = '{value}'")
                    self._settings[name] = value
            insert = _INSERT.match(statement) if data else None
            if insert is None:
                whole = statement + (f"\n{data.decode()}" if data else "")
                return bytes(self._connection.query(whole, "TabSeparated", params=values).bytes())
            file = self._folder / uuid4().hex
            file.write_bytes(data)
            try:
                self._connection.query(f"{insert[1]} SELECT * FROM file('{file}', '{insert[2]}')")
            finally:
                file.unlink()
            return b""


class Door(BaseHTTPRequestHandler):
    """A request of the client."""

    protocol_version = "HTTP/1.1"
    engine: Engine

    def do_GET(self) -> None:  # noqa: N802  # the name that http.server calls
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:  # noqa: N802  # the same
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or self._chunks()
        body = {"gzip": gzip.decompress, "lz4": lz4.frame.decompress}.get(
            self.headers.get("Content-Encoding", ""), bytes
        )(body)
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {wanted}":
            self._answer(403, b"Code: 516. DB::Exception: Authentication failed", "516")
            return
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        statement, data = (asked["query"], body) if "query" in asked else (body.decode(), b"")
        values = {name.removeprefix("param_"): value for name, value in asked.items() if name.startswith("param_")}
        settings = {name: value for name, value in asked.items() if name not in _OWN and not name.startswith("param_")}
        try:
            answer = self.engine.run(statement, data, asked.get("database", "default"), settings, values)
        except RuntimeError as error:
            code = _CODE.search(str(error))
            self._answer(500, str(error).encode(), code[1] if code else "1")
            return
        self._answer(200, answer)

    def _chunks(self) -> bytes:
        found = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline().strip(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        return found

    def _answer(self, status: int, body: bytes, code: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Summary", "{}")
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests read what goes wrong from the answers."""


def main(folder: Path) -> None:
    """Serve until standard input ends."""
    Door.engine = Engine(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"clickhouse://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
    os._exit(0)  # the engine's own end takes long


if __name__ == "__main__":
    main(Path(sys.argv[1]))
