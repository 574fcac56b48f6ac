"""One small HTTP server for /healthz and /metrics."""

import json
import logging
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST

from memoriesdb.workers.logs import LOGGER
from memoriesdb.workers.state import Snapshot, Together


class Healthy(Protocol):
    """What tells the health of the process."""

    def snapshot(self) -> Snapshot | Together:
        """Return the health of this moment."""


class Measured(Protocol):
    """What has metrics."""

    def text(self) -> bytes:
        """Return them in Prometheus' text format."""


class HealthServer:
    """Serves the state and the metrics of this process from a thread of its own."""

    def __init__(self, host: str, port: int, state: Healthy, metrics: Measured) -> None:
        class Handler(_Handler):
            """The handler, bound to this worker."""

        Handler.state, Handler.metrics = state, metrics
        self._server = _Server((host, port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="health", daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A scraper that hangs up is no event; the default prints a traceback between the logs."""
        logging.getLogger(LOGGER).debug("request to the health endpoint broke off")


class _Handler(BaseHTTPRequestHandler):
    state: Healthy
    metrics: Measured
    timeout = 10  # a client that says nothing does not keep its thread

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/healthz":
            snapshot = self.state.snapshot()
            body = json.dumps(asdict(snapshot)).encode() + b"\n"
            self._answer(200 if snapshot.status == "ok" else 503, "application/json", body)
        elif path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, self.metrics.text())
        else:
            self._answer(404, "text/plain", b"see /healthz and /metrics\n")

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep requests out of the log: scrapers ask every few seconds."""
