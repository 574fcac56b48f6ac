"""The local endpoint hands requests to rerank on, in either protocol, and has no model for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import pytest
import requests

from memoriesdb.embedder.errors import EmbedderError
from memoriesdb.embedder.model import Model
from memoriesdb.embedder.reranking import Upstream
from memoriesdb.embedder.server import Server
from memoriesdb_pl.reranking import RerankingError, rerank
from providers.conftest import Serve
from providers.endpoint import hangs, says_json

from .endpoint import FAULTS, reranks, words_shared

TEXTS = ["the key", "the violin is in the attic", "a violin"]
Start = Callable[[Upstream | None], str]


@contextmanager
def serving(upstream: Upstream | None) -> Iterator[str]:
    # Nothing is embedded here, so it needs no model.
    with Server("127.0.0.1", 0, cast(Model, None), reranker=upstream) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:
        yield lambda upstream: stack.enter_context(serving(upstream))


def ask(url: str, path: str = "/rerank", **body: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url + path, json=body, timeout=5)


@pytest.mark.parametrize("theirs", ["cohere", "tei"])
@pytest.mark.parametrize("ours", ["cohere", "tei"])
def test_either_protocol_is_handed_on_in_the_others(
    serve: Serve, start: Start, ours: str, theirs: str
) -> None:
    cross_encoder = serve(reranks)
    url = start(Upstream(cross_encoder.url, theirs, "theirs", api_key="k"))
    scores = rerank(ours, url, "ours", "the violin", TEXTS, timeout_seconds=2)
    assert scores == [words_shared("the violin", text) for text in TEXTS]
    request = cross_encoder.requests[0]
    assert request.headers["authorization"] == "Bearer k"
    assert request.json.get("model") == ("theirs" if theirs == "cohere" else None)


def test_answers_are_in_the_form_of_the_request(serve: Serve, start: Start) -> None:
    url = start(Upstream(serve(reranks).url))
    answer = ask(url, "/v2/rerank", model="m", query="violin", documents=TEXTS, top_n=2).json()
    assert [result["index"] for result in answer["results"]] == [1, 2]
    texts = [{"text": text} for text in TEXTS]
    answer = ask(url, "/v1/rerank", model="m", query="violin", documents=texts).json()
    assert [result["index"] for result in answer["results"]] == [1, 2, 0]
    answer = ask(url, query="violin", texts=TEXTS, raw_scores=False).json()
    assert [sorted(entry) for entry in answer] == [["index", "score"]] * 3


def test_without_a_cross_encoder_it_says_so(start: Start) -> None:
    url = start(None)
    for path in ("/rerank", "/v1/rerank", "/v2/rerank"):
        answer = ask(url, path, query="violin", documents=TEXTS)
        assert answer.status_code == 501
        assert "--rerank-upstream" in answer.text
    with pytest.raises(RerankingError, match="501"):
        rerank("tei", url, "", "violin", TEXTS, timeout_seconds=2)
    assert requests.get(url + "/rerank", timeout=5).status_code == 405


def test_a_failing_cross_encoder_is_named_without_what_it_said(serve: Serve, start: Start) -> None:
    for behaviour in (FAULTS["NaN"], says_json({"message": "canary-1"}, "500 Broken"), hangs):
        url = start(Upstream(serve(behaviour).url, timeout_seconds=0.3))
        answer = ask(url, query="canary-1", documents=TEXTS)
        assert answer.status_code == 502
        assert "cross-encoder" in answer.text
        assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"query": "q"}, 400),
        ({"query": " ", "documents": ["a"]}, 400),
        ({"query": 1, "documents": ["a"]}, 400),
        ({"query": "q", "documents": []}, 400),
        ({"query": "q", "documents": "a"}, 400),
        ({"query": "q", "documents": [1]}, 400),
        ({"query": "q", "documents": [{"txt": "a"}]}, 400),
        ({"query": "q", "texts": ["a", None]}, 400),
        ({"query": "q", "documents": ["a"], "top_n": 0}, 400),
        ({"query": "q", "documents": ["a"], "top_n": True}, 400),
        ({"query": "q", "documents": ["a"], "model": 1}, 400),
        ({"query": "q", "texts": ["a"] * 1001}, 413),
    ],
)
def test_bad_requests_are_refused(
    serve: Serve, start: Start, body: dict[str, Any], status: int
) -> None:
    cross_encoder = serve(reranks)
    url = start(Upstream(cross_encoder.url))
    answer = ask(url, **body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert cross_encoder.requests == []


def test_an_upstream_that_cannot_be_asked_is_refused_at_the_start() -> None:
    with pytest.raises(EmbedderError, match="rerank-upstream"):
        Upstream("localhost:80")
    with pytest.raises(EmbedderError, match="protocol"):
        Upstream("http://localhost:80", "jina")
    assert "secret" not in repr(Upstream("http://h", api_key="secret"))
