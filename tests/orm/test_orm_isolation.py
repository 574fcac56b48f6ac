"""The user is set at every BEGIN, for that transaction alone, whatever the pool does."""

import threading
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from acting import Database
from memoriesdb.errors import NoUserError, UsageError
from memoriesdb.sqlalchemy import USER, Memory, acting_as, create_engine, isolate

NOW_ACTING = select(func.memoriesdb.current_user_id())


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    """One connection of its own in the application, so that each transaction reuses it."""
    made = create_engine(database.dsn("app"), pool_size=1, max_overflow=0)
    yield made
    made.dispose()


def contents(session: Session) -> list[str]:
    return list(session.scalars(select(Memory.content).order_by(Memory.seq)))


def remember(engine: sa.Engine, user: UUID, *texts: str) -> None:
    with acting_as(user), Session(engine) as session:
        session.add_all(Memory(content=one) for one in texts)
        session.commit()


def test_without_a_user_nothing_is_seen_and_nothing_written(engine: sa.Engine, alice: UUID) -> None:
    remember(engine, alice, "secret")
    with Session(engine) as session:
        assert contents(session) == []
        session.add(Memory(content="x"))
        with pytest.raises(DBAPIError) as caught:
            session.commit()
    assert isinstance(caught.value.orig, NoUserError)


def test_a_connection_that_is_used_again_has_no_residue(
    engine: sa.Engine, alice: UUID, bob: UUID
) -> None:
    remember(engine, alice, "hers")
    with Session(engine) as session:
        assert contents(session) == []
        session.rollback()
        with acting_as(bob):
            assert contents(session) == []
            session.commit()
        with acting_as(alice):
            assert contents(session) == ["hers"]
            session.rollback()
        assert session.scalar(NOW_ACTING) is None
        setting = session.scalar(select(func.current_setting("app.current_user", True)))
        assert setting == ""


def test_the_user_is_set_anew_after_commit_and_rollback(engine: sa.Engine, alice: UUID) -> None:
    with acting_as(alice), Session(engine) as session:
        session.add(Memory(content="one"))
        session.commit()
        session.add(Memory(content="two"))
        session.rollback()
        session.add(Memory(content="three"))
        session.commit()
        assert contents(session) == ["one", "three"]


def test_savepoints_keep_the_user(engine: sa.Engine, alice: UUID) -> None:
    with acting_as(alice), Session(engine) as session:
        with session.begin_nested():
            session.add(Memory(content="one"))
        nested = session.begin_nested()
        session.add(Memory(content="two"))
        session.flush()
        nested.rollback()
        assert session.scalar(NOW_ACTING) == alice
        session.add(Memory(content="three"))
        session.commit()
        assert contents(session) == ["one", "three"]


def test_one_transaction_is_never_two_users(engine: sa.Engine, alice: UUID, bob: UUID) -> None:
    """It was begun for one: under another's name its statements would be the first one's."""
    remember(engine, alice, "hers")
    with acting_as(alice), Session(engine) as session:
        assert contents(session) == ["hers"]
        with acting_as(bob), pytest.raises(UsageError):
            contents(session)
        session.rollback()
        with acting_as(bob):
            assert contents(session) == []
    with Session(engine) as session:
        contents(session)
        with acting_as(alice), pytest.raises(UsageError):
            contents(session)


def test_a_transaction_may_end_after_its_block(engine: sa.Engine, alice: UUID) -> None:
    with Session(engine) as session:
        with acting_as(alice):
            session.add(Memory(content="hers"))
            session.flush()
        session.commit()
    with acting_as(alice), Session(engine) as session:
        assert contents(session) == ["hers"]


def test_core_connections_are_isolated_too(engine: sa.Engine, alice: UUID) -> None:
    with acting_as(alice), engine.begin() as db:
        assert db.scalar(NOW_ACTING) == alice
        db.execute(sa.insert(Memory).values(content="core"))
    with engine.connect() as db:
        assert db.scalar(select(func.count()).select_from(Memory)) == 0


def test_autocommit_sees_nothing(engine: sa.Engine, alice: UUID) -> None:
    """There is no transaction that a user could be set for: it fails closed."""
    remember(engine, alice, "hers")
    with acting_as(alice), engine.connect() as db:
        db = db.execution_options(isolation_level="AUTOCOMMIT")
        assert db.scalars(select(Memory.content)).all() == []


def test_a_sessions_info_names_its_user(engine: sa.Engine, alice: UUID, bob: UUID) -> None:
    remember(engine, alice, "hers")
    remember(engine, bob, "his")
    make = isolate(sessionmaker(engine))
    for user, text_ in ((alice, "hers"), (bob, "his")):
        with make(info={USER: user}) as session:
            assert contents(session) == [text_]
            with session.begin_nested():
                assert session.scalar(NOW_ACTING) == user
            session.commit()
            assert contents(session) == [text_]
    with acting_as(alice), make() as session:
        assert contents(session) == ["hers"]
    with acting_as(alice), make(info={USER: bob}) as session:
        assert contents(session) == ["his"]
    with make() as session:
        assert contents(session) == []
    with pytest.raises(UsageError):
        isolate(sessionmaker())


def test_any_engine_is_isolated_once(database: Database, alice: UUID) -> None:
    mine = sa.create_engine(
        sa.make_url(database.dsn("app")).set(drivername="postgresql+psycopg"),
        connect_args={"prepare_threshold": None},
    )
    sent: list[str] = []
    sa.event.listen(mine, "before_cursor_execute", lambda *a: sent.append(a[2]))
    assert isolate(isolate(mine)) is mine
    with acting_as(alice), mine.begin() as db:
        assert db.scalar(NOW_ACTING) == alice
    assert sum("set_config" in statement for statement in sent) == 1
    mine.dispose()


def test_the_reason_is_recorded(database: Database, engine: sa.Engine, alice: UUID) -> None:
    with acting_as(alice, reason="ticket 7"), Session(engine) as session:
        session.add(Memory(content="x"))
        session.commit()
    remember(engine, alice, "without")
    rows = database.superuser().execute(
        "select p.reason from memoriesdb.audit_log join memoriesdb.audit_payloads p "
        "using (audit_id) where table_name = 'memories' order by audit_id"
    )
    assert rows.fetchall() == [("ticket 7",), (None,)]


def test_nothing_is_prepared(engine: sa.Engine, alice: UUID) -> None:
    """Behind PgBouncer before 1.21 a prepared statement is another server connection's."""
    with acting_as(alice), engine.begin() as db:
        for _ in range(20):
            db.execute(NOW_ACTING)
        count = db.scalar(text("select count(*) from pg_prepared_statements"))
        assert count == 0


def interleave(engine: sa.Engine, users: dict[UUID, str], local: bool) -> tuple[int, int]:
    """Read as users in turns on many connections; count wrong answers and all of them."""
    answers: list[bool] = []

    def work(user: UUID) -> None:
        for _ in range(20):
            with acting_as(user if local else None), Session(engine) as session:
                if not local:
                    # As an application would that does not know of the pool.
                    setting = func.set_config("app.current_user", str(user), False)
                    session.execute(select(setting))
                    session.commit()
                answers.append(contents(session) == [users[user]])

    threads = [threading.Thread(target=work, args=(user,)) for user in [*users, *users]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers.count(False), len(answers)


def test_users_interleaved_on_one_pool_see_their_own_alone(
    database: Database, engine: sa.Engine, alice: UUID, bob: UUID
) -> None:
    users = {alice: "hers", bob: "his"}
    for user, text_ in users.items():
        remember(engine, user, text_)
    isolated = create_engine(database.dsn("app"))
    assert interleave(isolated, users, local=True) == (0, 80)
    isolated.dispose()


def test_negative_control_a_setting_of_the_session_goes_wrong_through_the_pool(
    database: Database, engine: sa.Engine, alice: UUID, bob: UUID
) -> None:
    users = {alice: "hers", bob: "his"}
    for user, text_ in users.items():
        remember(engine, user, text_)
    bare = sa.create_engine(
        sa.make_url(database.dsn("app")).set(drivername="postgresql+psycopg"),
        connect_args={"prepare_threshold": None},
    )
    wrong, asked = interleave(bare, users, local=False)
    assert asked == 80
    assert wrong > 0
    # What it left in the server's connections does not reach an isolated engine without a user.
    with Session(engine) as session:
        for _ in range(10):
            assert contents(session) == []
            session.commit()
    bare.dispose()


def test_a_lost_connection_is_replaced_with_the_user_set(database: Database, alice: UUID) -> None:
    direct = create_engine(database.dsn("app", pooled=False), pool_pre_ping=True)
    remember(direct, alice, "hers")
    with direct.connect() as db:
        pid = db.scalar(select(func.pg_backend_pid()))
    with psycopg.connect(database.dsn("superuser")) as superuser:
        superuser.execute("select pg_terminate_backend(%s)", (pid,))
    with acting_as(alice), Session(direct) as session:
        assert contents(session) == ["hers"]
    direct.dispose()
