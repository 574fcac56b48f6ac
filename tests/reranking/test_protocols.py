"""Both protocols of reranking are spoken, and what is no answer is told from one."""

import json
import socket
import time
from pathlib import Path

import pytest

from memoriesdb_pl.reranking import MAX_CHARACTERS, MAX_DOCUMENTS, RerankingError, rerank
from providers.conftest import Serve
from providers.endpoint import (
    Behaviour,
    breaks_off,
    floods,
    hangs,
    http_answer,
    says,
    says_json,
    trickles,
)

from .endpoint import FAULTS, reranks, scored, words_shared

SECRET = "canary-7741"
QUERY = f"where is the {SECRET} violin"
TEXTS = ["The key hangs there", "the violin is in the attic", f"{SECRET} violin", ""]
OK = b"HTTP/1.1 200 OK\r\n"
PROTOCOLS = pytest.mark.parametrize("protocol", ["cohere", "tei"])


def failure(protocol: str, endpoint: str, timeout: float = 2.0, within: float = 2.0) -> str:
    started = time.monotonic()
    with pytest.raises(RerankingError) as caught:
        rerank(protocol, endpoint, "m", QUERY, TEXTS, timeout_seconds=timeout)
    assert time.monotonic() - started < within
    message = str(caught.value)
    assert SECRET not in message
    assert len(message) < 120
    return message


@PROTOCOLS
def test_scores_come_in_the_order_of_the_texts(serve: Serve, protocol: str) -> None:
    endpoint = serve(reranks)
    scores = rerank(protocol, endpoint.url, "m", QUERY, TEXTS, timeout_seconds=2)
    assert scores == [words_shared(QUERY, text) for text in TEXTS]
    assert scores[1] == max(scores), "negative control: the endpoint answers in another order"
    assert [entry["index"] for entry in scored({"query": QUERY, "texts": TEXTS})] != [0, 1, 2, 3]


def test_a_request_has_what_its_protocol_asks_for(serve: Serve) -> None:
    endpoint = serve(reranks)
    rerank("cohere", endpoint.url + "/v2/", "m", "q", ["a"], timeout_seconds=2, api_key="k")
    rerank("cohere", endpoint.url + "/v1/rerank", "", "q", ["a"], timeout_seconds=2)
    rerank("tei", endpoint.url, "m", "q", ["a"], timeout_seconds=2)
    first, second, third = endpoint.requests
    assert [r.path for r in endpoint.requests] == ["/v2/rerank", "/v1/rerank", "/rerank"]
    assert first.json == {"model": "m", "query": "q", "documents": ["a"], "top_n": 1}
    assert first.headers["authorization"] == "Bearer k"
    assert second.json == {"query": "q", "documents": ["a"], "top_n": 1}
    assert "authorization" not in second.headers
    assert third.json == {"query": "q", "texts": ["a"], "truncate": True}


def test_many_texts_are_sent_in_batches_where_the_endpoint_takes_no_more(serve: Serve) -> None:
    endpoint = serve(reranks)
    texts = [f"{'violin ' * (n % 2)}{'x' * n}" for n in range(70)]
    scores = rerank("tei", endpoint.url, "", "violin", texts, timeout_seconds=2)
    assert scores == [words_shared("violin", text) for text in texts]
    assert [len(request.json["texts"]) for request in endpoint.requests] == [32, 32, 6]
    rerank("cohere", endpoint.url, "", "violin", texts, timeout_seconds=2)
    assert len(endpoint.requests) == 4


def test_what_is_sent_is_bounded(serve: Serve) -> None:
    endpoint = serve(reranks)
    rerank("cohere", endpoint.url, "", "q" * 10**6, ["x" * 10**6, "\ud800"], timeout_seconds=2)
    assert len(endpoint.requests[0].body) < 3 * MAX_CHARACTERS
    with pytest.raises(RerankingError, match="at most"):
        rerank("tei", endpoint.url, "", "q", ["x"] * (MAX_DOCUMENTS + 1), timeout_seconds=2)
    assert rerank("tei", endpoint.url, "", "q", [], timeout_seconds=2) == []
    assert len(endpoint.requests) == 1


@PROTOCOLS
@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_is_none_is_an_error(serve: Serve, protocol: str, fault: str) -> None:
    failure(protocol, serve(FAULTS[fault]).url)


@PROTOCOLS
@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 200_000, b"null", b"3", b'{"results": 1}'])
def test_what_is_no_json_of_this_kind_is_an_error(serve: Serve, protocol: str, body: bytes) -> None:
    failure(protocol, serve(says(http_answer("200 OK", body))).url)


def test_an_answer_of_the_other_protocol_is_an_error(serve: Serve) -> None:
    both = [{"index": n, "score": 1.0} for n in range(len(TEXTS))]
    assert "list" in failure("cohere", serve(says_json(both)).url)
    assert "list" in failure("tei", serve(says_json({"results": both})).url)


def test_scores_near_zero_are_zero_and_negative_ones_stay(serve: Serve) -> None:
    numbers = [1e-300, -7.25, 0, -1e-40]
    answer = [{"index": n, "score": number} for n, number in enumerate(numbers)]
    endpoint = serve(says_json(answer))
    scores = rerank("tei", endpoint.url, "", QUERY, TEXTS, timeout_seconds=2)
    assert scores == [0, -7.25, 0, 0]


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs,
        trickles(OK + b"Content-Length: 1000000\r\n\r\n"),
        trickles(OK + b"X-Slow: "),
    ],
)
def test_a_slow_endpoint_cannot_exceed_the_deadline(serve: Serve, behaviour: Behaviour) -> None:
    assert "within 0.3 s" in failure("cohere", serve(behaviour).url, timeout=0.3, within=0.7)


def test_batches_share_the_deadline(serve: Serve) -> None:
    def slow(request: object, connection: socket.socket) -> None:
        time.sleep(0.2)
        entries = [{"index": n, "score": 1.0} for n in range(32)]
        connection.sendall(http_answer("200 OK", json.dumps(entries).encode()))

    started = time.monotonic()
    with pytest.raises(RerankingError, match=r"within 0\.3 s"):
        rerank("tei", serve(slow).url, "", QUERY, ["x"] * 320, timeout_seconds=0.3)
    assert time.monotonic() - started < 0.7


@pytest.mark.parametrize(
    "behaviour",
    [
        floods(OK + b"\r\n"),
        floods(OK + b"Content-Length: 1000000000000\r\n\r\n"),
        breaks_off(http_answer("200 OK", b'{"results": [', length=500)),
        says_json({"message": SECRET}, f"500 {SECRET}"),
        says_json({"message": SECRET}, "429 Too Many Requests"),
        says_json([], "302 Found", "Location: http://127.0.0.1:9/"),
    ],
)
def test_other_answers_are_errors_that_repeat_nothing(serve: Serve, behaviour: Behaviour) -> None:
    failure("tei", serve(behaviour).url)


@pytest.mark.parametrize(
    "endpoint",
    ["", "file:///etc/passwd", "h:1", "http://u:p@h", "http://h/?a=b", "http://h/\r\nX: y", "ä"],
)
def test_an_address_that_is_not_http_is_refused(endpoint: str) -> None:
    assert "the endpoint must" in failure("cohere", endpoint)
    with pytest.raises(RerankingError, match="protocol"):
        rerank("other", "http://h", "", "q", ["a"], timeout_seconds=1)


def test_the_endpoint_of_these_tests_is_not_taken_for_a_model() -> None:
    """It counts words, and lies beside the tests alone."""
    shipped = Path(__file__).parents[2] / "workers" / "memoriesdb"
    assert not [p for p in shipped.rglob("*.py") if "words_shared" in p.read_text("utf-8")]
