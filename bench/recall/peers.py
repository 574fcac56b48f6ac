"""Peers as installed from PyPI, in the same cluster, with the same vectors.

Each makes its own tables and writes its first rows by its own API. The rest is inserted by SQL in
the same form, with its vector index dropped and made again afterwards by its own definition: by
their APIs, row by row into a live index, a million would take hours. That favours them: an index
built at once is better than one that grew.
"""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import numpy as np

from bench.recall.database import superuser, value
from bench.recall.population import DIMENSIONS, Population, Query
from bench.recall.systems import K, System
from memoriesdb.cluster import Cluster

LANGGRAPH, MEM0, MEM0_SEARCH = "LangGraph PostgresStore", "mem0 PGVector", "mem0 PGVector, 60 asked"
BY_API = 200
COLLECTION = "mem0"


class LangGraphSession:
    """A PostgresStore on a direct connection of its own: it locks itself for each call."""

    def __init__(self, cluster: Cluster) -> None:
        from langgraph.store.postgres import PostgresStore

        self._vectors: list[list[float]] = []
        self._stack = ExitStack()
        self.store: Any = self._stack.enter_context(
            PostgresStore.from_conn_string(
                cluster.superuser_dsn,
                index={"dims": DIMENSIONS, "embed": self._embed, "fields": ["text"]},
            )
        )

    def _embed(self, texts: list[str]) -> list[list[float]]:
        assert len(texts) == len(self._vectors)
        return self._vectors

    def put(self, population: Population, count: int) -> None:
        """Write the first memories by its API."""
        for number in range(count):
            self._vectors = [population.vectors[number].astype(np.float32).tolist()]
            owner = str(population.owner_of[number])
            self.store.put(("users", owner), str(number), {"text": population.text(number)})

    def search(self, query: Query) -> list[int]:
        """Search one user's namespace."""
        self._vectors = [query.vector.astype(np.float32).tolist()]
        namespace = ("users", str(query.owner.number))
        return [int(item.key) for item in self.store.search(namespace, query=query.text, limit=K)]

    def close(self) -> None:
        """Close the connection."""
        self._stack.close()


class Mem0Session:
    """A PGVector collection with a pool of one connection of its own."""

    def __init__(self, cluster: Cluster, most: int = K) -> None:
        os.environ.setdefault("MEM0_TELEMETRY", "False")
        os.environ.setdefault("MEM0_DIR", tempfile.gettempdir())
        from mem0.configs.vector_stores.pgvector import PGVectorConfig
        from mem0.vector_stores.pgvector import PGVector

        config = PGVectorConfig(
            collection_name=COLLECTION,
            embedding_model_dims=DIMENSIONS,
            connection_string=cluster.superuser_dsn,
            maxconn=1,
        )
        self.store: Any = PGVector(**config.model_dump())
        self._most = most

    def put(self, population: Population, count: int) -> None:
        """Write the first memories by its API."""
        self.store.insert(
            [population.vectors[n].astype(np.float32).tolist() for n in range(count)],
            [
                {"data": population.text(n), "user_id": str(population.owner_of[n])}
                for n in range(count)
            ],
            [str(UUID(int=n)) for n in range(count)],
        )

    def search(self, query: Query) -> list[int]:
        """Search with the filter that Memory.search sets."""
        found = self.store.search(
            query.text,
            query.vector.astype(np.float32).tolist(),
            top_k=self._most,
            filters={"user_id": str(query.owner.number)},
        )
        return [UUID(row.id).int for row in found[:K]]

    def close(self) -> None:
        """Close the pool."""
        self.store.connection_pool.close()


_FROM = (
    "from bench.numbers join bench.staging as s using (n) "
    "join memoriesdb.memories as m using (owner_id, id) "
    "join bench.owners as u on u.id = m.owner_id where n >= %s order by n"
)


def make_langgraph(cluster: Cluster, population: Population) -> dict[str, float]:
    """Make and fill LangGraph's store; return what it took."""
    session = LangGraphSession(cluster)
    try:
        session.store.setup()
        session.put(population, BY_API)
    finally:
        session.close()
    return _fill(
        cluster,
        "store_vectors",
        "insert into store (prefix, key, value) "
        f"select 'users.' || u.number, n::text, jsonb_build_object('text', m.content) {_FROM}",
        "insert into store_vectors (prefix, key, field_name, embedding) "
        f"select 'users.' || u.number, n::text, 'text', s.embedding::vector {_FROM}",
        tables="store, store_vectors",
    )


def make_mem0(cluster: Cluster, population: Population) -> dict[str, float]:
    """Make and fill mem0's collection; return what it took."""
    session = Mem0Session(cluster)
    try:
        session.put(population, BY_API)
    finally:
        session.close()
    return _fill(
        cluster,
        COLLECTION,
        f"insert into {COLLECTION} (id, vector, payload) "
        "select lpad(to_hex(n), 32, '0')::uuid, s.embedding::vector, "
        f"jsonb_build_object('data', m.content, 'user_id', u.number::text) {_FROM}",
        tables=COLLECTION,
    )


def _fill(cluster: Cluster, table: str, *statements: str, tables: str) -> dict[str, float]:
    began = time.monotonic()
    with superuser(cluster) as db:
        index = (
            "from pg_index as i join pg_class as c on c.oid = i.indexrelid "
            "join pg_am as a on a.oid = c.relam "
            f"where i.indrelid = '{table}'::regclass and a.amname = 'hnsw'"
        )
        definition = value(db, f"select pg_get_indexdef(c.oid) {index}")
        db.execute(f"drop index {value(db, f'select c.oid::regclass::text {index}')}".encode())
        for statement in statements:
            db.execute(statement.encode(), (BY_API,))
        loaded = time.monotonic()
        db.execute(definition.encode())
        built = time.monotonic()
        db.execute(f"vacuum analyze {tables}".encode())
        stored = sum(
            value(db, "select pg_total_relation_size(%s::regclass)", name)
            for name in tables.split(", ")
        )
    return {
        "rows inserted by SQL, seconds": round(loaded - began, 1),
        "index, seconds": round(built - loaded, 1),
        "bytes": stored,
    }


def langgraph(cluster: Cluster) -> list[System]:
    """Return LangGraph's store."""
    return [
        System(
            LANGGRAPH,
            'store.search(("users", id), query=…, limit=10), its defaults; a direct connection '
            "for each client, as superuser",
            lambda: LangGraphSession(cluster),
        )
    ]


def mem0(cluster: Cluster) -> list[System]:
    """Return mem0's store, asked for 10, and for 60 as its Memory.search does for 10."""
    about = "its defaults; a pool of one direct connection for each client, as superuser"
    return [
        System(
            MEM0,
            f'search(…, top_k=10, filters={{"user_id": id}}), {about}',
            lambda: Mem0Session(cluster),
        ),
        System(
            MEM0_SEARCH,
            f"the same with top_k=60, as Memory.search asks it for 10; {about}",
            lambda: Mem0Session(cluster, 60),
        ),
    ]
