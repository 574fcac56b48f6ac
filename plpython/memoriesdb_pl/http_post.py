"""POST over HTTP within a deadline that nothing can exceed.

This runs in a backend of the server, so it takes no thread, follows no redirect, reads no proxy
from the environment and keeps nothing for the next call. The one part that the deadline does not
bound is the look-up of a host's name: the resolver's own limits apply, so prefer an address.
"""

import http.client
import io
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_ANSWER_BYTES = 4 * 1024 * 1024
_STEP = 64 * 1024


class HttpError(Exception):
    """No answer could be had; the message is short and has nothing that was sent or said in it."""


def post(url: str, body: bytes, *, timeout_seconds: float, api_key: str | None = None) -> bytes:
    """Give the body of a 200 answer, or raise HttpError within timeout_seconds."""
    try:
        return _post(url, body, api_key, time.monotonic() + timeout_seconds)
    except TimeoutError:
        raise HttpError(f"the endpoint did not answer within {timeout_seconds:g} s") from None
    except ssl.SSLError as error:
        raise HttpError(f"TLS failed: {error.reason or 'unknown'}") from None
    except OSError as error:
        raise HttpError(f"the endpoint cannot be reached: {error.strerror}") from None
    except (http.client.HTTPException, ValueError):
        raise HttpError("the endpoint does not speak HTTP as it should") from None


def _post(url: str, body: bytes, api_key: str | None, deadline: float) -> bytes:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    headers = {"Content-Type": "application/json", "Connection": "close"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key.strip()}"
    connection = http.client.HTTPConnection(parts.hostname or "", port)
    wire = _Wire(parts.hostname or "", port, parts.scheme == "https", deadline)
    try:
        connection.sock = wire  # connected already, so http.client does not connect by itself
        connection.request("POST", parts.path, body, headers)
        with connection.getresponse() as response:
            if response.status != 200:
                raise HttpError(_refusal(response.status))
            answer = response.read(MAX_ANSWER_BYTES + 1)
    finally:
        wire.hang_up()
    if len(answer) > MAX_ANSWER_BYTES:
        raise HttpError(f"the answer exceeds {MAX_ANSWER_BYTES} bytes")
    return answer


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"the endpoint answered {status}: redirects are not followed"
    return f"the endpoint answered {status}"


class _Wire(io.RawIOBase):
    """A connection whose every step may take no more than what is left of the deadline.

    A socket's own timeout starts anew with each byte that trickles in.
    """

    def __init__(self, host: str, port: int, tls: bool, deadline: float) -> None:
        self._deadline = deadline
        self._socket = self._connected(host, port)
        if tls:
            context = ssl.create_default_context()
            self._socket.settimeout(self._left())
            try:
                self._socket = context.wrap_socket(self._socket, server_hostname=host)
            except BaseException:
                self._socket.close()
                raise

    def _connected(self, host: str, port: int) -> socket.socket:
        failure: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            candidate = socket.socket(family, kind, protocol)
            try:
                candidate.settimeout(self._left())
                candidate.connect(address)
                candidate.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                candidate.close()
                failure = error
            else:
                return candidate
        raise failure or OSError("no address")

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def readable(self) -> bool:
        """Say that it can be read, as io asks."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Take what has come, waiting no longer than the deadline."""
        self._socket.settimeout(self._left())
        return self._socket.recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        """Send it all before the deadline."""
        view = memoryview(data)
        while view:
            self._socket.settimeout(self._left())
            view = view[self._socket.send(view[:_STEP]) :]

    def makefile(self, *_: Any) -> io.BufferedReader:
        """Be read by http.client, as a socket is."""
        return io.BufferedReader(self)

    def close(self) -> None:
        """Stay open: http.client closes a connection before its answer has been read."""

    def hang_up(self) -> None:
        """Close the connection."""
        self._socket.close()
