"""Retention: old entries go by a function alone, in bounded calls; the door is for it alone."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database

PRUNE = "select memoriesdb.prune_access_log(%s)"


@pytest.fixture
def _aged(database: Database, alice: UUID) -> None:
    """Ten entries of a month ago, then five of now."""
    superuser = database.superuser()
    superuser.execute(
        "insert into memoriesdb.access_log (at, user_id, login, action, outcome, result_count) "
        "select now() - make_interval(days => 30), %s, 'x', 'recall', 'answered', 0 "
        "from generate_series(1, 10)",
        (alice,),
    )
    with database.acting(alice) as db:
        for _ in range(5):
            db.execute("select from memoriesdb.recall('tea')")


def keep(database: Database, days: int) -> None:
    with database.connect("admin") as db:
        db.execute("select memoriesdb.set_setting('access_log_retention_days', %s)", (str(days),))


@pytest.mark.usefixtures("_aged")
@pytest.mark.parametrize("role", ["worker", "admin"])
def test_old_entries_go_in_bounded_calls(database: Database, role: str) -> None:
    keep(database, 7)
    db = database.connect(role, autocommit=True)
    removed = [db.execute(PRUNE, (4,)).fetchone() for _ in range(4)]
    assert removed == [(4,), (4,), (2,), (0,)]
    superuser = database.superuser()
    left = superuser.execute("select min(at) > now() - interval '1 day' from memoriesdb.access_log")
    assert left.fetchone() == (True,)
    assert superuser.execute("select from memoriesdb.access_log").rowcount == 5


@pytest.mark.usefixtures("_aged")
@pytest.mark.parametrize("days", [0, 31])
def test_what_is_to_be_kept_is_kept(database: Database, days: int) -> None:
    keep(database, days)
    with database.connect("worker") as db:
        assert db.execute("select memoriesdb.prune_access_log()").fetchone() == (0,)
    assert database.superuser().execute("select from memoriesdb.access_log").rowcount == 15


@pytest.mark.parametrize("count", [None, 0, -1, 1000001])
def test_a_call_is_bounded(database: Database, count: int | None) -> None:
    with database.connect("worker") as db, pytest.raises(psycopg.DatabaseError) as caught:
        db.execute(PRUNE, (count,))
    assert caught.value.sqlstate == "MD108"


@pytest.mark.parametrize("role", ["app", "client", "auditor"])
def test_others_do_not_prune(database: Database, role: str) -> None:
    with database.connect(role) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(PRUNE, (1,))


@pytest.mark.usefixtures("_aged")
@pytest.mark.parametrize("table", ["access_log", "audit_payloads", "audit_log"])
def test_the_door_is_the_erasers_and_for_delete_alone(database: Database, table: str) -> None:
    superuser = database.superuser()
    change = "reason = 'x'" if table == "audit_payloads" else "login = 'x'"
    superuser.execute("set role memoriesdb_eraser")
    for statement in (f"update memoriesdb.{table} set {change}", f"truncate memoriesdb.{table}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            superuser.execute(statement.encode())
    if table == "audit_log":
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            superuser.execute("delete from memoriesdb.audit_log")
    else:
        assert superuser.execute(f"delete from memoriesdb.{table}".encode()).rowcount > 0
    superuser.execute("reset role")
    # With every right of a superuser, as the eraser or not, the trigger refuses what it must.
    superuser.execute(f"grant update, delete on memoriesdb.{table} to memoriesdb_eraser".encode())
    superuser.execute(
        "insert into memoriesdb.access_log (login, action, outcome, result_count) "
        "values ('x', 'recall', 'answered', 0)"
    )
    with database.connect("admin") as db:
        db.execute("select memoriesdb.create_user('late')")
    for role in ("postgres", "memoriesdb_owner"):
        superuser.execute(f"set role {role}".encode())
        with pytest.raises(psycopg.DatabaseError) as caught:
            superuser.execute(f"delete from memoriesdb.{table}".encode())
        assert caught.value.sqlstate == "MD503"
