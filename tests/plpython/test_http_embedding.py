"""The embedding call inside the server ends in time, whatever the endpoint does."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from memoriesdb_pl.http_embedding import EmbeddingError, embed
from providers.endpoint import (
    Behaviour,
    Endpoint,
    breaks_off,
    floods,
    hangs,
    http_answer,
    ollama,
    openai_shuffled,
    says,
    says_json,
    trickles,
)

Serve = Callable[[Behaviour], Endpoint]
SECRET = "canary-5528"
OK = b"HTTP/1.1 200 OK\r\n"


def failure(endpoint: str, timeout: float = 2.0, within: float = 2.0) -> str:
    started = time.monotonic()
    with pytest.raises(EmbeddingError) as caught:
        embed("ollama", endpoint, "m", SECRET, timeout_seconds=timeout, dimensions=3)
    assert time.monotonic() - started < within
    message = str(caught.value)
    assert SECRET not in message
    assert len(message) < 120
    return message


def test_ollama_and_openai_endpoints_give_a_vector(serve: Serve) -> None:
    one, other = serve(ollama), serve(openai_shuffled)
    vector = embed("ollama", one.url, "m", "four", timeout_seconds=2, dimensions=3)
    assert vector == [4.0, 1.0, 0.5]
    assert one.requests[0].json["input"] == ["four"]
    url = other.url + "/v1/"
    vector = embed("openai", url, "m", "ü", timeout_seconds=2, dimensions=3, api_key="k")
    assert vector == [1.0, 1.0, 0.5]
    assert other.requests[0].path == "/v1/embeddings"
    assert other.requests[0].headers["authorization"] == "Bearer k"


def test_the_environment_has_no_say(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(ollama)
    for name in ("http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    embed("ollama", serve(ollama).url, "m", "x", timeout_seconds=2, dimensions=3)
    assert proxy.requests == []


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs,
        trickles(b"", b"H"),
        trickles(OK + b"X-Slow: "),
        trickles(OK, b"X: y\r\n"),
        trickles(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        trickles(OK + b"Content-Length: 1000000\r\n\r\n"),
        trickles(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        trickles(OK + b"\r\n"),
    ],
)
def test_a_slow_endpoint_cannot_exceed_the_deadline(serve: Serve, behaviour: Behaviour) -> None:
    assert "within 0.4 s" in failure(serve(behaviour).url, timeout=0.4, within=0.8)


def test_an_endpoint_that_does_not_read_cannot_exceed_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(EmbeddingError, match="within"):
            embed("ollama", url, "m", "x" * 50_000_000, timeout_seconds=0.5, dimensions=3)
        assert time.monotonic() - started < 1.5


def test_tls_is_checked_and_bounded(
    serve_tls: Serve, serve: Serve, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "TLS failed" in failure(serve_tls(ollama).url)
    plain = serve(hangs).url.replace("http:", "https:")
    assert "within" in failure(plain, timeout=0.4, within=0.8)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = serve_tls(ollama).url
    assert len(embed("ollama", url, "m", "x", timeout_seconds=2, dimensions=3)) == 3
    slow = serve_tls(trickles(OK + b"Content-Length: 1000000\r\n\r\n"))
    assert "within" in failure(slow.url, timeout=0.4, within=0.8)


def test_a_refused_connection_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "refused" in failure(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(serve: Serve, status: int) -> None:
    other = serve(ollama)
    answer = says_json({}, f"{status} Moved", f"Location: {other.url}/api/embed")
    assert "redirects are not followed" in failure(serve(answer).url)
    assert other.requests == []


@pytest.mark.parametrize("status", [204, 400, 401, 404, 429, 500, 503])
def test_other_answers_name_their_status_and_nothing_they_said(serve: Serve, status: int) -> None:
    answer = says_json({"error": SECRET}, f"{status} {SECRET}")
    assert str(status) in failure(serve(answer).url)


@pytest.mark.parametrize(
    "behaviour",
    [
        floods(OK + b"Content-Length: 1000000000000\r\n\r\n"),
        floods(OK + b"\r\n"),
        floods(OK + b"X-Long: "),
    ],
)
def test_an_endless_answer_is_cut_off(serve: Serve, behaviour: Behaviour) -> None:
    failure(serve(behaviour).url)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        OK,
        b"SSH-2.0\r\n",
        http_answer("200 OK", b'{"embeddings": [[1, 2', length=500),
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
def test_half_an_answer_is_an_error(serve: Serve, answer: bytes) -> None:
    failure(serve(breaks_off(answer)).url)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b"[" * 200_000,
        b'{"embeddings": []}',
        b'{"embeddings": [[1, 2, 3], [1, 2, 3]]}',
        b'{"embeddings": [[1, 2]]}',
        b'{"embeddings": [[1, 2, NaN]]}',
        b'{"embeddings": [[1, 2, 1e999]]}',
        b'{"embeddings": [[1, 2, "canary-5528"]]}',
    ],
)
def test_an_answer_that_is_none_is_an_error(serve: Serve, body: bytes) -> None:
    failure(serve(says(http_answer("200 OK", body))).url)


@pytest.mark.parametrize(
    "endpoint", ["file:///etc/passwd", "ftp://h", "h:1", "http://u:p@h", "http://h/\r\nX: y"]
)
def test_an_address_that_is_not_http_is_refused(endpoint: str) -> None:
    assert "the endpoint must" in failure(endpoint)


def test_a_key_that_is_no_header_is_an_error(serve: Serve) -> None:
    with pytest.raises(EmbeddingError):
        embed(
            "ollama",
            serve(ollama).url,
            "m",
            "x",
            timeout_seconds=2,
            dimensions=3,
            api_key="a\r\nX-Evil: b",
        )
