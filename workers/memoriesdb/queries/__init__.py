"""Named SQL: one commented ``.sql`` file a query, and the type of row that it gives.

Python holds no SQL. A file begins with comment lines, which say what the query is for; the rest
is sent as it stands, with psycopg's ``%(name)s`` parameters.
"""

from memoriesdb.queries.loader import Query, load
from memoriesdb.queries.rows import (
    Completion,
    EmbeddingJob,
    LedgerStatus,
    QueueDepth,
    VectorIndexJob,
    VindexingJob,
)

claim_embeddings: Query[EmbeddingJob] = load("claim_embeddings", EmbeddingJob)
complete_embeddings: Query[Completion] = load("complete_embeddings", Completion)
fail_embedding: Query[str] = load("fail_embedding", str)
release_embeddings: Query[int] = load("release_embeddings", int)
claim_vindexing: Query[VindexingJob] = load("claim_vindexing", VindexingJob)
refresh_graph: Query[str] = load("refresh_graph", str)
fail_vindexing: Query[str] = load("fail_vindexing", str)
index_memories: Query[int] = load("index_memories", int)
plan_vector_indexes: Query[int] = load("plan_vector_indexes", int)
claim_vector_index: Query[VectorIndexJob] = load("claim_vector_index", VectorIndexJob)
renew_vector_index: Query[bool] = load("renew_vector_index", bool)
finish_vector_index: Query[str] = load("finish_vector_index", str)
fail_vector_index: Query[str] = load("fail_vector_index", str)
seal_ledger: Query[int] = load("seal_ledger", int)
ledger_digest: Query[str] = load("ledger_digest", str)
ledger_status: Query[LedgerStatus] = load("ledger_status", LedgerStatus)
prune_access_log: Query[int] = load("prune_access_log", int)
worker_heartbeat: Query[str] = load("worker_heartbeat", str)
worker_metrics: Query[QueueDepth] = load("worker_metrics", QueueDepth)
worker_protocol: Query[int] = load("worker_protocol", int)
set_statement_timeout: Query[str] = load("set_statement_timeout", str)

__all__ = [
    "Completion",
    "EmbeddingJob",
    "LedgerStatus",
    "Query",
    "QueueDepth",
    "VectorIndexJob",
    "VindexingJob",
    "claim_embeddings",
    "claim_vector_index",
    "claim_vindexing",
    "complete_embeddings",
    "fail_embedding",
    "fail_vector_index",
    "fail_vindexing",
    "finish_vector_index",
    "index_memories",
    "ledger_digest",
    "ledger_status",
    "load",
    "plan_vector_indexes",
    "prune_access_log",
    "refresh_graph",
    "release_embeddings",
    "renew_vector_index",
    "seal_ledger",
    "set_statement_timeout",
    "worker_heartbeat",
    "worker_metrics",
    "worker_protocol",
]
