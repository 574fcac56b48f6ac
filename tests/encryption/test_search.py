"""What search knows of encrypted memories: nothing but a vector that their owner gave."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

import memoriesdb
from acting import Database
from memoriesdb import Client, errors


@pytest.fixture(autouse=True)
def _model(database: Database) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 3)
    with database.connect("admin") as db:
        # Recall goes by the vectors that are given: no endpoint is asked.
        db.execute("select memoriesdb.set_setting('recall_fuzzy_weight', '1')")


def jobs(database: Database) -> list[UUID]:
    rows = database.superuser().execute("select memory_id from memoriesdb.embedding_schedule")
    return [memory_id for (memory_id,) in rows]


def vectors(database: Database) -> list[UUID]:
    rows = database.superuser().execute("select memory_id from memoriesdb.memory_embeddings")
    return [memory_id for (memory_id,) in rows]


def embed_all(database: Database, vector: str) -> list[str]:
    """What a worker does, with the same vector for everything."""
    with database.connect("worker") as db:
        claimed = db.execute("select * from memoriesdb.claim_embeddings('w', 100)").fetchall()
        outcomes = []
        for row in claimed:
            done = db.execute(
                "select outcome from memoriesdb.complete_embeddings('w', %s, %s, %s, "
                "array[%s::vector])",
                ([row[0]], [row[1]], [row[11]], vector),
            ).fetchone()
            assert done is not None
            outcomes.append(done[0])
    return outcomes


def test_no_job_is_queued_for_an_encrypted_memory(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("tea at five")
        me.remember_many([{"content": "cake"}])
        me.update(memory_id, content="tea at four")
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("another", "ollama", "http://127.0.0.1:1", 3)
    assert jobs(database) == []
    plain = database.remember(alice, "in plain text")
    assert set(jobs(database)) == {plain}


def test_words_and_spelling_find_no_encrypted_memory(
    database: Database, client: Client, alice: UUID
) -> None:
    plain = database.remember(alice, "tea at five")
    with client.as_user(alice) as me:
        memory_id = me.remember("tea at five", metadata={"speaker": "Ada"})
        row = me.connection.execute(
            "select content from memoriesdb.memories where id = %s", (memory_id,)
        ).fetchone()
        assert row is not None
        for query in ("tea", "tee at fiwe", "Ada", row[0][-30:], str(memory_id)):
            found = me.recall(query, query_embedding=[1, 0, 0])
            assert memory_id not in {one.memory_id for one in found}, query
        assert plain in {one.memory_id for one in me.recall("tea", query_embedding=[1, 0, 0])}


def test_becoming_encrypted_removes_vector_and_job(
    database: Database, client: Client, alice: UUID
) -> None:
    embedded = database.remember(alice, "one")
    other = database.remember(alice, "two")
    assert embed_all(database, "[1,0,0]") == ["stored", "stored"]
    queued = database.remember(alice, "three")
    assert set(vectors(database)) == {embedded, other}
    assert jobs(database) == [queued]
    with client.as_user(alice) as me:
        me.update(embedded, content="one")
        me.update(queued, content="three")
    assert vectors(database) == [other]
    assert jobs(database) == []
    # And back: it is embedded like any other.
    with database.acting(alice) as db:
        db.execute(
            "update memoriesdb.memories set content = 'one again', is_encrypted = false "
            "where id = %s", (embedded,)
        )  # fmt: skip
    assert jobs(database) == [embedded]


def test_a_worker_that_holds_the_plain_text_meanwhile_is_refused(
    database: Database, client: Client, alice: UUID
) -> None:
    memory_id = database.remember(alice, "one")
    with database.connect("worker") as db:
        row = db.execute("select * from memoriesdb.claim_embeddings('w', 1)").fetchone()
        db.commit()
        assert row is not None
        with client.as_user(alice) as me:
            me.update(memory_id, content="one")
        outcome = db.execute(
            "select outcome from memoriesdb.complete_embeddings('w', %s, %s, %s, "
            "array['[1,0,0]'::vector])",
            ([row[0]], [row[1]], [row[11]]),
        ).fetchone()
        assert outcome == ("refused",)
    assert vectors(database) == []
    assert jobs(database) == []


def test_a_job_that_a_late_backfill_queued_ends_without_a_vector(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("one")
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute(
            "insert into memoriesdb.embedding_schedule (owner_id, memory_id, model_id, text_hash) "
            "select m.owner_id, m.id, o.id, m.embedding_text_hash "
            "from memoriesdb.memories as m, memoriesdb.embedding_models as o"
        )
    assert jobs(database) == [memory_id]
    assert embed_all(database, "[1,0,0]") == ["refused"]
    assert jobs(database) == []
    assert vectors(database) == []


def test_a_vector_is_given_by_the_owner_for_an_encrypted_memory_alone(
    database: Database, client: Client, alice: UUID, bob: UUID
) -> None:
    plain = database.remember(alice, "plain")
    with client.as_user(alice) as me:
        memory_id = me.remember("tea at five")
        me.share(memory_id, bob, "write")
    with pytest.raises(errors.NotEncryptedError), client.as_user(alice) as me:
        me.put_embedding(plain, [1, 0, 0])
    with pytest.raises(errors.MemoryNotFoundError), client.as_user(bob) as me:
        me.put_embedding(memory_id, [1, 0, 0])
    for wrong in ([1.0], [0.0, 0.0, 0.0], [1e6, 0.0, 0.0], [1e-9, 0.0, 0.0]):
        with pytest.raises(errors.WrongDimensionError), client.as_user(alice) as me:
            me.put_embedding(memory_id, wrong)
    assert vectors(database) == []
    with client.as_user(alice) as me:
        me.put_embedding(memory_id, [1, 0, 0])
        (found,) = me.recall("five o'clock", query_embedding=[1, 0, 0])
        assert (found.memory_id, found.content) == (memory_id, "tea at five")
    # The grantee finds the ciphertext, by the vector.
    with client.as_user(bob) as me:
        (found,) = me.recall("five o'clock", query_embedding=[1, 0, 0])
        assert found.content.startswith("mdbenc1:")
    with client.as_user(alice) as me:
        me.update(memory_id, content="something else")
        (found,) = me.recall("five o'clock", query_embedding=[1, 0, 0])
        assert (found.content, found.embedding_state) == ("something else", "stale")


def test_an_encrypted_memory_without_a_vector_waits_for_none(client: Client, alice: UUID) -> None:
    with client.as_user(alice) as me:
        beside_id = me.remember("one", stream="s")
        found_id = me.remember("two", stream="s")
        me.put_embedding(found_id, [1, 0, 0])
        found, beside = me.recall("x", query_embedding=[1, 0, 0])
        assert (found.memory_id, found.embedding_state) == (found_id, "ready")
        # It stands beside what was found.
        assert (beside.memory_id, beside.embedding_state) == (beside_id, "none")
