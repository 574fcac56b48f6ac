"""The database embeds a question itself: bounded in time, cached for each user, never required."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import Diagnostic

from acting import Connection, Database
from queues.endpoint import Endpoint
from queues.support import Start, register, run_once, set_setting, value


class Notice(NamedTuple):
    """What a NOTICE said."""

    sqlstate: str | None
    message: str | None
    hint: str | None


@contextmanager
def noticing(db: Connection) -> Iterator[list[Notice]]:
    """Collect the NOTICEs of a connection."""
    heard: list[Notice] = []

    def hear(said: Diagnostic) -> None:
        heard.append(Notice(said.sqlstate, said.message_primary, said.message_hint))

    db.add_notice_handler(hear)
    yield heard
    db.remove_notice_handler(hear)


def ask(db: Connection, query: str) -> list[tuple[str, int | None]]:
    return db.execute("select content, vector_rank from memoriesdb.recall(%s)", (query,)).fetchall()


@pytest.mark.parametrize("fault", ["CRASH", "REJECT", "NAN", "ZERO", "NARROW", "HALF"])
def test_words_are_found_when_the_endpoint_fails(
    database: Database, alice: UUID, endpoint: Endpoint, fault: str
) -> None:
    register(database, endpoint.url)
    database.remember(alice, "the secret heron")
    with database.acting(alice) as db, noticing(db) as heard:
        assert ask(db, f"secret heron {fault}") == [("the secret heron", None)]
        # The transaction goes on.
        assert value(db, "select count(*) from memoriesdb.memories") == 1
    assert [notice.sqlstate for notice in heard] == ["MD502"]
    assert "secret" not in str(heard[0].message)
    assert heard[0].hint


def test_words_are_found_when_the_endpoint_is_away(database: Database, alice: UUID) -> None:
    register(database, "http://127.0.0.1:9")
    database.remember(alice, "heron")
    with database.acting(alice) as db, noticing(db) as heard:
        assert ask(db, "heron") == [("heron", None)]
    assert [notice.sqlstate for notice in heard] == ["MD502"]


def test_a_hanging_endpoint_costs_the_timeout_and_no_more(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    register(database, endpoint.url)
    set_setting(database, "embed_query_timeout_seconds", "0.3")
    database.remember(alice, "heron")
    endpoint.hold()
    with database.acting(alice) as db, noticing(db) as heard:
        began = time.monotonic()
        assert ask(db, "heron") == [("heron", None)]
        assert time.monotonic() - began < 1.5
    endpoint.may_answer.set()
    assert [notice.sqlstate for notice in heard] == ["MD502"]


def test_a_statement_timeout_ends_a_hanging_call(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    """The user's own bound is not swallowed as a fault of the endpoint."""
    register(database, endpoint.url)
    set_setting(database, "embed_query_timeout_seconds", "1")
    endpoint.hold()
    with database.acting(alice) as db:
        db.execute("set local statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            ask(db, "heron")
        db.rollback()
    endpoint.may_answer.set()


def test_a_question_is_embedded_once_for_each_user(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint
) -> None:
    """Were the cache shared, its speed would tell one user what another has asked."""
    register(database, endpoint.url)
    for user_id in (alice, alice, bob, bob):
        with database.acting(user_id) as db:
            ask(db, "heron")
    assert endpoint.texts == ["heron", "heron"]
    with database.acting(alice) as db:
        ask(db, "another question")
    assert endpoint.texts == ["heron", "heron", "another question"]
    with database.acting(alice) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("select * from memoriesdb.query_embeddings")


def test_a_cached_question_needs_no_endpoint(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    database.remember(alice, "heron")
    run_once(start, "embedding")
    with database.acting(alice) as db:
        ask(db, "heron")
    endpoint.close()
    with database.acting(alice) as db, noticing(db) as heard:
        assert ask(db, "heron") == [("heron", 1)]
    assert heard == []


def test_the_cache_keeps_a_users_latest_questions(
    database: Database, alice: UUID, bob: UUID, endpoint: Endpoint
) -> None:
    register(database, endpoint.url)
    set_setting(database, "query_cache_size", "3")
    with database.acting(bob) as db:
        ask(db, "question of bob")
    for number in range(6):
        with database.acting(alice) as db:
            ask(db, f"question {number}")
    with database.superuser() as db:
        counts = db.execute(
            "select owner_id, count(*) from memoriesdb.query_embeddings group by owner_id"
        ).fetchall()
    assert dict(counts) == {alice: 3, bob: 1}
    with database.acting(alice) as db:
        ask(db, "question 5")
        ask(db, "question 0")
    assert endpoint.texts.count("question 5") == 1
    assert endpoint.texts.count("question 0") == 2


def test_recalls_of_one_user_do_not_wait_for_each_other(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    """Neither for the same question's place in the cache nor for the one that makes room."""
    register(database, endpoint.url)
    set_setting(database, "query_cache_size", "1")
    with database.acting(alice) as db:
        ask(db, "an older question")
    with database.acting(alice, pooled=False) as first, database.acting(alice) as second:
        ask(first, "heron")
        second.execute("set local statement_timeout = '2s'")
        ask(second, "heron")
        ask(second, "boat")


def test_a_read_only_transaction_recalls(
    database: Database, alice: UUID, endpoint: Endpoint, start: Start
) -> None:
    register(database, endpoint.url)
    database.remember(alice, "heron")
    run_once(start, "embedding")
    db = database.connect("app")
    db.execute("set transaction read only")
    db.execute("select memoriesdb.set_user(%s)", (alice,))
    assert ask(db, "heron") == [("heron", 1)]
    db.rollback()
    with database.superuser() as db:
        assert value(db, "select count(*) from memoriesdb.query_embeddings") == 0


def test_a_question_that_another_transaction_kept_is_answered_in_an_older_snapshot(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    register(database, endpoint.url)
    for isolation in (psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE):
        older = database.connect("app")
        older.isolation_level = isolation
        older.execute("select memoriesdb.set_user(%s)", (alice,))
        with database.acting(alice) as db:
            db.execute("select memoriesdb.remember('heron')")
            ask(db, f"heron {isolation.name}")
        # What was remembered since is not there for it.
        seen = value(older, "select count(*) from memoriesdb.memories")
        assert len(ask(older, f"heron {isolation.name}")) == seen
        older.commit()


def test_a_standby_recalls(database: Database, alice: UUID, endpoint: Endpoint) -> None:
    """It has no cache of questions, which is unlogged."""
    register(database, endpoint.url)
    database.remember(alice, "heron")
    postgres = database.cluster.postgres
    signal = postgres.data / "standby.signal"
    postgres.stop()
    postgres.account.write(signal, "")
    try:
        postgres.start()
        with database.acting(alice, pooled=False) as db, noticing(db) as heard:
            assert value(db, "select pg_is_in_recovery()") is True
            assert ask(db, "heron") == [("heron", None)]
        assert (heard, endpoint.texts) == ([], ["heron"])
    finally:
        postgres.stop()
        signal.unlink()
        postgres.start()
    assert database.remember(alice, "boat")


def test_a_model_that_is_not_active_is_not_asked(
    database: Database, alice: UUID, endpoint: Endpoint
) -> None:
    register(database, endpoint.url, activate=False)
    database.remember(alice, "heron")
    with database.acting(alice) as db, noticing(db) as heard:
        assert ask(db, "heron") == [("heron", None)]
    assert (endpoint.texts, heard) == ([], [])


def test_a_vector_that_no_model_could_have_made_is_refused(database: Database, alice: UUID) -> None:
    """And not left out in silence."""
    database.remember(alice, "heron")
    with database.acting(alice) as db:
        assert ask(db, "heron") == [("heron", None)]
        with pytest.raises(psycopg.Error) as caught:
            db.execute("select from memoriesdb.recall('heron', query_embedding => '[1,0]')")
    assert caught.value.sqlstate == "MD109"
