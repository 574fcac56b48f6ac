"""Acquiring: a copy of one's own with its origin, and an entry for the origin's owner."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Database

ACQUIRE = "select memoriesdb.acquire(%s)"


def acquire(database: Database, user_id: UUID, memory_id: UUID) -> UUID:
    with database.acting(user_id) as db:
        row = db.execute(ACQUIRE, (memory_id,)).fetchone()
    assert row is not None
    copy_id: UUID = row[0]
    return copy_id


def test_the_copy_is_ones_own_and_names_its_origin(
    database: Database, alice: UUID, bob: UUID, shared: UUID
) -> None:
    copy_id = acquire(database, bob, shared)
    assert copy_id != shared
    with database.acting(bob) as db:
        kept = db.execute(
            "select c.owner_id, c.created_by, c.updated_by, c.version, c.stream, c.trust, "
            "c.trust_limit, c.origin_id, c.origin_owner_id, c.origin_hash = o.content_hash, "
            "c.acquired_at = c.created_at and c.created_at > o.created_at, "
            "(c.kind, c.content, c.content_hash, c.metadata, c.importance, c.occurred_at, c.search)"
            " = (o.kind, o.content, o.content_hash, o.metadata, o.importance, o.occurred_at, "
            "o.search) "
            "from memoriesdb.memories as c, memoriesdb.memories as o "
            "where c.id = %s and o.id = %s",
            (copy_id, shared),
        ).fetchone()
        # Its owner does with it what he likes.
        assert db.execute(
            "update memoriesdb.memories set content = 'noted' where id = %s", (copy_id,)
        ).rowcount
    expected = (bob, bob, bob, 1, None, 0.625, 0.625, shared, alice, True, True, True)
    assert kept == expected
    with database.acting(alice) as db:
        assert not db.execute(
            "select from memoriesdb.memories where id = %s", (copy_id,)
        ).fetchall()
        assert db.execute(
            "select content, origin_id from memoriesdb.memories where id = %s", (shared,)
        ).fetchall() == [("the harbour was dredged in March", None)]


def test_the_copy_stays_when_the_origin_changes_or_goes(
    database: Database, alice: UUID, bob: UUID, shared: UUID
) -> None:
    copy_id = acquire(database, bob, shared)
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'else', trust = 0.1")
        db.execute("select memoriesdb.unshare(%s, %s)", (shared, bob))
        db.execute("delete from memoriesdb.memories where id = %s", (shared,))
    with database.acting(bob) as db:
        rows = db.execute("select id, content, trust, origin_id from memoriesdb.memories")
        assert rows.fetchall() == [(copy_id, "the harbour was dredged in March", 0.625, shared)]
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


def test_each_call_makes_a_copy(database: Database, bob: UUID, shared: UUID) -> None:
    copies = [acquire(database, bob, shared) for _ in range(2)]
    with database.acting(bob) as db:
        rows = db.execute(
            "select id from memoriesdb.memories where origin_id = %s order by seq", (shared,)
        )
        assert [row[0] for row in rows] == copies


def test_the_origins_owner_sees_who_took_a_copy(
    database: Database, alice: UUID, bob: UUID, shared: UUID
) -> None:
    copy_id = acquire(database, bob, shared)
    query = (
        "select a.operation, a.user_id, p.after ->> 'by', p.after ->> 'copy_id', "
        "p.after ->> 'content_hash' = encode(sha256(%s), 'hex'), "
        "(p.after ->> 'at')::timestamptz <= a.at, p.after::text ~ 'harbour' "
        "from memoriesdb.audit_log as a join memoriesdb.audit_payloads as p using (audit_id) "
        "where a.row_id = %s order by audit_id desc limit 1"
    )
    text = b"the harbour was dredged in March"
    with database.acting(alice) as db:
        assert db.execute(query, (text, shared)).fetchone() == (
            *("ACQUIRE", bob, str(bob), str(copy_id)),
            *(True, True, False),
        )
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
    with database.acting(bob) as db:
        # The entry is the origin's; his own is an INSERT like any other.
        assert db.execute(query, (text, shared)).fetchone() is None
        entry = db.execute(query, (text, copy_id)).fetchone()
        assert entry is not None
        assert entry[:2] == ("INSERT", bob)
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


@pytest.mark.parametrize(
    "what", ["unknown", "hidden", "unshared", "grant over", "forgotten", "expired", "other's grant"]
)
def test_what_is_not_shared_answers_as_what_does_not_exist(
    database: Database, alice: UUID, bob: UUID, carol: UUID, shared: UUID, what: str
) -> None:
    memory_id = shared
    with database.acting(alice) as db:
        if what == "unshared":
            db.execute("select memoriesdb.unshare(%s, %s)", (shared, bob))
        elif what == "forgotten":
            db.execute("select memoriesdb.forget(%s)", (shared,))
        elif what == "expired":
            db.execute("update memoriesdb.memories set expires_at = now() - interval '1 s'")
    if what == "unknown":
        memory_id = uuid4()
    elif what == "hidden":
        memory_id = database.remember(carol, "hers alone")
    elif what == "grant over":
        database.superuser().execute(
            "update memoriesdb.memory_grants set expires_at = now() - interval '1 s'"
        )
    elif what == "other's grant":
        memory_id = database.remember(carol, "for Alice")
        with database.acting(carol) as db:
            db.execute("select memoriesdb.share(%s, %s)", (memory_id, alice))
    with database.acting(bob) as db:
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute(ACQUIRE, (memory_id,))
        db.rollback()
    diag = caught.value.diag
    assert (diag.sqlstate, diag.message_primary) == ("MD201", "memory not found")
    assert diag.message_detail == f"You have no memory {memory_id}."
    log = database.cluster.postgres.log.read_text()
    assert f"memoriesdb access: refused memory {memory_id} to {bob} (test_app)" in log
    superuser = database.superuser()
    for where in ("memories where origin_id is not null", "audit_log where operation = 'ACQUIRE'"):
        assert superuser.execute(f"select from memoriesdb.{where}").rowcount == 0


def test_what_is_shared_is_acquired(database: Database, bob: UUID, shared: UUID) -> None:
    """Negative control of the test above."""
    acquire(database, bob, shared)
    log = database.cluster.postgres.log.read_text()
    assert f"refused memory {shared}" not in log


def test_ones_own_is_not_acquired(database: Database, alice: UUID, shared: UUID) -> None:
    with database.acting(alice) as db:
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute(ACQUIRE, (shared,))
        db.rollback()
    assert caught.value.sqlstate == "MD305"


def test_an_encrypted_memory_changes_no_hands(
    database: Database, alice: UUID, bob: UUID, shared: UUID
) -> None:
    # As a client that encrypts would have left it: what makes a ciphertext is tested elsewhere.
    superuser = database.superuser()
    superuser.execute("alter table memoriesdb.memories disable trigger user")
    superuser.execute("update memoriesdb.memories set is_encrypted = true")
    for user, statement, given in (
        (bob, ACQUIRE, (shared,)),
        (alice, "select memoriesdb.transfer(%s, %s)", (shared, bob)),
    ):
        with database.acting(user) as db:
            with pytest.raises(psycopg.DatabaseError) as caught:
                db.execute(statement, given)
            db.rollback()
        assert caught.value.sqlstate == "MD306"
        assert caught.value.diag.message_hint


def test_a_viewer_acquires_nothing(database: Database, alice: UUID) -> None:
    viewer = database.create_user("viewer", "viewer")
    memory_id = database.remember(alice, "for the viewer")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, viewer))
    with database.acting(viewer) as db:
        assert db.execute("select from memoriesdb.memories").rowcount == 1
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute(ACQUIRE, (memory_id,))
        db.rollback()
    assert caught.value.sqlstate == "MD004"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("origin_id", "gen_random_uuid()"),
        ("origin_owner_id", "gen_random_uuid()"),
        ("origin_hash", "sha256('x')"),
        ("acquired_at", "now()"),
    ],
)
def test_nobody_writes_an_origin(
    database: Database, bob: UUID, shared: UUID, column: str, value: str
) -> None:
    copy_id = acquire(database, bob, shared)
    for statement in (
        f"insert into memoriesdb.memories (content, {column}) values ('mine', {value})",
        f"update memoriesdb.memories set {column} = {value} where id = '{copy_id}'",
    ):
        with database.acting(bob) as db:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement.encode())
            db.rollback()
    # Not even the tables' owner, whom the privileges do not stop.
    superuser = database.superuser()
    superuser.execute("set role memoriesdb_owner")
    with pytest.raises(psycopg.DatabaseError) as caught:
        superuser.execute(
            f"update memoriesdb.memories set {column} = {value} where id = '{copy_id}'".encode()
        )
    assert caught.value.sqlstate == "MD202"


def test_its_owner_lowers_a_limit_and_nobody_raises_it(
    database: Database, alice: UUID, bob: UUID, shared: UUID
) -> None:
    with database.acting(bob) as db:
        db.execute("insert into memoriesdb.memories (content, trust, trust_limit) "
                   "values ('mine', 0.25, 0.5)")  # fmt: skip
        db.execute("update memoriesdb.memories set trust_limit = 0.25 where content = 'mine'")
        db.execute("insert into memoriesdb.memories (content, trust_limit) "
                   "values ('beyond', 2), ('no number', 'NaN')")  # fmt: skip
        query = (
            "select trust, trust_limit from memoriesdb.memories where owner_id = %s order by seq"
        )
        assert db.execute(query, (bob,)).fetchall() == [(0.25, 0.25), (0.5, 1), (0.5, 1)]
    for statement in (
        "insert into memoriesdb.memories (content, trust, trust_limit) values ('x', 0.5, 0.25)",
        "insert into memoriesdb.memories (content, trust, trust_limit) values ('x', 0, -1)",
        "update memoriesdb.memories set trust_limit = 0.5 where content = 'mine'",
        "update memoriesdb.memories set trust_limit = 'NaN' where content = 'mine'",
        "update memoriesdb.memories set trust = 0.5 where content = 'mine'",
        "update memoriesdb.memories set trust_limit = 0.1 where content = 'mine'",
    ):
        with database.acting(bob) as db:
            with pytest.raises(psycopg.DatabaseError) as caught:
                db.execute(statement.encode())
            db.rollback()
        assert caught.value.sqlstate == "MD205", statement
    # Nor the tables' owner, nor who may write it without its being his.
    superuser = database.superuser()
    superuser.execute("set role memoriesdb_owner")
    raising = "update memoriesdb.memories set trust_limit = 1 where content = 'mine'"
    with pytest.raises(psycopg.DatabaseError) as caught:
        superuser.execute(raising)
    assert caught.value.sqlstate == "MD205"
    with database.acting(alice) as db:
        db.execute("select memoriesdb.unshare(%s, %s)", (shared, bob))
        db.execute("select memoriesdb.share(%s, %s, 'write')", (shared, bob))
    with database.acting(bob) as db:
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute("update memoriesdb.memories set trust_limit = 0.75 where id = %s", (shared,))
        db.rollback()
        assert caught.value.sqlstate == "MD205"
        # Negative control: the grant is one to write.
        db.execute("select memoriesdb.set_user(%s)", (bob,))
        assert db.execute(
            "update memoriesdb.memories set importance = 0.75 where id = %s", (shared,)
        ).rowcount == 1  # fmt: skip


def test_vectors_come_along_and_what_is_out_of_date_is_queued(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.connect("admin") as db:
        db.execute("select memoriesdb.register_embedding_model('m', 'ollama', 'http://h', 3)")
    ready, stale = (database.remember(alice, text) for text in ("one", "two"))
    worker = database.connect("worker", autocommit=True)
    worker.execute(
        "select memoriesdb.complete_embeddings('w', array_agg(job_id), array_agg(lease_token), "
        "array_agg(text_hash), array_agg('[1,0,0]'::vector)) "
        "from memoriesdb.claim_embeddings('w', 10)"
    )
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'three' where id = %s", (stale,))
        for memory_id in (ready, stale):
            db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    copies = [acquire(database, bob, memory_id) for memory_id in (ready, stale)]
    waiting = database.superuser().execute(
        "select memory_id from memoriesdb.embedding_schedule where owner_id = %s", (bob,)
    )
    assert waiting.fetchall() == [(copies[1],)]
    with database.acting(bob) as db:
        found = db.execute(
            "select memory_id, embedding_state from memoriesdb.recall('x', "
            "query_embedding => '[1,0,0]', include_shared => false) order by memory_id"
        )
        assert found.fetchall() == list(zip(copies, ["ready", "stale"], strict=True))


def test_custody_of_a_copy_shows_its_provenance(
    database: Database, alice: UUID, bob: UUID, carol: UUID, shared: UUID
) -> None:
    copy_id = acquire(database, bob, shared)
    with database.acting(bob) as db:
        db.execute("select memoriesdb.transfer(%s, %s, 'sold')", (copy_id, carol))
    query = (
        "select owner_id, held_until is null, origin_id, origin_owner_id, "
        "origin_hash = sha256(%s), acquired_at is not null from memoriesdb.custody(%s)"
    )
    text = b"the harbour was dredged in March"
    first = (bob, False, shared, alice, True, True)
    with database.acting(carol) as db:
        assert db.execute(query, (text, copy_id)).fetchall() == [
            first,
            (carol, True, None, None, None, False),
        ]
        # The chain before the copy is its owners' business.
        assert db.execute(query, (text, shared)).fetchall() == []
    with database.acting(bob) as db:
        assert db.execute(query, (text, copy_id)).fetchall() == [first]
    with database.acting(alice) as db:
        assert db.execute(query, (text, copy_id)).fetchall() == []
        assert db.execute(query, (text, shared)).fetchall() == [
            (alice, True, None, None, None, False)
        ]


def test_a_copy_of_a_copy_names_its_direct_origin(
    database: Database, alice: UUID, bob: UUID, carol: UUID, shared: UUID
) -> None:
    first = acquire(database, bob, shared)
    with database.acting(bob) as db:
        db.execute("update memoriesdb.memories set trust = 0.25 where id = %s", (first,))
        db.execute("select memoriesdb.share(%s, %s)", (first, carol))
    second = acquire(database, carol, first)
    with database.acting(carol) as db:
        kept = db.execute(
            "select origin_id, origin_owner_id, trust, trust_limit from memoriesdb.memories "
            "where id = %s",
            (second,),
        )
        assert kept.fetchone() == (first, bob, 0.25, 0.25)
