"""What plans, statistics, sequences and errors tell about other users: no value of theirs."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database

CANARY = "zebra-crossing"


@pytest.fixture
def crowded(database: Database, alice: UUID) -> Database:
    """Alice has many equal memories, and the planner's statistics know them."""
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (kind, content, stream, metadata) "
            "select 'diagnosis', %(canary)s, %(canary)s, jsonb_build_object('k', %(canary)s::text) "
            "from generate_series(1, 500)",
            {"canary": CANARY},
        )
        db.execute(
            "select memoriesdb.link(ids[1], ids[n], 'suspects') from ("
            "select array_agg(id) as ids from memoriesdb.memories) as m "
            "cross join generate_series(2, 200) as n"
        )
    with database.superuser() as db:
        db.execute(
            "select memoriesdb._refresh_graph_slice(s::smallint) from generate_series(0, 15) as s"
        )
        db.execute("analyze")
    return database


def _estimate(db: Connection, condition: str) -> int:
    plan = db.execute(f"explain (format json) select * from memoriesdb.{condition}").fetchone()
    assert plan is not None
    rows: int = plan[0][0]["Plan"]["Plan Rows"]
    return rows


GUESSES = [
    (f"memories where content = '{CANARY}'", "memories where content = 'guess'"),
    (f"memories where stream = '{CANARY}'", "memories where stream = 'guess'"),
    ("memories where kind = 'diagnosis'", "memories where kind = 'guess'"),
    (
        f"memories where content_hash = sha256('{CANARY}'::bytea)",
        "memories where content_hash = sha256('guess'::bytea)",
    ),
    ("memory_edges where relation = 'suspects'", "memory_edges where relation = 'guess'"),
    ("memory_graph where relation = 'suspects'", "memory_graph where relation = 'guess'"),
    ("audit_payloads where reason = 'why'", "audit_payloads where reason = 'guess'"),
]


def test_estimates_are_the_same_for_what_others_have_and_for_what_nobody_has(
    crowded: Database,
) -> None:
    """Equality of text is leakproof, so the planner looks a guess up in everybody's statistics."""
    client = crowded.connect("client")
    for there, elsewhere in GUESSES:
        assert _estimate(client, there) == _estimate(client, elsewhere), there


def test_with_statistics_the_estimates_would_tell(crowded: Database) -> None:
    """Shows that the test above can fail."""
    with crowded.superuser() as db:
        db.execute("alter table memoriesdb.memories alter column content set statistics 100")
        db.execute("analyze memoriesdb.memories")
    client = crowded.connect("client")
    there = _estimate(client, f"memories where content = '{CANARY}'")
    assert there > 5 * _estimate(client, "memories where content = 'guess'")


def test_no_statistics_keep_a_sample_of_a_text(crowded: Database) -> None:
    with crowded.superuser() as db:
        kept = db.execute(
            "select schemaname, tablename, attname from pg_stats "
            "where schemaname = 'memoriesdb' and (most_common_vals::text ~ %(canary)s "
            "or histogram_bounds::text ~ %(canary)s or most_common_elems::text ~ %(canary)s)",
            {"canary": "zebra|diagnosis|suspects"},
        ).fetchall()
    assert kept == []


def test_nobody_reads_statistics_of_tables_with_row_security(crowded: Database) -> None:
    for role in ("app", "client", "worker", "admin", "auditor"):
        with crowded.connect(role) as db:
            found = db.execute("select distinct tablename from pg_stats where schemaname ~ 'memor'")
            assert set(found.fetchall()) <= {("settings",), ("embedding_models",)}


def test_a_plan_that_is_run_holds_no_hidden_value(crowded: Database, bob: UUID) -> None:
    with crowded.acting(bob) as db:
        for table in ("memories", "memory_versions", "memory_graph", "audit_payloads"):
            lines = db.execute(
                f"explain (analyze, verbose, buffers) select * from memoriesdb.{table}"
            )
            assert CANARY not in str(lines.fetchall())


def test_sequences_are_closed(crowded: Database, alice: UUID) -> None:
    """The numbers of others' writes cannot be asked for; a pooled session's last one neither."""
    crowded.remember(alice, "one more")
    with crowded.connect("app", autocommit=True) as db:
        for query in ("lastval()", "currval('memoriesdb.memories_seq_seq')"):
            with pytest.raises(psycopg.errors.Error) as caught:
                db.execute(f"select {query}")
            assert caught.value.sqlstate in ("42501", "55000")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select last_value from memoriesdb.memories_seq_seq")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select nextval('memoriesdb.lease_token_seq')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select setval('memoriesdb.audit_log_audit_id_seq', 1)")
        last = db.execute(
            "select distinct last_value from pg_sequences where schemaname = 'memoriesdb'"
        ).fetchall()
        assert last == [(None,)]


CALLS = [
    "select memoriesdb.forget({id})",
    "select memoriesdb.restore({id})",
    "select memoriesdb.unshare({id}, {other})",
    "select memoriesdb.share({id}, {other})",
    "select memoriesdb.transfer({id}, {other})",
    "select memoriesdb.link({id}, {own})",
    "select memoriesdb.link({own}, {id})",
    "select memoriesdb.unlink({own}, {id})",
    "select memoriesdb.unlink({id}, {own})",
    "select * from memoriesdb.neighbors({id})",
    "select * from memoriesdb.history({id})",
    "select * from memoriesdb.custody({id})",
    "select * from memoriesdb.memories where id = {id} for update",
    "select * from memoriesdb.memories where id = {id} for key share nowait",
    "update memoriesdb.memories set trust = 1 where id = {id} returning *",
    "delete from memoriesdb.memories where id = {id} returning *",
    "insert into memoriesdb.memory_edges (source_id, target_id) values ({own}, {id})",
    "insert into memoriesdb.memory_edges (source_id, target_id) values ({id}, {own})",
    "insert into memoriesdb.memory_edges (owner_id, source_id, target_id) "
    "values ({owner}, {id}, {second})",
    "insert into memoriesdb.memories (owner_id, content) values ({owner}, 'x')",
    "merge into memoriesdb.memories as m using (select {id} as id) as s on m.id = s.id "
    "when matched then update set trust = 1 when not matched then do nothing",
]


def test_hidden_and_unknown_ids_get_the_same_answer(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """SQLSTATE, message, DETAIL, HINT, rows and row count are equal but for the id asked for."""
    first, second = (database.remember(alice, CANARY) for _ in range(2))
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", (first, second))
    own = database.remember(bob, "mine")
    carol = database.create_user("carol")

    def answer(call: str, memory_id: UUID, second: UUID, owner: UUID) -> tuple[object, ...]:
        ids = {"id": memory_id, "second": second, "owner": owner, "own": own, "other": carol}
        values = {key: f"'{value}'::uuid" for key, value in ids.items()}
        with database.acting(bob) as db:
            try:
                cursor = db.execute(call.format(**values).encode())
                said: tuple[object, ...] = (
                    cursor.rowcount,
                    cursor.fetchall() if cursor.description else [],
                )
            except psycopg.Error as error:
                diagnosis = error.diag
                said = (
                    diagnosis.sqlstate,
                    diagnosis.message_primary,
                    diagnosis.message_detail,
                    diagnosis.message_hint,
                    diagnosis.constraint_name,
                )
            db.rollback()
        return tuple(re.sub(f"{memory_id}|{second}|{owner}", "ID", str(part)) for part in said)

    for call in CALLS:
        hidden = answer(call, first, second, alice)
        assert hidden == answer(call, uuid4(), uuid4(), uuid4()), call
