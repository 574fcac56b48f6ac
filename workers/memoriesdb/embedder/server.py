"""`memoriesdb embedder serve`: a small HTTP server over the local model."""

import contextlib
import ipaddress
import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from memoriesdb.embedder.builder import load
from memoriesdb.embedder.errors import EmbedderError
from memoriesdb.embedder.model import Model
from memoriesdb.embedder.protocol import (
    MODEL_NAME,
    Refused,
    error_answer,
    ollama_embed,
    ollama_tags,
    openai_embeddings,
    openai_models,
)
from memoriesdb.embedder.reranking import RERANK_PATHS, Upstream, rerank_answer

log = logging.getLogger("memoriesdb.embedder")

DEFAULT_PORT = 11435
MAX_BODY_BYTES = 16 * 1024 * 1024
# A client that is silent for so long is let go, so that it does not hold a thread.
_IDLE_SECONDS = 60.0
_MAX_CONNECTIONS = 128
_STOP_SECONDS = 10.0
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)

Post = Callable[[object, Model], dict[str, Any]]
_POSTS: dict[str, Post] = {"/api/embed": ollama_embed, "/v1/embeddings": openai_embeddings}


class Server(ThreadingHTTPServer):
    """Serve one loaded model; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        host: str,
        port: int,
        model: Model,
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
        reranker: Upstream | None = None,
    ) -> None:
        self.model = model
        self.reranker = reranker
        self.max_body_bytes = max_body_bytes
        self._slots = threading.BoundedSemaphore(_MAX_CONNECTIONS)
        self._busy = 0
        self._idle = threading.Condition()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def server_bind(self) -> None:
        """Bind without the reverse look-up of the parent, which may wait for a name server."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection while there are threads for it, and ask others to come again."""
        if not self._slots.acquire(timeout=1):
            with contextlib.suppress(OSError):
                request.sendall(_BUSY)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle a connection and give its slot back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong without the traceback of a client that merely left."""
        log.debug("connection ended early", exc_info=True)

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Count a request that is being answered, for a stop that waits for it."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def drain(self, seconds: float) -> bool:
        """Wait for the requests that are being answered."""
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, seconds)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "memoriesdb-embedder"
    sys_version = ""
    timeout = _IDLE_SECONDS
    # Head and body leave in one segment; in two, Nagle's algorithm costs 40 ms.
    wbufsize = 64 * 1024

    def do_GET(self) -> None:
        """Answer the questions about the server and its model."""
        with self.server.working():
            match self._path():
                case "/":
                    self._send(200, b"The memoriesdb embedder is running", "text/plain")
                case "/api/version":
                    self._json(200, {"version": _version(), "server": self.server_version})
                case "/api/tags":
                    self._json(200, ollama_tags(self.server.model))
                case "/v1/models":
                    self._json(200, openai_models())
                case path if path in _POSTS or path in RERANK_PATHS:
                    self._refuse(Refused(405, "use POST here"))
                case _:
                    self._refuse(Refused(404, "not found"))

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """Embed, or let a cross-encoder rerank."""
        with self.server.working():
            started = time.perf_counter()
            try:
                body = self._body()
                answer = self._answer(body)
            except Refused as refused:
                self._refuse(refused)
            except OSError:
                raise
            except Exception:
                log.exception("a request failed")
                self._refuse(Refused(500, "internal error, see the embedder's log"))
            else:
                self._json(200, answer)
                log.debug("answered in %.1f ms", 1000 * (time.perf_counter() - started))

    def _answer(self, body: bytes) -> Any:
        path = self._path()
        if path in RERANK_PATHS:
            return rerank_answer(_parsed(body), self.server.reranker)
        embeds = _POSTS.get(path)
        if embeds is None:
            raise Refused(404, "not found")
        return embeds(_parsed(body), self.server.model)

    def handle_expect_100(self) -> bool:
        """Tell a client that waits for it to go on, at once and not with the answer."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _body(self) -> bytes:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if length < 0:
            self.close_connection = True
            raise Refused(411, "the request needs a Content-Length")
        if length > self.server.max_body_bytes:
            # Not read, so the connection cannot serve another request.
            self.close_connection = True
            raise Refused(413, f"the request exceeds {self.server.max_body_bytes} bytes")
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            raise Refused(400, "the request body ended early")
        return body

    def _refuse(self, refused: Refused) -> None:
        self._json(refused.status, error_answer(self._path(), refused))

    def _json(self, status: int, answer: Any) -> None:
        self._send(status, json.dumps(answer).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log at debug only: one line a request would bury what matters."""
        log.debug(format, *args)


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    cache_dir: Path | None = None,
    *,
    threads: int = 0,
    max_body_bytes: int = MAX_BODY_BYTES,
    reranker: Upstream | None = None,
    ready_file: Path | None = None,
    report: Callable[[str], None] | None = None,
) -> None:
    """Serve the local model until SIGTERM or SIGINT.

    port=0 takes a free port; the URL stands in the log and in ready_file, which exists while the
    server answers. Requests to rerank are handed on to the reranker. There is no authentication:
    listen on other addresses than loopback only in a network where everyone may use it.
    """
    model = load(cache_dir, report or log.info, threads=threads)
    try:
        server = Server(host, port, model, max_body_bytes=max_body_bytes, reranker=reranker)
    except OSError as error:
        raise EmbedderError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}.\n"
            "Choose another one with --port, or --port 0 for a free one."
        ) from error
    with server:
        _stop_on_signals(server)
        if not _is_loopback(host):
            log.warning("listening on %s without authentication", host)
        _announce(server, ready_file)
        try:
            server.serve_forever(poll_interval=0.2)
        finally:
            if ready_file is not None:
                ready_file.unlink(missing_ok=True)
        if not server.drain(_STOP_SECONDS):
            log.warning("stopped before every request was answered")
    log.info("embedder stopped")


def _stop_on_signals(server: Server) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # signals belong to whoever runs the main thread

    def stop(_signal: int, _frame: object) -> None:
        # shutdown() waits for the loop that this handler interrupts: it needs its own thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _announce(server: Server, ready_file: Path | None) -> None:
    log.info("embedder ready at %s with model %s", server.url, MODEL_NAME)
    if ready_file is not None:
        fresh = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
        fresh.write_text(json.dumps({"url": server.url, "pid": os.getpid(), "model": MODEL_NAME}))
        fresh.replace(ready_file)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _version() -> str:
    try:
        return version("memoriesdb")
    except PackageNotFoundError:
        return "0.0.0"


def _parsed(body: bytes) -> object:
    if not body:
        raise Refused(400, "missing request body")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the request body is not JSON") from None
