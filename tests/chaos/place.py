"""A PostgreSQL and a PgBouncer of the test's own, which may be restarted; workers; endpoints."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from acting import PASSWORD, ROLES, Database, login
from chaos.embedder import Embedder
from chaos.proxy import Proxy
from chaos.writers import Writer
from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import install
from queues.support import QUICK, register, set_setting

NAME = "chaos"
USERS = ("ada", "ben", "cleo")
# Single duties and all of them in one process, beside each other.
DUTIES = ("all", "embedding", "embedding")
WORKER = {
    **QUICK,
    "MEMORIESDB_LOG_LEVEL": "info",
    "MEMORIESDB_LEASE_SECONDS": "3",
    "MEMORIESDB_BATCH": "8",
    "MEMORIESDB_HEARTBEAT_SECONDS": "0.5",
    "MEMORIESDB_REQUEST_TIMEOUT_SECONDS": "1",
    "MEMORIESDB_PROBE_TIMEOUT_SECONDS": "0.5",
    "MEMORIESDB_CONNECT_TIMEOUT_SECONDS": "2",
    "MEMORIESDB_RECONNECT_MAX_SECONDS": "0.5",
    "MEMORIESDB_SHUTDOWN_GRACE_SECONDS": "3",
    "MEMORIESDB_SEAL_INTERVAL_SECONDS": "0.2",
}


class Slot:
    """A place for a worker process, with a proxy of its own before PgBouncer."""

    def __init__(self, number: int, duty: str, database: Database, directory: Path) -> None:
        pooler = database.cluster.pooler
        self.name = f"{duty}-{number}"
        self.proxy = Proxy(pooler.host, pooler.port)
        self.log = directory / f"{self.name}.log"
        self.wrong: list[str] = []
        self._duty = duty
        self._dsn = make_conninfo(
            host="127.0.0.1",
            port=self.proxy.port,
            dbname=database.name,
            user=login("worker"),
            password=PASSWORD,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._is_killed = False

    def start(self) -> None:
        """Start a process where none runs."""
        if self.is_running():
            return
        self._is_killed = False
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MEMORIESDB_")}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "memoriesdb", "worker", self._duty],
                env={
                    **kept,
                    **WORKER,
                    "MEMORIESDB_DSN": self._dsn,
                    "MEMORIESDB_WORKER_NAME": self.name,
                },
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def is_running(self) -> bool:
        """Whether there is a process; what ended by itself is noted as wrong."""
        process = self._process
        if process is None or (code := process.poll()) is None:
            return process is not None
        self._process = None
        if not self._is_killed:
            self.wrong.append(f"{self.name} ended by itself with {code}; see {self.log}")
        return False

    def kill(self) -> None:
        """SIGKILL; may be called from any thread."""
        self._is_killed = True
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if there is a process."""
        process = self._process
        if process is not None:
            process.send_signal(number)

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        # Nobody ends cleanly over a connection that neither answers nor breaks.
        self.proxy.flow()
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)

    def stop(self) -> None:
        """SIGTERM, and wait; the worker must end with 0, in its grace and some."""
        self.ask_to_stop()
        self.await_end()

    def await_end(self) -> None:
        """Wait for the end of a worker that was asked to stop."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            self.wrong.append(f"{self.name} does not end; see {self.log}")
            return
        # Ended by the signal itself: it was still being loaded, and had nothing in hand.
        if code not in (0, -signal.SIGTERM) and not self._is_killed:
            self.wrong.append(f"{self.name} ended with {code} when it was stopped; see {self.log}")

    def close(self) -> None:
        """Leave nothing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10)
        self.proxy.close()


class Place:
    """Everything that faults are done to."""

    def __init__(self, database: Database, directory: Path, seed: int) -> None:
        self.database = database
        self.users: list[UUID] = [database.create_user(name) for name in USERS]
        self.embedders = [Embedder(), Embedder()]
        for number, embedder in enumerate(self.embedders):
            register(database, embedder.url, f"model {number}")
        # Lost workers count as attempts; here they are lost all the time.
        set_setting(database, "max_attempts", "100")
        self.slots = [Slot(number, duty, database, directory) for number, duty in enumerate(DUTIES)]
        choice = random.Random(seed)
        self.writers = [
            Writer(database, self.users, number, choice.randrange(2**32))
            for number in range(len(USERS))
        ]

    @property
    def cluster(self) -> Cluster:
        """The servers."""
        return self.database.cluster

    def restart_server(self, mode: signal.Signals) -> None:
        """Restart PostgreSQL: SIGINT is the fast mode, SIGQUIT the immediate one."""
        process = self.cluster.postgres.running()
        assert process is not None
        process.send(mode)
        deadline = time.monotonic() + 60
        while process.is_alive():
            assert time.monotonic() < deadline, "the server does not end"
            time.sleep(0.02)
        self.cluster.postgres.start()

    def restart_pooler(self) -> None:
        """Restart PgBouncer."""
        self.cluster.pooler.stop()
        self.cluster.pooler.start()

    def wrong(self) -> list[object]:
        """What went wrong that no fault accounts for."""
        found: list[object] = [each for slot in self.slots for each in slot.wrong]
        return found + [each for writer in self.writers for each in writer.wrong]

    def forget_back_offs(self) -> None:
        """Let what waits be due at once, as if that time had passed."""
        with self.database.connect("superuser", autocommit=True) as db:
            for queue in ("embedding", "vindexing"):
                db.execute(
                    f"update memoriesdb.{queue}_schedule set available_at = clock_timestamp() "
                    "where worker is null and dead_at is null"
                )

    def close(self) -> None:
        """End everything."""
        for writer in self.writers:
            writer.stop()
        for slot in self.slots:
            slot.close()
        for embedder in self.embedders:
            embedder.close()
        for writer in self.writers:
            if writer.ident is not None:
                writer.join(30)


@contextlib.contextmanager
def place(directory: Path, seed: int) -> Iterator[Place]:
    """Open a place with everything installed and nothing started."""
    with temporary_cluster(
        # Restarts are of processes and not of the machine: what is written needs no fsync.
        {"synchronous_commit": "on"},
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
        opened = Place(database, directory, seed)
        try:
            yield opened
        finally:
            opened.close()
            database.close()
