"""verify names whatever is not as it was shipped and installed."""

from __future__ import annotations

import hashlib

import pytest

from acting import Database
from memoriesdb.installer import verify

REPLACED = """
create or replace function memoriesdb.current_user_id() returns uuid language sql stable
security definer set search_path = pg_catalog, pg_temp as $function$
  select id from memoriesdb.users limit 1;
$function$
"""
SPY = "create rule spy as on insert to memoriesdb.memories do also notify spy"
PARTITION = "memoriesdb.audit_log_000000"
CHANGES = [
    (REPLACED, "changed", "function body", "memoriesdb.current_user_id"),
    (REPLACED, "changed", "function", "memoriesdb.current_user_id()"),
    (
        "alter function memoriesdb.share(uuid, uuid, text, timestamptz) reset search_path",
        "changed",
        "function",
        "memoriesdb.share(",
    ),
    (
        "alter function memoriesdb._setting(text) owner to postgres",
        "changed",
        "function",
        "memoriesdb._setting(key text)",
    ),
    (
        "create function memoriesdb.backdoor() returns int return 1",
        "unknown",
        "function",
        "memoriesdb.backdoor()",
    ),
    ("drop function memoriesdb.custody(uuid)", "missing", "function", "memoriesdb.custody("),
    (
        "grant execute on function memoriesdb._write_audit to test_app",
        "changed",
        "function",
        "memoriesdb._write_audit(",
    ),
    (
        "drop policy memories_select_owner on memoriesdb.memories",
        "missing",
        "policy",
        "memories_select_owner on memoriesdb.memories",
    ),
    (
        "alter policy memories_select_owner on memoriesdb.memories using (true)",
        "changed",
        "policy",
        "memories_select_owner on memoriesdb.memories",
    ),
    (
        "create policy open on memoriesdb.memories to test_app using (true)",
        "unknown",
        "policy",
        "open on memoriesdb.memories",
    ),
    (
        "alter table memoriesdb.memories disable trigger _900_audit_insert",
        "changed",
        "trigger",
        "_900_audit_insert on memoriesdb.memories",
    ),
    (
        f"alter table {PARTITION} disable trigger _900_refuse_change",
        "changed",
        "trigger",
        f"_900_refuse_change on {PARTITION}",
    ),
    (f"drop table {PARTITION} cascade", "missing", "table", PARTITION),
    (
        f"alter table memoriesdb.audit_log detach partition {PARTITION}",
        "changed",
        "table",
        PARTITION,
    ),
    (
        "alter table memoriesdb.users no force row level security",
        "changed",
        "table",
        "memoriesdb.users",
    ),
    (
        "grant select on memoriesdb.audit_payloads to memoriesdb_auditor",
        "changed",
        "table",
        "memoriesdb.audit_payloads",
    ),
    (
        "grant update (owner_id) on memoriesdb.memories to memoriesdb_app",
        "changed",
        "table",
        "memoriesdb.memories",
    ),
    (
        "alter table memoriesdb.memories drop constraint memories_trust_in_range",
        "missing",
        "constraint",
        "memories_trust_in_range on memoriesdb.memories",
    ),
    (
        "alter view memoriesdb.memory_graph reset (security_barrier)",
        "changed",
        "view",
        "memoriesdb.memory_graph",
    ),
    (
        "drop index memoriesdb.memory_grants_grantee_id_memory_id_idx",
        "missing",
        "index",
        "memory_grants_grantee_id_memory_id_idx on memoriesdb.memory_grants",
    ),
    (SPY, "unknown", "rule", "spy on memoriesdb.memories"),
    ("grant create on schema memoriesdb to test_app", "changed", "schema", "memoriesdb"),
    (
        "delete from memoriesdb_system._python_module where name = 'memoriesdb_pl.chunking'",
        "missing",
        "python module",
        "memoriesdb_pl.chunking",
    ),
    (
        "update memoriesdb_system._installed_object set sha256 = '' where path = 'grants.sql'",
        "changed",
        "file",
        "grants.sql",
    ),
    (
        "update memoriesdb_system._installed_definition set sha256 = '' "
        "where identity = 'memoriesdb.share(memory_id uuid, grantee_id uuid, privilege text, "
        "expires_at timestamp with time zone)'",
        "changed",
        "function",
        "memoriesdb.share(",
    ),
    (
        "update memoriesdb_system.alembic_version set version_num = '0000'",
        "changed",
        "migration",
        "0000",
    ),
]


def test_a_fresh_install_has_no_differences(database: Database) -> None:
    assert verify(database.dsn("superuser")) == []


@pytest.mark.parametrize(
    ("statement", "what", "kind", "name"), CHANGES, ids=[f"{c[1]} {c[2]} {c[3]}" for c in CHANGES]
)
def test_each_change_is_named(
    database: Database, statement: str, what: str, kind: str, name: str
) -> None:
    database.superuser().execute(statement)
    found = verify(database.dsn("superuser"))
    assert [d for d in found if (d.what, d.kind) == (what, kind) and d.name.startswith(name)]


def test_a_changed_python_module_is_named(database: Database) -> None:
    """Even when its hash was changed along with it: the text is hashed again."""
    source = "raise SystemExit\n"
    database.superuser().execute(
        "update memoriesdb_system._python_module set source = %s, sha256 = %s "
        "where name = 'memoriesdb_pl.chunking'",
        (source, hashlib.sha256(source.encode()).digest()),
    )
    (found,) = verify(database.dsn("superuser"))
    assert (found.what, found.kind) == ("changed", "python module")
    assert found.name == "memoriesdb_pl.chunking"


def test_a_changed_function_is_named_although_the_record_was_changed_with_it(
    database: Database,
) -> None:
    """Bodies are compared with the shipped files, and not with what the database says of itself."""
    db = database.superuser()
    db.execute(REPLACED)
    db.execute(
        "delete from memoriesdb_system._installed_definition "
        "where identity = 'memoriesdb.current_user_id()'"
    )
    kinds = {(d.what, d.kind) for d in verify(database.dsn("superuser"))}
    assert ("changed", "function body") in kinds


def test_partitions_that_are_made_later_are_no_difference(database: Database) -> None:
    db = database.superuser()
    assert db.execute("select memoriesdb.maintain_audit_partitions(5)").fetchone() != (0,)
    assert verify(database.dsn("superuser")) == []


def test_what_users_and_admins_do_is_no_difference(database: Database) -> None:
    alice = database.create_user("alice")
    database.remember(alice, "a memory")
    with database.connect("admin", pooled=False) as db:
        db.execute("select memoriesdb.set_setting('max_attempts', '3')")
    assert verify(database.dsn("superuser")) == []
