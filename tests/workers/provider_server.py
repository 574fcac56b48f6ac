"""A real HTTP server that speaks Ollama's protocol and misbehaves as the texts tell it to.

Words in a text: REJECT answers 400, CRASH 500, HANG does not answer, NAN and ZERO give such a
vector, NARROW one of another dimension. ``mode`` makes it treat every request alike, the worker's
probe included.
"""

import contextlib
import json
import math
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DIMENSIONS = 4


class ProviderServer:
    def __init__(self) -> None:
        self.requests: list[list[str]] = []
        self.mode = "works"
        self.hang_seconds = 20.0
        self.delay = 0.0
        self.released = threading.Event()
        server = self

        class Handler(_Handler):
            owner = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def hang(self, seconds: float) -> None:
        self.released.wait(seconds)

    def batches_with(self, word: str) -> list[int]:
        """The sizes of the requests that held this word."""
        return [len(texts) for texts in self.requests if any(word in text for text in texts)]


class _Handler(BaseHTTPRequestHandler):
    owner: ProviderServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        texts: list[str] = json.loads(body)["input"]
        owner = self.owner
        owner.requests.append(texts)
        words = " ".join(texts)
        time.sleep(owner.delay)
        with contextlib.suppress(ConnectionError):
            if owner.mode == "busy":
                self._answer(429, {"error": "busy"}, {"Retry-After": "7"})
            elif owner.mode == "unauthorized":
                self._answer(401, {"error": "key"})
            elif owner.mode == "no model":
                self._answer(404, {"error": "model not found"})
            elif owner.mode == "broken" or "CRASH" in words:
                self._answer(500, {"error": "broken"})
            elif owner.mode == "hangs" or "HANG" in words:
                owner.hang(owner.hang_seconds)
                self.close_connection = True
            elif owner.mode == "half":
                self._half()
            elif "REJECT" in words:
                # Providers echo what they refuse.
                self._answer(400, {"error": f"cannot embed: {words}"})
            else:
                self._answer(200, {"embeddings": [self._vector(text) for text in texts]})

    def _vector(self, text: str) -> list[float]:
        if self.owner.mode == "narrow" or "NARROW" in text:
            return [1.0, 2.0]
        if "NAN" in text:
            return [math.nan] * DIMENSIONS
        if "ZERO" in text:
            return [0.0] * DIMENSIONS
        return [float(len(text)), 1.0, 0.5, 0.25]

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


@contextlib.contextmanager
def provider_server() -> Iterator[ProviderServer]:
    server = ProviderServer()
    try:
        yield server
    finally:
        server.close()
