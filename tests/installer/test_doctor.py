"""doctor finds nothing in a healthy database, and each fault by name."""

from __future__ import annotations

from contextlib import closing
from uuid import UUID

import psycopg
import pytest

from acting import Database
from memoriesdb.installer import diagnose
from memoriesdb.installer.findings import Detail
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query
from queues.endpoint import DIMENSIONS, Endpoint

from .findings import bad

pytestmark = pytest.mark.usefixtures("durable", "sealed")

known_holes: Query[Detail] = load("installer/doctor/known_holes", Detail)


def test_a_healthy_database_has_no_findings(database: Database) -> None:
    assert bad(database.dsn("superuser")) == []


FAULTS = [
    ("alter role memoriesdb_app bypassrls", "alter role memoriesdb_app nobypassrls", "roles are"),
    (
        "create role mdb_middle role test_app; grant memoriesdb_owner to mdb_middle",
        "drop role mdb_middle",
        "members of the owner",
    ),
    ("grant memoriesdb_signer to test_app", "revoke memoriesdb_signer from test_app", "members of"),
    ("grant memoriesdb_eraser to test_app", "revoke memoriesdb_eraser from test_app", "members of"),
    (
        "grant memoriesdb_admin to memoriesdb_client",
        "revoke memoriesdb_admin from memoriesdb_client",
        "groups are members",
    ),
    (
        "alter role test_app set session_replication_role = replica",
        "alter role test_app reset all",
        "skip triggers",
    ),
    ("alter database {} set row_security = off", "", "skip triggers"),
    ("alter role test_app in database {} set role = memoriesdb_app", "", "in another role"),
    (
        "grant set on parameter session_replication_role to test_app",
        "revoke set on parameter session_replication_role from test_app",
        "skip triggers",
    ),
    (
        "alter default privileges for role memoriesdb_owner in schema memoriesdb "
        "grant select on tables to test_app",
        "",
        "default privileges",
    ),
    ("alter database {} set log_statement = 'mod'", "", "log gets statements"),
    ("alter database {} set log_min_duration_statement = 0", "", "log gets statements"),
    ("alter role test_app in database {} set log_statement = 'all'", "", "log gets statements"),
    ("create publication everything for all tables", "", "tables are published"),
    (
        "create subscription mdb_other connection 'dbname=nowhere' publication p "
        "with (connect = false); insert into pg_subscription_rel (srrelid, srsubid, srsubstate) "
        "select 'memoriesdb.memories'::regclass, oid, 'r' from pg_subscription",
        "alter subscription mdb_other set (slot_name = none); drop subscription mdb_other",
        "written by a subscription",
    ),
    ("delete from memoriesdb.signing_keys where purpose = 'session'", "", "keys are missing"),
    (
        "update memoriesdb.signing_keys set created_at = '2020-02-02' where purpose = 'session'",
        "",
        "came with a backup",
    ),
    (
        "drop index memoriesdb.memory_edges_owner_id_target_id_idx",
        "",
        "not what this release",
    ),
    (
        "alter role test_app set app.\"current_user\" = 'x'",
        "alter role test_app reset all",
        "begin as",
    ),
    ("grant temporary on database {} to public", "", "everybody may connect"),
    ("alter function memoriesdb.forget(uuid) owner to postgres", "", "do not belong"),
    ("alter table memoriesdb.memories owner to postgres", "", "do not belong"),
    ("alter function memoriesdb_system.load_python() owner to memoriesdb_owner", "", "not belong"),
    ("alter table memoriesdb.users no force row level security", "", "row-level security"),
    ("create table memoriesdb.extra (x int)", "", "row-level security"),
    (
        "drop policy settings_all_system on memoriesdb.settings; "
        "drop policy settings_select_admin on memoriesdb.settings",
        "",
        "row-level security",
    ),
    ("alter function memoriesdb.forget(uuid) reset search_path", "", "no fixed search_path"),
    ("alter table memoriesdb.memories disable trigger _900_audit_insert", "", "triggers are"),
    ("alter table memoriesdb.memories enable trigger _900_audit_insert", "", "triggers are"),
    ("drop trigger _900_refuse_truncate on memoriesdb.audit_log_000000", "", "triggers are"),
    ("grant select on memoriesdb.audit_payloads_000000 to test_app", "", "by their own names"),
    ("grant select (login) on memoriesdb.audit_log_000001 to public", "", "by their own names"),
    (
        "create policy open on memoriesdb.audit_log_000000 using (true)",
        "",
        "by their own names",
    ),
    ("drop extension pgcrypto cascade", "", "extensions are missing"),
    ("update pg_extension set extversion = '0.7.4' where extname = 'vector'", "", "too old"),
    ("update pg_extension set extversion = '1.0' where extname = 'pg_trgm'", "", "newer version"),
    (
        "create table public.t (v public.vector(3)); "
        "create index on public.t using hnsw (v public.vector_l2_ops)",
        "",
        "known holes",
    ),
    (
        "update pg_index set indisvalid = false where indexrelid = "
        "'memoriesdb.memory_edges_owner_id_target_id_idx'::regclass",
        "",
        "indexes are invalid",
    ),
    ("refresh materialized view memoriesdb._memory_graph_03 with no data", "", "have no data"),
    ("select setval('memoriesdb.audit_log_audit_id_seq', 5000000)", "", "not made ahead"),
    ("create function memoriesdb.backdoor() returns int return 1", "", "not what this release"),
    (
        "insert into memoriesdb.vindexing_schedule (slice, xid, dead_at) values (1, '1', now())",
        "",
        "were given up",
    ),
    (
        "insert into memoriesdb.vindexing_schedule (slice, xid, enqueued_at) "
        "values (1, '1', now() - interval '1 hour')",
        "",
        "more than ten minutes",
    ),
    ("insert into memoriesdb.vindexing_schedule (slice, xid) values (1, '1')", "", "sign of life"),
]


@pytest.mark.parametrize(("fault", "undo", "what"), FAULTS, ids=[f[0][:70] for f in FAULTS])
def test_each_fault_is_named(database: Database, fault: str, undo: str, what: str) -> None:
    db = database.superuser()
    try:
        db.execute(fault.replace("{}", database.name).encode())
        found = bad(database.dsn("superuser"))
    finally:
        if undo:
            db.execute(undo.encode())
    (named,) = [finding for finding in found if what in finding.what]
    assert named.detail
    assert named.hint


def test_a_worker_that_lives_is_a_sign_of_life(database: Database) -> None:
    db = database.superuser()
    db.execute("insert into memoriesdb.vindexing_schedule (slice, xid) values (1, '1')")
    with database.connect("worker") as worker:
        worker.execute("select memoriesdb.worker_heartbeat('w', 'vindexing', '0.1.0')")
    assert bad(database.dsn("superuser")) == []
    # Words are indexed by the same worker.
    database.remember(database.create_user("ada"), "words that wait")
    assert bad(database.dsn("superuser")) == []
    db.execute("update memoriesdb.worker_heartbeats set seen_at = now() - interval '5 minutes'")
    for statement in (
        "delete from memoriesdb.vindexing_schedule",
        "delete from memoriesdb.search_schedule",
    ):
        (named,) = bad(database.dsn("superuser"))
        assert named.detail.startswith("vindexing: last seen")
        db.execute(statement.encode())
    assert bad(database.dsn("superuser")) == []


def test_entries_in_a_default_partition_are_named(database: Database) -> None:
    db = database.superuser()
    db.execute("select setval('memoriesdb.audit_log_audit_id_seq', 50000000)")
    database.create_user("late")
    assert "entries of the audit lie in a default partition" in {
        finding.what for finding in bad(database.dsn("superuser"))
    }


def test_a_mapped_login_that_was_made_anew_is_named(database: Database, alice: UUID) -> None:
    db = database.superuser()
    db.execute("create role mdb_ada login in role memoriesdb_client")
    try:
        with database.connect("admin", pooled=False) as admin:
            admin.execute("select memoriesdb.map_db_role(%s, 'mdb_ada')", (alice,))
        assert bad(database.dsn("superuser")) == []
        db.execute("drop role mdb_ada")
        db.execute("create role mdb_ada login in role memoriesdb_client")
        (named,) = bad(database.dsn("superuser"))
        assert (named.level, named.detail) == ("warning", "mdb_ada as alice")
    finally:
        db.execute("drop role mdb_ada")


def test_settings_that_were_changed_are_told(database: Database) -> None:
    with database.connect("admin", pooled=False) as admin:
        admin.execute("select memoriesdb.set_setting('max_attempts', '3')")
    for role in ("superuser", "admin"):
        (told,) = [
            f for f in diagnose(database.dsn(role)) if f.what == "settings that were changed"
        ]
        assert (told.level, told.detail) == ("ok", "max_attempts = 3 (default 8)")


def test_versions_with_holes_are_named(database: Database) -> None:
    """The server's own version cannot be lowered, so the query is asked about another one."""
    number = b"pg_catalog.current_setting('server_version_num')"
    db = database.superuser()
    named = {}
    for version in (150003, 150014, 160013, 170010, 180001, 180004):
        asked = known_holes.sql.replace(number, b"'%d'" % version)
        assert asked != known_holes.sql
        named[version] = [row[0].split(": ")[1] for row in db.execute(asked)]
    assert named == {
        150003: ["CVE-2024-10976, CVE-2025-8713, CVE-2026-2005, CVE-2026-6473"],
        150014: ["CVE-2026-2005, CVE-2026-6473"],
        160013: ["CVE-2026-6473"],
        170010: [],
        180001: ["CVE-2026-2005, CVE-2026-6473"],
        180004: [],
    }


@pytest.mark.parametrize("role", ["superuser", "admin"])
def test_an_endpoint_that_is_away_is_named(database: Database, role: str) -> None:
    with database.connect("admin", pooled=False) as admin:
        admin.execute(
            "select memoriesdb.register_embedding_model('m', 'ollama', 'http://127.0.0.1:9', %s)",
            (DIMENSIONS,),
        )
    (found,) = [f for f in bad(database.dsn(role)) if "endpoint" in f.what]
    assert (found.level, "m at http://127.0.0.1:9" in found.detail) == ("warning", True)
    with closing(Endpoint()) as endpoint:
        with database.connect("admin", pooled=False) as admin:
            admin.execute(
                "select memoriesdb.register_embedding_model('m', 'ollama', %s, %s)",
                (endpoint.url, DIMENSIONS),
            )
        assert bad(database.dsn(role)) == []
    assert not [f for f in diagnose(database.dsn("app")) if "endpoint" in f.what]


def test_a_database_without_memoriesdb_is_a_failure(database: Database) -> None:
    (found,) = bad(database.cluster.superuser_dsn)
    assert "not installed" in found.what


def test_a_server_that_is_not_there_is_the_drivers_error() -> None:
    with pytest.raises(psycopg.OperationalError):
        diagnose("postgresql://postgres@127.0.0.1:9/nowhere")


def test_nothing_is_changed_by_looking(database: Database) -> None:
    db = database.superuser()
    db.execute(f"alter database {database.name} set default_transaction_read_only = on")
    assert bad(database.dsn("app", pooled=False)) == []
    assert bad(database.dsn("superuser")) == []
