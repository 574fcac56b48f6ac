"""A small user's nearest neighbours beside a large one's: all of k, and the right ones."""

from __future__ import annotations

import math
import random
from uuid import UUID

import pytest

from acting import Database

DIMENSIONS, SMALL, LARGE, K, QUERIES = 16, 60, 20_000, 10, 20
CENTRE = [1.0] * DIMENSIONS


def _near(rng: random.Random, spread: float) -> list[float]:
    return [x + rng.gauss(0, spread) for x in CENTRE]


def _cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))


@pytest.fixture
def crowd(database: Database, alice: UUID, bob: UUID) -> tuple[Database, dict[UUID, list[float]]]:
    """Bob's 20,000 vectors lie nearer to every query than Alice's 60, which are returned."""
    rng = random.Random(5)
    with database.connect("admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://h', %s)",
            (DIMENSIONS,),
        )
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'number ' || n from generate_series(1, %s) as n",
            (SMALL,),
        )
        ids = [row[0] for row in db.execute("select id from memoriesdb.memories order by seq")]
    vectors = {memory_id: _near(rng, 2.0) for memory_id in ids}
    db = database.connect("superuser")
    for table in ("memories", "memory_embeddings"):
        db.execute(f"alter table memoriesdb.{table} disable trigger all")
    db.execute(
        "insert into memoriesdb.memories (owner_id, id, content, content_hash, occurred_at, "
        "version, created_by, created_at, updated_at, search, embedding_text_hash) "
        "select %(bob)s, gen_random_uuid(), 'a', sha256(''), now(), 1, %(bob)s, now(), now(), '', "
        "sha256('') from generate_series(1, %(count)s)",
        {"bob": bob, "count": LARGE},
    )
    db.execute(
        "insert into memoriesdb.memory_embeddings (owner_id, memory_id, model_id, doc, embedding, "
        "text_hash) select m.owner_id, m.id, e.id, m.seq, "
        "(select array_agg(1 + (random() - 0.5) * 0.1) "
        "from generate_series(1, %s) where m.id is not null)::real[]::vector::halfvec, "
        "m.embedding_text_hash from memoriesdb.memories as m "
        "cross join memoriesdb.embedding_models as e where m.owner_id = %s",
        (DIMENSIONS, bob),
    )
    with db.cursor() as cursor:
        cursor.executemany(
            "insert into memoriesdb.memory_embeddings "
            "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
            "select m.owner_id, m.id, e.id, m.seq, %s::vector::halfvec, m.embedding_text_hash "
            "from memoriesdb.memories as m cross join memoriesdb.embedding_models as e "
            "where m.id = %s",
            [(str(vector), memory_id) for memory_id, vector in vectors.items()],
        )
    db.commit()
    db.autocommit = True
    db.execute("analyze memoriesdb.memories, memoriesdb.memory_embeddings")
    return database, vectors


def test_ten_rows_and_the_right_ones(
    crowd: tuple[Database, dict[UUID, list[float]]], alice: UUID
) -> None:
    database, vectors = crowd
    rng = random.Random(6)
    hits = 0
    with database.acting(alice) as db:
        for _ in range(QUERIES):
            query = _near(rng, 0.5)
            found = db.execute(
                "select memory_id, owner_id from memoriesdb.recall("
                "null, %s, query_embedding => %s::vector)",
                (K, str(query)),
            ).fetchall()
            assert len(found) == K
            assert {row[1] for row in found} == {alice}
            best = sorted(vectors, key=lambda i: -_cosine(vectors[i], query))[:K]
            hits += len({row[0] for row in found} & set(best))
    assert hits / (QUERIES * K) >= 0.99


def test_a_plain_vector_index_would_lose_them(
    crowd: tuple[Database, dict[UUID, list[float]]], alice: UUID
) -> None:
    """Shows what is avoided: an approximate index finds the large owner's rows, then the filter."""
    database, _ = crowd
    superuser = database.superuser()
    superuser.execute(
        "create index on memoriesdb.memory_embeddings using hnsw "
        f"((embedding::halfvec({DIMENSIONS})) halfvec_cosine_ops)"
    )
    superuser.execute("analyze memoriesdb.memory_embeddings")
    with database.acting(alice) as db:
        db.execute("set local enable_seqscan = off")
        db.execute("set local enable_bitmapscan = off")
        db.execute("set local enable_sort = off")
        found = db.execute(
            "select memory_id from memoriesdb.memory_embeddings "
            f"order by embedding::halfvec({DIMENSIONS}) <=> %s::halfvec({DIMENSIONS}) limit %s",
            (str(CENTRE), K),
        ).fetchall()
    assert len(found) < K


def test_a_shared_text_of_one_word_costs_its_reader_nothing(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Trigrams of a text that repeats itself take time with its square: a minute for this one."""
    database.remember(alice, "the word of the day")
    heavy = database.remember(bob, "word " * 52_428)
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s)", (heavy, alice))
    with database.acting(alice) as db:
        db.execute("set local statement_timeout = '3s'")
        found = db.execute("select owner_id from memoriesdb.recall('word')").fetchall()
        assert {row[0] for row in found} == {alice, bob}
        typo = db.execute("select owner_id from memoriesdb.recall('wodr of the day')").fetchall()
        assert (alice,) in typo
