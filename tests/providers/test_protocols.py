"""Batches go to Ollama and to OpenAI-compatible endpoints, and come back in their order."""

import pytest

from memoriesdb.providers import make_provider

from .conftest import Serve
from .endpoint import ollama, openai_shuffled


def test_ollama_gets_a_batch_and_gives_vectors_in_order(serve: Serve) -> None:
    endpoint = serve(ollama)
    provider = make_provider("ollama", endpoint.url, "m", dimensions=3, timeout=5)
    assert provider.embed(["four", "ü"]) == [[4.0, 1.0, 0.5], [1.0, 1.0, 0.5]]
    (request,) = endpoint.requests
    assert (request.method, request.path) == ("POST", "/api/embed")
    assert request.json == {"model": "m", "input": ["four", "ü"], "truncate": True}
    assert "authorization" not in request.headers


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_openai_answers_are_sorted_by_their_index(serve: Serve, suffix: str) -> None:
    endpoint = serve(openai_shuffled)
    provider = make_provider(
        "openai", endpoint.url + suffix, "m", dimensions=3, timeout=5, api_key=" k\n"
    )
    assert [vector[0] for vector in provider.embed(["a", "bb", "ccc"])] == [1.0, 2.0, 3.0]
    (request,) = endpoint.requests
    assert request.path == "/v1/embeddings"
    assert request.headers["authorization"] == "Bearer k"
    assert request.json == {"model": "m", "input": ["a", "bb", "ccc"], "encoding_format": "float"}


def test_a_connection_is_used_again(serve: Serve) -> None:
    endpoint = serve(ollama)
    provider = make_provider("ollama", endpoint.url, "m", dimensions=None, timeout=5)
    for _ in range(3):
        provider.embed(["x"])
    assert (len(endpoint.requests), endpoint.connections) == (3, 1)


def test_no_texts_ask_nobody(serve: Serve) -> None:
    endpoint = serve(ollama)
    assert make_provider("ollama", endpoint.url, "m", dimensions=3, timeout=5).embed([]) == []
    assert endpoint.requests == []


def test_the_environment_has_no_say_in_where_texts_go(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, endpoint = serve(ollama), serve(ollama)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    provider = make_provider("ollama", endpoint.url, "m", dimensions=3, timeout=5)
    assert len(provider.embed(["x"])) == 1
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("provider", "endpoint"),
    [
        ("ollama", "ftp://host"),
        ("ollama", "file:///etc/passwd"),
        ("ollama", "host:11434"),
        ("ollama", ""),
        ("ollama", "http://"),
        ("ollama", "http://host:99999"),
        ("ollama", "http://host/a\r\nb"),
        ("ollama", "http://user:secret@host"),
        ("openai", "https://host/v1?key=secret"),
        ("cohere", "http://host"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_at_once(provider: str, endpoint: str) -> None:
    with pytest.raises(ValueError, match=r"must (be|have)") as caught:
        make_provider(provider, endpoint, "m", dimensions=3, timeout=5)
    assert "secret" not in str(caught.value)
