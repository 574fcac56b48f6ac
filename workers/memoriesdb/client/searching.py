"""What finds memories, once for both connections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from memoriesdb.client import rows
from memoriesdb.client.call import Call, every, maybe, method, one
from memoriesdb.client.parameters import to_json, to_queries, to_texts, to_vector, to_vectors
from memoriesdb.client.reranking import Reranker, reranked
from memoriesdb.queries import load


class RecallApi:
    """How a user finds memories, and learns why these."""

    @method
    def use_embedding_model(self, name: str | None = None) -> Call[UUID | None]:
        """Let the rest of this session go by that model, or by the active one again (None).

        For trying a model before it is switched to, and for ``query_embedding`` by a model that one
        has oneself: then a switch cannot come in between. Returns its id.
        """
        return maybe(load("client/use_embedding_model", UUID), name=name)

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
            **_filters(kinds, stream, metadata_filter, since, until, min_score),
            include_shared=include_shared,
        )
        return reranked(call, rerank, query, k)

    @method
    def recall_batch(
        self,
        queries: Sequence[str],
        k: int = 10,
        *,
        query_embeddings: Iterable[Iterable[float] | None] | None = None,
        kinds: Sequence[str] | None = None,
        stream: str | None = None,
        metadata_filter: Mapping[str, Any] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        min_score: float | None = None,
        include_shared: bool = True,
    ) -> Call[list[rows.BatchRecalled]]:
        """Find memories for many queries at once, each as ``recall`` does.

        ``query_number`` says for which, counted from 1: the best ``k`` of the first, best first,
        then those of the second, and so on. ``query_embeddings`` has one vector for each query, or
        None where the database is to embed it.
        """
        return every(
            load("client/recall_batch", rows.BatchRecalled),
            queries=to_queries(queries, query_embeddings is None),
            k=k,
            query_embeddings=to_vectors("query_embeddings", query_embeddings),
            **_filters(kinds, stream, metadata_filter, since, until, min_score),
            include_shared=include_shared,
        )

    @method
    def explain_recall(
        self,
        query: str | None,
        memory_id: UUID,
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
    ) -> Call[list[rows.Explained]]:
        """Return what each step of ``recall``, asked the same, makes of one memory.

        The filters, its rank in every arm, what they add up to, and its place: so also why it is
        not found.
        """
        return every(
            load("client/explain_recall", rows.Explained),
            query=query,
            memory_id=memory_id,
            k=k,
            query_embedding=to_vector("query_embedding", query_embedding),
            **_filters(kinds, stream, metadata_filter, since, until, min_score),
            include_shared=include_shared,
        )

    @method
    def build_context(
        self,
        query: str | None,
        max_tokens: int = 2000,
        k: int = 50,
        *,
        query_embedding: Iterable[float] | None = None,
        kinds: Sequence[str] | None = None,
        stream: str | None = None,
        metadata_filter: Mapping[str, Any] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        min_score: float | None = None,
        include_shared: bool = True,
    ) -> Call[rows.BuiltContext]:
        """Pack the best of ``k`` memories into one text of at most ``max_tokens`` tokens.

        Such as a prompt takes: without repetitions, in order of time, with citations that say which
        memory is which. Encrypted memories are left out, since the database packs them.
        """
        return one(
            load("client/build_context", rows.BuiltContext),
            query=query,
            max_tokens=max_tokens,
            k=k,
            query_embedding=to_vector("query_embedding", query_embedding),
            **_filters(kinds, stream, metadata_filter, since, until, min_score),
            include_shared=include_shared,
        )


def _filters(
    kinds: Sequence[str] | None,
    stream: str | None,
    metadata_filter: Mapping[str, Any] | None,
    since: datetime | None,
    until: datetime | None,
    min_score: float | None,
) -> dict[str, object]:
    return {
        "kinds": to_texts("kinds", kinds),
        "stream": stream,
        "metadata_filter": None
        if metadata_filter is None
        else to_json("metadata_filter", metadata_filter),
        "since": since,
        "until": until,
        "min_score": min_score,
    }
