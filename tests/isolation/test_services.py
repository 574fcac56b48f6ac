"""What workers, admins, auditors and PgBouncer's own login may do, beside what they read."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import PASSWORD, Database

# A call of every function that some login may use, with arguments of the right types.
CALLS = {
    "users": [
        "set_user('{id}')",
        "remember('x')",
        "remember_many('[]')",
        "recall('x')",
        "recall_batch('{{x}}')",
        "explain_recall('x', '{id}')",
        "build_context('x')",
        "forget('{id}')",
        "restore('{id}')",
        "history('{id}')",
        "as_of(now())",
        "share('{id}', '{id}')",
        "unshare('{id}', '{id}')",
        "transfer('{id}', '{id}')",
        "acquire('{id}')",
        "custody('{id}')",
        "link('{id}', '{id}')",
        "unlink('{id}', '{id}')",
        "neighbors('{id}')",
        "embed_query('x')",
        "_embed_by('{id}', 'x')",
        "use_embedding_model('x')",
        "_setting('max_attempts')",
        "_log_access('x', 'answered', '{{}}', 0)",
        "_log_refused('x', '{{}}')",
        "login('x')",
        "act_for('{id}')",
        "put_embedding('{id}', null)",
        "put_embeddings('{{}}', 'x', '{{}}', '{{}}')",
        "remember_encrypted('x')",
        "reencrypt('{{}}', '{{}}', '{{}}')",
        "reserve_memory_id()",
        "reserve_memory_ids(1)",
        "owner_key_uses()",
        "add_owner_key(1, 'x', 'keyring', 'x')",
        "rewrap_owner_key(1, 'x', 'keyring', 'x')",
        "retire_owner_key(1)",
        "drop_owner_key(1)",
    ],
    # Of an admin's login, and of a session that a token proves to be an admin's (test_scopes.py).
    "managers": [
        "create_user('x')",
        "deactivate_user('{id}')",
        "reactivate_user('{id}')",
        "issue_token('{id}')",
        "revoke_token('{id}')",
        "assign_service('{id}', '{id}')",
        "unassign_service('{id}', '{id}')",
        # Of a user's own jobs, too.
        "requeue_embedding(1)",
        "drop_dead_letter(1)",
        "dead_letters()",
        "hold('{id}', 'x')",
        "release('{id}')",
        "erase('{id}')",
        "erase_user('{id}')",
    ],
    "admin": [
        "map_db_role('{id}', null)",
        "rotate_signing_key()",
        "detach_audit_partition(1, 'x', 1)",
        "register_embedding_model('m', 'ollama', 'http://127.0.0.1:1', 3)",
        "backfill_embeddings('{id}')",
        "add_embedding_model('m', 'ollama', 'http://127.0.0.1:1', 3)",
        "queue_backfill('m')",
        "embedding_model_status()",
        "switch_embedding_model('m')",
        "drop_embedding_model('m')",
        "set_setting('max_attempts', '9')",
        "repair_queues()",
        "request_graph_refresh()",
    ],
    "worker": [
        "claim_embeddings('w', 1)",
        "fail_embedding('w', 1, 1, 'x')",
        "release_embeddings('w', '{{}}', '{{}}')",
        "claim_vindexing('w', 1)",
        "refresh_graph('w', 1, 1)",
        "complete_vindexing('w', 1, 1)",
        "fail_vindexing('w', 1, 1, 'x')",
        "worker_heartbeat('w', 'embedding', '0.1.0')",
        "index_memories()",
        "claim_vector_index('w')",
        "renew_vector_index('w', 1)",
        "finish_vector_index('w', 1)",
        "fail_vector_index('w', 1, 'x')",
    ],
    "nobody": [
        "_write_audit('memories', 'INSERT', '{{}}')",
        "_payload_commitment('', '{{}}', '{{}}', '', '')",
        "_refresh_graph_slice(0::smallint)",
        "_embed_text('', '', '', '', 1, 1, 1)",
        "_request_refresh('{{}}')",
        "_memory_state(null)",
        "_backoff(1)",
        "_who()",
        "_require_admin()",
        "_begin_session('{id}', null, null, '{{}}')",
        "_session_signature('')",
        "_erase_memories('{id}', '{{}}')",
        "_erase_rows_of_user('{id}', '{{}}')",
        "_erase_payloads('{{}}')",
        "_erasure_facts('{id}', '{{}}', '{{}}')",
        "_audit_ids_about('{id}', '{{}}')",
        "_erasure_probes(true)",
        "_check_receipt('{{}}')",
        "_lock_memory('{id}')",
        "_raise_if_held('{id}', '{{}}')",
        "_sign('session', '')",
        "_new_signing_key('session')",
        # They read the search structures of whom they are told.
        "_request_of('x', 1, null, null, null, null, null, null, null, null, true, '{id}')",
        "_gather(null)",
        "_fuse(null)",
        "_diversified(null)",
        "_reranked(null, 'x')",
        "_present_of('{id}')",
        "_query_terms('{id}', '{{}}', 1)",
        "_similar_terms('{id}', '{{}}', true)",
        "_nearest('{id}', '{id}', null, 1)",
        "_nearest_exactly('{id}', '{id}', 0, null, 1)",
        "_nearest_by_index('{id}', '{id}', 1, 3, null, 1)",
        "_newer_vectors('{id}', '{id}', 0)",
        "_vector_index('{id}', '{id}')",
        "_vector_route('{id}', '{id}')",
        "_vector_index_files()",
        "_random_waiting_owner()",
        "_index_owner('{id}', 1)",
        "_count_frequent_terms('{id}')",
        "_rerank('x', '{{}}')",
        "_rerank_texts('', '', '', '', '{{}}', 1)",
    ],
}


@pytest.mark.parametrize("role", ["worker", "admin", "auditor", "client"])
def test_each_login_calls_its_own_functions_alone(database: Database, role: str) -> None:
    allowed = {"client": ("users", "managers"), "admin": ("managers", "admin")}.get(role, (role,))
    db = database.connect(role)
    for group, calls in CALLS.items():
        for call in calls:
            if group in allowed and not call.startswith("set_user"):
                continue
            if role == "auditor" and call.startswith("_payload_commitment"):
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"select memoriesdb.{call.format(id=uuid4())}")
            db.rollback()


def test_the_lists_above_are_complete(database: Database) -> None:
    """A new function that logins may use gets a line there."""
    known = {call.partition("(")[0] for calls in CALLS.values() for call in calls}
    known |= {
        # For every login, or for several: not in one group.
        "erasure_check",
        "current_user_id",
        "user_id",
        "verify_memories",
        "normalise_text",
        "chunk_text",
        "worker_metrics",
        "worker_protocol",
        "reap_embeddings",
        "maintain_audit_partitions",
        "plan_vector_indexes",
        "complete_embeddings",
        "_sees_all_queues",
        "ledger_digest",
        "ledger_proof",
        "verify_ledger",
        "seal_ledger",
        "prune_access_log",
    }
    rows = database.superuser().execute(
        "select distinct proname from pg_proc where pronamespace = 'memoriesdb'::regnamespace "
        "and prorettype <> 'trigger'::regtype and proname !~ '^_'"
    )
    assert {row[0] for row in rows} <= known


def test_an_admin_who_is_mapped_to_a_user_still_reads_no_contents(
    database: Database, alice: UUID
) -> None:
    """Mapping logins is the admin's work, so it must not be a way to the memories."""
    database.remember(alice, "secret")
    with database.connect("admin") as db:
        db.execute("select memoriesdb.map_db_role(%s, 'test_admin')", (alice,))
        db.commit()
        assert db.execute("select memoriesdb.current_user_id()").fetchone() == (alice,)
        for statement in (
            "select content from memoriesdb.memories",
            "select * from memoriesdb.recall('secret')",
            "select * from memoriesdb.memory_graph",
            "select * from memoriesdb.audit_payloads",
            "select * from memoriesdb.verify_memories()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement.encode())
            db.rollback()


def test_an_auditor_gets_ids_and_hashes_of_what_is_wrong(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "secret")
    superuser = database.superuser()
    superuser.execute("alter table memoriesdb.memories disable trigger all")
    superuser.execute("update memoriesdb.memories set content = 'forged secret'")
    with database.connect("auditor") as db:
        found = db.execute("select * from memoriesdb.verify_memories()").fetchall()
    assert [row[:2] for row in found] == [(memory_id, alice)]
    assert "secret" not in str(found)


def test_the_pooler_asks_for_logins_passwords_and_for_no_superusers(database: Database) -> None:
    db = database.superuser()
    db.execute("set role memoriesdb_pgbouncer")
    ask = "select passwd is not null from memoriesdb_system.pgbouncer_auth(%s)"
    assert db.execute(ask, ("test_app",)).fetchall() == [(True,)]
    for name in ("postgres", "memoriesdb_pgbouncer", "memoriesdb_app", "nobody", "", None):
        assert db.execute(ask, (name,)).fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("select * from memoriesdb.memories")
    db.execute("reset role")
    try:
        db.execute("alter role test_client valid until '2000-01-01'")
        assert db.execute(ask, ("test_client",)).fetchall() == [(False,)]
        with pytest.raises(psycopg.OperationalError):
            database.connect("client")
    finally:
        db.execute("alter role test_client valid until 'infinity'")


def test_no_login_reaches_the_poolers_console(database: Database) -> None:
    """PgBouncer 1.18 does not even answer who is no admin: then it is the time that runs out."""
    dsn = database.dsn("admin").replace(f"/{database.name}", "/pgbouncer")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn, autocommit=True, connect_timeout=2)


def test_no_login_of_one_database_connects_to_the_next(database: Database) -> None:
    """Roles belong to the cluster: without CONNECT by login, one's app is an app in the next."""
    dsn = database.dsn("app", pooled=False)
    for other in ("memoriesdb_template", "other"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(dsn.replace(f"/{database.name}", f"/{other}"))


def test_a_login_of_no_group_reaches_nothing(database: Database, alice: UUID) -> None:
    """It may connect, and has what PUBLIC has: not even the names of columns can be used."""
    database.remember(alice, "secret")
    superuser = database.superuser()
    name = f"{database.name}_nobody"
    superuser.execute(f"create role {name} login password '{PASSWORD}'")
    superuser.execute(f"grant connect on database {database.name} to {name}")
    try:
        dsn = database.cluster.dsn(database.name, name, PASSWORD)
        with psycopg.connect(dsn, autocommit=True) as db:
            db.execute("select set_config('app.current_user', %s, false)", (str(alice),))
            for statement in (
                "select * from memoriesdb.memories",
                "select * from memoriesdb.memory_graph",
                "select * from memoriesdb.queue_status",
                "select memoriesdb.current_user_id()",
                "select memoriesdb.user_id('alice')",
                "select memoriesdb.normalise_text('x')",
                "select null::memoriesdb._audit_entry",
                "create temp table t (n integer)",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    db.execute(statement.encode())
    finally:
        superuser.execute(f"drop owned by {name}; drop role {name}")
