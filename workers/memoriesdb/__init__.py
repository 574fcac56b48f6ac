"""MemoriesDB: the memory of AI agents, kept in Postgres.

::

    import memoriesdb

    with memoriesdb.connect(dsn) as client, client.as_user(user_id) as me:
        me.remember("The meeting moved to Thursday", kind="fact")
        for found in me.recall("when is the meeting?", k=3):
            print(found.score, found.content)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memoriesdb.client import (
        AsyncClient,
        AsyncSession,
        Client,
        EmbedderAwayWarning,
        HttpReranker,
        Reranker,
        RerankerAwayWarning,
        Session,
        aconnect,
        connect,
    )
    from memoriesdb.errors import MemoriesError

__all__ = [
    "AsyncClient",
    "AsyncSession",
    "Client",
    "EmbedderAwayWarning",
    "HttpReranker",
    "MemoriesError",
    "Reranker",
    "RerankerAwayWarning",
    "Session",
    "__version__",
    "aconnect",
    "connect",
]


def __getattr__(name: str) -> object:
    """Load the client when it is asked for: commands and workers start without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        value: object = importlib.import_module("importlib.metadata").version(__name__)
    else:
        module = "memoriesdb.errors" if name == "MemoriesError" else "memoriesdb.client"
        value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value
