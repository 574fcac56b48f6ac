"""A small typed client: one transaction as one user, the same over psycopg's two connections."""

from memoriesdb.client.aio import AsyncClient, AsyncSession, aconnect
from memoriesdb.client.call import EmbedderAwayWarning, RerankerAwayWarning
from memoriesdb.client.reranking import HttpReranker, Reranker
from memoriesdb.client.rows import (
    BatchRecalled,
    BuiltContext,
    Custody,
    Edge,
    Explained,
    Leftover,
    Memory,
    Neighbor,
    Problem,
    QueueStatus,
    Recalled,
    Version,
)
from memoriesdb.client.sync import Client, Session, connect

__all__ = [
    "AsyncClient",
    "AsyncSession",
    "BatchRecalled",
    "BuiltContext",
    "Client",
    "Custody",
    "Edge",
    "EmbedderAwayWarning",
    "Explained",
    "HttpReranker",
    "Leftover",
    "Memory",
    "Neighbor",
    "Problem",
    "QueueStatus",
    "Recalled",
    "Reranker",
    "RerankerAwayWarning",
    "Session",
    "Version",
    "aconnect",
    "connect",
]
