"""The logs only grow: for users, for the schema's own roles, and, by triggers, for superusers."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database

LOGS = ("audit_log", "audit_payloads", "access_log")
PARTITIONS = ("audit_log_000000", "audit_payloads_000000", "audit_log_default")


@pytest.fixture(autouse=True)
def _lived(database: Database, alice: UUID) -> None:
    database.remember(alice, "her lamp")
    with database.acting(alice) as db:
        db.execute("select * from memoriesdb.recall('lamp')")


def _changes(table: str) -> list[str]:
    column = "reason = 'x'" if "payloads" in table else "login = 'x'"
    return [
        f"update memoriesdb.{table} set {column}",
        f"delete from memoriesdb.{table}",
        f"truncate memoriesdb.{table}",
    ]


@pytest.mark.parametrize("role", ["app", "client", "worker", "admin", "auditor"])
def test_no_login_changes_or_forges_an_entry(database: Database, role: str) -> None:
    db = database.connect(role)
    for table in LOGS + PARTITIONS:
        for statement in [*_changes(table), f"insert into memoriesdb.{table} default values"]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(statement.encode())
            db.rollback()


@pytest.mark.parametrize("table", LOGS + PARTITIONS)
def test_the_definer_may_add_and_the_owner_is_refused_by_a_trigger(
    database: Database, table: str
) -> None:
    db = database.connect("superuser")
    if table in LOGS:
        db.execute("set role memoriesdb_definer")
        for statement in _changes(table):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
                db.execute(statement.encode())
    for role in ("memoriesdb_owner", "postgres"):
        db.execute(f"set role {role}")
        # The default partition is empty: no row trigger has a row to refuse.
        statements = _changes(table)[2 if table == "audit_log_default" else 0 :]
        for statement in statements:
            with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
                db.execute(statement.encode())
            assert caught.value.sqlstate == "MD503", statement


def test_new_partitions_are_as_closed_as_the_first(database: Database) -> None:
    with database.connect("admin") as db:
        assert db.execute("select memoriesdb.maintain_audit_partitions(4)").fetchone() == (4,)
    superuser = database.connect("superuser")
    # The next entry falls into a partition that was made just now.
    superuser.execute("select setval('memoriesdb.audit_log_audit_id_seq', 4000000)")
    superuser.commit()
    with database.connect("admin") as db:
        db.execute("select memoriesdb.create_user('late')")
    for table in ("audit_log_000004", "audit_payloads_000004"):
        assert superuser.execute(f"select from memoriesdb.{table}").rowcount == 1
        for statement in _changes(table):
            with pytest.raises(psycopg.DatabaseError) as caught, superuser.transaction():
                superuser.execute(statement.encode())
            assert caught.value.sqlstate == "MD503", statement
        for role in ("app", "auditor", "admin"):
            with (
                database.connect(role) as db,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                db.execute(f"select from memoriesdb.{table}")


def test_entries_beyond_the_partitions_made_ahead_are_kept_and_closed(database: Database) -> None:
    superuser = database.connect("superuser")
    superuser.execute("select setval('memoriesdb.audit_log_audit_id_seq', 9000000)")
    superuser.commit()
    with database.connect("admin") as db:
        db.execute("select memoriesdb.create_user('late')")
    assert superuser.execute("select from memoriesdb.audit_log_default").rowcount == 1
    for table in ("audit_log_default", "audit_payloads_default"):
        for statement in _changes(table):
            with pytest.raises(psycopg.DatabaseError) as caught, superuser.transaction():
                superuser.execute(statement.encode())
            assert caught.value.sqlstate == "MD503", statement
    superuser.rollback()
    # Partitions are made from then on, and what lies in the default one stays where it is.
    with database.connect("admin") as db:
        assert db.execute("select memoriesdb.maintain_audit_partitions(1)").fetchone() == (2,)
        db.execute("select memoriesdb.create_user('later')")


def test_a_user_adds_to_his_own_accesses_and_changes_none(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.acting(bob) as db:
        db.execute("select memoriesdb._log_access('recall', 'answered', '{}', 1)")
        rows = db.execute("select user_id, login from memoriesdb.access_log").fetchall()
        assert rows == [(bob, "test_app")]
    with database.connect("auditor") as auditor:
        rows = auditor.execute(
            "select user_id, action, result_count from memoriesdb.access_log order by access_id"
        ).fetchall()
    assert rows == [(alice, "recall", 1), (bob, "recall", 1)]


def test_payloads_are_the_owners_and_not_the_auditors(
    database: Database, alice: UUID, bob: UUID
) -> None:
    read = "select after ->> 'content' from memoriesdb.audit_payloads where after ? 'content'"
    with database.acting(alice) as db:
        assert db.execute(read).fetchall() == [("her lamp",)]
    with database.acting(bob) as db:
        assert db.execute(read).fetchall() == []
    with database.connect("auditor") as db:
        entries = db.execute("select * from memoriesdb.audit_log").fetchall()
        assert entries
        assert "lamp" not in str(entries)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(read)


def test_a_commitment_tells_nothing_without_its_salt(database: Database, alice: UUID) -> None:
    """Two entries with the same states have different ones: a guess cannot be confirmed."""
    with database.acting(alice) as db:
        for trust in (0.1, 0.2, 0.1, 0.2):
            db.execute("update memoriesdb.memories set trust = %s", (trust,))
    with database.connect("auditor") as db:
        found = db.execute(
            "select count(*), count(distinct commitment) from memoriesdb.audit_log"
        ).fetchone()
    assert found is not None
    assert found[0] == found[1]
    salts = database.superuser().execute(
        "select count(*) = count(distinct salt) and min(octet_length(salt)) = 16 "
        "from memoriesdb.audit_payloads"
    )
    assert salts.fetchone() == (True,)
