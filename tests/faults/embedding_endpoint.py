"""An OpenAI-compatible embeddings endpoint that gives the vectors of another embedder, or fails in a way that is asked
for."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from knowledge.embeddings import Embedder, OpenAIEmbedder

HANG_SECONDS = 5.0
FAILURES = ("500", "hang", "nan", "size", "ragged", "html")


class EmbeddingEndpoint(OpenAIEmbedder):
    """The embedder that asks it, so that the whole way over HTTP is gone. `mode` is `well` or one of FAILURES."""

    def __init__(self, url: str, real: Embedder) -> None:
        super().__init__("tested", "", url)
        self.model = real.model  # its vectors are that model's
        self.mode = "well"
        self.asked = 0


@contextmanager
def embedding_endpoint(real: Embedder) -> Iterator[EmbeddingEndpoint]:
    """The endpoint, while it is up."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            endpoint.asked += 1
            texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
            if endpoint.mode == "hang":
                time.sleep(HANG_SECONDS)
            rows = [row.tolist() for row in real.embed(texts, "query")]
            if endpoint.mode == "nan":
                rows[-1][3] = float("nan")
            elif endpoint.mode == "size":
                rows = [row[:100] for row in rows]
            elif endpoint.mode == "ragged":
                rows[-1] = rows[-1][:100] if len(rows) > 1 else []
            self._tell({"object": "list", "model": "m", "data": [_item(place, row) for place, row in enumerate(rows)]})

        def _tell(self, answer: dict[str, Any]) -> None:
            body = b"<html>busy</html>" if endpoint.mode == "html" else json.dumps(answer).encode()
            self.send_response(500 if endpoint.mode == "500" else 200)
            self.send_header("Content-Type", "text/html" if endpoint.mode == "html" else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # who asked has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        endpoint = EmbeddingEndpoint(f"http://127.0.0.1:{server.server_port}/v1", real)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield endpoint
        server.shutdown()


def _item(place: int, row: list[float]) -> dict[str, Any]:
    return {"object": "embedding", "index": place, "embedding": row}
