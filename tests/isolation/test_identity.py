"""Who the user of a transaction is: nobody's word is taken for it but a trusted login's."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from acting import PASSWORD, Connection, Database

LOOK = "select (select count(*) from memoriesdb.memories), memoriesdb.current_user_id()"
SET = "select set_config('app.current_user', %s, true)"


@pytest.fixture
def secret(database: Database, alice: UUID) -> UUID:
    """A memory of Alice."""
    return database.remember(alice, "secret")


@pytest.mark.usefixtures("secret")
def test_no_user_on_a_fresh_and_on_a_reused_backend(database: Database, alice: UUID) -> None:
    """After SET LOCAL the setting reads '' and not NULL for the rest of the backend's life."""
    db = database.connect("app", pooled=False)
    assert db.execute(LOOK).fetchone() == (0, None)
    db.rollback()
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    assert db.execute(LOOK).fetchone() == (1, alice)
    db.commit()
    assert db.execute("select current_setting('app.current_user', true)").fetchone() == ("",)
    assert db.execute(LOOK).fetchone() == (0, None)
    for write in (
        "select memoriesdb.remember('x')",
        "insert into memoriesdb.memories (content) values ('x')",
        "select memoriesdb.recall('secret')",
        "select * from memoriesdb.verify_memories()",
    ):
        db.rollback()
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute(write.encode())
        assert caught.value.sqlstate == "MD001"
    db.rollback()
    for statement in (
        "update memoriesdb.memories set trust = 1",
        "delete from memoriesdb.memories",
    ):
        assert db.execute(statement.encode()).rowcount == 0


@pytest.mark.usefixtures("secret")
def test_with_autocommit_the_user_is_gone_after_the_statement(
    database: Database, alice: UUID
) -> None:
    db = database.connect("app", autocommit=True)
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    assert db.execute(LOOK).fetchone() == (0, None)


def _malformed(user_id: UUID) -> Iterator[str]:
    text = str(user_id)
    yield "'"
    yield "x" * 10_240
    yield text.upper()
    yield text.replace("-", "")
    yield "{" + text + "}"
    yield f" {text}"
    yield f"{text}\n"
    yield f"{text}\n{text}"
    yield f"{text}'; select 1; --"
    # Unicode look-alikes: full-width digits, a minus sign, a Cyrillic letter, a zero-width space.
    yield text.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    yield text.replace("-", "−")  # noqa: RUF001
    yield text.replace("a", "а")  # noqa: RUF001
    yield text + "\u200b"
    yield "null"
    yield "00000000-0000-0000-0000-000000000000"


@pytest.mark.usefixtures("secret")
def test_a_malformed_user_is_nobody_and_all_get_the_same_message(
    database: Database, alice: UUID
) -> None:
    db = database.connect("app")
    messages = set()
    for text in set(_malformed(alice)) - {str(alice)}:
        db.rollback()
        db.execute(SET, (text,))
        assert db.execute(LOOK).fetchone() == (0, None), text[:100]
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute("select memoriesdb.remember('x')")
        diagnosis = caught.value.diag
        messages.add((diagnosis.sqlstate, diagnosis.message_primary, diagnosis.message_detail))
    assert len(messages) == 1
    assert messages.pop()[0] == "MD001"


@pytest.mark.parametrize("role", ["user", "viewer", "admin", "service"])
def test_set_user_refuses_unknown_and_deactivated_users(database: Database, role: str) -> None:
    carol = database.create_user("carol", role)
    with database.acting(carol) as db:
        assert db.execute(LOOK).fetchone() == (0, carol)
    with database.connect("admin") as admin:
        admin.execute("select memoriesdb.deactivate_user(%s)", (carol,))
    for user_id in (carol, uuid4(), None):
        db = database.connect("app")
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute("select memoriesdb.set_user(%s)", (user_id,))
        assert caught.value.sqlstate == "MD002"
        db.rollback()
        db.execute(SET, (str(user_id),))
        assert db.execute(LOOK).fetchone() == (0, None)


def test_deactivation_counts_from_the_next_statement_of_an_open_transaction(
    database: Database, alice: UUID, secret: UUID
) -> None:
    with database.acting(alice) as db:
        assert db.execute(LOOK).fetchone() == (1, alice)
        with database.connect("admin") as admin:
            admin.execute("select memoriesdb.deactivate_user(%s)", (alice,))
        assert db.execute(LOOK).fetchone() == (0, None)


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("role", ["client", "worker", "admin", "auditor"])
def test_the_setting_of_any_other_login_is_ignored(
    database: Database, alice: UUID, role: str
) -> None:
    for pooled in (True, False):
        db = database.connect(role, pooled=pooled)
        for is_local in (True, False):
            db.execute("select set_config('app.current_user', %s, %s)", (str(alice), is_local))
            db.execute(sql.SQL('set app."current_user" = {}').format(str(alice)))
            found = db.execute("select memoriesdb.current_user_id()").fetchone()
            assert found == (None,)
        if role == "client":
            assert db.execute(LOOK).fetchone() == (0, None)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select memoriesdb.set_user(%s)", (alice,))
        db.rollback()


@pytest.mark.usefixtures("secret")
def test_no_startup_parameter_brings_a_user(database: Database, alice: UUID) -> None:
    """Round the pool a client's setting is ignored; the pool passes none on."""
    options = f"-c app.current_user={alice}"
    with psycopg.connect(database.dsn("client", pooled=False), options=options) as db:
        assert db.execute(LOOK).fetchone() == (0, None)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database.dsn("app"), options=options)


@pytest.mark.usefixtures("secret")
def test_no_login_makes_a_setting_its_default(database: Database, alice: UUID) -> None:
    with database.connect("client") as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute(sql.SQL('alter role test_client set app."current_user" = {}').format(str(alice)))


def test_a_client_takes_no_other_role(database: Database) -> None:
    others = ["app", "worker", "maintainer", "admin", "auditor", "owner", "definer", "pgbouncer"]
    db = database.connect("client", autocommit=True)
    for other in [*(f"memoriesdb_{name}" for name in others), "test_app", "test_admin", "postgres"]:
        for statement in ("set role {}", "set session authorization {}", "grant {} to test_client"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(sql.SQL(statement).format(sql.Identifier(other)))


class Mapped:
    """A login of its own that acts as a user."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.name = f"{database.name}_login"
        self.superuser = database.superuser()

    def create(self) -> None:
        """Make the login, a member of memoriesdb_client."""
        for statement in (
            "create role {} login password 'x' in role memoriesdb_client",
            f"grant connect on database {self.database.name} to {{}}",
        ):
            self.superuser.execute(sql.SQL(statement).format(sql.Identifier(self.name)))
        self.superuser.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(self.name), PASSWORD)
        )

    def drop(self) -> None:
        """Drop the login, whose rights go first."""
        self.superuser.execute(
            sql.SQL("drop owned by {0}; drop role {0}").format(sql.Identifier(self.name))
        )

    def connect(self) -> Connection:
        """Connect as the login."""
        cluster = self.database.cluster
        return psycopg.connect(cluster.dsn(self.database.name, self.name, PASSWORD))


@pytest.fixture
def mapped(database: Database) -> Iterator[Mapped]:
    """A login that nobody is mapped to yet."""
    login = Mapped(database)
    login.create()
    yield login
    login.drop()


def _map(database: Database, user_id: UUID, name: str | None) -> None:
    with database.connect("admin") as db:
        db.execute("select memoriesdb.map_db_role(%s, %s)", (user_id, name))


@pytest.mark.usefixtures("secret")
def test_a_mapped_login_is_its_user_and_nobody_else(
    database: Database, alice: UUID, bob: UUID, mapped: Mapped
) -> None:
    with mapped.connect() as db:
        assert db.execute(LOOK).fetchone() == (0, None)
    _map(database, bob, mapped.name)
    with mapped.connect() as db:
        db.execute("select memoriesdb.remember('mine')")
        db.execute(SET, (str(alice),))
        assert db.execute(LOOK).fetchone() == (1, bob)
        who = db.execute(
            "select user_id, login from memoriesdb.audit_log where user_id = %s", (bob,)
        )
        assert who.fetchall() == [(bob, mapped.name)]
    _map(database, bob, None)
    with mapped.connect() as db:
        assert db.execute(LOOK).fetchone() == (0, None)


@pytest.mark.usefixtures("secret")
def test_a_login_made_anew_under_the_same_name_is_nobody(
    database: Database, alice: UUID, mapped: Mapped
) -> None:
    _map(database, alice, mapped.name)
    with mapped.connect() as db:
        assert db.execute(LOOK).fetchone() == (1, alice)
    mapped.drop()
    mapped.create()
    with mapped.connect() as db:
        assert db.execute(LOOK).fetchone() == (0, None)
    _map(database, alice, mapped.name)
    with mapped.connect() as db:
        assert db.execute(LOOK).fetchone() == (1, alice)


def test_a_login_is_mapped_to_one_user_and_must_exist(
    database: Database, alice: UUID, bob: UUID, mapped: Mapped
) -> None:
    _map(database, alice, mapped.name)
    for user_id, name, code in (
        (bob, mapped.name, "MD005"),
        (bob, "nobody_of_this_name", "MD006"),
        (bob, "memoriesdb_app", "MD006"),
        (uuid4(), None, "MD002"),
    ):
        with pytest.raises(psycopg.DatabaseError) as caught:
            _map(database, user_id, name)
        assert caught.value.sqlstate == code
