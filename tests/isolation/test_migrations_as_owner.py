"""Data migrations run as the owner of the tables: forced row-level security must not blind them."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database


def _as_owner(database: Database) -> Connection:
    db = database.connect("superuser")
    db.execute("set role memoriesdb_owner")
    return db


def test_a_data_migration_touches_every_owners_rows(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """The trigger `stamp` runs as who writes: the owner needs the functions that it calls."""
    database.remember(alice, "one", metadata='{"speaker": "Ada"}')
    database.remember(bob, "two")
    db = _as_owner(database)
    edit = "update memoriesdb.memories set trust = 0.9, expires_at = '2100-01-01'"
    assert db.execute(edit).rowcount == 2
    assert db.execute("update memoriesdb.memories set content = content || '!'").rowcount == 2
    states = db.execute(
        "select trust, version, updated_by, content_hash = sha256(convert_to(content, 'UTF8')) "
        "from memoriesdb.memories"
    ).fetchall()
    assert states == [(pytest.approx(0.9), 3, None, True)] * 2
    who = db.execute(
        "select distinct user_id, login from memoriesdb.audit_log where operation = 'UPDATE'"
    ).fetchall()
    assert who == [(None, "postgres")]
    db.execute("reset role")
    assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
    db.execute("set role memoriesdb_owner")
    assert db.execute("delete from memoriesdb.memories").rowcount == 2


def test_without_its_system_policy_the_owner_would_silently_do_nothing(
    database: Database, alice: UUID
) -> None:
    """Shows that the test above can fail."""
    database.remember(alice, "one")
    db = _as_owner(database)
    db.execute("drop policy memories_all_system on memoriesdb.memories")
    assert db.execute("update memoriesdb.memories set trust = 0.9").rowcount == 0


def test_rows_that_a_migration_adds_have_a_maker(database: Database, alice: UUID) -> None:
    db = _as_owner(database)
    with pytest.raises(psycopg.DatabaseError) as caught:
        db.execute("insert into memoriesdb.memories (owner_id, content) values (%s, 'x')", (alice,))
    assert caught.value.sqlstate == "MD001"


@pytest.mark.parametrize("table", ["memories", "memory_versions", "audit_log", "users"])
def test_a_foreign_key_over_an_orphan_is_refused(
    database: Database, alice: UUID, table: str
) -> None:
    """Under FORCE without a policy, the check sees no rows and accepts the key as valid."""
    memory_id = database.remember(alice, "one")
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (memory_id,))
    database.remember(alice, "two")
    db = _as_owner(database)
    db.execute("create table memoriesdb.parent (id uuid primary key)")
    column = {"memory_versions": "memory_id", "audit_log": "row_id"}.get(table, "id")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.execute(
            f"alter table memoriesdb.{table} add constraint orphans "
            f"foreign key ({column}) references memoriesdb.parent (id)"
        )
