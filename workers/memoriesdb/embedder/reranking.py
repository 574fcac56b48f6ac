"""POST /rerank at the local endpoint: hands requests on to a cross-encoder that is elsewhere.

There is no cross-encoder in this package. What this adds is an address that the database can ask
without a key: the service's own is in the environment of this process. Both protocols are
understood, whichever the cross-encoder speaks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memoriesdb.embedder.errors import EmbedderError
from memoriesdb.embedder.protocol import Refused
from memoriesdb_pl.reranking import MAX_DOCUMENTS, RerankingError, rerank, rerank_url

RERANK_PATHS = frozenset({"/rerank", "/v1/rerank", "/v2/rerank"})
KEY_VARIABLE = "MEMORIESDB_RERANK_API_KEY"


@dataclass(frozen=True)
class Upstream:
    """The cross-encoder that requests are handed on to."""

    endpoint: str
    protocol: str = "cohere"
    model: str = ""
    timeout_seconds: float = 10.0
    api_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        try:
            rerank_url(self.protocol, self.endpoint)
        except RerankingError as error:
            raise EmbedderError(f"--rerank-upstream cannot be used: {error}.") from None


def rerank_answer(request: object, upstream: Upstream | None) -> Any:
    """Answer in the protocol of the request: best first, as the services do."""
    if not isinstance(request, dict):
        raise Refused(400, "the request body must be a JSON object")
    is_tei = "texts" in request
    query = request.get("query")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "'query' must be a text")
    texts = _texts(request, "texts" if is_tei else "documents")
    most = request.get("top_n")
    if most is not None and (type(most) is not int or most < 1):
        raise Refused(400, "'top_n' must be a number from 1")
    if upstream is None:
        raise Refused(
            501,
            "this endpoint has no cross-encoder of its own: start it with --rerank-upstream, the "
            "address of one, or rerank there",
        )
    scores = _asked(upstream, request, query, texts)
    order = sorted(range(len(texts)), key=lambda index: -scores[index])
    if is_tei:
        return [{"index": index, "score": scores[index]} for index in order]
    results = [{"index": index, "relevance_score": scores[index]} for index in order]
    return {"results": results[:most]}


def _asked(
    upstream: Upstream, request: Mapping[str, object], query: str, texts: list[str]
) -> list[float]:
    model = upstream.model or request.get("model") or ""
    if not isinstance(model, str):
        raise Refused(400, "'model' must be a text")
    try:
        return rerank(
            upstream.protocol,
            upstream.endpoint,
            model,
            query,
            texts,
            timeout_seconds=upstream.timeout_seconds,
            api_key=upstream.api_key,
        )
    except RerankingError as error:
        raise Refused(502, f"the cross-encoder gave no scores: {error}") from None


def _texts(request: Mapping[str, object], name: str) -> list[str]:
    given = request.get(name)
    if not isinstance(given, list) or not given:
        raise Refused(400, f"'{name}' must be an array of texts")
    # Jina and Cohere take objects with a text as well.
    texts = [entry.get("text") if isinstance(entry, dict) else entry for entry in given]
    if not all(isinstance(text, str) for text in texts):
        raise Refused(400, f"'{name}' must be an array of texts")
    if len(texts) > MAX_DOCUMENTS:
        raise Refused(413, f"at most {MAX_DOCUMENTS} texts a request; send several requests")
    return [str(text) for text in texts]
