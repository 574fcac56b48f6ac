"""Modules that run in the server: the same ones inside and outside, and nobody changes them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from acting import Database
from memoriesdb.installer import sources, upgrade

CHUNK = "select memoriesdb.normalise_text('a  text')"
WRITES = [
    "insert into memoriesdb_system._python_module values ('os', 'x = 1', '')",
    "update memoriesdb_system._python_module set source = ''",
    "delete from memoriesdb_system._python_module",
    "truncate memoriesdb_system._python_module",
    "drop table memoriesdb_system._python_module",
    "drop function memoriesdb_system.load_python()",
    "alter function memoriesdb_system.load_python() owner to current_user",
    "alter function memoriesdb_system.load_python() set search_path = public",
    "create or replace function memoriesdb_system.load_python() returns void language sql return 1",
    "create or replace function memoriesdb_system.pgbouncer_auth(username text)"
    " returns table (usename name, passwd text) language sql return (null::name, null::text)",
    "alter schema memoriesdb_system owner to current_user",
    "alter schema memoriesdb_system rename to other",
    "drop schema memoriesdb_system cascade",
    "create table memoriesdb_system.mine (x int)",
    "create function memoriesdb_system.mine() returns int language sql return 1",
    "create trigger t before insert on memoriesdb_system._python_module"
    " for each row execute function memoriesdb.tg_refuse_change()",
    "create rule r as on select to memoriesdb_system._python_module do instead nothing",
    "do language plpython3u 'pass'",
    "create function memoriesdb.mine() returns int language plpython3u as 'return 1'",
]
ROLES = (
    "memoriesdb_owner",
    "memoriesdb_definer",
    "memoriesdb_admin",
    "memoriesdb_app",
    "memoriesdb_client",
    "memoriesdb_worker",
    "memoriesdb_auditor",
    "memoriesdb_maintainer",
    "memoriesdb_pgbouncer",
)
REFUSED = {"42501", "42809"}  # no privilege; a rule on a table that can have none


def test_modules_are_the_same_inside_and_outside(database: Database) -> None:
    found = database.superuser().execute(
        "select name, source, sha256, pg_catalog.sha256(convert_to(source, 'UTF8'))"
        " from memoriesdb_system._python_module order by name"
    )
    shipped = sorted((name, text, sha, sha) for name, text, sha in sources.python_modules())
    assert found.fetchall() == shipped
    assert "memoriesdb_pl.chunking" in [name for name, *_ in shipped]


def test_a_changed_module_is_loaded_again_in_running_sessions(
    database: Database, shipped: Path
) -> None:
    """Without a reconnect: pools keep their sessions for days."""
    session = database.superuser()
    assert session.execute(CHUNK).fetchone() == ("a text",)
    file = shipped / "memoriesdb_pl" / "chunking.py"
    file.write_text(file.read_text() + "\n\ndef normalise(text):\n    return 'changed ' + text\n")
    assert upgrade(database.dsn("superuser")).applied == ["memoriesdb_pl.chunking"]
    assert session.execute(CHUNK).fetchone() == ("changed a  text",)


def test_a_module_that_is_no_longer_shipped_is_gone(database: Database, shipped: Path) -> None:
    (shipped / "memoriesdb_pl" / "extra.py").write_text("value = 1\n")
    upgrade(database.dsn("superuser"))
    db = database.superuser()
    count = "select count(*) from memoriesdb_system._python_module where name like '%extra'"
    assert db.execute(count).fetchone() == (1,)
    (shipped / "memoriesdb_pl" / "extra.py").unlink()
    assert upgrade(database.dsn("superuser")).applied == ["remove memoriesdb_pl.extra"]
    assert db.execute(count).fetchone() == (0,)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_but_the_superuser_changes_what_runs_in_the_server(
    database: Database, role: str
) -> None:
    db = database.superuser()
    db.execute(f"set role {role}")
    refused = {}
    for statement in WRITES:
        try:
            with db.transaction():
                db.execute(statement.encode())
        except psycopg.DatabaseError as error:
            refused[statement] = error.sqlstate
    assert set(refused) == set(WRITES)
    assert set(refused.values()) <= REFUSED


def test_the_superuser_can_which_shows_that_the_statements_are_sound(database: Database) -> None:
    db = database.superuser()
    for statement in WRITES[:3]:
        with db.transaction(force_rollback=True):
            if statement.startswith(("insert", "update")):
                with pytest.raises(psycopg.errors.CheckViolation):
                    db.execute(statement.encode())
            else:
                db.execute(statement.encode())


def test_a_module_whose_hash_is_wrong_cannot_be_kept(database: Database) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        database.superuser().execute(
            "update memoriesdb_system._python_module set source = source || ' '"
        )
