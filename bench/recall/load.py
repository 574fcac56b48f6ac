"""Load a population into MemoriesDB: texts as the application, vectors as the superuser."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Any

import numpy as np
from rich.progress import Progress

from bench.recall.database import act_as, dsn, index_words, pooled, run_once, superuser, value
from bench.recall.population import DIMENSIONS, Population
from memoriesdb.cluster import Cluster
from memoriesdb.config import WorkerSettings
from memoriesdb.workers.vindexing import Vindexing

WRITERS = 3
BURSTS_A_TRANSACTION = 60
VECTORS_A_STATEMENT = 20_000

# Columns of staging in COPY's binary format: the number, and the vector in half precision.
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("number_length", ">i4"),
        ("number", ">i8"),
        ("vector_length", ">i4"),
        ("dimensions", ">i2"),
        ("unused", ">i2"),
        ("vector", ">f2", (DIMENSIONS,)),
    ]
)
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def load(cluster: Cluster, population: Population, progress: Progress) -> dict[str, Any]:
    """Load everything, let the jobs finish, vacuum; return the users' ids and what it took."""
    took: dict[str, float] = {}
    users = _timed(took, "users", lambda: make_users(cluster, population))
    _timed(took, "remember", lambda: remember(cluster, population, users, progress))
    _timed(took, "vectors", lambda: embed(cluster, population, progress))
    progress.console.print("words to be indexed …")
    _timed(took, "index words", lambda: index_words(cluster))
    _timed(took, "vacuum", lambda: vacuum(cluster))
    progress.console.print("vector indexes …")
    _timed(took, "vector indexes", lambda: index_vectors(cluster))
    return {
        "users": users,
        "seconds": took,
        "bytes": sizes(cluster),
        "vector_indexes": ready_indexes(cluster),
    }


def _timed(took: dict[str, float], what: str, do: Any) -> Any:
    began = time.monotonic()
    result = do()
    took[what] = round(time.monotonic() - began, 1)
    return result


def make_users(cluster: Cluster, population: Population) -> list[str]:
    """Make the owners, and a model that nobody asks: vectors are given."""
    with pooled(cluster, "admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model("
            "'synthetic', 'ollama', 'http://127.0.0.1:9', %s)",
            (DIMENSIONS,),
        )
        rows = db.execute(
            "select memoriesdb.create_user(u.name)::text "
            "from unnest(%s::text[]) with ordinality as u (name, position) order by u.position",
            ([owner.name for owner in population.owners],),
        ).fetchall()
    return [str(row[0]) for row in rows]


def remember(
    cluster: Cluster, population: Population, users: list[str], progress: Progress
) -> None:
    """Remember all texts by remember_many(), a burst a call: the triggers are the real ones."""
    task = progress.add_task("remember", total=population.size)
    here = threading.local()
    stop = threading.Event()

    def write(bursts: tuple[range, ...]) -> None:
        if stop.is_set():
            return
        if not hasattr(here, "db"):
            here.db = pooled(cluster, "app")
            connections.append(here.db)
        with here.db.transaction():
            for burst in bursts:
                act_as(here.db, users[population.owner_of[burst[0]]])
                items = json.dumps([population.item(number) for number in burst])
                here.db.execute("select count(*) from memoriesdb.remember_many(%s)", (items,))
        progress.advance(task, sum(map(len, bursts)))

    connections: list[Any] = []
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            try:
                for _ in pool.map(write, list(batched(population.bursts(), BURSTS_A_TRANSACTION))):
                    pass
            except BaseException:
                stop.set()
                raise
    finally:
        for db in connections:
            db.close()


def batched(bursts: Iterable[range], count: int) -> Iterator[tuple[range, ...]]:
    """Yield so many at a time."""
    rest = iter(bursts)
    while batch := tuple(islice(rest, count)):
        yield batch


def embed(cluster: Cluster, population: Population, progress: Progress) -> None:
    """Give every memory its vector, in order of arrival, as if a worker had embedded it."""
    with superuser(cluster) as db:
        db.execute("create schema bench")
        stage(db, population, progress)
        has_doc = value(
            db,
            "select exists (select from pg_attribute where attname = 'doc' "
            "and attrelid = 'memoriesdb.memory_embeddings'::regclass)",
        )
        column, seq = (", doc", ", m.seq") if has_doc else ("", "")
        db.execute(
            "create table bench.numbers as select (m.metadata ->> 'n')::bigint as n, "
            "m.owner_id, m.id, m.seq, m.embedding_text_hash from memoriesdb.memories as m"
        )
        db.execute("alter table bench.numbers add primary key (n)")
        db.execute("analyze bench.numbers, bench.staging")
        statement = (
            f"insert into memoriesdb.memory_embeddings "
            f"(owner_id, memory_id, model_id, embedding, text_hash{column}) "
            f"select m.owner_id, m.id, a.id, s.embedding, m.embedding_text_hash{seq} "
            f"from bench.numbers as m join bench.staging as s on s.n = m.n "
            f"cross join memoriesdb.embedding_models as a "
            f"where m.n >= %s and m.n < %s order by m.seq"
        )
        task = progress.add_task("vectors", total=population.size)
        for start in range(0, population.size, VECTORS_A_STATEMENT):
            db.execute(statement.encode(), (start, start + VECTORS_A_STATEMENT))
            progress.update(task, completed=min(start + VECTORS_A_STATEMENT, population.size))
        # Nobody embeds here: the jobs would wait for ever.
        db.execute("delete from memoriesdb.embedding_schedule")
        missing = value(
            db,
            "select (select count(*) from memoriesdb.memories) "
            "- (select count(*) from memoriesdb.memory_embeddings)",
        )
        if missing:
            raise SystemExit(f"{missing} memories have no vector")


def stage(db: Any, population: Population, progress: Progress) -> None:
    """Copy the vectors into a table of the benchmark's own."""
    db.execute("create unlogged table bench.staging (n bigint primary key, embedding halfvec(384))")
    db.execute("alter table bench.staging alter column embedding set storage plain")
    with db.cursor().copy("copy bench.staging from stdin (format binary)") as copy:
        for part in chain((_HEADER,), _rows(population), (_TRAILER,)):
            copy.write(part)


def _rows(population: Population) -> Iterator[bytes]:
    for start in range(0, population.size, 10_000):
        vectors = population.vectors[start : start + 10_000]
        rows = np.zeros(len(vectors), _ROW)
        rows["fields"] = 2
        rows["number_length"] = 8
        rows["number"] = np.arange(start, start + len(vectors))
        rows["vector_length"] = 4 + 2 * DIMENSIONS
        rows["dimensions"] = DIMENSIONS
        rows["vector"] = vectors
        yield rows.tobytes()


def vacuum(cluster: Cluster) -> None:
    """Leave the tables as a quiet night does."""
    with superuser(cluster) as db:
        db.execute("vacuum analyze")


def index_vectors(cluster: Cluster) -> None:
    """Let the vindexing worker build the indexes that owners have earned."""
    settings = WorkerSettings.load(
        "vindexing",
        dsn=dsn(cluster, "worker"),
        maintainer_dsn=dsn(cluster, "maintainer", is_pooled=False),
    )
    run_once(Vindexing, settings)


def ready_indexes(cluster: Cluster) -> int:
    """Return how many owners have a vector index of their own."""
    with superuser(cluster) as db:
        return int(
            value(
                db,
                "select count(*) from memoriesdb.memory_vector_indexes where state = 'ready'",
            )
        )


def sizes(cluster: Cluster) -> dict[str, int]:
    """Return the bytes of every table of memoriesdb with its indexes, largest first."""
    with superuser(cluster) as db:
        return dict(
            db.execute(
                "select c.oid::regclass::text, sum(pg_total_relation_size(t.relid))::bigint "
                "from pg_class as c cross join lateral pg_partition_tree(c.oid) as t "
                "where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind = 'p' "
                "group by c.oid "
                "union all "
                "select c.oid::regclass::text, pg_total_relation_size(c.oid) from pg_class as c "
                "where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind = 'r' "
                "and not c.relispartition and pg_total_relation_size(c.oid) > 1000000 "
                "order by 2 desc"
            ).fetchall()
        )
