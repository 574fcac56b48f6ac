"""What is compared: each is asked for one owner's ten best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bench.recall.database import Connection, act_as, dsn, pooled, superuser
from bench.recall.population import FILTER_KINDS, FILTER_SINCE, Query
from memoriesdb.cluster import Cluster

K = 10


class Session(Protocol):
    """One client's connection to a system."""

    def search(self, query: Query) -> list[int]:
        """Return the numbers of the memories that were found, best first."""

    def close(self) -> None:
        """End it."""


@dataclass(frozen=True)
class System:
    """A system by its name, with how it is reached and what it is asked."""

    name: str
    about: str
    open: Callable[[], Session]


class RecallSession:
    """recall() by the application's login through PgBouncer, as the shipped client calls it."""

    def __init__(self, cluster: Cluster, users: list[str], call: str, tail: str = "") -> None:
        self._db = pooled(cluster, "app")
        self._users = users
        columns = "memory_id, content, metadata, score"
        self._query = f"select {columns} from memoriesdb.recall({call}) {tail}".encode()

    def search(self, query: Query) -> list[int]:
        """Ask in a transaction of its own."""
        with self._db.transaction():
            act_as(self._db, self._users[query.owner.number])
            rows = self._db.execute(
                self._query,
                {
                    "text": query.text,
                    "vector": query.vector_text,
                    "kinds": FILTER_KINDS,
                    "since": FILTER_SINCE,
                },
            ).fetchall()
        return [row[2]["n"] for row in rows]

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


HYBRID, FILTERED, VECTOR = "recall()", "recall(), filtered", "recall(), vector alone"
_CALLS = {
    HYBRID: ("text and vector", "%(text)s, k => 10, query_embedding => %(vector)s"),
    FILTERED: (
        "text and vector, two of the three kinds, since the middle of the time",
        "%(text)s, k => 10, query_embedding => %(vector)s, kinds => %(kinds)s, since => %(since)s",
    ),
    VECTOR: ("vector, no text", "null, k => 10, query_embedding => %(vector)s"),
}


def ours(cluster: Cluster, users: list[str]) -> list[System]:
    """Return the ways to ask MemoriesDB."""

    def make(name: str) -> System:
        about, call = _CALLS[name]
        return System(
            name,
            f"{about}; the app role through PgBouncer, with row-level security and access log",
            lambda: RecallSession(cluster, users, call),
        )

    return [make(name) for name in _CALLS]


def vector_arm(cluster: Cluster, users: list[str]) -> System:
    """Return the vector arm's ten best: scores of neighbours, which order an answer, left out."""
    call = "null, k => 1000, query_embedding => %(vector)s"
    tail = f"where vector_rank <= {K} order by vector_rank"
    return System(VECTOR, "", lambda: RecallSession(cluster, users, call, tail))


class PlainSession:
    """A query on a table, directly, as the superuser: no row-level security, no pool, no log."""

    def __init__(self, cluster: Cluster, query: str, settings: str, is_prepared: bool) -> None:
        self._db: Connection = superuser(cluster)
        self._db.prepare_threshold = 0 if is_prepared else None
        if settings:
            self._db.execute(settings.encode())
        self._query = query.encode()

    def search(self, query: Query) -> list[int]:
        """Ask for the ten nearest."""
        rows = self._db.execute(
            self._query, {"owner": query.owner.number, "vector": query.vector_text}
        ).fetchall()
        return [row[0] for row in rows]

    def close(self) -> None:
        """Close the connection."""
        self._db.close()


HEAP, COVERING = "floor: heap", "floor: covering index"
HNSW, ITERATIVE = "HNSW", "HNSW, iterative scan"
_NEAREST = (
    "select id, content from bench.heap where owner = %(owner)s "
    "order by embedding <=> %(vector)s::halfvec limit 10"
)
_COVERED = (
    "select t.id, t.content from (select id, embedding <=> %(vector)s::halfvec as distance "
    "from bench.covering where owner = %(owner)s order by 2 limit 10) as best "
    "join bench.covering as t using (id) order by best.distance"
)
_COLUMNS = "n as id, u.number as owner, m.content, s.embedding"
_SOURCE = (
    "from bench.numbers join bench.staging as s using (n) "
    "join memoriesdb.memories as m using (owner_id, id) "
    "join bench.owners as u on u.id = m.owner_id order by n"
)


def make_floors(cluster: Cluster, users: list[str]) -> None:
    """Make the bare tables: the same rows in the same order of arrival."""
    with superuser(cluster) as db:
        db.execute("create table bench.owners (id uuid primary key, number integer)")
        db.cursor().executemany(
            "insert into bench.owners values (%s, %s)",
            [(user, number) for number, user in enumerate(users)],
        )
        for table, indexes in (
            ("heap", "create index on bench.heap (owner)"),
            (
                "covering",
                "alter table bench.covering add primary key (id);"
                "create index on bench.covering (owner, id) include (embedding)",
            ),
        ):
            db.execute(
                f"create table bench.{table} "
                "(id bigint, owner integer, content text, embedding halfvec(384))".encode()
            )
            db.execute(f"insert into bench.{table} select {_COLUMNS} {_SOURCE}".encode())
            db.execute(indexes.encode())
            db.execute(f"vacuum analyze bench.{table}".encode())


def floors(cluster: Cluster) -> list[System]:
    """Return the bare tables that are searched exactly."""
    about = "a direct connection, a prepared statement, no row-level security"
    return [
        System(
            HEAP,
            f"rows in order of arrival, btree (owner); {about}",
            lambda: PlainSession(cluster, _NEAREST, "", True),
        ),
        System(
            COVERING,
            f"index (owner, id) include (embedding); {about}",
            lambda: PlainSession(cluster, _COVERED, "", True),
        ),
    ]


def make_hnsw(cluster: Cluster) -> None:
    """Put one HNSW index over everybody's vectors onto the bare heap."""
    with superuser(cluster) as db:
        db.execute("create index heap_hnsw on bench.heap using hnsw (embedding halfvec_cosine_ops)")
        db.execute("vacuum analyze bench.heap")


def hnsw(cluster: Cluster) -> list[System]:
    """Return the ways to ask one HNSW index over all; the planner may still take the btree."""
    iterative = "set hnsw.iterative_scan = strict_order"
    return [
        System(
            HNSW,
            "one index over all, where owner = …; defaults; a direct connection",
            lambda: PlainSession(cluster, _NEAREST, "", False),
        ),
        System(
            ITERATIVE,
            f"the same with {iterative}",
            lambda: PlainSession(cluster, _NEAREST, iterative, False),
        ),
    ]


def drop(cluster: Cluster, *tables: str) -> None:
    """Give the room back."""
    with superuser(cluster) as db:
        for table in tables:
            db.execute(f"drop table if exists {table} cascade".encode())


__all__ = [
    "COVERING",
    "FILTERED",
    "HEAP",
    "HNSW",
    "HYBRID",
    "ITERATIVE",
    "VECTOR",
    "K",
    "Session",
    "System",
    "drop",
    "dsn",
    "floors",
    "hnsw",
    "make_floors",
    "make_hnsw",
    "ours",
    "vector_arm",
]
