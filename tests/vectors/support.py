"""Owners with vectors, their nearest by plain Python, and a maintainer's login."""

from __future__ import annotations

import contextlib
import math
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from acting import PASSWORD, Connection, Database
from queues.support import set_setting

DIMENSIONS = 16
MAINTAINER = "test_maintainer"

Vector = list[float]


def half(vector: Sequence[float]) -> Vector:
    """Round as a halfvec does."""
    return [struct.unpack("e", struct.pack("e", x))[0] for x in vector]


def near(center: Sequence[float], spread: float, rng: random.Random) -> Vector:
    """Return a vector of length 1 around another one."""
    moved = [x + rng.gauss(0, spread) for x in center]
    length = math.sqrt(sum(x * x for x in moved))
    return half([x / length for x in moved])


def clustered(count: int, seed: int, dimensions: int = DIMENSIONS) -> list[Vector]:
    """Return vectors in clusters, as embeddings lie."""
    rng = random.Random(seed)
    centers = [near([0.0] * dimensions, 1, rng) for _ in range(max(1, count // 40))]
    return [near(rng.choice(centers), 0.15, rng) for _ in range(count)]


def distance(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the cosine distance."""
    norms = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    return 1 - sum(x * y for x, y in zip(a, b, strict=True)) / norms


def brute(vectors: dict[int, Vector], query: Vector, most: int) -> list[tuple[int, float]]:
    """Return doc and distance of the nearest, by looking at each."""
    found = [(doc, distance(vector, query)) for doc, vector in vectors.items()]
    return sorted(found, key=lambda pair: (pair[1], pair[0]))[:most]


def text_of(vector: Sequence[float]) -> str:
    """Return a vector as SQL writes it."""
    return f"[{','.join(map(repr, vector))}]"


def add_model(db: Connection, name: str = "m", dimensions: int = DIMENSIONS) -> UUID:
    """Register the active model; nobody embeds by it."""
    row = db.execute(
        "select memoriesdb.register_embedding_model(%s, 'ollama', 'http://127.0.0.1:9', %s)",
        (name, dimensions),
    ).fetchone()
    assert row is not None
    model_id: UUID = row[0]
    return model_id


def fill(
    database: Database, owner_id: UUID, model_id: UUID, vectors: Sequence[Vector]
) -> dict[int, Vector]:
    """Give an owner a memory for each vector; returns the vectors by doc."""
    with database.acting(owner_id) as app:
        ids = app.execute(
            "insert into memoriesdb.memories (owner_id, content) "
            "select %s, 'memory ' || n from generate_series(1, %s) as n returning id",
            (owner_id, len(vectors)),
        ).fetchall()
    with database.connect("superuser", autocommit=True) as db:
        numbers = {
            row[0]: (row[1], row[2])
            for row in db.execute(
                "select id, seq, embedding_text_hash from memoriesdb.memories where owner_id = %s",
                (owner_id,),
            )
        }
        with (
            db.cursor() as cursor,
            cursor.copy(
                "copy memoriesdb.memory_embeddings "
                "(owner_id, memory_id, model_id, doc, embedding, text_hash) from stdin"
            ) as copy,
        ):
            filled: dict[int, Vector] = {}
            for (memory_id,), vector in zip(ids, vectors, strict=True):
                doc, text_hash = numbers[memory_id]
                copy.write_row((owner_id, memory_id, model_id, doc, text_of(vector), text_hash))
                filled[doc] = vector
    return filled


@dataclass
class Seen:
    """What was found, and the plans by which."""

    rows: list[tuple[int, float]]
    plans: str

    @property
    def docs(self) -> list[int]:
        """The docs in order."""
        return [doc for doc, _ in self.rows]


def definer(database: Database) -> Connection:
    """Open a connection that is what functions run as, and tells the plans of what they do."""
    db = database.connect("superuser", autocommit=True)
    db.execute(
        "load 'auto_explain'; set auto_explain.log_min_duration = 0; "
        "set auto_explain.log_nested_statements = on; set client_min_messages = log; "
        "set role memoriesdb_definer"
    )
    return db


def nearest(
    database: Database, owner_id: UUID, model_id: UUID, query: Vector, most: int = 10
) -> Seen:
    """Ask as recall asks."""
    plans: list[str] = []
    with definer(database) as db:
        db.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
        rows: list[Any] = db.execute(
            "select doc, distance from memoriesdb._nearest(%s, %s, %s::vector::halfvec, %s)",
            (owner_id, model_id, text_of(query), most),
        ).fetchall()
    return Seen(rows, "\n".join(plans))


def route(database: Database, owner_id: UUID, model_id: UUID) -> str:
    """Return how the nearest are found, in words."""
    with definer(database) as db:
        row = db.execute("select memoriesdb._vector_route(%s, %s)", (owner_id, model_id)).fetchone()
    assert row is not None
    return str(row[0])


def states(database: Database) -> list[tuple[Any, ...]]:
    """Return owner, generation and state of every index that is known."""
    with database.connect("admin", pooled=False) as db:
        return db.execute(
            "select owner_id, generation, state from memoriesdb.memory_vector_indexes "
            "order by row_count desc, owner_id, generation"
        ).fetchall()


def indexes(database: Database) -> dict[str, bool]:
    """Return the HNSW indexes that are there, and whether each is valid."""
    with database.connect("superuser", autocommit=True) as db:
        return dict(
            db.execute(
                "select c.relname, i.indisvalid from pg_index as i "
                "join pg_class as c on c.oid = i.indexrelid "
                "join pg_am as a on a.oid = c.relam and a.amname = 'hnsw'"
            ).fetchall()
        )


def earn_at(database: Database, rows: int, **more: object) -> None:
    """Set from how many rows an owner earns an index, and other settings."""
    set_setting(database, "vector_index_min_rows", str(rows))
    for key, value in more.items():
        set_setting(database, f"vector_index_{key}", str(value))


@contextlib.contextmanager
def maintainer(database: Database) -> Iterator[str]:
    """Make the login that builds indexes; gives its direct DSN."""
    name = sql.Identifier(MAINTAINER)
    with database.connect("superuser", autocommit=True) as db:
        db.execute(
            sql.SQL(
                "create role {0} login password {1} noinherit in role memoriesdb_maintainer; "
                "grant memoriesdb_owner to {0}; grant connect on database {2} to {0}"
            ).format(name, sql.Literal(PASSWORD), sql.Identifier(database.name))
        )
        try:
            yield database.cluster.dsn(database.name, MAINTAINER, PASSWORD)
        finally:
            db.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
                (MAINTAINER,),
            )
            db.execute(sql.SQL("drop owned by {0}; drop role {0}").format(name))
