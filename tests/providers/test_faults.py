"""What an endpoint does wrong becomes a typed error, in time and without the texts."""

import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from memoriesdb.providers import (
    BadAnswer,
    HttpProvider,
    ProviderError,
    RateLimited,
    Rejected,
    Unavailable,
    make_provider,
    transport,
)
from memoriesdb.providers.retry_after import LONGEST_SECONDS, parse_retry_after

from .conftest import Serve
from .endpoint import (
    Behaviour,
    Endpoint,
    Request,
    breaks_off,
    floods,
    hangs,
    http_answer,
    ollama,
    says,
    says_json,
    trickles,
)

SECRET = "canary-4417"
OK = b"HTTP/1.1 200 OK\r\n"


def provider_for(endpoint: Endpoint, kind: str = "ollama", timeout: float = 5) -> HttpProvider:
    return make_provider(kind, endpoint.url, "m", dimensions=3, timeout=timeout)


def failure(provider: HttpProvider, within: float = 2.0) -> ProviderError:
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        provider.embed([SECRET, "two"])
    assert time.monotonic() - started < within
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs,
        trickles(b"", b"H"),
        trickles(OK + b"X-Slow: "),
        trickles(OK + b"Content-Length: 1000000\r\n\r\n"),
        trickles(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        trickles(OK + b"Connection: close\r\n\r\n"),
        trickles(b"HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n"),
    ],
)
def test_nothing_holds_a_worker_past_its_timeout(serve: Serve, behaviour: Behaviour) -> None:
    error = failure(provider_for(serve(behaviour), timeout=0.4), within=1.5)
    assert isinstance(error, Unavailable)


def test_a_trickle_on_a_kept_connection_is_bounded_and_the_next_call_works(serve: Serve) -> None:
    def behave(request: Request, connection: socket.socket) -> None:
        if len(endpoint.requests) == 2:
            trickles(OK + b"Content-Length: 1000000\r\n\r\n")(request, connection)
        ollama(request, connection)

    endpoint = serve(behave)
    provider = provider_for(endpoint, timeout=0.4)
    assert len(provider.embed(["x"])) == 1
    assert isinstance(failure(provider, within=1.5), Unavailable)
    assert len(provider.embed(["x"])) == 1
    assert endpoint.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        OK,
        http_answer("200 OK", b'{"embeddings": [[1, 2', length=500),
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
)
def test_half_an_answer_is_unavailable(serve: Serve, answer: bytes) -> None:
    assert isinstance(failure(provider_for(serve(breaks_off(answer)))), Unavailable)


def test_a_refused_connection_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    provider = make_provider("ollama", f"http://127.0.0.1:{port}", "m", dimensions=3, timeout=5)
    error = failure(provider)
    assert isinstance(error, Unavailable)
    assert "is it running" in str(error)


def test_tls_to_a_server_without_it_is_unavailable(serve: Serve) -> None:
    endpoint = serve(hangs)
    url = endpoint.url.replace("http:", "https:")
    provider = make_provider("ollama", url, "m", dimensions=3, timeout=0.5)
    assert isinstance(failure(provider), Unavailable)


def test_tls_is_checked_and_bounded_too(
    serve_tls: Serve, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = failure(provider_for(serve_tls(ollama)))
    assert isinstance(error, Unavailable)
    assert "certificate" in str(error)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert len(provider_for(serve_tls(ollama)).embed(["x"])) == 1
    slow = serve_tls(trickles(OK + b"Content-Length: 1000000\r\n\r\n"))
    assert isinstance(failure(provider_for(slow, timeout=0.4), within=1.5), Unavailable)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (404, Rejected),
        (413, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (401, Unavailable),
        (403, Unavailable),
        (408, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
        (599, Unavailable),
        (204, BadAnswer),
    ],
)
def test_each_status_has_its_error(serve: Serve, status: int, kind: type[ProviderError]) -> None:
    body = {} if status == 204 else {"error": f"cannot embed '{SECRET}'"}
    error = failure(provider_for(serve(says_json(body, f"{status} Some Reason"))))
    assert type(error) is kind
    assert error.status == status
    assert error.retry_after is None


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_the_wait_that_an_endpoint_asks_for_is_passed_on(serve: Serve, status: str) -> None:
    error = failure(provider_for(serve(says_json({}, status, "Retry-After: 7"))))
    assert error.retry_after == 7.0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(serve: Serve, status: int) -> None:
    other = serve(ollama)
    location = f"Location: {other.url}/api/embed"
    error = failure(provider_for(serve(says_json({}, f"{status} Moved", location))))
    assert isinstance(error, Unavailable)
    assert "redirects" in str(error)
    assert other.requests == []


VECTOR = [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"embeddings": null}',
        b'{"embeddings": []}',
        b'{"embeddings": [[0.1, 0.2, 0.3]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2, 3], [1, 2, 3]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2]]}',
        b'{"embeddings": [[1, 2, 3, 4], [1, 2, 3, 4]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2, NaN]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2, Infinity]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2, 1e999]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2, 1' + b"0" * 400 + b"]]}",
        b'{"embeddings": [[1, 2, 3], [1, 2, null]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2, "3"]]}',
        b'{"embeddings": [[1, 2, 3], [1, 2, true]]}',
        b'{"embeddings": [[1, 2, 3], "abc"]}',
        b'{"embeddings": [[1, 2, 3], []]}',
    ],
)
def test_an_answer_that_is_none_is_bad(serve: Serve, body: bytes) -> None:
    error = failure(provider_for(serve(says(http_answer("200 OK", body)))))
    assert isinstance(error, BadAnswer)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [1, 2],
        [{"index": 0, "embedding": VECTOR}],
        [{"index": 0, "embedding": VECTOR}, {"index": 0, "embedding": VECTOR}],
        [{"index": 0, "embedding": VECTOR}, {"index": 2, "embedding": VECTOR}],
        [{"index": 0, "embedding": VECTOR}, {"index": "1", "embedding": VECTOR}],
        [{"index": 0, "embedding": VECTOR}, {"index": [], "embedding": VECTOR}],
        [{"index": 0, "embedding": VECTOR}, {"index": 1}],
    ],
)
def test_an_openai_answer_with_wrong_indexes_is_bad(serve: Serve, data: object) -> None:
    error = failure(provider_for(serve(says_json({"data": data})), "openai"))
    assert isinstance(error, BadAnswer)


@pytest.mark.parametrize(
    "head", [b"Content-Length: 1000000000000\r\n\r\n", b"Connection: close\r\n\r\n"]
)
def test_an_endless_answer_is_cut_off(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(transport, "MAX_ANSWER_BYTES", 1_000_000)
    error = failure(provider_for(serve(floods(OK + head))))
    assert isinstance(error, BadAnswer)


def test_a_packed_answer_is_not_unpacked(serve: Serve) -> None:
    behaviour = says_json({"embeddings": []}, "200 OK", "Content-Encoding: gzip")
    assert isinstance(failure(provider_for(serve(behaviour))), BadAnswer)


NOW = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("1.5", 1.5),
        ("-3", None),
        ("nan", None),
        ("inf", LONGEST_SECONDS),
        ("999999999", LONGEST_SECONDS),
        ("", None),
        ("soon", None),
        ("Sun, 03 May 2026 12:01:30 GMT", 90.0),
        ("Sun, 03 May 2026 12:01:30 -0000", 90.0),
        ("Sun, 03 May 2026 11:00:00 GMT", 0.0),
        ("Sun, 99 May 2026 11:00:00 GMT", None),
        (format_datetime(NOW + timedelta(days=30), usegmt=True), LONGEST_SECONDS),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds
