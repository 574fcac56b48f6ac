"""POST over a kept connection within a deadline that nothing can exceed.

requests' read timeout starts anew with each byte, so a server that sends one now and then could
hold a worker for ever. Here a timer shuts the socket at the deadline, whatever waits on it.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from memoriesdb.providers.errors import (
    BadAnswer,
    ProviderError,
    RateLimited,
    Rejected,
    TimedOut,
    Unavailable,
)
from memoriesdb.providers.retry_after import parse_retry_after

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_CONNECT_SECONDS = 5.0
_STEP = 64 * 1024
# Refusals that say something about the set-up and nothing about the texts.
_NOT_THE_TEXTS = {
    401: "check the API key",
    403: "check the API key and what it may use",
    407: "a proxy in between asks for a login",
    408: "it waited too long for the request",
}

_current = threading.local()


class _Deadline:
    """Shuts the sockets of the call that runs in this thread once its time is up."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._handles: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def watch(self, connected: socket.socket) -> None:
        """Remember a connection by a descriptor of its own, which TLS does not take over."""
        handle = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._handles.append(handle)
            if self.passed:
                _shut(handle)

    def _strike(self) -> None:
        with self._lock:
            self.passed = True
            for handle in self._handles:
                _shut(handle)

    def __enter__(self) -> "_Deadline":
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        _current.deadline = None
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended by itself
        handle.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _watch(connected)
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:  # kept from an earlier call
            _watch(self.sock)
        super().request(*args, **kwargs)


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS."""


def _watch(connected: socket.socket) -> None:
    deadline: _Deadline | None = getattr(_current, "deadline", None)
    if deadline is not None:
        deadline.watch(connected)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class Transport:
    """One endpoint's connection. For one thread at a time, as requests' sessions are."""

    def __init__(self, url: str, timeout: float, api_key: str | None) -> None:
        self._url = url
        self._timeout = timeout
        self._session = requests.Session()
        # Neither proxies nor ~/.netrc of whoever runs the worker decide where texts go.
        self._session.trust_env = False
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self._session.mount("http://", _Adapter())
        self._session.mount("https://", _Adapter())
        self._session.headers["Content-Type"] = "application/json"
        # Unpacked answers could exceed any limit.
        self._session.headers["Accept-Encoding"] = "identity"
        if api_key:
            self._session.headers["Authorization"] = f"Bearer {api_key.strip()}"

    def post(self, body: bytes) -> bytes:
        """Give the body of a 200 answer, or raise a ProviderError."""
        with _Deadline(self._timeout) as deadline:
            try:
                answer = self._post(body)
            except (requests.RequestException, HTTPError, OSError) as error:
                if deadline.passed or isinstance(error, requests.Timeout):
                    raise self._late() from None
                raise Unavailable(self._trouble(error)) from None
            except ProviderError:
                if not deadline.passed:
                    raise
        if deadline.passed:  # what was cut off may look like a bad answer, or a whole one
            raise self._late()
        return answer

    def _post(self, body: bytes) -> bytes:
        limits = (min(_CONNECT_SECONDS, self._timeout), self._timeout)
        with self._session.post(
            self._url, data=body, timeout=limits, allow_redirects=False, stream=True
        ) as response:
            if response.status_code != 200:
                raise self._refusal(response)
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise BadAnswer(f"{self._url} packed its answer, which was not asked for")
            answer = b"".join(self._read(response))
            framed = response.headers.keys() & {"Content-Length", "Transfer-Encoding"}
            if not framed and not answer.rstrip().endswith(b"}"):
                raise Unavailable(f"{self._url} broke off in the middle of its answer")
            return answer

    def _read(self, response: requests.Response) -> Iterator[bytes]:
        size = 0
        for part in response.iter_content(_STEP):
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise BadAnswer(f"{self._url} answered with more than {MAX_ANSWER_BYTES} bytes")
            yield part

    def _refusal(self, response: requests.Response) -> ProviderError:
        status = response.status_code
        said = f"{self._url} answered {status}"
        wait = parse_retry_after(response.headers.get("Retry-After"))
        if status == 429:
            return RateLimited(said, retry_after=wait, status=status)
        if status >= 500 or status < 200:
            return Unavailable(said, retry_after=wait, status=status)
        if 300 <= status < 400:
            message = f"{said}: redirects are not followed, register the final address"
            return Unavailable(message, status=status)
        if status in _NOT_THE_TEXTS:
            message = f"{said}: {_NOT_THE_TEXTS[status]}"
            return Unavailable(message, retry_after=wait, status=status)
        if status < 300:
            return BadAnswer(said, status=status)
        hint = ": is the address right, and does it have the model?" if status == 404 else ""
        return Rejected(said + hint, retry_after=wait, status=status)

    def _late(self) -> TimedOut:
        return TimedOut(f"{self._url} did not answer within {self._timeout:g} s")

    def _trouble(self, error: BaseException) -> str:
        if isinstance(error, requests.exceptions.SSLError):
            return f"{self._url}: TLS failed, check its certificate or REQUESTS_CA_BUNDLE"
        if isinstance(error, requests.ConnectionError) and "refused" in str(error):
            return f"{self._url} refused the connection: is it running?"
        return f"{self._url} cannot be reached or broke off ({type(error).__name__})"

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
