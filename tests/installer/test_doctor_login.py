"""doctor finds nothing under a proper login, and each fault of a login by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import sql

from acting import PASSWORD, Database, login
from memoriesdb.installer import diagnose
from memoriesdb.installer.login import is_local

from .findings import bad
from .pools import pool, through

pytestmark = pytest.mark.usefixtures("durable", "sealed")

ROLES = ("app", "client", "worker", "admin", "auditor")


@pytest.mark.parametrize("pooled", [True, False], ids=["pool", "direct"])
@pytest.mark.parametrize("role", ROLES)
def test_a_proper_login_has_no_findings(database: Database, role: str, pooled: bool) -> None:
    with pool(database) as shipped:
        dsn = through(shipped, database, role) if pooled else database.dsn(role, pooled=False)
        found = diagnose(dsn)
    assert [f for f in found if f.level not in {"ok", "skipped"}] == []
    names = [f.what for f in found]
    assert ("connected through a pool" in names) is pooled
    assert f"not looked at, since {login(role)} cannot see it" in names


@pytest.fixture
def someone(database: Database) -> Iterator[str]:
    """A login that a DBA has just made for an application."""
    db = database.superuser()
    name = sql.Identifier("mdb_someone")
    db.execute(
        sql.SQL("create role {} login password {} in role memoriesdb_app").format(name, PASSWORD)
    )
    db.execute(
        sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database.name), name)
    )
    yield database.cluster.dsn(database.name, "mdb_someone", PASSWORD)
    db.execute(sql.SQL("drop owned by {} cascade; drop role {}").format(name, name))


LOGIN_FAULTS = [
    ("alter role mdb_someone superuser", "attributes"),
    ("alter role mdb_someone bypassrls", "attributes"),
    ("alter role mdb_someone createrole", "attributes"),
    ("alter role mdb_someone replication", "attributes"),
    ("grant memoriesdb_owner to mdb_someone", "no login may be in"),
    ("grant memoriesdb_definer to mdb_someone", "no login may be in"),
    ("grant pg_read_all_data to mdb_someone", "no login may be in"),
    ("alter role mdb_someone noinherit; grant memoriesdb_owner to mdb_someone", "no login may be"),
    ("alter table memoriesdb.settings owner to mdb_someone", "belong to the login"),
    ("alter function memoriesdb.forget(uuid) owner to mdb_someone", "belong to the login"),
    ("grant create on schema memoriesdb to mdb_someone", "may create objects"),
    ("grant create on database {} to mdb_someone", "may create objects"),
    ("grant memoriesdb_admin to mdb_someone", "more than one group"),
    ("revoke memoriesdb_app from mdb_someone", "no group"),
    ("alter role mdb_someone set app.\"current_user\" = 'x'", "state of another client"),
]


@pytest.mark.parametrize(("fault", "what"), LOGIN_FAULTS, ids=[f[0] for f in LOGIN_FAULTS])
def test_each_fault_of_a_login_is_named(
    database: Database, someone: str, fault: str, what: str
) -> None:
    assert bad(someone) == []
    database.superuser().execute(fault.replace("{}", database.name).encode())
    found = bad(someone, application=True)
    (named,) = [finding for finding in found if what in finding.what]
    assert named.hint


def test_membership_through_another_role_is_named(database: Database, someone: str) -> None:
    db = database.superuser()
    db.execute("create role mdb_between; grant memoriesdb_definer to mdb_between")
    try:
        db.execute("grant mdb_between to mdb_someone")
        details = {finding.what: finding.detail for finding in bad(someone)}
    finally:
        db.execute("drop role mdb_between")
    assert details["the login is a member of roles that no login may be in"] == "memoriesdb_definer"


def test_a_superusers_dsn_is_refused_for_an_application(database: Database) -> None:
    (found,) = bad(database.dsn("superuser"), application=True)
    assert found.what == "postgres has attributes with which nothing protects the memories"
    assert "alter role" not in found.hint, "the server's own superuser is not to be disarmed"


def test_only_this_machine_is_local() -> None:
    assert all(map(is_local, ["", "/run/postgresql", "127.0.0.1", "127.8.8.8", "::1", "localhost"]))
    assert not any(map(is_local, ["192.0.2.1", "2001:db8::1", "*", "0.0.0.0", "db.example"]))
