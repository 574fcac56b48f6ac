"""Indexes while the model is changed: built for the next one, dropped with the last one."""

from __future__ import annotations

from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from acting import Database
from vectors.conftest import Large, Work
from vectors.support import earn_at, indexes, states


@pytest.fixture
def new(large: Large) -> UUID:
    """A model beside the active one, with a vector of every memory of the large owner."""
    model_id: UUID = large.database.administer(
        "add_embedding_model('new', 'ollama', 'http://127.0.0.1:9', 8)"
    )
    with large.database.superuser() as db:
        db.execute(
            "insert into memoriesdb.memory_embeddings "
            "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
            "select e.owner_id, e.memory_id, %s, e.doc, "
            "  subvector(e.embedding, 1, 8)::halfvec(8), e.text_hash "
            "from memoriesdb.memory_embeddings as e",
            (model_id,),
        )
    return model_id


def next_step(database: Database) -> tuple[int, int, str]:
    """Indexes that the new model has and lacks, and what comes next."""
    with database.connect("admin") as db:
        row = db.execute(
            "select indexes_ready, indexes_missing, next_step "
            "from memoriesdb.embedding_model_status('new')"
        ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def waits(database: Database, model_id: UUID, owner_id: UUID) -> None:
    """Leave a job of a backfill."""
    with database.superuser() as db:
        db.execute(
            "insert into memoriesdb.embedding_schedule "
            "(owner_id, memory_id, model_id, text_hash, priority) "
            "select owner_id, id, %s, embedding_text_hash, 100 from memoriesdb.memories "
            "where owner_id = %s limit 1",
            (model_id, owner_id),
        )


def test_the_next_models_index_is_built_before_the_switch_is_advised(
    large: Large, new: UUID, work: Work
) -> None:
    database = large.database
    # Each model has as many places.
    earn_at(database, 300, limit=1)
    waits(database, new, large.owner_id)
    work()
    assert len(indexes(database)) == 1
    assert next_step(database) == (0, 1, "wait for the embedding worker")
    with database.superuser() as db:
        db.execute("delete from memoriesdb.embedding_schedule where priority = 100")
    assert next_step(database) == (0, 1, "wait for the vindexing worker")
    work()
    assert len(indexes(database)) == 2
    assert next_step(database) == (1, 0, "switch")
    assert database.administer("switch_embedding_model('new')") == "m"
    work()
    assert [state for _, _, state in states(database)] == ["ready", "ready"]

    progress = database.administer("drop_embedding_model('m')")
    while progress["state"] != "dropped":
        progress = database.administer("drop_embedding_model('m', %s)", Jsonb(progress))
    assert len(indexes(database)) == 2
    work()
    (left,) = indexes(database)
    with database.superuser() as db:
        row = db.execute("select indexdef from pg_indexes where indexname = %s", (left,)).fetchone()
    assert row is not None
    assert str(new) in row[0]
    assert progress["removed"]["memory_embeddings"] == len(large.vectors) + 100
