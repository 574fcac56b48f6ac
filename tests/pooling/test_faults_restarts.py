"""The pooler or the server goes away under load: nothing promised is lost, nothing done twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from acting import PASSWORD, ROLES, Database, login
from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import install

CLIENTS = 6
# So many are to be done before and after: there is a load when it goes away, and one afterwards.
ENOUGH = 40
NAME = "restarted"
# What the driver raises where the connection breaks; the latter where it does so after an answer.
BROKEN = (psycopg.OperationalError, psycopg.InternalError)


@dataclass
class Outcomes:
    """What the clients know of their writes; of a commit that broke off they know nothing."""

    promised: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@pytest.fixture
def durable() -> Iterator[Database]:
    """A cluster of the test's own, which does not forget; its pooler soon tries again."""
    with temporary_cluster(
        {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
        pooler_settings={"server_login_retry": "0.2"},
    ) as cluster:
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            db.execute(f"create database {NAME}".encode())
        install(cluster.postgres.dsn(NAME))
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            for role in ROLES:
                db.execute(
                    sql.SQL("create role {} login password {} in role {}").format(
                        sql.Identifier(login(role)),
                        sql.Literal(PASSWORD),
                        sql.Identifier(f"memoriesdb_{role}"),
                    )
                )
                db.execute(f"grant connect on database {NAME} to {login(role)}".encode())
            db.execute(f"grant connect on database {NAME} to memoriesdb_pgbouncer".encode())
            db.execute(
                sql.SQL("alter role memoriesdb_pgbouncer login password {}").format(
                    sql.Literal(cluster.pooler.auth_password)
                )
            )
        cluster.pooler.start()
        database = Database(cluster, NAME)
        yield database
        database.close()


class Load:
    """Clients that write one memory a transaction, each once, until they are told to stop."""

    def __init__(self, database: Database, users: list[UUID]) -> None:
        self.database, self.users = database, users
        self.outcomes = Outcomes()
        self.wrong: list[BaseException] = []
        self._stop = threading.Event()
        self._progress = threading.Semaphore(0)
        self._threads = [
            threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(CLIENTS)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def wait(self) -> None:
        """Wait until enough more has been promised."""
        for _ in range(ENOUGH):
            assert self._progress.acquire(timeout=60), "the clients get nowhere"

    def _work(self, client: int) -> None:
        step = 0
        try:
            while not self._stop.is_set():
                try:
                    with psycopg.connect(
                        self.database.dsn("app"), prepare_threshold=None, connect_timeout=10
                    ) as db:
                        while not self._stop.is_set():
                            step += 1
                            self._write(db, client, f"{client} {step}")
                except BROKEN:
                    self._stop.wait(0.05)
        except BaseException as error:
            self.wrong.append(error)
            raise

    def _write(self, db: psycopg.Connection[tuple[object, ...]], client: int, text: str) -> None:
        user = self.users[client % len(self.users)]
        try:
            found = db.execute("select memoriesdb.current_user_id()").fetchone()
            assert found == (None,), f"the backend was {found} before anybody said so"
            db.execute("select memoriesdb.set_user(%s)", (user,))
            db.execute("select memoriesdb.remember(%s)", (text,))
        except psycopg.Error:
            self.outcomes.failed.append(text)
            raise
        try:
            db.commit()
        except psycopg.Error:
            self.outcomes.unknown.append(text)
            raise
        self.outcomes.promised.append(text)
        self._progress.release()


def _check(database: Database, outcomes: Outcomes) -> None:
    """Compare what is there with what the clients know."""
    with psycopg.connect(database.dsn("superuser")) as db:
        kept = Counter(
            row[0] for row in db.execute("select content from memoriesdb.memories").fetchall()
        )
        audited = Counter(
            row[0]
            for row in db.execute(
                "select p.after ->> 'content' from memoriesdb.audit_log as a "
                "join memoriesdb.audit_payloads as p using (audit_id) "
                "where a.table_name = 'memories' and a.operation = 'INSERT'"
            ).fetchall()
        )
    assert max(kept.values()) == 1
    assert set(outcomes.promised) <= kept.keys()
    assert not kept.keys() & set(outcomes.failed)
    assert kept.keys() <= {*outcomes.promised, *outcomes.unknown}
    assert kept == audited


def _restart_pooler(cluster: Cluster) -> None:
    cluster.pooler.stop()
    cluster.pooler.start()


def _restart_server(cluster: Cluster) -> None:
    cluster.postgres.stop()
    cluster.postgres.start()


def _crash_server(cluster: Cluster) -> None:
    process = cluster.postgres.running()
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while cluster.postgres.running():
        assert time.monotonic() < deadline, "the server outlives SIGKILL"
        time.sleep(0.02)
    cluster.postgres.start()


@pytest.mark.parametrize("restart", [_restart_pooler, _restart_server, _crash_server])
def test_nothing_is_lost_and_nothing_is_done_twice(
    durable: Database, restart: Callable[[Cluster], None]
) -> None:
    users = [durable.create_user(f"user {n}") for n in range(3)]
    with Load(durable, users) as load:
        load.wait()
        restart(durable.cluster)
        load.wait()
    assert load.wrong == []
    # Some were under way, or this proves nothing.
    assert load.outcomes.failed or load.outcomes.unknown
    _check(durable, load.outcomes)
    for user in users:
        with durable.acting(user) as db:
            assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


def test_what_is_lost_done_twice_or_half_done_is_seen(database: Database, alice: UUID) -> None:
    """Shows that the test above can fail."""
    database.remember(alice, "one")
    _check(database, Outcomes(promised=["one"]))
    with pytest.raises(AssertionError):
        _check(database, Outcomes(promised=["one", "lost"]))
    with pytest.raises(AssertionError):
        _check(database, Outcomes(failed=["one"]))
    database.remember(alice, "one")
    with pytest.raises(AssertionError):
        _check(database, Outcomes(promised=["one"]))
