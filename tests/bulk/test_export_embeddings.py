"""Embeddings come along where they are of the same text by the same model, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from acting import Database, NewDatabase, one, refused
from bulk.exports import exported, imported, lines
from memoriesdb.bulk.records import Model

VECTORS = {"tea": "[1,0,0.099975586]", "milk": "[0,1,-0.5]"}
EMBEDDINGS = """
select m.content, o.name, e.embedding::text, e.text_hash = m.embedding_text_hash
from memoriesdb.memory_embeddings as e
join memoriesdb.memories as m on m.owner_id = e.owner_id and m.id = e.memory_id
join memoriesdb.embedding_models as o on o.id = e.model_id
where e.owner_id = %s
order by m.seq, o.name
"""
JOBS = """
select m.content, o.name from memoriesdb.embedding_schedule as j
join memoriesdb.memories as m on m.owner_id = j.owner_id and m.id = j.memory_id
join memoriesdb.embedding_models as o on o.id = j.model_id
where j.owner_id = %s order by m.seq, o.name
"""
PUT = "select memoriesdb.put_embeddings(%s, %s, %s, %s)"


def register(database: Database, name: str, dimensions: int = 3, **more: object) -> None:
    names = "".join(f", {key} => %({key})s" for key in more)
    with database.connect("admin") as db:
        db.execute(
            f"select memoriesdb.register_embedding_model(%(name)s, 'ollama', 'http://h', "
            f"%(dimensions)s{names})".encode(),
            {"name": name, "dimensions": dimensions, **more},
        )


def embed(database: Database) -> None:
    """Let a worker embed all that waits."""
    worker = database.connect("worker", autocommit=True)
    jobs = worker.execute(
        "select job_id, lease_token, text_hash, input from memoriesdb.claim_embeddings('w', 100)"
    ).fetchall()
    worker.execute(
        "select memoriesdb.complete_embeddings('w', %s, %s, %s, %s::vector[])",
        ([job[0] for job in jobs], [job[1] for job in jobs], [job[2] for job in jobs],
         [VECTORS[job[3]] for job in jobs]),
    )  # fmt: skip


@pytest.fixture
def export(database: Database, alice: UUID) -> bytes:
    """Of two memories, of which the second has another text than its vector is of."""
    register(database, "m")
    database.remember(alice, "tea")
    memory_id = database.remember(alice, "milk")
    embed(database)
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'cream' where id = %s", (memory_id,))
    return exported(database, alice, with_embeddings=True)


def test_a_vector_of_the_same_text_is_put_back_and_the_others_are_queued(
    database: Database, alice: UUID, bob: UUID, export: bytes
) -> None:
    found = lines(export)
    assert found[0]["counts"]["embeddings"] == 2
    assert [line["embedding"] for line in found if line["type"] == "embedding"] == [
        [1, 0, 0.099975586],
        [0, 1, -0.5],
    ]
    counts = imported(database, bob, export)
    assert (counts.kept, counts.embeddings) == (2, 1)
    superuser = database.superuser()
    assert superuser.execute(EMBEDDINGS, (bob,)).fetchall() == [
        ("tea", "m", "[1,0,0.099975586]", True)
    ]
    assert superuser.execute(JOBS, (bob,)).fetchall() == [("cream", "m")]
    with database.acting(bob) as db:
        query = (
            "select content, embedding_state from memoriesdb.recall('x', "
            "query_embedding => '[1,0,0]', include_shared => false)"
        )
        assert ("tea", "ready") in db.execute(query).fetchall()


def test_without_embeddings_all_are_queued(database: Database, alice: UUID, bob: UUID) -> None:
    register(database, "m")
    database.remember(alice, "tea")
    embed(database)
    export = exported(database, alice)
    assert [line["type"] for line in lines(export)] == ["header", "memory", "end"]
    assert imported(database, bob, export).embeddings == 0
    assert database.superuser().execute(JOBS, (bob,)).fetchall() == [("tea", "m")]


def test_models_are_told_apart_by_what_decides_about_a_vector(
    new_database: NewDatabase, export: bytes
) -> None:
    with new_database() as other:
        register(other, "by another name", model="m")
        register(other, "m", model="another")
        carol = other.create_user("carol")
        assert imported(other, carol, export).embeddings == 1
        superuser = other.superuser()
        made = superuser.execute(EMBEDDINGS, (carol,)).fetchall()
        assert made == [("tea", "by another name", "[1,0,0.099975586]", True)]
        waiting = [("tea", "m"), ("cream", "by another name"), ("cream", "m")]
        assert superuser.execute(JOBS, (carol,)).fetchall() == waiting


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({"name": "another"}, True),
        ({"is_active": False}, True),
        ({"model": "another"}, False),
        ({"dimensions": 4}, False),
        ({"max_tokens": 512}, False),
        ({"passage_prefix": "passage: "}, False),
    ],
)
def test_what_makes_the_same_vectors(change: dict[str, Any], is_same: bool) -> None:
    model = Model("m", "m", 3, 256, "", True)
    assert model.makes_the_same(replace(model, **change)) == is_same


def test_another_template_makes_another_text(
    monkeypatch: pytest.MonkeyPatch,
    new_database: NewDatabase,
    database: Database,
    alice: UUID,
) -> None:
    register(database, "m")
    database.remember(alice, "tea", metadata='{"speaker": "Ada"}')
    query = (
        "select memoriesdb._embedding_text(content, metadata, occurred_at) from memoriesdb.memories"
    )
    monkeypatch.setitem(VECTORS, str(one(database.superuser(), query)), "[1,2,3]")
    embed(database)
    export = exported(database, alice, with_embeddings=True)
    with new_database() as other:
        other.administer("set_setting('embedding_template', %s)", '"{content} ({speaker})"')
        register(other, "m")
        carol = other.create_user("carol")
        assert imported(other, carol, export).embeddings == 0
        assert other.superuser().execute(JOBS, (carol,)).fetchall() == [("tea", "m")]


@pytest.fixture
def waiting(database: Database, alice: UUID) -> tuple[UUID, bytes]:
    """A memory of Alice that waits for its embedding, and the hash of its text."""
    register(database, "m")
    memory_id = database.remember(alice, "tea")
    with database.acting(alice) as db:
        text_hash = one(db, "select embedding_text_hash from memoriesdb.memories")
    assert isinstance(text_hash, bytes)
    return memory_id, text_hash


def put(
    database: Database, user_id: UUID, memory_id: UUID, text_hash: bytes, vector: str = "[1,2,3]"
) -> list[UUID]:
    with database.acting(user_id) as db:
        found = db.execute(PUT, ([memory_id], "m", [text_hash], [vector])).fetchall()
    return [row[0] for row in found]


def test_a_vector_is_put_once_and_ends_the_job(
    database: Database, alice: UUID, waiting: tuple[UUID, bytes]
) -> None:
    assert put(database, alice, *waiting) == [waiting[0]]
    superuser = database.superuser()
    assert superuser.execute(JOBS, (alice,)).fetchall() == []
    assert put(database, alice, *waiting, "[3,2,1]") == []
    assert superuser.execute(EMBEDDINGS, (alice,)).fetchall() == [("tea", "m", "[1,2,3]", True)]
    with database.acting(alice) as db:
        query = "select count(*) from memoriesdb.audit_log where table_name = 'memory_embeddings'"
        assert one(db, query) == 1


def test_what_a_worker_has_made_is_not_replaced(
    database: Database, alice: UUID, waiting: tuple[UUID, bytes]
) -> None:
    embed(database)
    assert put(database, alice, *waiting) == []
    found = database.superuser().execute(EMBEDDINGS, (alice,)).fetchall()
    assert found == [("tea", "m", VECTORS["tea"], True)]


def test_not_of_another_text_and_not_of_another_owner(
    database: Database, alice: UUID, bob: UUID, waiting: tuple[UUID, bytes]
) -> None:
    memory_id, text_hash = waiting
    assert put(database, alice, memory_id, b"\0" * 32) == []
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
    assert put(database, bob, memory_id, text_hash) == []
    superuser = database.superuser()
    assert superuser.execute(EMBEDDINGS, (alice,)).fetchall() == []
    assert superuser.execute(JOBS, (alice,)).fetchall() == [("tea", "m")]


def test_what_a_worker_holds_is_left_to_it(
    database: Database, alice: UUID, waiting: tuple[UUID, bytes]
) -> None:
    worker = database.connect("worker", autocommit=True)
    claimed = worker.execute("select job_id from memoriesdb.claim_embeddings('w', 1)").fetchall()
    assert len(claimed) == 1
    assert put(database, alice, *waiting) == [waiting[0]]
    assert database.superuser().execute(JOBS, (alice,)).fetchall() == [("tea", "m")]


def test_bad_vectors_are_refused(
    database: Database, alice: UUID, waiting: tuple[UUID, bytes]
) -> None:
    memory_id, text_hash = waiting
    for model, hashes, vector, code in (
        ("m", 1, "[1,2]", "MD109"),
        ("m", 1, "[0,0,0]", "MD109"),
        ("m", 1, "[1,2,70000]", "MD109"),
        ("m", 1, None, "MD109"),
        ("none", 1, "[1,2,3]", "MD110"),
        (None, 1, "[1,2,3]", "MD110"),
        ("m", 2, "[1,2,3]", "MD110"),
    ):
        with database.acting(alice) as db:
            error = refused(db, PUT, [memory_id], model, [text_hash] * hashes, [vector])
            db.rollback()
        assert error.sqlstate == code, (model, vector)
        assert error.diag.message_hint
    assert database.superuser().execute(EMBEDDINGS, (alice,)).fetchall() == []


def test_who_may_not_write_puts_nothing(
    database: Database, alice: UUID, waiting: tuple[UUID, bytes]
) -> None:
    token = database.issue_token(alice, scopes=["read"])
    memory_id, text_hash = waiting
    with database.with_token(token) as db:
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute(PUT, ([memory_id], "m", [text_hash], ["[1,2,3]"]))
        db.rollback()
    assert caught.value.sqlstate == "MD004"
