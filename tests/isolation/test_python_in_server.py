"""PL/Python: no user runs code in the server, and no call leaves anything for the next user."""

from __future__ import annotations

import hashlib
from uuid import UUID

import psycopg
import pytest

from acting import Database

CANARY = "zebra-crossing"


@pytest.mark.parametrize("role", ["app", "client", "worker", "admin", "auditor"])
def test_no_login_makes_a_function_or_a_module(database: Database, role: str) -> None:
    db = database.connect(role)
    for statement in (
        "do language plpython3u 'import os'",
        "create function pg_temp.f() returns text language plpython3u as 'return 1'",
        "create function memoriesdb.f() returns text language plpython3u as 'return 1'",
        "insert into memoriesdb_system._python_module (name, source, sha256) values ('m', '', '')",
        "update memoriesdb_system._python_module set source = ''",
        "select memoriesdb_system.load_python()",
        "select memoriesdb._embed_text('ollama', 'http://127.0.0.1:1', 'm', 'x', 3, 256, 1)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement.encode())
        db.rollback()


def test_the_owner_of_the_schema_writes_no_module_either(database: Database) -> None:
    db = database.connect("superuser")
    for role in ("memoriesdb_owner", "memoriesdb_definer"):
        db.execute(f"set role {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute("update memoriesdb_system._python_module set source = ''")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute("drop function memoriesdb_system.load_python()")


def test_nothing_of_a_call_stays_in_the_session(database: Database, alice: UUID, bob: UUID) -> None:
    """The next user of the backend finds no text of the last one in GD, SD, or a module."""
    superuser = database.superuser()
    superuser.execute(
        "create function public.residue() returns text language plpython3u security definer as $$\n"
        "import sys\n"
        "kept = [repr(GD), repr(SD)]\n"
        "for name, module in list(sys.modules.items()):\n"
        "    if name.startswith('memoriesdb_pl'):\n"
        "        kept.append(repr(vars(module)))\n"
        "return '\\n'.join(kept)\n"
        "$$; grant execute on function public.residue() to memoriesdb_app"
    )
    db = database.connect("app", pooled=False)
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    db.execute("select memoriesdb.normalise_text(%s)", (CANARY,))
    db.execute("select memoriesdb.chunk_text(%s, 16)", (f"{CANARY} " * 30,))
    db.commit()
    db.execute("select memoriesdb.set_user(%s)", (bob,))
    row = db.execute("select public.residue()").fetchone()
    assert row is not None
    assert "memoriesdb_pl" in row[0]
    assert CANARY not in row[0]


def test_text_of_a_user_is_data_to_python_and_sql(database: Database, alice: UUID) -> None:
    text = "'); drop table memories; -- {0} %s %(x)s \\ \"\"\" ''' $q$ #{x} __import__('os')"
    with database.acting(alice) as db:
        assert db.execute("select memoriesdb.normalise_text(%s)", (text,)).fetchone() == (text,)
        pieces = db.execute("select memoriesdb.chunk_text(%s, 1000)", (text,)).fetchone()
        assert pieces == ([text],)


def test_no_setting_changes_which_code_runs(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        for name in ("plpython3.path", "app.python_path", "memoriesdb.python", "app.endpoint"):
            db.execute("select set_config(%s, '/tmp/evil', true)", (name,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute("set local dynamic_library_path = '/tmp'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute("load '/tmp/evil.so'")
        assert db.execute("select memoriesdb.normalise_text(' x ')").fetchone() == ("x",)


def test_a_module_that_was_tampered_with_fails_its_check(database: Database) -> None:
    db = database.superuser()
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("update memoriesdb_system._python_module set source = source || '#'")
    rows = db.execute("select source, sha256 from memoriesdb_system._python_module").fetchall()
    assert rows
    assert all(hashlib.sha256(source.encode()).digest() == digest for source, digest in rows)
