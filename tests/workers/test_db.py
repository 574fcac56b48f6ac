"""The workers' connection against a real server: retries, time limits, lost connections."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from memoriesdb.cluster.temporary import Cluster, temporary_cluster
from memoriesdb.queries import Query
from memoriesdb.workers.db import DatabaseAwayError, Db, describe, is_lost

ONE = Query("one", "One.", b"select 1", int)
SETTING = Query("setting", "A setting.", b"select current_setting(%(name)s)", str)
SLEEP = Query("sleep", "Sleep.", b"select pg_sleep(%(seconds)s)::text", str)
DIE = Query("die", "Ends itself.", b"select pg_terminate_backend(pg_backend_pid())", bool)
PREPARED = Query("prepared", "Prepared.", b"select count(*) from pg_prepared_statements", int)
# Raises 40001 until it was called three times: sequences do not roll back.
SERIALIZE = Query(
    "serialize",
    "Fails twice.",
    b"select trouble('40001', 3)",
    int,
)
TROUBLE = """
create sequence calls;
create function trouble(code text, until bigint) returns bigint language plpgsql as $function$
begin
  if nextval('calls') < until then
    raise exception 'trouble' using errcode = code, detail = 'canary';
  end if;
  return currval('calls');
end;
$function$;
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary_cluster() as running:
        with psycopg.connect(running.superuser_dsn, autocommit=True) as connection:
            connection.execute(TROUBLE)
        yield running


@pytest.fixture
def db(cluster: Cluster) -> Iterator[Db]:
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as connection:
        connection.execute("alter sequence calls restart")
    made = Db(cluster.superuser_dsn, application_name="memoriesdb-test", statement_timeout=5.0)
    yield made
    made.close()


def test_nothing_is_kept_in_the_session(db: Db) -> None:
    for _ in range(8):
        assert db.value(SETTING, timeout=7.5, name="statement_timeout") == "7500ms"
    assert db.value(PREPARED) == 0
    assert db.value(SETTING, name="application_name") == "memoriesdb-test"
    assert db._connection is not None
    assert db._connection.autocommit
    outside = db._connection.execute("show statement_timeout").fetchone()
    assert outside == ("0",)


def test_a_statement_is_ended_at_its_time_limit(db: Db) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        db.value(SLEEP, timeout=0.2, seconds=5)
    assert db.value(ONE) == 1


def test_serialization_failures_are_tried_again(db: Db) -> None:
    assert db.value(SERIALIZE) == 3


def test_they_are_not_tried_for_ever(db: Db) -> None:
    endless = Query("endless", "Always.", b"select trouble('40P01', 1000)", int)
    with pytest.raises(psycopg.errors.DeadlockDetected):
        db.value(endless)


def test_other_errors_are_raised_at_once_and_told_without_their_detail(db: Db) -> None:
    wrong = Query("wrong", "Wrong.", b"select trouble('MD110', 1000)", int)
    with pytest.raises(psycopg.Error) as raised:
        db.value(wrong)
    assert raised.value.sqlstate == "MD110"
    assert describe(raised.value) == "MD110: trouble"
    assert db.value(Query("next", "Next.", b"select nextval('calls')", int)) == 2


def test_a_lost_connection_is_opened_again(db: Db, cluster: Cluster) -> None:
    assert db.value(ONE) == 1
    assert db._connection is not None
    pid = db._connection.info.backend_pid
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(%s)", [pid])
    assert db.value(ONE) == 1
    assert db._connection.info.backend_pid != pid


def test_a_farewell_beside_an_answer_is_a_lost_connection() -> None:
    assert is_lost(psycopg.InternalError("received 2 results from command 'COMMIT'"))
    assert not is_lost(psycopg.errors.InternalError_("the server found a fault in itself"))
    assert not is_lost(psycopg.ProgrammingError("a mistake of this program"))


def test_a_call_that_ends_its_connection_every_time_is_given_up(db: Db) -> None:
    with pytest.raises(DatabaseAwayError):
        db.value(DIE)
    assert db.value(ONE) == 1


def test_an_unreachable_server_is_reported_at_once_or_after_the_patience() -> None:
    db = Db("host=127.0.0.1 port=1 password=hunter2", application_name="test")
    began = time.monotonic()
    with pytest.raises(DatabaseAwayError) as raised:
        db.value(ONE)
    assert time.monotonic() - began < 1
    assert "hunter2" not in str(raised.value)
    end = time.monotonic() + 0.5
    with pytest.raises(DatabaseAwayError):
        db.value(ONE, patience=lambda: end - time.monotonic())
    assert time.monotonic() >= end


def test_a_running_statement_can_be_cancelled_from_another_thread(db: Db) -> None:
    threading.Timer(0.3, db.cancel).start()
    began = time.monotonic()
    with pytest.raises(psycopg.errors.QueryCanceled):
        db.value(SLEEP, seconds=4)
    assert time.monotonic() - began < 3
