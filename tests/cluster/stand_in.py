"""A stand-in for the command `memoriesdb`: an embedder of three dimensions, and idle workers.

It lets the cluster be tested apart from the model and the queues, which have tests of their own.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

ANSWERS: dict[str, object] = {
    "/api/version": {"version": "0"},
    "/api/tags": {"models": [{"name": "llama3:latest"}, {"name": "all-minilm:latest"}]},
    "/api/embed": {"embeddings": [[0.6, 0.8, 0.0]]},
}


class Ollama(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, object]] = ANSWERS

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(self.answers.get(self.path)).encode()
        self.send_response(200 if self.path in self.answers else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def main() -> None:
    failing = os.environ.get("STAND_IN_FAILS")
    if failing in sys.argv:
        raise SystemExit(f"{failing} cannot start here")
    if sys.argv[1] == "embedder":
        server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[-1])), Ollama)
        server.serve_forever()
    time.sleep(600)


if __name__ == "__main__":
    main()
