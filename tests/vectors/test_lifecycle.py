"""Workers that are killed, stopped, frozen or let in nowhere; and a recall meanwhile."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from acting import PASSWORD, Database, login
from memoriesdb.cluster import Cluster
from memoriesdb.config import WorkerSettings
from memoriesdb.installer import install, verify
from memoriesdb.queries import VectorIndexJob
from memoriesdb.workers.maintainer import Maintainer, PooledError
from queues.support import Start, Worker, run_once, until
from vectors.conftest import Large, Work, working
from vectors.support import (
    MAINTAINER,
    add_model,
    brute,
    clustered,
    earn_at,
    fill,
    indexes,
    maintainer,
    nearest,
    route,
    states,
)


@contextmanager
def held(database: Database) -> Iterator[None]:
    """A transaction that has written to the table: a build waits for its end."""
    with database.connect("superuser") as db:
        db.execute("update memoriesdb.memory_embeddings set created_at = created_at where doc = 1")
        db.execute("lock table memoriesdb.memory_embeddings in row exclusive mode")
        yield
        db.rollback()


def row(database: Database) -> tuple[Any, ...]:
    with database.connect("superuser") as db:
        found = db.execute(
            "select state, worker, attempts, index_name from memoriesdb.memory_vector_indexes"
        ).fetchone()
    assert found is not None
    return found


def builders(database: Database) -> int:
    """How many of the server's processes are at it."""
    with database.connect("superuser") as db:
        found = db.execute(
            "select count(*) from pg_stat_activity where usename = %s and query ~* '^create index'",
            (MAINTAINER,),
        ).fetchone()
    assert found is not None
    return int(found[0])


def begin(start: Start, large: Large, dsn: str, **more: Any) -> Worker:
    worker = start("vindexing", worker_name="first", maintainer_dsn=dsn, **more)
    until(lambda: indexes(large.database) and builders(large.database) == 1)
    return worker


def expire(database: Database) -> None:
    with database.connect("superuser", autocommit=True) as db:
        db.execute("update memoriesdb.memory_vector_indexes set available_at = now()")


def check_exact(large: Large) -> None:
    query = next(iter(large.vectors.values()))
    docs = nearest(large.database, large.owner_id, large.model_id, query).docs
    assert docs == [doc for doc, _ in brute(large.vectors, query, 10)]
    assert route(large.database, large.owner_id, large.model_id).startswith("exact: ")


def test_a_recall_during_a_build_is_exact_and_writers_do_not_wait(
    large: Large, start: Start, maintainer_dsn: str
) -> None:
    with held(large.database):
        worker = begin(start, large, maintainer_dsn)
        assert [*indexes(large.database).values()] == [False]
        check_exact(large)
        large.vectors |= fill(large.database, large.owner_id, large.model_id, clustered(5, 71))
        check_exact(large)
    until(lambda: row(large.database)[0] == "ready")
    assert "and 5 newer ones" in route(large.database, large.owner_id, large.model_id)
    worker.terminate()
    assert worker.wait(10) == 0


def test_what_a_killed_worker_began_is_dropped_and_begun_anew(
    large: Large, start: Start, maintainer_dsn: str
) -> None:
    with held(large.database):
        worker = begin(start, large, maintainer_dsn)
        (left,) = indexes(large.database)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        assert row(large.database)[:2] == ("building", "first")
        # The server looks for its client every two seconds.
        until(lambda: builders(large.database) == 0)
        check_exact(large)
    # Its lease is respected, whatever became of it.
    run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
    assert indexes(large.database) == {left: False}
    expire(large.database)
    code, log = run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
    assert code == 0, log
    assert [*indexes(large.database).values()] == [True]
    assert left not in indexes(large.database)
    assert row(large.database)[0] == "ready"


def test_a_stop_cancels_the_build_at_once_and_gives_it_back(
    large: Large, start: Start, maintainer_dsn: str
) -> None:
    with held(large.database):
        worker = begin(start, large, maintainer_dsn)
        worker.terminate()
        assert worker.wait(5) == 0
        assert builders(large.database) == 0
        assert row(large.database)[:3] == ("wanted", None, 0)
        check_exact(large)
    code, _ = run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
    assert code == 0
    assert [*indexes(large.database).values()] == [True]


def test_a_frozen_worker_that_wakes_up_after_its_lease_changes_nothing(
    large: Large, start: Start, maintainer_dsn: str
) -> None:
    with held(large.database):
        worker = begin(start, large, maintainer_dsn)
        worker.send_signal(signal.SIGSTOP)
        (late,) = indexes(large.database)
    # The server goes on without it.
    until(lambda: indexes(large.database) == {late: True})
    assert row(large.database)[0] == "building"
    check_exact(large)
    expire(large.database)
    code, log = run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
    assert code == 0, log
    after = row(large.database)
    assert (after[0], after[3] == late) == ("ready", False)
    worker.send_signal(signal.SIGCONT)
    worker.terminate()
    worker.wait(15)
    assert row(large.database) == after
    assert [*indexes(large.database)] == [after[3]]


def test_an_index_that_is_not_wanted_any_more_is_not_built_to_its_end(
    large: Large, start: Start, maintainer_dsn: str
) -> None:
    with held(large.database):
        begin(start, large, maintainer_dsn)
        with large.database.connect("superuser", autocommit=True) as db:
            db.execute(
                "update memoriesdb.settings set value = '0' where key = 'vector_index_limit'"
            )
        large.database.administer("plan_vector_indexes()")
        # At the next renewal of the lease; the index goes when nobody holds the table.
        until(lambda: builders(large.database) == 0, 30)
    until(lambda: (states(large.database), indexes(large.database)) == ([], {}), 30)


def test_without_a_maintainer_the_log_says_so_once_and_recall_is_exact(
    large: Large, start: Start
) -> None:
    code, log = run_once(start, "vindexing")
    assert code == 0
    assert log.count("vector indexes are wanted and nobody builds them") == 1
    assert row(large.database)[0] == "wanted"
    check_exact(large)
    with large.database.connect("worker") as db:
        depth = db.execute(
            "select pending, claimed, dead, oldest_seconds from memoriesdb.worker_metrics() "
            "where queue = 'vector_indexes'"
        ).fetchone()
    assert depth == (1, 0, 0, None)


def test_a_maintainer_who_may_not_become_the_owner_costs_no_attempt(
    large: Large, start: Start, maintainer_dsn: str
) -> None:
    db = large.database.superuser()
    db.execute(f"revoke memoriesdb_owner from {MAINTAINER}".encode())
    code, log = run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
    assert (code, "the maintainer cannot get in" in log) == (1, True)
    assert row(large.database)[:3] == ("wanted", None, 0)


def test_no_pool_lets_a_maintainer_in(large: Large, maintainer_dsn: str) -> None:
    cluster = large.database.cluster
    psycopg.connect(maintainer_dsn).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.dsn(large.database.name, MAINTAINER, PASSWORD, pooled=True))


def test_a_pool_is_told_from_the_server(database: Database) -> None:
    """Where a pool has a password of its own for it."""
    settings = WorkerSettings.load(
        "vindexing", dsn="host=nowhere", maintainer_dsn=database.dsn("worker")
    )
    job = VectorIndexJob("drop", "none", None, None, None, None, None, None, None, "public", None)
    with pytest.raises(PooledError):
        Maintainer(settings).drop(job)


def test_an_erased_users_index_is_pending_until_the_worker_has_dropped_it(
    large: Large, work: Work, bob: UUID
) -> None:
    work()
    (name,) = indexes(large.database)
    receipt = large.database.administer("erase_user(%s)", large.owner_id)
    assert name in receipt["pending"]
    assert receipt["counts"]["memory_vector_indexes"] == 1
    assert states(large.database) == []
    definition = "select count(*) from pg_index where pg_get_expr(indpred, indrelid) ~ %s"
    db = large.database.superuser()
    assert db.execute(definition, (str(large.owner_id),)).fetchone() == (1,)
    work()
    assert indexes(large.database) == {}
    assert db.execute(definition, (str(large.owner_id),)).fetchone() == (0,)
    assert name not in large.database.administer("erase_user(%s)", bob)["pending"]


def test_the_index_works_where_pgvector_lives_elsewhere(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"test_{uuid.uuid4().hex[:12]}"
    place = sql.Identifier(name)
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute(sql.SQL("create database {}").format(place))
    database = Database(cluster, name)
    try:
        db = database.superuser()
        db.execute('create schema "Ext"; create extension vector schema "Ext"')
        install(database.dsn("superuser"))
        names = (*map(login, ("app", "admin", "worker")), "memoriesdb_pgbouncer")
        logins = sql.SQL(", ").join(map(sql.Identifier, names))
        db.execute(sql.SQL("grant connect on database {} to {}").format(place, logins))
        # For what the test itself asks.
        db.execute(sql.SQL('alter database {} set search_path = public, "Ext"').format(place))
        owner = database.create_user("ada")
        with database.connect("admin", pooled=False) as admin:
            model_id = add_model(admin)
        earn_at(database, 100)
        large = Large(database, owner, model_id, {})
        large.vectors = fill(database, owner, model_id, clustered(150, 81))
        check_exact(large)
        with maintainer(database) as dsn, working(database, dsn, monkeypatch) as work:
            work()
            query = next(iter(large.vectors.values()))
            seen = nearest(database, owner, model_id, query)
            assert "Index Scan using memory_embeddings_nearest_" in seen.plans
            assert seen.docs == [doc for doc, _ in brute(large.vectors, query, 10)]
            found = [d for d in verify(database.dsn("superuser")) if d.kind == "index"]
            assert found == []
    finally:
        database.close()
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            db.execute(sql.SQL("drop database {} with (force)").format(place))
