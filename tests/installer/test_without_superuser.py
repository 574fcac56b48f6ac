"""Managed PostgreSQL: a login with CREATEROLE that owns the database installs, and no superuser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import ClassVar

import psycopg
import pytest
from psycopg import sql

from acting import PASSWORD, Database
from memoriesdb.cluster import Cluster
from memoriesdb.cluster.pgbouncer import PgBouncer
from memoriesdb.cluster.ports import free_port
from memoriesdb.installer import Finding, InstallError, diagnose, install, script, upgrade, verify
from memoriesdb.installer.sources import Target

from .conftest import Connect, catalogue
from .findings import NO_DIGEST

LOGIN = "mdb_managed"
GATES = "EXPLAIN ANALYZE tells whether rows of others satisfy a condition: policies are not first"
GRANTERS = "who is no superuser can grant itself the tables' owner, and see every row"
# What an install must not leave: roles whose rights the login has, or that it may become. From
# PostgreSQL 16 on ADMIN alone is neither, and stays with who made the roles.
MEMBERS = """
select r.rolname::text from pg_auth_members as m inner join pg_roles as r on m.roleid = r.oid
where m.member = 'mdb_managed'::regrole
  and not to_jsonb(m) @> '{"inherit_option": false, "set_option": false}'
"""


@dataclass
class Managed:
    """A database without a superuser of its own, and both sides' DSNs."""

    cluster: Cluster
    name: str

    @property
    def superuser(self) -> str:
        """The provider's."""
        return self.cluster.postgres.dsn(self.name)

    @property
    def dsn(self) -> str:
        """The customer's."""
        return self.cluster.dsn(self.name, LOGIN, PASSWORD, pooled=False)


@pytest.fixture
def managed(cluster: Cluster, create_database: Callable[..., str]) -> Iterator[Managed]:
    """The extensions are there: pgvector 0.8.0 is not marked as trusted, as providers mark it."""
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute(
            sql.SQL("create role {} login createrole password {}").format(
                sql.Identifier(LOGIN), PASSWORD
            )
        )
    try:
        dsn = create_database(f"owner {LOGIN}")
        with psycopg.connect(dsn, autocommit=True) as db:
            db.execute("create extension vector")
            if db.info.server_version >= 160000:
                # The cluster's superuser made the roles. CREATEROLE alone grants what it made.
                db.execute(
                    f"grant memoriesdb_owner, memoriesdb_definer, memoriesdb_signer, "
                    f"memoriesdb_eraser to {LOGIN}"
                    " with admin true, inherit false, set false"
                )
        yield Managed(cluster, dsn.rsplit("/", 1)[1])
        with psycopg.connect(dsn, autocommit=True) as db:
            db.execute(f"reassign owned by {LOGIN} to postgres; drop owned by {LOGIN} cascade")
    finally:
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            db.execute(f"drop role {LOGIN}")


@pytest.fixture
def installed(managed: Managed) -> Managed:
    """The same, installed by its login."""
    done = install(managed.dsn, plpython=False)
    assert done.left_out == ["functions/pooling/pgbouncer_auth.sql"]
    return managed


class Direct(Database):
    """Nobody goes through a pool that asks the database for verifiers: it has no such function."""

    def dsn(self, role: str, *, pooled: bool = False) -> str:
        """Return the DSN of a role, without PgBouncer."""
        return super().dsn(role, pooled=False)


def _bad(dsn: str) -> dict[str, Finding]:
    found = [f for f in diagnose(dsn) if f.level in {"warning", "failure"}]
    return {f.what: f for f in found if f.what != NO_DIGEST}


def test_it_installs_and_keeps_no_power_over_the_roles(installed: Managed) -> None:
    assert verify(installed.dsn) == []
    with psycopg.connect(installed.dsn) as db:
        assert db.execute(MEMBERS).fetchall() == []
        assert db.execute(
            "select has_schema_privilege('memoriesdb_definer', 'memoriesdb', 'create')"
        ).fetchone() == (False,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select count(*) from memoriesdb.memories")


def test_a_second_install_and_an_upgrade_change_nothing(installed: Managed) -> None:
    before = catalogue(installed.dsn)
    assert not install(installed.dsn, plpython=False).changed
    assert not upgrade(installed.dsn).changed
    assert catalogue(installed.dsn) == before


def test_the_printed_script_makes_the_same(managed: Managed, connect: Connect) -> None:
    connect(managed.dsn).execute(
        script(replace(Target(), plpython=False, superuser=False)).encode()
    )
    assert verify(managed.dsn) == []
    assert not upgrade(managed.dsn).changed


def test_it_is_what_a_superuser_installs_but_for_what_needs_one(
    installed: Managed, empty: str
) -> None:
    install(empty, plpython=False)
    theirs, ours = catalogue(installed.dsn), catalogue(empty)
    differ = {identity for _, identity, _ in theirs ^ ours}
    assert "memoriesdb_system.pgbouncer_auth(username text)" in differ
    # Aliases of built-in functions need a superuser: here they are functions that do the same.
    gates = {"memoriesdb._gate_equal(uuid, uuid)", "memoriesdb._gate_position(uuid[], uuid)"}
    assert {name for name in differ if not name.startswith("memoriesdb_system")} == gates


def test_an_upgrade_puts_right_what_was_changed(installed: Managed) -> None:
    """As the owner, which the login may make itself for a while."""
    with psycopg.connect(installed.dsn, autocommit=True) as db:
        db.execute(f"grant memoriesdb_owner, memoriesdb_definer to {LOGIN}")
        db.execute("alter table memoriesdb.memories disable trigger _900_audit_insert")
        db.execute("drop function memoriesdb.custody(uuid)")
    assert "roles are members of the owner, or of a role that functions run as" in _bad(
        installed.dsn
    )
    assert len(upgrade(installed.dsn).repaired) == 2
    assert verify(installed.dsn) == []
    assert set(_bad(installed.dsn)) == {GATES, GRANTERS}, "the membership is taken back as well"


def test_a_changed_file_is_applied_alone(managed: Managed, shipped: Path) -> None:
    install(managed.dsn, plpython=False)
    file = shipped / "sql" / "functions" / "core" / "_setting.sql"
    file.write_text(file.read_text().replace("unknown setting", "no such setting"))
    assert upgrade(managed.dsn).applied == ["functions/core/_setting.sql"]
    assert verify(managed.dsn) == []


def test_doctor_warns_of_the_login_and_the_gates_and_finds_nothing_else(installed: Managed) -> None:
    found = _bad(installed.dsn)
    assert {f.level for f in found.values()} == {"warning"}
    assert set(found) == {GATES, GRANTERS}
    assert found[GRANTERS].detail == LOGIN
    assert "what is installed is what this release ships" in {
        f.what for f in diagnose(installed.dsn)
    }


def test_the_installing_login_is_refused_for_an_application(installed: Managed) -> None:
    failed = {f.what for f in diagnose(installed.dsn, application=True) if f.level == "failure"}
    assert f"{LOGIN} has attributes with which nothing protects the memories" in failed
    assert "objects belong to the login, which can therefore change them" in failed


def test_the_api_works(installed: Managed) -> None:
    """The logins are granted by the installing login, as its customer would."""
    opened = Direct(installed.cluster, installed.name)
    with psycopg.connect(installed.dsn, autocommit=True) as db:
        db.execute(
            f"grant connect on database {installed.name} to test_app, test_admin, test_worker"
        )
    try:
        alice, bob = opened.create_user("alice"), opened.create_user("bob")
        first = opened.remember(alice, "The violin is in the attic.")
        second = opened.remember(alice, "The key hangs behind the door.")
        with opened.acting(alice) as db:
            assert db.execute("select content from memoriesdb.recall('violin')").fetchall() == [
                ("The violin is in the attic.",)
            ]
            db.execute("update memoriesdb.memories set trust = 0.9 where id = %s", (first,))
            db.execute("select memoriesdb.share(%s, %s)", (first, bob))
            db.execute("select memoriesdb.link(%s, %s)", (first, second))
        with opened.connect("worker", autocommit=True) as worker:
            jobs = worker.execute(
                "select job_id, lease_token from memoriesdb.claim_vindexing('w', 10)"
            ).fetchall()
            assert [
                worker.execute("select memoriesdb.refresh_graph('w', %s, %s)", job).fetchone()
                for job in jobs
            ] == [("refreshed",)]
        with opened.acting(alice) as db:
            assert db.execute("select count(*) from memoriesdb.memory_graph").fetchone() == (1,)
            history = db.execute("select * from memoriesdb.history(%s)", (first,)).fetchall()
            assert len(history) == 2
            db.execute("select memoriesdb.transfer(%s, %s)", (first, bob))
            assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
        with opened.acting(bob) as db:
            assert db.execute("select content from memoriesdb.memories").fetchall() == [
                ("The violin is in the attic.",)
            ]
        assert set(_bad(opened.dsn("app"))) == {GATES, GRANTERS}
        assert verify(installed.dsn) == []
    finally:
        opened.close()


class WithFile(PgBouncer):
    """A pooler that has every login in a file and asks the database nothing."""

    entry: ClassVar[str] = ""

    def configuration(self) -> str:
        """Return the usual one without the look-up."""
        users = self.directory / "users.txt"
        self.account.write(users, self.entry)
        kept = (
            f"auth_file = {users}" if line.startswith("auth_file") else line
            for line in super().configuration().splitlines()
            if not line.startswith(("auth_user", "auth_query"))
        )
        return "\n".join(kept) + "\n"


@pytest.mark.parametrize("kept", ["password", "secret"])
def test_pgbouncer_takes_verifiers_from_a_file(
    installed: Managed, connect: Connect, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """The password, or the secret that the server has, which goes through to it."""
    connect(installed.dsn).execute(f"grant connect on database {installed.name} to test_app")
    secret = connect(installed.superuser).execute(
        "select rolpassword from pg_authid where rolname = 'test_app'"
    )
    verifier = PASSWORD if kept == "password" else (secret.fetchone() or ("",))[0]
    monkeypatch.setattr(WithFile, "entry", f'"test_app" "{verifier}"\n')
    usual = installed.cluster.pooler
    values = {field.name: getattr(usual, field.name) for field in fields(usual)}
    directory = usual.directory.with_name(f"pooler_with_{kept}")
    pooler = WithFile(**values | {"port": free_port(), "directory": directory})
    pooler.start()
    try:
        dsn = installed.cluster.dsn(installed.name, "test_app", PASSWORD)
        with psycopg.connect(dsn.replace(f":{usual.port}/", f":{pooler.port}/")) as db:
            assert db.execute("select session_user::text").fetchone() == ("test_app",)
    finally:
        pooler.stop()


def test_extensions_in_a_schema_of_the_provider(installed_elsewhere: Managed) -> None:
    """Whoever may not let others use the schema would install what nobody can call."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        install(installed_elsewhere.dsn, plpython=False)
    assert "with grant option" in (caught.value.diag.message_hint or "")
    with psycopg.connect(installed_elsewhere.superuser, autocommit=True) as db:
        db.execute(f"grant usage on schema theirs to {LOGIN} with grant option")
    install(installed_elsewhere.dsn, plpython=False)
    assert verify(installed_elsewhere.dsn) == []


@pytest.fixture
def installed_elsewhere(managed: Managed) -> Managed:
    """Extensions where only the provider may grant."""
    with psycopg.connect(managed.superuser, autocommit=True) as db:
        db.execute(f"create schema theirs; grant usage on schema theirs to {LOGIN}")
        db.execute("alter extension vector set schema theirs")
    return managed


def test_plpython_needs_a_superuser(managed: Managed, connect: Connect) -> None:
    with pytest.raises(InstallError, match="superuser") as caught:
        install(managed.dsn)
    assert "--without-plpython" in caught.value.hint
    connect(managed.superuser).execute("create extension plpython3u")
    install(managed.dsn, plpython=False)
    assert not upgrade(managed.dsn).changed, "although the extension is there"


@pytest.mark.parametrize(
    "change",
    [
        f"alter role {LOGIN} nocreaterole",
        f"alter role {LOGIN} noinherit",
        "alter database {} owner to postgres",
    ],
)
def test_a_weaker_login_is_refused(managed: Managed, connect: Connect, change: str) -> None:
    connect(managed.superuser).execute(change.format(managed.name))
    with pytest.raises(InstallError, match="not a superuser"):
        install(managed.dsn, plpython=False)


@pytest.mark.parametrize("command", [install, upgrade, verify])
def test_a_superuser_is_sent_to_the_login_that_installed(
    installed: Managed, connect: Connect, command: Callable[[str], object]
) -> None:
    """A trigger or a view of the login's would run with a superuser's rights."""
    connect(installed.dsn).execute(
        "create function memoriesdb_system.rise() returns trigger language plpgsql as "
        f"$$ begin alter role {LOGIN} superuser; return new; end $$; "
        "create trigger rise before insert or update on memoriesdb_system._installed_object "
        "for each row execute function memoriesdb_system.rise()"
    )
    with pytest.raises(InstallError, match=LOGIN) as caught:
        command(installed.superuser)
    assert caught.value.hint.startswith(f"connect as {LOGIN}")
    failed = [f for f in diagnose(installed.superuser) if f.level == "failure"]
    assert [f.hint for f in failed] == [caught.value.hint]


def test_the_login_is_sent_to_a_superuser_who_installed(managed: Managed, connect: Connect) -> None:
    install(managed.superuser, plpython=False)
    for command in (upgrade, verify):
        with pytest.raises(InstallError) as caught:
            command(managed.dsn)
        assert caught.value.hint.startswith("connect as postgres")
