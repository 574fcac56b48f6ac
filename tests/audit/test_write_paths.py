"""Every way to write leaves an entry for each row, in the same transaction, with who did it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

Entry = tuple[str, str, UUID | None, str, UUID | None]


class Log:
    """What the audit has gained since the last look."""

    def __init__(self, database: Database) -> None:
        self.db = database.superuser()
        self.last = 0
        self.entries()

    def entries(self) -> list[Entry]:
        """Return table, operation, user, login, owner of new entries, in order of writing."""
        rows = self.db.execute(
            "select audit_id, table_name, operation, user_id, login, owner_id "
            "from memoriesdb.audit_log where audit_id > %s order by audit_id",
            (self.last,),
        ).fetchall()
        if rows:
            self.last = rows[-1][0]
        return [row[1:] for row in rows]


@pytest.fixture
def log(database: Database, alice: UUID, bob: UUID) -> Iterator[Log]:
    """The audit, from when the users are there."""
    yield Log(database)
    # Entries and payloads come and go together, and each fits its commitment.
    loose = database.superuser().execute(
        "select audit_id from memoriesdb.audit_log as a "
        "full join memoriesdb.audit_payloads as p using (audit_id) "
        "where a.commitment is distinct from memoriesdb._payload_commitment("
        "p.salt, p.before, p.after, p.application_name, p.reason) "
        "or a.owner_id is distinct from p.owner_id"
    )
    assert loose.fetchall() == []


def test_sql_and_functions(database: Database, log: Log, alice: UUID) -> None:
    one = ("memories", "{}", alice, "test_app", alice)

    def entry(operation: str) -> Entry:
        return (one[0], operation, *one[2:])

    with database.acting(alice) as db:
        db.execute("insert into memoriesdb.memories (content) values ('a'), ('b')")
        db.execute("select memoriesdb.remember('c')")
        db.execute('select memoriesdb.remember_many(\'[{"content": "d"}, {"content": "e"}]\')')
        db.commit()
        assert log.entries() == [entry("INSERT")] * 5
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        db.execute("update memoriesdb.memories set trust = 0.1")
        db.commit()
        assert log.entries() == [entry("UPDATE")] * 5
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        forget = "select memoriesdb.{}(id) from memoriesdb.memories where content = 'a'"
        db.execute(forget.format("forget").encode())
        db.execute(forget.format("restore").encode())
        db.execute(
            "merge into memoriesdb.memories as m "
            "using (values ('a', 'A'), ('b', null), ('z', 'Z')) as s (content, becomes) "
            "on m.content = s.content "
            "when matched and s.becomes is null then delete "
            "when matched then update set content = s.becomes "
            "when not matched then insert (content) values (s.becomes)"
        )
        db.execute(
            "with gone as (delete from memoriesdb.memories where content = 'c' returning content) "
            "insert into memoriesdb.memories (content) select content || '!' from gone"
        )
        db.commit()
        operations = [found[1] for found in log.entries()]
    assert operations[:2] == ["UPDATE", "UPDATE"]
    assert sorted(operations[2:5]) == ["DELETE", "INSERT", "UPDATE"]
    assert sorted(operations[5:]) == ["DELETE", "INSERT"]


def test_a_statement_of_many_rows(database: Database, log: Log, alice: UUID) -> None:
    """By the thousand: more than one array of entries."""
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'number ' || n from generate_series(1, 2500) as n"
        )
        db.execute("update memoriesdb.memories set importance = 1")
        db.execute("delete from memoriesdb.memories")
    found = log.entries()
    assert [row[1] for row in found] == ["INSERT"] * 2500 + ["UPDATE"] * 2500 + ["DELETE"] * 2500
    versions = database.superuser().execute(
        "select operation, count(*) from memoriesdb.memory_versions group by operation order by 1"
    )
    assert versions.fetchall() == [("DELETE", 2500), ("UPDATE", 2500)]


def test_a_write_that_touches_no_row_writes_no_entry(
    database: Database, log: Log, alice: UUID
) -> None:
    database.remember(alice, "hers")
    log.entries()
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set trust = 1 where content = 'no'")
        db.execute("delete from memoriesdb.memories where content = 'no'")
        db.execute("delete from memoriesdb.memory_edges")
    assert log.entries() == []


def test_edges_grants_and_what_cascades(
    database: Database, log: Log, alice: UUID, bob: UUID
) -> None:
    ids = [database.remember(alice, text) for text in "ab"]
    log.entries()
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", ids)
        db.execute("select memoriesdb.link(%s, %s, weight => 0.5)", ids)
        db.execute("select memoriesdb.share(%s, %s)", (ids[0], bob))
        db.execute("select memoriesdb.share(%s, %s, 'write')", (ids[0], bob))
    assert [row[:3] for row in log.entries()] == [
        ("memory_edges", "INSERT", alice),
        ("memory_edges", "UPDATE", alice),
        ("memory_grants", "INSERT", alice),
        ("memory_grants", "UPDATE", alice),
    ]
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (ids[0],))
    gone = [row[:2] for row in log.entries()]
    expected = ["memories", "memory_edges", "memory_grants"]
    assert sorted(gone) == [(table, "DELETE") for table in expected]


def test_a_grantees_edit_is_his_and_the_owners_to_read(
    database: Database, log: Log, alice: UUID, bob: UUID
) -> None:
    memory_id = database.remember(alice, "hers")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
    log.entries()
    with database.acting(bob) as db:
        db.execute("set local application_name = 'an editor'")
        db.execute("select set_config('app.reason', 'a typo', true)")
        db.execute("update memoriesdb.memories set content = 'ours'")
    assert log.entries() == [("memories", "UPDATE", bob, "test_app", alice)]
    payload = "select before ->> 'content', after ->> 'content', application_name, reason"
    with database.acting(alice) as db:
        rows = db.execute(f"{payload} from memoriesdb.audit_payloads where before is not null")
        assert ("hers", "ours", "an editor", "a typo") in rows.fetchall()
    with database.acting(bob) as db:
        rows = db.execute(f"{payload} from memoriesdb.audit_payloads where owner_id <> %s", (bob,))
        assert rows.fetchall() == []


def test_a_worker_that_writes_an_embedding(database: Database, log: Log, alice: UUID) -> None:
    """By model and hash, never by vector; by nobody's order: the worker has no user."""
    with database.connect("admin") as db:
        db.execute("select memoriesdb.register_embedding_model('m', 'ollama', 'http://h', 3)")
    database.remember(alice, "text")
    log.entries()
    worker = database.connect("worker", autocommit=True)
    for vector in ("[0.123,0,0]", "[0,0.123,0]"):
        job = worker.execute(
            "select array[job_id], array[lease_token], array[text_hash] "
            "from memoriesdb.claim_embeddings('w', 1)"
        ).fetchone()
        assert job is not None
        done = worker.execute(
            "select outcome from memoriesdb.complete_embeddings('w', %s, %s, %s, %s::vector[])",
            (*job, [vector]),
        )
        assert done.fetchone() == ("stored",)
        with database.superuser() as db:
            db.execute(
                "insert into memoriesdb.embedding_schedule "
                "(owner_id, memory_id, model_id, text_hash) "
                "select owner_id, memory_id, model_id, text_hash from memoriesdb.memory_embeddings"
            )
    found = log.entries()
    assert [row[:2] for row in found] == [
        ("memory_embeddings", "INSERT"),
        ("memory_embeddings", "UPDATE"),
    ]
    assert all(row[2:] == (None, "test_worker", alice) for row in found)
    payloads = database.superuser().execute(
        "select p.before, p.after from memoriesdb.audit_payloads as p "
        "join memoriesdb.audit_log as a using (audit_id) where a.table_name = 'memory_embeddings'"
    )
    assert all(
        state is None or state.keys() == {"text_hash"}
        for row in payloads.fetchall()
        for state in row
    )


def test_users_models_and_settings(database: Database, log: Log, alice: UUID) -> None:
    with database.connect("admin") as db:
        db.execute("select memoriesdb.create_user('carol')")
        db.execute("select memoriesdb.deactivate_user(%s)", (alice,))
        db.execute("select memoriesdb.map_db_role(%s, 'test_client')", (alice,))
        db.execute("select memoriesdb.register_embedding_model('m', 'ollama', 'http://h', 3)")
        db.execute("select memoriesdb.set_setting('max_attempts', '9')")
    found = [row[:4] for row in log.entries()]
    assert [row for row in found if row[0] != "embedding_models"] == [
        ("users", "INSERT", None, "test_admin"),
        ("users", "UPDATE", None, "test_admin"),
        ("users", "UPDATE", None, "test_admin"),
        ("settings", "UPDATE", None, "test_admin"),
    ]
    assert ("embedding_models", "INSERT", None, "test_admin") in found


def test_a_superuser_and_who_borrows_a_role(database: Database, log: Log, alice: UUID) -> None:
    """Who is the login that connected, whatever role it has taken since."""
    database.remember(alice, "hers")
    log.entries()
    db = database.connect("superuser")
    db.execute("update memoriesdb.memories set trust = 0.1")
    db.execute("set role test_app")
    db.execute("select set_config('app.current_user', %s, true)", (str(alice),))
    db.execute("update memoriesdb.memories set trust = 0.2")
    db.commit()
    assert log.entries() == [
        ("memories", "UPDATE", None, "postgres", alice),
        ("memories", "UPDATE", alice, "postgres", alice),
    ]


def test_replica_mode_silences_no_trigger(database: Database, log: Log, alice: UUID) -> None:
    memory_id = database.remember(alice, "hers")
    log.entries()
    db = database.connect("superuser")
    db.execute("set session_replication_role = replica")
    db.execute("update memoriesdb.memories set content = 'forged'")
    with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
        db.execute("delete from memoriesdb.audit_log")
    assert caught.value.sqlstate == "MD503"
    db.commit()
    assert [row[1] for row in log.entries()] == ["UPDATE"]
    with database.acting(alice) as app:
        states = app.execute("select content from memoriesdb.history(%s)", (memory_id,)).fetchall()
        assert states == [("hers",), ("forged",)]


def _write(db: Connection, alice: UUID) -> None:
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    db.execute("select memoriesdb.remember('never was')")


def test_what_is_rolled_back_leaves_no_entry_and_gaps_raise_no_alarm(
    database: Database, log: Log, alice: UUID
) -> None:
    db = database.connect("app")
    _write(db, alice)
    db.rollback()
    _write(db, alice)
    with pytest.raises(psycopg.errors.DivisionByZero):
        db.execute("select 1 / 0")
    db.rollback()
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    for n in range(3):
        db.execute("savepoint s")
        db.execute("select memoriesdb.remember('never was')")
        db.execute("update memoriesdb.memories set trust = 0")
        db.execute("rollback to savepoint s")
        db.execute("select memoriesdb.remember(%s)", (f"kept {n}",))
    db.execute(
        "do $$ begin begin perform memoriesdb.remember('never was'); raise exception 'x'; "
        "exception when raise_exception then null; end; end $$"
    )
    db.commit()
    assert [row[1] for row in log.entries()] == ["INSERT"] * 3
    superuser = database.superuser()
    assert "never was" not in str(
        superuser.execute("select * from memoriesdb.audit_payloads").fetchall()
    )
    gaps = superuser.execute(
        "select max(audit_id) - min(audit_id) + 1 > count(*) from memoriesdb.audit_log "
        "where table_name = 'memories'"
    )
    assert gaps.fetchone() == (True,)
    with database.acting(alice) as app:
        assert app.execute("select * from memoriesdb.verify_memories()").fetchall() == []


def test_entries_of_one_transaction_have_its_id(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        xid = db.execute("select pg_current_xact_id()::text").fetchone()
        db.execute("savepoint s")
        db.execute("select memoriesdb.remember('a')")
        db.execute("release s")
        db.execute("select memoriesdb.remember('b')")
    rows = database.superuser().execute(
        "select distinct xid::text, incarnation = system_identifier "
        "from memoriesdb.audit_log, pg_control_system() where table_name = 'memories'"
    )
    assert rows.fetchall() == [(*(xid or ()), True)]
