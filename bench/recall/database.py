"""The cluster that everything is measured in."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.config import WorkerSettings
from memoriesdb.installer import install
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.loop import Loop
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.systemd import Systemd

Connection = psycopg.Connection[tuple[Any, ...]]
PASSWORD = "bench"
# The maintainer builds vector indexes, as the owner of the tables.
LOGINS = {
    "app": "memoriesdb_app",
    "admin": "memoriesdb_admin",
    "worker": "memoriesdb_worker",
    "maintainer": "memoriesdb_owner",
}


def memory_bytes() -> int:
    """Return the machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def server_settings(size: int) -> dict[str, str]:
    """Return the server's settings for so many memories, within what the machine has."""
    gigabytes = memory_bytes() / 2**30
    buffers = min(max(0.25, size / 250_000), gigabytes / 5)
    build = min(max(0.25, size / 400_000), gigabytes / 8)
    return {
        "shared_buffers": f"{int(buffers * 1024)}MB",
        "effective_cache_size": f"{int(gigabytes / 2 * 1024)}MB",
        "maintenance_work_mem": f"{int(build * 1024)}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "30min",
    }


@contextmanager
def database(size: int, settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """A temporary cluster with the schema, logins and PgBouncer; by default settings for a size."""
    with temporary_cluster(settings or server_settings(size)) as cluster:
        install(cluster.superuser_dsn)
        with superuser(cluster) as db:
            for login, role in LOGINS.items():
                db.execute(
                    sql.SQL(
                        "create role {0} login password {1} in role {2};"
                        "grant connect on database postgres to {0}"
                    ).format(sql.Identifier(login), sql.Literal(PASSWORD), sql.Identifier(role))
                )
            db.execute(
                sql.SQL(
                    "alter role memoriesdb_pgbouncer login password {};"
                    "grant connect on database postgres to memoriesdb_pgbouncer"
                ).format(sql.Literal(cluster.pooler.auth_password))
            )
        cluster.pooler.start()
        yield cluster


def superuser(cluster: Cluster) -> Connection:
    """Connect as the superuser, directly, each statement a transaction."""
    return psycopg.connect(cluster.superuser_dsn, autocommit=True)


def dsn(cluster: Cluster, login: str, *, is_pooled: bool = True) -> str:
    """Return the DSN of a login, through PgBouncer or direct."""
    return cluster.dsn("postgres", login, PASSWORD, pooled=is_pooled)


def pooled(cluster: Cluster, login: str) -> Connection:
    """Connect as a login through PgBouncer; before 1.21 it knows no prepared statements."""
    return psycopg.connect(dsn(cluster, login), prepare_threshold=None, autocommit=True)


def value(db: Connection, query: str, *arguments: object) -> Any:
    """Return the one value of a query's one row."""
    row = db.execute(query.encode(), arguments or None).fetchone()
    assert row is not None
    return row[0]


def act_as(db: Connection, user: object) -> None:
    """Be this user until the end of the transaction."""
    db.execute("select memoriesdb.set_user(%s)", (str(user),))


def index_words(cluster: Cluster) -> None:
    """Drain the queue of memories whose words are not indexed yet, where there is one."""
    with superuser(cluster) as db:
        if value(db, "select to_regproc('memoriesdb.index_memories') is null"):
            return
        while value(db, "select memoriesdb.index_memories()"):
            pass


def run_once(duty: type[Duty], settings: WorkerSettings) -> None:
    """Run a worker until nothing is due; signals stay ours, and the log is ours again afterwards.

    A worker process would take Ctrl-C as a wish to stop early, and what came after it would be
    measured with half of the work done.
    """
    root = logging.getLogger()
    heard, level = root.handlers[:], root.level
    runtime = Runtime.create(duty.name, settings)
    systemd = Systemd(runtime.state.pulse)
    worker = duty(runtime)
    try:
        code = Loop(worker, systemd, once=True).run()
    finally:
        worker.close()
        systemd.close()
        runtime.db.close()
        root.handlers[:] = heard
        root.setLevel(level)
    if code != 0:
        raise SystemExit(f"the {duty.name} worker failed: see its log above")
