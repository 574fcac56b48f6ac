"""An embedding endpoint over HTTP that waits where a test says, and misbehaves as texts say.

Words in a text: REJECT answers 400, CRASH 500, HALF ends in mid-answer, HANG does not answer,
NAN, ZERO, TINY and NARROW give such a vector. ``mode = "busy"`` answers 429 to everything.
"""

import contextlib
import hashlib
import json
import math
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DIMENSIONS = 4


def vector_of(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """The vector that the endpoint gives for a text: its own and no other text's."""
    digest = hashlib.sha256(text.encode()).digest()
    # Of a few digits, which half precision and the text of a real keep exactly.
    return [1.0 + byte % 64 / 64 for byte in digest[:dimensions]]


class Endpoint:
    """Speaks Ollama's protocol on loopback; vectors have up to 32 dimensions."""

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self.dimensions = dimensions
        self.texts: list[str] = []
        self.mode = "works"
        self.arrived = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()
        endpoint = self

        class Handler(_Handler):
            owner = endpoint

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def hold(self) -> None:
        """Let the next request wait until ``may_answer`` is set."""
        self.arrived.clear()
        self.may_answer.clear()

    def close(self) -> None:
        self.may_answer.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: Endpoint
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        given = json.loads(body)["input"]
        texts: list[str] = [given] if isinstance(given, str) else given
        owner = self.owner
        owner.texts += texts
        owner.arrived.set()
        owner.may_answer.wait(30)
        words = " ".join(texts)
        with contextlib.suppress(ConnectionError):
            if owner.mode == "busy":
                self._answer(429, {"error": "busy"}, {"Retry-After": "1"})
            elif owner.mode == "broken" or "CRASH" in words:
                self._answer(500, {"error": "broken"})
            elif "REJECT" in words:
                self._answer(400, {"error": f"cannot embed: {words}"})
            elif "HANG" in words:
                threading.Event().wait(3)
                self.close_connection = True
            elif "HALF" in words:
                self._half()
            else:
                vectors = [_vector(text, owner.dimensions) for text in texts]
                self._answer(200, {"embeddings": vectors})

    def _half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"embeddings": [[0.1, ')
        self.close_connection = True

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None: ...


def _vector(text: str, dimensions: int) -> Sequence[float]:
    if "NARROW" in text:
        return [1.0, 2.0]
    if "NAN" in text:
        return [math.nan] * dimensions
    if "ZERO" in text:
        return [0.0] * dimensions
    if "TINY" in text:
        return [1e-12] * dimensions
    return vector_of(text, dimensions)


@contextlib.contextmanager
def endpoint(dimensions: int = DIMENSIONS) -> Iterator[Endpoint]:
    """An endpoint that is closed at the end."""
    opened = Endpoint(dimensions)
    try:
        yield opened
    finally:
        opened.close()
