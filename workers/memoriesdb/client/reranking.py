"""Let a cross-encoder put what recall found in order: it reads query and memory together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar

from memoriesdb.client.call import Call, Notices, RerankerAwayWarning
from memoriesdb.client.rows import Recalled
from memoriesdb.errors import UsageError
from memoriesdb_pl import reranking
from memoriesdb_pl.reranking import RerankingError

Found = TypeVar("Found", bound=Recalled)

_MOST = 1000  # that recall gives


class Reranker(Protocol):
    """Scores texts against a query. ``HttpReranker`` is one; a model of one's own may be another.

    Where it raises ``RerankingError``, recall warns and keeps the database's order.
    """

    @property
    def candidates(self) -> int:
        """How many memories it is given to choose from."""

    def rerank(self, query: str, documents: Sequence[str]) -> Sequence[float]:
        """Give a score for each document, in their order; the greater, the better the answer."""


@dataclass(frozen=True)
class HttpReranker:
    """An endpoint that reranks: Cohere's, Jina's or text-embeddings-inference's, or one like them.

    ``protocol`` is ``"cohere"`` (Jina's too) or ``"tei"``. The query and the texts of the
    candidates are sent to it, decrypted where the client decrypts. ``/rerank`` is added to an
    endpoint that does not end in it. ``timeout`` is in seconds, for the whole answer; meanwhile the
    transaction stays open.
    """

    endpoint: str
    protocol: str = "cohere"
    model: str = ""
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 5.0
    candidates: int = 50

    def __post_init__(self) -> None:
        try:
            reranking.rerank_url(self.protocol, self.endpoint)
        except RerankingError as error:
            raise UsageError(
                str(error), hint='Such as HttpReranker("http://127.0.0.1:8080", protocol="tei").'
            ) from None

    def rerank(self, query: str, documents: Sequence[str]) -> list[float]:
        """Give a score for each document, in their order, or raise RerankingError in time."""
        return reranking.rerank(
            self.protocol,
            self.endpoint,
            self.model,
            query,
            documents,
            timeout_seconds=self.timeout,
            api_key=self.api_key,
        )


def reranked(
    call: Call[list[Found]], reranker: Reranker | None, query: str | None, k: int
) -> Call[list[Found]]:
    """Return the call that asks for more candidates, reranks them, and gives the best k."""
    if reranker is None:
        return call
    if query is None:
        raise UsageError("reranking needs the text of the query", hint="Leave rerank out.")
    # A k that is out of range is the database's to refuse.
    in_range = isinstance(k, int) and 1 <= k <= _MOST
    asked = min(max(k, reranker.candidates), _MOST) if in_range else k
    return replace(
        call,
        parameters={**call.parameters, "k": asked},
        finish=partial(_best, reranker, query, k),
    )


def _best(
    reranker: Reranker, query: str, k: int, found: list[Found], notices: Notices
) -> list[Found]:
    if not found:
        return found
    try:
        scores = [float(score) for score in reranker.rerank(query, [f.content for f in found])]
    except RerankingError as error:
        notices.add(RerankerAwayWarning, f"recall goes on without reranking: {error}")
        return found[:k]
    if len(scores) != len(found) or not all(map(math.isfinite, scores)):
        raise UsageError(
            "the reranker gave no finite score for each text",
            detail=f"{len(scores)} scores for {len(found)} texts.",
        )
    order = sorted(range(len(found)), key=lambda place: -scores[place])[:k]
    return [
        replace(
            found[place],
            why={
                **found[place].why,
                "rerank": {"rank": rank, "score": scores[place], "before": place + 1},
            },
        )
        for rank, place in enumerate(order, 1)
    ]
