"""Sessions that a token opens: signed, bound to their transaction, and ended with it."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database, one, refused

LOGIN = "select memoriesdb.login(%s)"
WHO = "select memoriesdb.current_user_id()"
SESSION = "select current_setting('app.session')"
FORGE = "select set_config('app.session', %s, true)"


def test_a_client_with_a_token_is_its_user_and_nobody_else(
    database: Database, alice: UUID, bob: UUID
) -> None:
    token = database.issue_token(alice)
    database.remember(bob, "bob's")
    with database.with_token(token) as db:
        assert one(db, WHO) == alice
        db.execute("select memoriesdb.remember('alice''s')")
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("alice's",)]
    with database.connect("client") as db:
        assert one(db, WHO) is None
        assert one(db, "select count(*) from memoriesdb.memories") == 0


@pytest.fixture
def session(database: Database, alice: UUID) -> tuple[Connection, str]:
    """A client's direct connection, and what it was signed in an earlier transaction."""
    database.remember(alice, "secret")
    db = database.connect("client", pooled=False)
    db.execute(LOGIN, (database.issue_token(alice),))
    signed = str(one(db, SESSION))
    assert one(db, "select count(*) from memoriesdb.memories") == 1
    # Said again in its own transaction it counts: what is refused below is the rest.
    db.execute(FORGE, (signed,))
    assert one(db, WHO) == alice
    db.commit()
    return db, signed


def _is_nobody(db: Connection, signed: str) -> bool:
    db.execute(FORGE, (signed,))
    nobody = one(db, WHO) is None and one(db, "select count(*) from memoriesdb.memories") == 0
    error = refused(db, "select memoriesdb.remember('x')")
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
        signed = str(one(first, SESSION))
        pid = one(first, "select pg_backend_pid()")
        for role in ("client", "app"):
            second = database.connect(role, pooled=False)
            assert one(second, "select pg_backend_pid()") != pid
            assert _is_nobody(second, signed)
        assert one(first, WHO) == alice


def test_a_session_set_for_the_whole_connection_ends_with_the_transaction(
    database: Database, session: tuple[Connection, str], alice: UUID
) -> None:
    """It stays behind in the backend, and the next transaction is nobody until it logs in."""
    db, _ = session
    db.execute(LOGIN, (database.issue_token(alice),))
    db.execute("select set_config('app.session', current_setting('app.session'), false)")
    db.commit()
    assert one(db, SESSION) != ""
    assert one(db, WHO) is None
    db.execute(LOGIN, (database.issue_token(alice),))
    assert one(db, WHO) == alice


def test_no_part_of_a_session_can_be_changed(
    database: Database, alice: UUID, bob: UUID, session: tuple[Connection, str]
) -> None:
    db, _ = session
    token = database.issue_token(alice, scopes=["read"])
    database.issue_token(bob)
    db.execute(LOGIN, (token,))
    version, key, user, token_id, actor, scopes, signature = str(one(db, SESSION)).split(".")
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
            assert one(db, WHO) is None, fields
        db.execute("rollback to s")
    for text in ("x", "v1", "'", "v1." * 5000, "\u200b", "v1.1.-.-.-.read." + "é" * 64):
        db.execute("savepoint s")
        db.execute(FORGE, (text,))
        assert one(db, WHO) is None, text[:50]
        db.execute("rollback to s")
    assert one(db, WHO) == alice


def test_what_is_no_session_is_nobody_though_the_login_has_a_user(
    database: Database, alice: UUID
) -> None:
    """A forged session does not fall back to who one is without it."""
    with database.acting(alice) as db:
        db.execute(FORGE, ("forged",))
        assert one(db, WHO) is None


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
    assert one(db, WHO) is None


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
        (alice, f"update memoriesdb.memories set importance = 0.1 returning {away}"),
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
            error = refused(db, statement)
            assert error.sqlstate in ("MD001", "MD303", "42501"), statement
    superuser = database.superuser()
    assert one(superuser, "select count(*) from memoriesdb.memories where version = 1") == 3
    nobodys = "select count(*) from memoriesdb.audit_log where user_id is null and login = %s"
    assert one(superuser, nobodys, "test_client") == 0


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
            "update memoriesdb.memories set importance = 0.1 returning set_config('app.session', "
            "replace(current_setting('app.session'), %(alice)s::text, %(other)s::text), true)",
        ):
            with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
                db.execute(
                    statement.encode(), {"alice": alice, "bob": tokens[1], "other": str(bob)}
                )
            assert caught.value.sqlstate in ("MD001", "42501"), statement
            assert one(db, WHO) == alice


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
        assert one(db, "select count(*) from memoriesdb.memories") == 1
