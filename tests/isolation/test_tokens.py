"""Tokens: sessions that are signed, bound to their transaction, and end with it."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database

LOGIN = "select memoriesdb.login(%s)"
WHO = "select memoriesdb.current_user_id()"
SESSION = "select current_setting('app.session')"
FORGE = "select set_config('app.session', %s, true)"


def _one(db: Connection, query: str, *arguments: object) -> object:
    row = db.execute(query.encode(), arguments).fetchone()
    assert row is not None
    return row[0]


def _refused(db: Connection, query: str, *arguments: object) -> psycopg.Error:
    with pytest.raises(psycopg.DatabaseError) as caught:
        db.execute(query.encode(), arguments)
    return caught.value


def test_a_client_with_a_token_is_its_user_and_nobody_else(
    database: Database, alice: UUID, bob: UUID
) -> None:
    token = database.issue_token(alice)
    database.remember(bob, "bob's")
    with database.with_token(token) as db:
        assert _one(db, WHO) == alice
        db.execute("select memoriesdb.remember('alice''s')")
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("alice's",)]
    with database.connect("client") as db:
        assert _one(db, WHO) is None
        assert _one(db, "select count(*) from memoriesdb.memories") == 0


@pytest.fixture
def session(database: Database, alice: UUID) -> tuple[Connection, str]:
    """A client's direct connection, and what it was signed in an earlier transaction."""
    database.remember(alice, "secret")
    db = database.connect("client", pooled=False)
    db.execute(LOGIN, (database.issue_token(alice),))
    signed = str(_one(db, SESSION))
    assert _one(db, "select count(*) from memoriesdb.memories") == 1
    # Said again in its own transaction it counts: what is refused below is the rest.
    db.execute(FORGE, (signed,))
    assert _one(db, WHO) == alice
    db.commit()
    return db, signed


def _is_nobody(db: Connection, signed: str) -> bool:
    db.execute(FORGE, (signed,))
    nobody = _one(db, WHO) is None and _one(db, "select count(*) from memoriesdb.memories") == 0
    error = _refused(db, "select memoriesdb.remember('x')")
    db.rollback()
    return nobody and error.sqlstate == "MD001"


def test_a_session_replayed_in_a_later_transaction_is_nobody(
    session: tuple[Connection, str],
) -> None:
    db, signed = session
    assert _is_nobody(db, signed)


def test_a_session_replayed_on_another_backend_or_by_another_login_is_nobody(
    database: Database, alice: UUID
) -> None:
    with database.with_token(database.issue_token(alice), pooled=False) as first:
        signed = str(_one(first, SESSION))
        pid = _one(first, "select pg_backend_pid()")
        for role in ("client", "app"):
            second = database.connect(role, pooled=False)
            assert _one(second, "select pg_backend_pid()") != pid
            assert _is_nobody(second, signed)
        assert _one(first, WHO) == alice


def test_a_session_set_for_the_whole_connection_ends_with_the_transaction(
    database: Database, session: tuple[Connection, str], alice: UUID
) -> None:
    """It stays behind in the backend, and the next transaction is nobody until it logs in."""
    db, _ = session
    db.execute(LOGIN, (database.issue_token(alice),))
    db.execute("select set_config('app.session', current_setting('app.session'), false)")
    db.commit()
    assert _one(db, SESSION) != ""
    assert _one(db, WHO) is None
    db.execute(LOGIN, (database.issue_token(alice),))
    assert _one(db, WHO) == alice


def test_no_part_of_a_session_can_be_changed(
    database: Database, alice: UUID, bob: UUID, session: tuple[Connection, str]
) -> None:
    db, _ = session
    token = database.issue_token(alice, scopes=["read"])
    database.issue_token(bob)
    db.execute(LOGIN, (token,))
    version, key, user, token_id, actor, scopes, signature = str(_one(db, SESSION)).split(".")
    assert (version, user, scopes) == ("v1", str(alice), "read")
    forged = [
        ("v2", key, user, token_id, actor, scopes, signature),
        (version, "1", user, token_id, actor, scopes, signature),
        (version, "2147483648", user, token_id, actor, scopes, signature),
        (version, f"0{key}", user, token_id, actor, scopes, signature),
        (version, key, str(bob), token_id, actor, scopes, signature),
        (version, key, "-", token_id, actor, scopes, signature),
        (version, key, "-" * 36, token_id, actor, scopes, signature),
        (version, key, user, str(uuid4()), actor, scopes, signature),
        (version, key, user, "-", actor, scopes, signature),
        (version, key, user, token_id, str(bob), scopes, signature),
        (version, key, user, token_id, actor, "read,write", signature),
        (version, key, user, token_id, actor, "admin", signature),
        (version, key, user, token_id, actor, scopes, "0" * 64),
        (version, key, user, token_id, actor, scopes, signature[::-1]),
        (version, key, user, token_id, actor, scopes, signature[:-1]),
        (version, key, user, token_id, actor, scopes, signature + "00"),
        (version, key, user, token_id, actor, scopes, signature.upper()),
        (version, key, user, token_id, actor, scopes, signature + "\n"),
        (version, key, user, token_id, actor, signature),
    ]
    for fields in forged:
        db.execute("savepoint s")
        db.execute(FORGE, (".".join(fields),))
        if ".".join(fields) != ".".join((version, key, user, token_id, actor, scopes, signature)):
            assert _one(db, WHO) is None, fields
        db.execute("rollback to s")
    for text in ("x", "v1", "'", "v1." * 5000, "\u200b", "v1.1.-.-.-.read." + "é" * 64):
        db.execute("savepoint s")
        db.execute(FORGE, (text,))
        assert _one(db, WHO) is None, text[:50]
        db.execute("rollback to s")
    assert _one(db, WHO) == alice


def test_what_is_no_session_is_nobody_though_the_login_has_a_user(
    database: Database, alice: UUID
) -> None:
    """A forged session does not fall back to who one is without it."""
    with database.acting(alice) as db:
        db.execute(FORGE, ("forged",))
        assert _one(db, WHO) is None


BAD = "mdb_" + "0" * 32 + "_" + "0" * 64


@pytest.mark.parametrize(
    "text", [BAD, BAD.upper(), f" {BAD}", f"{BAD}\n", "", "x" * 10_240, "mdb_é", None]
)
def test_a_token_that_was_never_issued_is_unknown(database: Database, text: str | None) -> None:
    with database.connect("client") as db:
        error = _refused(db, LOGIN, text)
    assert error.sqlstate == "MD007"
    assert "0000" not in f"{error.diag.message_primary} {error.diag.message_detail}"


def test_a_failed_login_leaves_who_was_there_before_its_savepoint(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.with_token(database.issue_token(alice)) as db:
        with pytest.raises(psycopg.DatabaseError), db.transaction():
            db.execute(LOGIN, (BAD,))
        assert _one(db, WHO) == alice
        # A login that is rolled back is taken along.
        db.execute("savepoint s")
        db.execute(LOGIN, (database.issue_token(bob),))
        assert _one(db, WHO) == bob
        db.execute("rollback to s")
        assert _one(db, WHO) == alice
        _refused(db, LOGIN, BAD)
        db.rollback()
        assert _one(db, WHO) is None


def test_the_secret_alone_is_not_enough_nor_is_the_id(database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)
    other = database.issue_token(alice)
    mixed = token[:37] + other[37:]
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    for text in (mixed, wrong, token[:-1], token + "0", token[:36]):
        with database.connect("client") as db:
            assert _refused(db, LOGIN, text).sqlstate == "MD007"


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
    assert _one(open_before, WHO) == alice
    open_before.commit()
    for token, code in ((expired, "MD008"), (revoked, "MD009")):
        error = _refused(open_before, LOGIN, token)
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
        assert _one(db, WHO) is None
    with database.connect("client") as db:
        assert _refused(db, LOGIN, token).sqlstate == "MD007"
    with pytest.raises(psycopg.DatabaseError) as caught:
        database.issue_token(alice)
    assert caught.value.sqlstate == "MD002"
    assert database.administer("reactivate_user(%s)", alice) is True
    assert database.administer("reactivate_user(%s)", alice) is False
    with database.with_token(token) as db:
        assert _one(db, WHO) == alice
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
    assert _one(database.superuser(), used) is False
    locked = "select count(*) from memoriesdb.api_token_uses"
    superuser = database.superuser()
    assert (
        _one(
            superuser,
            f"with u as (select from memoriesdb.api_token_uses for update skip "
            f"locked) select (select count(*) from u) - ({locked})",
        )
        == -1
    )
    second.execute("set local lock_timeout = '1ms'")
    second.execute(LOGIN, (token,))
    assert _one(second, WHO) == alice
    first.commit()
    second.commit()
    assert _one(database.superuser(), used) is True


def test_login_writes_once_a_minute_and_never_where_it_cannot(
    database: Database, alice: UUID
) -> None:
    token = database.issue_token(alice)
    version = "select xmin::text from memoriesdb.api_token_uses"
    superuser = database.superuser()
    made = _one(superuser, version)
    for begin in ("read only", "isolation level repeatable read", "isolation level serializable"):
        db = database.connect("client", pooled=False)
        db.execute(f"set transaction {begin}".encode())
        db.execute(LOGIN, (token,))
        assert _one(db, WHO) == alice
        db.commit()
        assert _one(superuser, version) == made
    with database.with_token(token):
        pass
    marked = _one(superuser, version)
    assert marked != made
    with database.with_token(token):
        pass
    assert _one(superuser, version) == marked
    superuser.execute(
        "update memoriesdb.api_token_uses set last_used_at = now() - interval '2 minutes'"
    )
    stale = _one(superuser, version)
    with database.with_token(token):
        pass
    assert _one(superuser, version) != stale


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
                assert _refused(db, query).sqlstate == "42501"
                db.rollback()
    with superuser.transaction():
        superuser.execute("set local role memoriesdb_owner")
        error = _refused(superuser, "select key from memoriesdb.signing_keys")
    assert error.sqlstate == "42501"


def test_a_replay_within_one_message_is_the_one_that_works(database: Database, alice: UUID) -> None:
    """A limit: two transactions in one simple query begin at one time, of one client's own."""
    token = database.issue_token(alice)
    db = database.connect("client", pooled=False, autocommit=True)
    cursor = db.execute(
        f"begin; select memoriesdb.login('{token}'); "
        "select set_config('app.session', current_setting('app.session'), false); commit; "
        "begin; select memoriesdb.current_user_id(); commit".encode()
    )
    for _ in range(5):
        cursor.nextset()
    assert cursor.fetchone() == (alice,)
    assert _one(db, WHO) is None


def test_a_statement_that_takes_its_own_session_away_does_nothing(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Otherwise its audit entry would name nobody, and a grantee could do what owners may."""
    ids = [database.remember(alice, f"number {n}") for n in range(3)]
    with database.acting(alice) as db:
        for memory_id in ids:
            db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
    away = "set_config('app.session', '', true)"
    for user, statement in (
        (alice, f"delete from memoriesdb.memories where {away} = ''"),
        (alice, f"delete from memoriesdb.memories returning {away}"),
        (alice, f"update memoriesdb.memories set stream = nullif({away}, '')"),
        (alice, f"update memoriesdb.memories set trust = 0.1 returning {away}"),
        (alice, f"insert into memoriesdb.memories (content) select 'x' || {away}"),
        # Between two rows, and put back at the end.
        (
            bob,
            "update memoriesdb.memories as m set forgotten_at = case set_config('app.session', "
            "case x.n when 2 then '' else x.session end, true) when 'x' then null else now() end "
            "from (select id, row_number() over () as n, current_setting('app.session') as session "
            "from memoriesdb.memories) as x where x.id = m.id",
        ),
    ):
        with database.connect("client") as db:
            db.execute(LOGIN, (database.issue_token(user),))
            error = _refused(db, statement)
            assert error.sqlstate in ("MD001", "MD303", "42501"), statement
    superuser = database.superuser()
    assert _one(superuser, "select count(*) from memoriesdb.memories where version = 1") == 3
    nobodys = "select count(*) from memoriesdb.audit_log where user_id is null and login = %s"
    assert _one(superuser, nobodys, "test_client") == 0


def test_a_statement_that_changes_its_user_between_two_rows_does_nothing(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Rows bear whom the session named while they were written: it must be the one at the end."""
    tokens = [database.issue_token(user) for user in (alice, bob)]
    with database.connect("client") as db:
        db.execute(LOGIN, tokens[:1])
        db.execute(
            "insert into memoriesdb.memories (content) select 'x' from generate_series(1, 3)"
        )
        for statement in (
            "insert into memoriesdb.memories (owner_id, content) select %(alice)s, n || (case n "
            "when 2 then memoriesdb.login(%(bob)s)::text else '' end) from generate_series(1, 2) n",
            "update memoriesdb.memories set metadata = jsonb_build_object('x', case seq when "
            "(select max(seq) from memoriesdb.memories) then memoriesdb.login(%(bob)s)::text end)",
            "delete from memoriesdb.memories where memoriesdb.login(%(bob)s) is not null",
            "update memoriesdb.memories set trust = 0.1 returning set_config('app.session', "
            "replace(current_setting('app.session'), %(alice)s::text, %(other)s::text), true)",
        ):
            with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
                db.execute(
                    statement.encode(), {"alice": alice, "bob": tokens[1], "other": str(bob)}
                )
            assert caught.value.sqlstate in ("MD001", "42501"), statement
            assert _one(db, WHO) == alice


def test_a_parallel_plan_knows_the_session(database: Database, alice: UUID) -> None:
    database.remember(alice, "hers")
    with database.with_token(database.issue_token(alice), pooled=False) as db:
        force = (
            "debug_parallel_query" if db.info.server_version >= 160000 else "force_parallel_mode"
        )
        db.execute(f"set local {force} = on".encode())
        db.execute(
            "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0; "
            "set local min_parallel_table_scan_size = 0"
        )
        assert _one(db, "select count(*) from memoriesdb.memories") == 1


def test_ids_of_tokens_are_no_secret_and_shown_to_their_user_and_admins_alone(
    database: Database, alice: UUID, bob: UUID
) -> None:
    token = database.issue_token(alice, label="agent", scopes=["read"])
    database.issue_token(bob)
    with database.with_token(token) as db:
        found = db.execute("select id, label, scopes from memoriesdb.api_tokens").fetchall()
    assert found == [(_token_id(token), "agent", ["read"])]
    with database.connect("admin") as db:
        assert _one(db, "select count(*) from memoriesdb.api_tokens") == 2
        assert _one(db, "select count(*) from memoriesdb.api_token_uses") == 2
    assert re.fullmatch(r"mdb_[0-9a-f]{32}_[0-9a-f]{64}", token)
