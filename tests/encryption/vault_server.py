"""Vault's transit engine, as far as its HTTP API for keys of type aes256-gcm96 goes.

Written from the API's documentation: paths, status codes, the answers' shapes and the texts of the
errors. It really encrypts. It is not Vault.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "hvs.a-token-for-tests"


class Transit(ThreadingHTTPServer):
    """The server, and what a test does to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys: dict[str, list[bytes]] = {"transit/memories": [os.urandom(32)]}
        self.sealed = False
        self.answer: tuple[int, bytes] | None = None
        """What to say to everything, where that is set."""
        self.location: str | None = None
        self.requests: list[tuple[str, dict[str, str], dict[str, str]]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def rotate(self, name: str) -> None:
        self.keys[name].append(os.urandom(32))


class _Handler(BaseHTTPRequestHandler):
    server: Transit

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), body))
        status, answer = self._status_and_answer(body)
        self.send_response(status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _status_and_answer(self, body: dict[str, str]) -> tuple[int, bytes]:
        if self.server.answer:
            return self.server.answer
        if self.server.sealed:
            return self._errors(503, "Vault is sealed")
        if self.headers.get("X-Vault-Token") != TOKEN:
            return self._errors(403, "permission denied")
        version, mount, what, name = self.path.lstrip("/").split("/")
        if version != "v1" or mount != "transit":
            return self._errors(404, f"no handler for route {mount!r}")
        keys = self.server.keys.get(f"{mount}/{name}")
        if keys is None:
            return self._errors(400, "encryption key not found")
        bound = base64.b64decode(body.get("associated_data", ""))
        if what == "encrypt":
            nonce = os.urandom(12)
            sealed = nonce + AESGCM(keys[-1]).encrypt(
                nonce, base64.b64decode(body["plaintext"], validate=True), bound
            )
            text = f"vault:v{len(keys)}:{base64.b64encode(sealed).decode()}"
            return self._data({"ciphertext": text, "key_version": len(keys)})
        if what == "decrypt":
            prefix, number, encoded = body["ciphertext"].split(":")
            if prefix != "vault":
                return self._errors(400, "invalid ciphertext: no prefix")
            sealed = base64.b64decode(encoded)
            try:
                plain = AESGCM(keys[int(number[1:]) - 1]).decrypt(sealed[:12], sealed[12:], bound)
            except InvalidTag:
                return self._errors(400, "cipher: message authentication failed")
            return self._data({"plaintext": base64.b64encode(plain).decode()})
        return self._errors(404, "unsupported path")

    def _data(self, data: dict[str, Any]) -> tuple[int, bytes]:
        return 200, json.dumps({"request_id": "1", "lease_id": "", "data": data}).encode()

    def _errors(self, status: int, text: str) -> tuple[int, bytes]:
        return status, json.dumps({"errors": [text]}).encode()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def transit() -> Iterator[Transit]:
    """Run the server until the block ends."""
    with Transit() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
