"""Transfer: the memory changes hands with its history, and the audit shows how."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database


@pytest.fixture
def carol(database: Database) -> UUID:
    """A third user."""
    return database.create_user("carol")


@pytest.fixture
def busy(database: Database, alice: UUID, bob: UUID, carol: UUID) -> UUID:
    """Alice's memory with edges, grants (Bob may write it already), a pending job and versions."""
    with database.connect("admin") as db:
        db.execute("select memoriesdb.register_embedding_model('m', 'ollama', 'http://h', 3)")
    memory_id, before, after = (database.remember(alice, text) for text in ("one", "b", "a"))
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s, 'next')", (before, memory_id))
        db.execute("select memoriesdb.link(%s, %s, 'next')", (memory_id, after))
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, carol))
        edit = "update memoriesdb.memories set content = 'two' where id = %s"
        db.execute(edit, (memory_id,))
    return memory_id


def test_everything_that_hangs_on_it(
    database: Database, alice: UUID, bob: UUID, carol: UUID, busy: UUID
) -> None:
    with database.acting(alice) as db:
        kept = db.execute(
            "select id, seq, created_by, created_at, content_hash from memoriesdb.memories "
            "where id = %s",
            (busy,),
        ).fetchone()
        db.execute("select memoriesdb.transfer(%s, %s, 'a gift')", (busy, bob))
    superuser = database.superuser()
    with database.acting(bob) as db:
        now = db.execute(
            "select id, seq, created_by, created_at, content_hash from memoriesdb.memories"
        ).fetchall()
        assert now == [kept]
        history = db.execute(
            "select content, operation, updated_by, valid_until is null "
            "from memoriesdb.history(%s)",
            (busy,),
        ).fetchall()
        assert history == [
            ("one", "UPDATE", alice, False),
            ("two", "TRANSFER", alice, False),
            ("two", None, alice, True),
        ]
        periods = db.execute(
            "select bool_and(valid_until = following) from (select valid_until, "
            "lead(valid_from) over (order by version) as following "
            "from memoriesdb.history(%s)) as h where following is not null",
            (busy,),
        )
        assert periods.fetchone() == (True,)
    for user in (alice, carol):
        with database.acting(user) as db:
            found = db.execute("select from memoriesdb.memories where id = %s", (busy,))
            assert found.rowcount == 0
            assert db.execute("select * from memoriesdb.history(%s)", (busy,)).rowcount == 0
    for table, count in (("memory_edges", 0), ("memory_grants", 0)):
        assert superuser.execute(f"select from memoriesdb.{table}").rowcount == count
    jobs = superuser.execute(
        "select owner_id, dead_at from memoriesdb.embedding_schedule where memory_id = %s", (busy,)
    )
    assert jobs.fetchall() == [(bob, None)]


def test_the_audit_shows_both_sides(
    database: Database, alice: UUID, bob: UUID, carol: UUID, busy: UUID
) -> None:
    with database.acting(alice) as db:
        db.execute("select max(audit_id) from memoriesdb.audit_log")
        db.execute("select memoriesdb.transfer(%s, %s, 'a gift')", (busy, bob))
        xid = db.execute("select pg_current_xact_id()::text").fetchone()
    entries = database.superuser().execute(
        "select table_name, operation, owner_id, user_id, login from memoriesdb.audit_log "
        "where xid::text = %s order by table_name, operation, owner_id",
        xid,
    )
    assert entries.fetchall() == [
        ("memories", "DELETE", alice, alice, "test_app"),
        ("memories", "INSERT", bob, alice, "test_app"),
        ("memories", "TRANSFER", alice, alice, "test_app"),
        ("memories", "TRANSFER", bob, alice, "test_app"),
        ("memory_edges", "DELETE", alice, alice, "test_app"),
        ("memory_edges", "DELETE", alice, alice, "test_app"),
        ("memory_grants", "DELETE", alice, alice, "test_app"),
        ("memory_grants", "DELETE", alice, alice, "test_app"),
    ]
    for user in (alice, bob):
        with database.acting(user) as db:
            assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


def test_the_chain_of_custody(
    database: Database, alice: UUID, bob: UUID, carol: UUID, busy: UUID
) -> None:
    """Each sees it up to his own hand-over; edges are shown to whose graph they were in."""
    for giver, taker in ((alice, bob), (bob, carol), (carol, alice), (alice, carol)):
        with database.acting(giver) as db:
            db.execute("select memoriesdb.transfer(%s, %s, 'on')", (busy, taker))
    query = (
        "select owner_id, ended_by, reason, jsonb_array_length(edges), held_until is null "
        "from memoriesdb.custody(%s)"
    )
    with database.acting(carol) as db:
        assert db.execute(query, (busy,)).fetchall() == [
            (alice, alice, "on", None, False),
            (bob, bob, "on", None, False),
            (carol, carol, "on", 0, False),
            (alice, alice, "on", None, False),
            (carol, None, None, None, True),
        ]
    with database.acting(bob) as db:
        assert db.execute(query, (busy,)).fetchall() == [
            (alice, alice, "on", None, False),
            (bob, bob, "on", 0, False),
        ]
    with database.acting(alice) as db:
        assert db.execute(query, (busy,)).fetchall()[0] == (alice, alice, "on", 2, False)
    stranger = database.create_user("dave")
    with database.acting(stranger) as db:
        assert db.execute(query, (busy,)).fetchall() == []


def test_embeddings_go_along_and_claimed_jobs_are_void(
    database: Database, alice: UUID, bob: UUID, busy: UUID
) -> None:
    worker = database.connect("worker", autocommit=True)
    jobs = worker.execute(
        "select memory_id, array[job_id], array[lease_token], array[text_hash] "
        "from memoriesdb.claim_embeddings('w', 10)"
    ).fetchall()
    complete = (
        "select outcome from memoriesdb.complete_embeddings("
        "'w', %s, %s, %s, array['[1,0,0]']::vector[])"
    )
    of_it = next(job for job in jobs if job[0] == busy)
    other = next(job for job in jobs if job[0] != busy)
    assert worker.execute(complete, other[1:]).fetchone() == ("stored",)
    with database.acting(alice) as db:
        for memory_id in (busy, other[0]):
            db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, bob))
    # What was being embedded for Alice is written for nobody; Bob's own job is there.
    assert worker.execute(complete, of_it[1:]).fetchone() == ("refused",)
    with database.acting(bob) as db:
        found = db.execute("select memory_id from memoriesdb.memory_embeddings").fetchall()
        assert found == [(other[0],)]
    waiting = database.superuser().execute(
        "select memory_id from memoriesdb.embedding_schedule where owner_id = %s", (bob,)
    )
    assert waiting.fetchall() == [(busy,)]


@pytest.mark.parametrize(
    ("who", "what", "whom", "code"),
    [
        ("bob", "busy", "bob", "MD201"),
        ("bob", "busy", "carol", "MD201"),
        ("alice", "busy", "alice", "MD304"),
        ("alice", "busy", "busy", "MD002"),
        ("alice", "busy", "gone", "MD002"),
        ("alice", "bob", "bob", "MD201"),
    ],
)
def test_refusals_leave_nothing_half_done(
    database: Database,
    alice: UUID,
    bob: UUID,
    carol: UUID,
    busy: UUID,
    who: str,
    what: str,
    whom: str,
    code: str,
) -> None:
    gone = database.create_user("gone")
    with database.connect("admin") as db:
        db.execute("select memoriesdb.deactivate_user(%s)", (gone,))
    ids = {"alice": alice, "bob": bob, "carol": carol, "busy": busy, "gone": gone}
    with database.acting(ids[who]) as db:
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute("select memoriesdb.transfer(%s, %s)", (ids[what], ids[whom]))
        db.rollback()
    assert caught.value.sqlstate == code
    assert caught.value.diag.message_hint
    with database.acting(alice) as db:
        counts = db.execute(
            "select (select count(*) from memoriesdb.memories), "
            "(select count(*) from memoriesdb.memory_edges), "
            "(select count(*) from memoriesdb.memory_grants)"
        )
        assert counts.fetchone() == (3, 2, 2)
