"""Behaviours of an endpoint that reranks: by how many words of the query a text has."""

import json
import socket
from collections.abc import Callable
from typing import Any

from providers.endpoint import Behaviour, Request, http_answer


def words_shared(query: str, text: str) -> float:
    """What the endpoint takes for relevance."""
    return len({*query.casefold().split()} & {*text.casefold().split()}) + len(text) / 1_000_000


def scored(request: Any) -> Any:
    """The answer that the protocol of the request asks for, best first, as both services do."""
    is_tei = "texts" in request
    texts = request["texts"] if is_tei else request["documents"]
    name = "score" if is_tei else "relevance_score"
    found = [
        {"index": index, name: words_shared(request["query"], text)}
        for index, text in enumerate(texts)
    ]
    found.sort(key=lambda entry: -entry[name])
    return found if is_tei else {"id": "1", "results": found, "meta": {}}


def reranks(request: Request, connection: socket.socket) -> None:
    """Answer as text-embeddings-inference does or as Cohere's service does."""
    connection.sendall(http_answer("200 OK", json.dumps(scored(request.json)).encode()))


def spoils(spoil: Callable[[list[dict[str, Any]]], object]) -> Behaviour:
    """Answer with what a fault makes of the right results."""

    def behave(request: Request, connection: socket.socket) -> None:
        answer = scored(request.json)
        results = answer if isinstance(answer, list) else answer["results"]
        spoilt = spoil(results)
        if not isinstance(answer, list):
            spoilt = {"results": spoilt}
        connection.sendall(http_answer("200 OK", json.dumps(spoilt).encode()))

    return behave


def _with(**changed: object) -> Callable[[list[dict[str, Any]]], object]:
    """Change fields of the first result; a field named score is that of either protocol."""

    def spoil(results: list[dict[str, Any]]) -> object:
        first = results[0]
        name = "score" if "score" in first else "relevance_score"
        first |= {name if key == "score" else key: value for key, value in changed.items()}
        return results

    return spoil


FAULTS: dict[str, Behaviour] = {
    "no list": spoils(lambda _: "canary-7741"),
    "nothing": spoils(lambda _: []),
    "one too few": spoils(lambda results: results[1:]),
    "one too many": spoils(lambda results: [*results, {"index": len(results), "score": 1}]),
    "twice the same": spoils(lambda results: [results[0]] * len(results)),
    "an index beyond the end": spoils(_with(index=99)),
    "a negative index": spoils(_with(index=-1)),
    "an index that is a text": spoils(_with(index="0")),
    "an index that is true": spoils(_with(index=True)),
    "an index that is a list": spoils(_with(index=[0])),
    "no index": spoils(_with(index=None)),
    "a score that is a text": spoils(_with(score="canary-7741")),
    "a score that is true": spoils(_with(score=True)),
    "no score": spoils(_with(score=None)),
    "NaN": spoils(_with(score=float("nan"))),
    "infinity": spoils(_with(score=float("inf"))),
    "a score that no real holds": spoils(_with(score=1e300)),
    "a whole number that no float holds": spoils(_with(score=10**400)),
    "results that are no objects": spoils(lambda results: [["canary-7741"]] * len(results)),
}
