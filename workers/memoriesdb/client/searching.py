"""What finds memories, once for both connections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from memoriesdb.client import rows
from memoriesdb.client.call import Call, every, method
from memoriesdb.client.parameters import to_json, to_vector
from memoriesdb.client.reranking import Reranker, reranked
from memoriesdb.queries import load


class RecallApi:
    """How a user finds memories, and learns why these."""

    @method
    def recall(
        self,
        query: str | None,
        k: int = 10,
        *,
        query_embedding: Iterable[float] | None = None,
        kinds: Sequence[str] | None = None,
        stream: str | None = None,
        metadata_filter: Mapping[str, Any] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        min_score: float | None = None,
        include_shared: bool = True,
        rerank: Reranker | None = None,
    ) -> Call[list[rows.Recalled]]:
        """Find memories by meaning, words and spelling: the best ``k``, best first.

        ``query_embedding`` is the query's vector by the active model, where the caller has it;
        otherwise the database embeds the query. ``metadata_filter`` must be contained in the
        metadata; ``since`` (inclusive) and ``until`` (exclusive) bound ``occurred_at``.
        With ``rerank`` (see ``HttpReranker``) more candidates are asked for and reranked; the
        ``score`` stays the database's, the new one is in ``why``.
        """
        call = every(
            load("client/recall", rows.Recalled),
            query=query,
            k=k,
            query_embedding=to_vector("query_embedding", query_embedding),
            kinds=None if kinds is None else list(kinds),
            stream=stream,
            metadata_filter=None
            if metadata_filter is None
            else to_json("metadata_filter", metadata_filter),
            since=since,
            until=until,
            min_score=min_score,
            include_shared=include_shared,
        )
        return reranked(call, rerank, query, k)
