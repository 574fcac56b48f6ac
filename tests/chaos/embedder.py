"""An embedding endpoint that hangs, lies, limits, breaks off and dies, as it is told."""

import contextlib
import json
import math
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from queues.endpoint import DIMENSIONS, vector_of

# A text with this word is refused, always; its dead letter is as it should be.
POISON = "REJECT"
LIES = ("narrow", "nan", "zero", "fewer", "nothing")
FAULTS = ("hangs", "limits", "breaks off", "fails", "dies", *LIES)


class Embedder:
    """Speaks Ollama's protocol on loopback."""

    def __init__(self) -> None:
        self.mode = "works"
        self.requests = 0
        self._free = threading.Event()
        self._http = self._listen(0)
        self._port = int(self._http.server_address[1])
        self.url = f"http://127.0.0.1:{self._port}"

    def fail(self, mode: str) -> None:
        """Misbehave like this until ``work()``."""
        self._free.clear()
        self.mode = mode
        if mode == "dies":
            self._end()

    def work(self) -> None:
        """Answer as it should; whoever was left hanging is let go."""
        was, self.mode = self.mode, "works"
        self._free.set()
        if was == "dies":
            self._http = self._listen(self._port)

    def close(self) -> None:
        """Stop."""
        self._free.set()
        if self.mode != "dies":
            self._end()

    def hang(self) -> None:
        """Wait until it works again."""
        self._free.wait(30)

    def _listen(self, port: int) -> ThreadingHTTPServer:
        embedder = self

        class Handler(_Handler):
            owner = embedder

        http = _Http(("127.0.0.1", port), Handler)
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        return http

    def _end(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Workers that are killed hang up; the default prints a traceback."""


class _Handler(BaseHTTPRequestHandler):
    owner: Embedder
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        texts: list[str] = json.loads(body)["input"]
        owner = self.owner
        owner.requests += 1
        mode = owner.mode
        if mode == "hangs":
            owner.hang()
            self.close_connection = True
        elif mode == "limits":
            self._answer(429, {"error": "busy"}, {"Retry-After": "1"})
        elif mode == "fails":
            self._answer(500, {"error": "broken"})
        elif mode == "breaks off":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"embeddings": [[0.1, ')
            self.close_connection = True
        elif mode == "works" and any(POISON in text for text in texts):
            self._answer(400, {"error": "cannot embed this"})
        else:
            self._answer(200, {"embeddings": _vectors(mode, texts)})

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None: ...


def _vectors(mode: str, texts: list[str]) -> list[list[float]]:
    if mode == "narrow":
        return [[1.0, 2.0] for _ in texts]
    if mode == "nan":
        return [[math.nan] * DIMENSIONS for _ in texts]
    if mode == "zero":
        return [[0.0] * DIMENSIONS for _ in texts]
    if mode == "fewer":
        return [vector_of(text) for text in texts[1:]]
    return [] if mode == "nothing" else [vector_of(text) for text in texts]
