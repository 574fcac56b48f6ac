"""The signing key: transactions outlive its rotation, and who stole the former one is nobody."""

from __future__ import annotations

import hashlib
import hmac
import struct
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

WHO = "select memoriesdb.current_user_id()"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _key(database: Database) -> tuple[int, bytes]:
    """What a superuser's backup holds: the key in use."""
    row = (
        database.superuser()
        .execute(
            "select id, key from memoriesdb.signing_keys "
            "where purpose = 'session' and retired_at is null"
        )
        .fetchone()
    )
    assert row is not None
    return int(row[0]), bytes(row[1])


def _forge(db: Connection, key: tuple[int, bytes], user_id: UUID) -> None:
    """Sign a session for this transaction with a key that was stolen."""
    row = db.execute("select pg_backend_pid(), transaction_timestamp(), session_user").fetchone()
    assert row is not None
    pid, begun, login = row
    microseconds = (begun - EPOCH).days * 86_400_000_000 + (begun - EPOCH).seconds * 1_000_000
    microseconds += (begun - EPOCH).microseconds
    fields = f"v1.{key[0]}.{user_id}.-.-.read,write,share,admin"
    payload = b"memoriesdb.session.v1\0" + struct.pack(">iq", pid, microseconds)
    payload += f"{login} {fields}".encode()
    signature = hmac.new(key[1], payload, hashlib.sha256).hexdigest()
    db.execute("select set_config('app.session', %s, true)", (f"{fields}.{signature}",))


def _one(db: Connection, query: str) -> object:
    row = db.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_with_the_key_anybody_could_be_forged(database: Database, alice: UUID) -> None:
    """Shows that the forgery of the tests below is a good one."""
    database.remember(alice, "secret")
    db = database.connect("client", pooled=False)
    _forge(db, _key(database), alice)
    assert _one(db, WHO) == alice
    assert _one(db, "select content from memoriesdb.memories") == "secret"


def test_after_the_rotation_the_former_key_forges_nothing(database: Database, alice: UUID) -> None:
    stolen = _key(database)
    number = database.administer("rotate_signing_key(grace => '0 seconds')")
    assert number > stolen[0]
    assert _key(database)[0] == number
    db = database.connect("client", pooled=False)
    for key in (stolen, (number, stolen[1]), (number + 1, stolen[1])):
        _forge(db, key, alice)
        assert _one(db, WHO) is None
        db.rollback()
    # Nor does the key that is for something else.
    row = (
        database.superuser()
        .execute("select id, key from memoriesdb.signing_keys where purpose = 'query'")
        .fetchone()
    )
    assert row is not None
    _forge(db, (int(row[0]), bytes(row[1])), alice)
    assert _one(db, WHO) is None


def test_within_the_grace_it_still_counts(database: Database, alice: UUID) -> None:
    """Which is why it is short, and 0 where the key was stolen."""
    stolen = _key(database)
    database.administer("rotate_signing_key(grace => '1 hour')")
    db = database.connect("client", pooled=False)
    _forge(db, stolen, alice)
    assert _one(db, WHO) == alice


@pytest.mark.parametrize("grace", ["0 seconds", "1 minute"])
def test_a_transaction_that_runs_goes_on(database: Database, alice: UUID, grace: str) -> None:
    token = database.issue_token(alice)
    with database.with_token(token) as db:
        db.execute("insert into memoriesdb.memories (content) values ('before')")
        for _ in range(3):
            database.administer("rotate_signing_key(grace => %s::text::interval)", grace)
        assert _one(db, WHO) == alice
        db.execute("insert into memoriesdb.memories (content) values ('after')")
    with database.with_token(token) as db:
        assert _one(db, "select count(*) from memoriesdb.memories") == 2


def test_a_login_that_meets_a_rotation_signs_with_one_key_or_the_other(
    database: Database, alice: UUID
) -> None:
    """The transaction began before the rotation, and logs in after it; and the other way round."""
    token = database.issue_token(alice)
    early = database.connect("client", pooled=False)
    early.execute("select 1")
    with database.connect("admin", pooled=False) as admin:
        admin.execute("select memoriesdb.rotate_signing_key()")
        during = database.connect("client", pooled=False)
        during.execute("select memoriesdb.login(%s)", (token,))
    early.execute("select memoriesdb.login(%s)", (token,))
    for db in (early, during):
        assert _one(db, WHO) == alice


def test_only_admins_rotate_and_a_grace_is_bounded(database: Database) -> None:
    for role in ("app", "client", "worker", "auditor"):
        with database.connect(role) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select memoriesdb.rotate_signing_key()")
    for grace in ("-1 second", "2 days", None):
        with pytest.raises(psycopg.DatabaseError) as caught:
            database.administer("rotate_signing_key(%s::text::interval)", grace)
        assert caught.value.sqlstate == "MD110"


def test_rotation_is_audited_without_the_key(database: Database) -> None:
    database.administer("rotate_signing_key()")
    _, key = _key(database)
    superuser = database.superuser()
    found = superuser.execute(
        "select a.operation, a.login, p.after::text from memoriesdb.audit_log as a "
        "join memoriesdb.audit_payloads as p using (audit_id) "
        "where a.table_name = 'signing_keys' and a.login = 'test_admin' order by a.audit_id"
    ).fetchall()
    assert [row[:2] for row in found] == [("UPDATE", "test_admin"), ("INSERT", "test_admin")]
    assert key.hex() not in str(found)
