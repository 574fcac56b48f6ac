"""Tokens: who is let in by one, and who is not."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Database, one, refused

LOGIN = "select memoriesdb.login(%s)"
WHO = "select memoriesdb.current_user_id()"
SESSION = "select current_setting('app.session')"
FORGE = "select set_config('app.session', %s, true)"


BAD = "mdb_" + "0" * 32 + "_" + "0" * 64


@pytest.mark.parametrize(
    "text", [BAD, BAD.upper(), f" {BAD}", f"{BAD}\n", "", "x" * 10_240, "mdb_é", None]
)
def test_a_token_that_was_never_issued_is_unknown(database: Database, text: str | None) -> None:
    with database.connect("client") as db:
        error = refused(db, LOGIN, text)
    assert error.sqlstate == "MD007"
    assert "0000" not in f"{error.diag.message_primary} {error.diag.message_detail}"


def test_a_failed_login_leaves_who_was_there_before_its_savepoint(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.with_token(database.issue_token(alice)) as db:
        with pytest.raises(psycopg.DatabaseError), db.transaction():
            db.execute(LOGIN, (BAD,))
        assert one(db, WHO) == alice
        # A login that is rolled back is taken along.
        db.execute("savepoint s")
        db.execute(LOGIN, (database.issue_token(bob),))
        assert one(db, WHO) == bob
        db.execute("rollback to s")
        assert one(db, WHO) == alice
        refused(db, LOGIN, BAD)
        db.rollback()
        assert one(db, WHO) is None


def test_the_secret_alone_is_not_enough_nor_is_the_id(database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)
    other = database.issue_token(alice)
    mixed = token[:37] + other[37:]
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    for text in (mixed, wrong, token[:-1], token + "0", token[:36]):
        with database.connect("client") as db:
            assert refused(db, LOGIN, text).sqlstate == "MD007"


def _token_id(token: str) -> UUID:
    return UUID(token[4:36])


def test_tokens_that_expired_or_were_revoked_open_nothing(database: Database, alice: UUID) -> None:
    expired = database.issue_token(alice, ttl=timedelta(milliseconds=1))
    revoked = database.issue_token(alice)
    open_before = database.connect("client", pooled=False)
    open_before.execute(LOGIN, (revoked,))
    assert database.administer("revoke_token(%s)", _token_id(revoked)) is True
    assert database.administer("revoke_token(%s)", _token_id(revoked)) is False
    assert database.administer("revoke_token(%s)", uuid4()) is False
    # What is open goes on; and begins no more.
    assert one(open_before, WHO) == alice
    open_before.commit()
    for token, code in ((expired, "MD008"), (revoked, "MD009")):
        error = refused(open_before, LOGIN, token)
        assert error.sqlstate == code
        assert token[37:] not in str(error.diag.message_detail)
        open_before.rollback()


def test_a_token_of_a_deactivated_user_opens_nothing_until_he_is_active_again(
    database: Database, alice: UUID
) -> None:
    token = database.issue_token(alice)
    with database.with_token(token) as db:
        assert database.administer("deactivate_user(%s)", alice) is True
        # An open session ends, too.
        assert one(db, WHO) is None
    with database.connect("client") as db:
        assert refused(db, LOGIN, token).sqlstate == "MD007"
    with pytest.raises(psycopg.DatabaseError) as caught:
        database.issue_token(alice)
    assert caught.value.sqlstate == "MD002"
    assert database.administer("reactivate_user(%s)", alice) is True
    assert database.administer("reactivate_user(%s)", alice) is False
    with database.with_token(token) as db:
        assert one(db, WHO) == alice
    with pytest.raises(psycopg.DatabaseError) as caught:
        database.administer("reactivate_user(%s)", uuid4())
    assert caught.value.sqlstate == "MD002"


def test_two_logins_with_one_token_do_not_wait_for_each_other(
    database: Database, alice: UUID
) -> None:
    token = database.issue_token(alice)
    first, second = (database.connect("client", pooled=False) for _ in range(2))
    first.execute(LOGIN, (token,))
    used = "select last_used_at is not null from memoriesdb.api_token_uses"
    # The first holds the row of the token's last use: what the second must not wait for.
    assert one(database.superuser(), used) is False
    locked = "select count(*) from memoriesdb.api_token_uses"
    superuser = database.superuser()
    assert (
        one(
            superuser,
            f"with u as (select from memoriesdb.api_token_uses for update skip "
            f"locked) select (select count(*) from u) - ({locked})",
        )
        == -1
    )
    second.execute("set local lock_timeout = '1ms'")
    second.execute(LOGIN, (token,))
    assert one(second, WHO) == alice
    first.commit()
    second.commit()
    assert one(database.superuser(), used) is True


def test_login_writes_once_a_minute_and_never_where_it_cannot(
    database: Database, alice: UUID
) -> None:
    token = database.issue_token(alice)
    version = "select xmin::text from memoriesdb.api_token_uses"
    superuser = database.superuser()
    made = one(superuser, version)
    for begin in ("read only", "isolation level repeatable read", "isolation level serializable"):
        db = database.connect("client", pooled=False)
        db.execute(f"set transaction {begin}".encode())
        db.execute(LOGIN, (token,))
        assert one(db, WHO) == alice
        db.commit()
        assert one(superuser, version) == made
    with database.with_token(token):
        pass
    marked = one(superuser, version)
    assert marked != made
    with database.with_token(token):
        pass
    assert one(superuser, version) == marked
    superuser.execute(
        "update memoriesdb.api_token_uses set last_used_at = now() - interval '2 minutes'"
    )
    stale = one(superuser, version)
    with database.with_token(token):
        pass
    assert one(superuser, version) != stale


def test_a_token_written_out_in_the_statement_is_warned_of(database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)
    said: list[str] = []
    db = database.connect("client", pooled=False)
    db.add_notice_handler(lambda notice: said.append(f"{notice.severity} {notice.message_primary}"))
    db.execute(LOGIN, (token,))
    assert said == []
    db.execute(f"select memoriesdb.login('{token}')".encode())
    assert len(said) == 1
    assert said[0].startswith("WARNING")
    assert token[37:] not in said[0]


def test_neither_token_nor_key_is_anywhere_to_be_read(database: Database, alice: UUID) -> None:
    """Only hashes are kept; nobody, a superuser's backup apart, reads these."""
    token = database.issue_token(alice)
    with database.with_token(token) as db:
        db.execute("select memoriesdb.remember('x')")
    superuser = database.superuser()
    for (table,) in superuser.execute(
        "select oid::regclass::text from pg_class where relkind in ('r', 'm') "
        "and relnamespace = 'memoriesdb'::regnamespace"
    ).fetchall():
        dump = str(superuser.execute(f"select t::text from {table} as t".encode()).fetchall())
        assert token[37:] not in dump
        if table != "memoriesdb.signing_keys":
            for (key,) in superuser.execute(
                "select encode(key, 'hex') from memoriesdb.signing_keys"
            ).fetchall():
                assert key not in dump
    for role in ("app", "client", "admin", "worker", "auditor"):
        with database.connect(role) as db:
            for query in (
                "select token_hash from memoriesdb.api_tokens",
                "select * from memoriesdb.api_tokens",
                "select key from memoriesdb.signing_keys",
                "select memoriesdb._sign('session', '')",
                "select memoriesdb._who()",
                "select memoriesdb._session_signature('v1')",
                f"select memoriesdb._begin_session('{alice}', null, null, '{{read}}')",
            ):
                assert refused(db, query).sqlstate == "42501"
                db.rollback()
    with superuser.transaction():
        superuser.execute("set local role memoriesdb_owner")
        error = refused(superuser, "select key from memoriesdb.signing_keys")
    assert error.sqlstate == "42501"


def test_ids_of_tokens_are_no_secret_and_shown_to_their_user_and_admins_alone(
    database: Database, alice: UUID, bob: UUID
) -> None:
    token = database.issue_token(alice, label="agent", scopes=["read"])
    database.issue_token(bob)
    with database.with_token(token) as db:
        found = db.execute("select id, label, scopes from memoriesdb.api_tokens").fetchall()
    assert found == [(_token_id(token), "agent", ["read"])]
    with database.connect("admin") as db:
        assert one(db, "select count(*) from memoriesdb.api_tokens") == 2
        assert one(db, "select count(*) from memoriesdb.api_token_uses") == 2
    assert re.fullmatch(r"mdb_[0-9a-f]{32}_[0-9a-f]{64}", token)
