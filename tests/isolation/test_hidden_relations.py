"""What each login may read at all, and what it sees of others there."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

CANARY = "zebra-crossing"
# Tables with rows of users: what an application sees of another user's there is nothing.
OWN_ROWS = (
    "memories",
    "memory_versions",
    "memory_embeddings",
    "memory_edges",
    "memory_grants",
    "memory_graph",
    "audit_log",
    "audit_payloads",
    "access_log",
    "queue_status",
    "stranded_memories",
    "api_tokens",
    "service_assignments",
    "memory_holds",
    "owner_keys",
)
# What everybody sees: models, and hashes of the ledger.
OF_ALL = ("embedding_models", "ledger_blocks", "ledger_archives")


# Rows that take more than a call to come by.
BY_HAND = (
    "insert into memoriesdb.memory_holds (id, owner_id, memory_id, reason, placed_by_login, "
    "placed_at) values (%(id)s, %(alice)s, %(id)s, %(canary)s, 'test', now())",
    "insert into memoriesdb.owner_keys (owner_id, key_id, wrapped_key, provider, provider_key, "
    "created_at) values (%(alice)s, 1, 'x', 'keyring', %(canary)s, now())",
    "insert into memoriesdb.memory_vector_indexes (owner_id, model_id, generation, state, "
    "dimensions, row_count) "
    "select %(alice)s, id, 1, 'failed', 3, 1 from memoriesdb.embedding_models",
    "insert into memoriesdb.ledger_blocks (block_no, previous_hash, root, entry_count, "
    "incarnation, last_xid, last_audit_id, low_audit_id, high_audit_id, sealed_at, hash) "
    "select 1, x, x, 1, 1, '1', 1, 1, 1, now(), x from sha256('x') as x",
    "delete from memoriesdb.memory_embeddings where memory_id = %(id)s",
    "insert into memoriesdb.ledger_archives (partition_no, first_audit_id, last_audit_id, "
    "entry_count, file_sha256, archived_at, archived_by_login) "
    "values (0, 1, 1, 1, sha256('x'), now(), 'test')",
)


@pytest.fixture
def lived(database: Database, alice: UUID) -> Database:
    """Alice has a row in every table there is."""
    with database.connect("admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://127.0.0.1:1', 3)"
        )
    carol = database.create_user("carol")
    ids = [database.remember(alice, f"{CANARY} {n}") for n in range(3)]
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s, 'near')", ids[:2])
        db.execute("select memoriesdb.share(%s, %s)", (ids[0], carol))
        db.execute("update memoriesdb.memories set content = content || '!'")
        db.execute("select * from memoriesdb.recall('zebra', query_embedding => '[1,0,0]')")
    with database.connect("worker") as db:
        db.execute("select memoriesdb.worker_heartbeat('w', 'embedding', '0.1.0')")
        jobs = db.execute(
            "select job_id, lease_token, text_hash from memoriesdb.claim_embeddings('w', 2)"
        ).fetchall()
        columns = [list(column) for column in zip(*jobs, strict=True)]
        db.execute(
            "select * from memoriesdb.complete_embeddings('w', %s, %s, %s, "
            "array['[1,0,0]', '[0,1,0]']::vector[])",
            columns,
        )
        slices = db.execute("select job_id, lease_token from memoriesdb.claim_vindexing('w', 16)")
        for job in slices.fetchall():
            db.execute("select memoriesdb.refresh_graph('w', %s, %s)", job)
    service = database.create_user("service", "service")
    with database.connect("admin") as db:
        db.execute("select memoriesdb.issue_token(%s)", (alice,))
        db.execute("select memoriesdb.assign_service(%s, %s)", (service, alice))
    with database.superuser() as db:
        for statement in BY_HAND:
            db.execute(statement.encode(), {"alice": alice, "canary": CANARY, "id": ids[0]})
        db.execute(
            "insert into memoriesdb.query_embeddings (owner_id, model_id, query_hash, embedding) "
            "select %s, id, 'x', '[1,0,0]' from memoriesdb.embedding_models",
            (alice,),
        )
    return database


def _relations(database: Database) -> list[str]:
    rows = database.superuser().execute(
        "select oid::regclass::text from pg_class where relkind in ('r', 'p', 'v', 'm', 'S') "
        "and relnamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)"
    )
    return [row[0] for row in rows]


def _count(db: Connection, relation: str) -> int | None:
    """Count rows; None where it is refused."""
    try:
        with db.transaction():
            row = db.execute(f"select count(*) from {relation}").fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    assert row is not None
    count: int = row[0]
    return count


def _columns(db: Connection, relation: str) -> str:
    """Name the columns that this login may read: of a token all but the hash."""
    row = db.execute(
        "select string_agg(quote_ident(attname), ', ') from pg_attribute "
        "where attrelid = %s::regclass and attnum > 0 and not attisdropped "
        "and has_column_privilege(attrelid, attnum, 'select')",
        (relation,),
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_she_sees_her_rows(lived: Database, alice: UUID) -> None:
    """Shows that the tests below look where something is."""
    with lived.acting(alice) as db:
        counts = {name: _count(db, f"memoriesdb.{name}") for name in OWN_ROWS}
    assert 0 not in counts.values()
    assert None not in counts.values()


def test_an_application_sees_nothing_of_others_anywhere(lived: Database, bob: UUID) -> None:
    with lived.acting(bob) as db:
        counts = {name: _count(db, name) for name in _relations(lived)}
    visible = {name.removeprefix("memoriesdb."): n for name, n in counts.items() if n is not None}
    # He sees that he was made, and himself.
    expected = dict.fromkeys(OWN_ROWS, 0) | {"audit_log": 1, "audit_payloads": 1}
    # Marks of use are for admins.
    expected |= {"api_token_uses": 0}
    assert visible == expected | {"users": 1} | dict.fromkeys(OF_ALL, 1)


def test_without_a_user_nothing_is_seen(lived: Database) -> None:
    for role in ("app", "client"):
        with lived.connect(role) as db:
            counts = {name: _count(db, name) for name in _relations(lived)}
        seen = {name: n for name, n in counts.items() if n}
        assert seen == {f"memoriesdb.{name}": 1 for name in OF_ALL}


@pytest.mark.parametrize(
    ("role", "visible"),
    [
        ("worker", {"queue_status", "ledger_status"}),
        (
            "admin",
            {
                *("users", "settings", "worker_heartbeats", "queue_status", "memory_holds"),
                *("api_tokens", "api_token_uses", "service_assignments", "ledger_status"),
                # Who has how many vectors: what an administrator sizes the indexes by.
                "memory_vector_indexes",
                "stranded_memories",
                *OF_ALL,
            },
        ),
        (
            "auditor",
            {
                *("audit_log", "access_log", "worker_heartbeats", "queue_status"),
                *("memory_holds", "ledger_blocks", "ledger_archives", "ledger_status"),
                # A number above the last that was given is in no entry.
                *("ledger_leaves", "audit_log_audit_id_seq"),
            },
        ),
    ],
)
def test_services_read_what_they_need_and_no_contents(
    lived: Database, role: str, visible: set[str]
) -> None:
    with lived.connect(role) as db:
        seen = {name for name in _relations(lived) if _count(db, name) is not None}
        assert seen == {f"memoriesdb.{name}" for name in visible}
        for name in seen:
            rows = db.execute(f"select {_columns(db, name)} from {name}").fetchall()
            # The block that was made by hand seals no entry.
            assert rows or name == "memoriesdb.ledger_leaves"
            # Why somebody's memory is held is for whoever holds it to know.
            assert CANARY not in str(rows) or name == "memoriesdb.memory_holds"


def test_users_do_not_read_where_models_live(lived: Database, bob: UUID) -> None:
    with lived.acting(bob) as db:
        assert db.execute("select name from memoriesdb.embedding_models").fetchall() == [("m",)]
        for column in ("endpoint", "provider"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
                db.execute(f"select {column} from memoriesdb.embedding_models")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute("select db_role from memoriesdb.users")


def test_an_answer_without_an_embedder_does_not_say_where_it_was_looked_for(
    lived: Database, alice: UUID
) -> None:
    notices: list[str] = []
    with lived.acting(alice) as db:
        db.add_notice_handler(
            lambda said: notices.append(f"{said.message_primary} {said.message_detail}")
        )
        db.execute("select * from memoriesdb.recall('zebra')")
    assert len(notices) == 1
    assert "127.0.0.1" not in notices[0]


def test_the_view_that_a_worker_refreshed_without_a_user_is_not_empty(
    lived: Database, alice: UUID
) -> None:
    with lived.acting(alice) as db:
        assert _count(db, "memoriesdb.memory_graph") == 1
    for slice_name in (name for name in _relations(lived) if "_memory_graph_" in name):
        with lived.acting(alice) as db:
            assert _count(db, slice_name) is None


def test_results_of_functions_are_ones_own(lived: Database, bob: UUID) -> None:
    with lived.acting(bob) as db:
        for call in (
            "recall('zebra')",
            "recall('zebra', query_embedding => '[1,0,0]', k => 1000)",
            "as_of('infinity')",
            "verify_memories()",
        ):
            assert db.execute(f"select * from memoriesdb.{call}").fetchall() == [], call
        granted = db.execute("select memoriesdb._granted_ids(), memoriesdb._grantors('read')")
        assert granted.fetchone() == ([], [])
