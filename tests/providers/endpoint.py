"""An HTTP endpoint on loopback that answers with exactly the bytes that a test says."""

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

Behaviour = Callable[["Request", socket.socket], None]


class Request:
    """What a client sent."""

    def __init__(self, head: bytes, body: bytes) -> None:
        self.method, self.path, _ = head.split(b"\r\n")[0].decode().split(" ")
        lines = (line.partition(b":") for line in head.split(b"\r\n")[1:] if line)
        self.headers = {k.decode().lower(): v.decode().strip() for k, _, v in lines}
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Endpoint:
    """Runs one behaviour for every request until it is closed."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._behaviour = behaviour
        self._tls = tls
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                self.connections += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            while (request := _read(connection)) is not None:
                self.requests.append(request)
                self._behaviour(request, connection)


def _read(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    request = Request(head, body)
    while len(body) < int(request.headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Request(head, body)


def http_answer(status: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def says(answer: bytes) -> Behaviour:
    """Answer every request with these bytes."""
    return lambda _, connection: connection.sendall(answer)


def says_json(value: object, status: str = "200 OK", *headers: str) -> Behaviour:
    return says(http_answer(status, json.dumps(value).encode(), *headers))


def breaks_off(answer: bytes) -> Behaviour:
    """Send these bytes and end the connection."""

    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    return behave


def hangs(_: Request, __: socket.socket) -> None:
    """Take the request and never answer."""
    time.sleep(30)


def trickles(before: bytes, drop: bytes = b" ", pause: float = 0.05) -> Behaviour:
    """Send a start and then a byte now and then, for ever."""

    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(drop)
            time.sleep(pause)

    return behave


def floods(before: bytes) -> Behaviour:
    """Send a start and then as much as the client takes."""

    def behave(_: Request, connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(b" " * 1_000_000)

    return behave


def ollama(request: Request, connection: socket.socket) -> None:
    """Answer as Ollama does, each text's vector holding its length."""
    vectors = [[float(len(text)), 1.0, 0.5] for text in request.json["input"]]
    body = json.dumps({"model": request.json["model"], "embeddings": vectors}).encode()
    connection.sendall(http_answer("200 OK", body))


def openai_shuffled(request: Request, connection: socket.socket) -> None:
    """Answer as an OpenAI-compatible endpoint may: in another order, with indexes."""
    data = [
        {"object": "embedding", "index": index, "embedding": [float(len(text)), 1.0, 0.5]}
        for index, text in enumerate(request.json["input"])
    ]
    body = json.dumps({"object": "list", "data": data[::-1]}).encode()
    connection.sendall(http_answer("200 OK", body))
