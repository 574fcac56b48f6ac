"""Ask a cross-encoder over HTTP how well each text answers a query.

Two protocols: that of Cohere's and Jina's services, POST {model, query, documents, top_n} with
results[{index, relevance_score}], and that of text-embeddings-inference, POST {query, texts} with
[{index, score}]. The server, the client and the local endpoint share this, so that all read answers
alike. No message holds a text, nor what the endpoint said: it may echo one.
"""

import json
import math
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from memoriesdb_pl.http_post import HttpError, post

PROTOCOLS = ("cohere", "tei")
MAX_DOCUMENTS = 1000
# Beyond the window of any cross-encoder; more would only be sent to be cut off.
MAX_CHARACTERS = 8000
# text-embeddings-inference refuses more in one request, unless it was told otherwise.
_TEI_BATCH = 32
# What a real holds without becoming infinite, or an error for being too near to zero.
_LARGEST, _SMALLEST = 1e38, 1e-37


class RerankingError(Exception):
    """No scores could be had; the message is short and has no text of the user in it."""


def rerank(
    protocol: str,
    endpoint: str,
    model: str,
    query: str,
    documents: Sequence[str],
    *,
    timeout_seconds: float,
    api_key: str | None = None,
) -> list[float]:
    """Give a score for each document, in their order, or raise RerankingError in that time.

    Scores compare the documents of one query: their scale is the model's own.
    """
    deadline = time.monotonic() + timeout_seconds
    if len(documents) > MAX_DOCUMENTS:
        raise RerankingError(f"at most {MAX_DOCUMENTS} documents can be reranked at once")
    url = rerank_url(protocol, endpoint)
    size = _TEI_BATCH if protocol == "tei" else MAX_DOCUMENTS
    scores: list[float] = []
    for first in range(0, len(documents), size):
        batch = documents[first : first + size]
        left = max(deadline - time.monotonic(), 0.001)
        try:
            body = request_body(protocol, model, query, batch)
            answer = post(url, body, timeout_seconds=left, api_key=api_key)
        except HttpError as error:
            if time.monotonic() >= deadline:
                said = f"the endpoint did not answer within {timeout_seconds:g} s"
                raise RerankingError(said) from None
            raise RerankingError(str(error)) from None
        scores += read_scores(protocol, answer, count=len(batch))
    return scores


def rerank_url(protocol: str, endpoint: str) -> str:
    """Give the address to POST to: the endpoint, and /rerank where it does not end so."""
    if protocol not in PROTOCOLS:
        raise RerankingError(f"the protocol must be one of {', '.join(PROTOCOLS)}")
    base = endpoint.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = False
    if not usable or any(c.isspace() or not c.isprintable() or not c.isascii() for c in base):
        raise RerankingError("the endpoint must be an http or https address such as http://host:80")
    if parts.username is not None or parts.query or parts.fragment:
        raise RerankingError("the endpoint must have no user, query or fragment; keys go elsewhere")
    return base if parts.path.endswith("/rerank") else base + "/rerank"


def request_body(protocol: str, model: str, query: str, documents: Sequence[str]) -> bytes:
    """Give the JSON to send, each text cut to what a model could read of it."""
    texts = [text[:MAX_CHARACTERS] for text in documents]
    fields: dict[str, object] = {"query": query[:MAX_CHARACTERS]}
    if protocol == "tei":
        fields |= {"texts": texts, "truncate": True}
    else:
        fields |= {"documents": texts, "top_n": len(texts)}
        if model:
            fields["model"] = model
    return json.dumps(fields).encode("ascii")


def read_scores(protocol: str, answer: bytes, *, count: int) -> list[float]:
    """Read an answer and check it: one finite score for each document, in their order."""
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        raise RerankingError("the answer is not JSON") from None
    name = "score" if protocol == "tei" else "relevance_score"
    if protocol != "tei":
        parsed = parsed.get("results") if isinstance(parsed, dict) else None
    if not isinstance(parsed, list) or not all(isinstance(entry, dict) for entry in parsed):
        raise RerankingError("the answer has no list of scores")
    if len(parsed) != count:
        raise RerankingError(f"{len(parsed)} scores came for {count} documents")
    indexes = [entry.get("index") for entry in parsed]
    if any(type(index) is not int for index in indexes) or set(indexes) != set(range(count)):
        raise RerankingError("the indexes of the answer are not those of the documents")
    scores = [0.0] * count
    for index, entry in zip(indexes, parsed, strict=True):
        scores[index] = _score(entry.get(name))
    return scores


def _score(score: object) -> float:
    if type(score) not in (int, float):
        raise RerankingError("a score is not a number")
    try:
        number = float(score)  # type: ignore[arg-type]  # found out above
    except OverflowError:
        number = math.inf
    if not abs(number) <= _LARGEST:  # nor is NaN
        raise RerankingError("a score is not finite")
    return number if abs(number) >= _SMALLEST else 0.0
