"""One transaction as one user: begun, kept, undone and never mixed, through PgBouncer."""

import contextlib
import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

import memoriesdb
from acting import Database
from memoriesdb import Client, Session
from memoriesdb.errors import (
    EmptyContentError,
    MemoriesError,
    NotAllowedError,
    NoUserError,
    RolledBackError,
    UnknownUserError,
    UsageError,
)


def end_backend(database: Database, me: Session) -> None:
    """End the server process behind a session, as an administrator or a crash would."""
    pid = me.connection.execute("select pg_backend_pid()").fetchone()
    database.superuser().execute("select pg_terminate_backend(%s)", pid)


@pytest.fixture
def client(database: Database) -> Iterator[Client]:
    with memoriesdb.connect(database.dsn("app")) as connected:
        yield connected


def test_what_a_user_remembers_is_found_again_by_that_user_alone(
    client: Client, alice: UUID, bob: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("The meeting moved to Thursday")
        assert me.id == alice
    with client.as_user(alice) as me:
        assert [found.memory_id for found in me.recall("thursday meeting")] == [memory_id]
    with client.as_user(bob) as me:
        assert me.recall("thursday meeting") == []
        assert me.get(memory_id) is None


def test_an_exception_undoes_the_whole_block(client: Client, alice: UUID) -> None:
    def half() -> None:
        with client.as_user(alice) as me:
            me.remember("half of it")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with client.as_user(alice) as me:
        assert me.recall("half") == []


def test_an_error_of_the_database_undoes_the_whole_block_and_the_client_goes_on(
    client: Client, alice: UUID
) -> None:
    def act() -> None:
        with client.as_user(alice) as me:
            me.remember("before")
            me.remember(" ")

    with pytest.raises(EmptyContentError):
        act()
    with client.as_user(alice) as me:
        assert me.recall("before") == []
        me.remember("after")


def test_an_error_that_is_caught_within_the_block_is_not_taken_for_success(
    client: Client, alice: UUID
) -> None:
    """COMMIT of a failed transaction answers ROLLBACK and raises nothing by itself."""

    def act() -> None:
        with client.as_user(alice) as me:
            me.remember("lost")
            with contextlib.suppress(EmptyContentError):
                me.remember("")

    with pytest.raises(RolledBackError) as caught:
        act()
    assert caught.value.hint is not None
    with client.as_user(alice) as me:
        assert me.recall("lost") == []


def test_a_savepoint_undoes_its_block_alone(client: Client, alice: UUID) -> None:
    with client.as_user(alice) as me:
        me.remember("kept")
        with contextlib.suppress(EmptyContentError), me.savepoint():
            me.remember("undone")
            me.remember("")
        user = me.connection.execute("select memoriesdb.current_user_id()")
        assert user.fetchone() == (alice,)
    with client.as_user(alice) as me:
        assert [found.content for found in me.recall("kept undone")] == ["kept"]


def test_two_users_at_once_on_one_client_are_refused(
    client: Client, alice: UUID, bob: UUID
) -> None:
    with client.as_user(alice) as me:
        with pytest.raises(UsageError), client.as_user(bob):
            pass
        refused: list[MemoriesError] = []

        def elsewhere() -> None:
            try:
                client.user_id("alice")
            except MemoriesError as error:
                refused.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert [type(error) for error in refused] == [UsageError]
        me.remember("still alice's")
    with client.as_user(bob) as me:
        assert me.recall("alice") == []


def test_a_session_ends_with_its_block(client: Client, alice: UUID) -> None:
    with client.as_user(alice) as me:
        pass
    with pytest.raises(UsageError):
        me.remember("too late")
    with pytest.raises(UsageError):
        _ = me.connection


def test_an_unknown_user_is_refused_before_anything_is_done(client: Client) -> None:
    with pytest.raises(UnknownUserError) as caught, client.as_user(uuid4()):
        pytest.fail("the block must not begin")
    assert "create" in str(caught.value.hint)


def test_a_user_is_named_by_an_id_or_its_text(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(str(alice)) as me:
        assert me.id == alice
    service = database.create_user("service", "service")
    database.administer("assign_service(%s, %s)", service, alice)
    with client.as_user(service, act_for=str(alice)) as her:
        assert her.id == alice
    for name in ("alice", "", None, 7):
        with pytest.raises(UsageError) as caught, client.as_user(name):  # type: ignore[arg-type]
            pytest.fail("the block must not begin")
        assert "uuid.UUID" in str(caught.value)
        assert "user_id(name)" in (caught.value.hint or "")


def test_the_user_is_gone_with_the_transaction(client: Client, alice: UUID) -> None:
    with client.as_user(alice) as me:
        me.remember("secret")
        connection = me.connection
    row = connection.execute("select memoriesdb.current_user_id()").fetchone()
    assert row == (None,)


def test_the_reason_is_in_the_audit_and_gone_with_the_transaction(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice, reason="ticket 7") as me:
        first = me.remember("with a reason")
    with client.as_user(alice) as me:
        second = me.remember("without")
    rows = database.superuser().execute(
        "select a.row_id, p.reason from memoriesdb.audit_log a "
        "join memoriesdb.audit_payloads p using (audit_id) where a.table_name = 'memories'"
    )
    assert dict(rows.fetchall()) == {first: "ticket 7", second: None}


def test_a_mapped_login_acts_as_its_user(database: Database, alice: UUID) -> None:
    with memoriesdb.connect(database.dsn("client")) as mine:
        with pytest.raises(NoUserError), mine.as_login():
            pass
        with memoriesdb.connect(database.dsn("admin")) as admin:
            admin.map_db_role(alice, "test_client")
        with mine.as_login() as me:
            assert me.id == alice
            me.remember("by my own login")
        with pytest.raises(NotAllowedError, match="may not say who"), mine.as_user(alice):
            pass


def test_a_connection_that_died_unused_is_opened_again(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        me.remember("a lamp")
    with memoriesdb.connect(database.dsn("app", pooled=False)) as direct:
        with direct.as_user(alice) as me:
            backend = me.connection.info.backend_pid
        database.superuser().execute("select pg_terminate_backend(%s)", (backend,))
        with direct.as_user(alice) as me:
            assert len(me.recall("lamp")) == 1


def test_a_connection_lost_within_a_transaction_is_not_replaced_unseen(
    database: Database, alice: UUID
) -> None:
    with memoriesdb.connect(database.dsn("app", pooled=False)) as direct:

        def act() -> None:
            with direct.as_user(alice) as me:
                me.remember("lost")
                end_backend(database, me)
                me.remember("this as well")

        with pytest.raises(psycopg.OperationalError):
            act()
        with direct.as_user(alice) as me:
            assert me.recall("lost well") == []


def test_a_closed_client_says_so(database: Database, alice: UUID) -> None:
    with memoriesdb.connect(database.dsn("app")) as client:
        pass
    with pytest.raises(UsageError), client.as_user(alice):
        pass


def test_options_that_the_client_needs_for_itself_are_refused(database: Database) -> None:
    with pytest.raises(TypeError, match="autocommit"):
        memoriesdb.connect(database.dsn("app"), autocommit=False)


def test_many_clients_on_one_pool_never_see_each_others_user(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Interleaved: each transaction gets whichever server connection is free."""
    for user, text in ((alice, "apple"), (bob, "banana")):
        database.remember(user, text)
    wrong: list[object] = []

    def work(user: UUID, text: str) -> None:
        with memoriesdb.connect(database.dsn("app")) as mine:
            for _ in range(25):
                with mine.as_user(user) as me:
                    seen = {found.content for found in me.recall("apple banana")}
                    if seen != {text}:
                        wrong.append((user, seen))

    threads = [
        threading.Thread(target=work, args=pair) for pair in ((alice, "apple"), (bob, "banana")) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
