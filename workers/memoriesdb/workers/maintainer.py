"""The maintainer's connection: CREATE and DROP INDEX CONCURRENTLY, outside of any transaction."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from memoriesdb.config import WorkerSettings
from memoriesdb.queries import Query, VectorIndexJob, load
from memoriesdb.workers.db import Db

_session: Query[str] = load("vectors/session", str)
_backend: Query[int] = load("vectors/backend", int)
_create_index: Query[str] = load("vectors/create_index", str)
_no_statistics: Query[str] = load("vectors/no_statistics", str)
_drop_index: Query[str] = load("vectors/drop_index", str)

# What a row of the graph takes besides its vector: neighbours on each level, and its allocation.
_BYTES_A_NODE = 900
_LEAST_MEMORY = 64


class PooledError(Exception):
    """The maintainer's DSN leads through a pool, where a role set for the session is lent on."""


@dataclass(frozen=True)
class Progress:
    """How far a build is: its phase, the part of it that is done, and the rows in the graph."""

    phase: str
    part: float
    rows_done: int


progress: Query[Progress] = load("vectors/progress", Progress)


class Maintainer:
    """One connection as the owner of the tables, for one index; closed when it is done."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._connection: psycopg.Connection[Any] | None = None
        self._cancelled = False
        self.pid = 0

    def build(self, job: VectorIndexJob) -> None:
        """Build the index; what was there by its name is not touched."""
        parallel = self._settings.vector_index_parallel_workers
        schema = sql.Identifier(job.vector_schema)
        statement = sql.SQL(_create_index.sql.decode()).format(
            index_name=sql.Identifier(job.index_name),
            schema=schema,
            owner_id=sql.Literal(job.owner_id),
            model_id=sql.Literal(job.model_id),
            through_doc=sql.Literal(job.through_doc),
            dimensions=sql.Literal(job.dimensions),
        )
        no_statistics = sql.SQL(_no_statistics.sql.decode()).format(
            index_name=sql.Identifier(job.index_name)
        )
        memory = f"{_memory(job, self._settings)}MB"
        self._run([statement, no_statistics], memory, parallel)

    def drop(self, job: VectorIndexJob) -> None:
        """Drop the index, if it is there, once nobody uses it."""
        statement = sql.SQL(_drop_index.sql.decode()).format(
            index_name=sql.Identifier(job.index_name)
        )
        self._run([statement], f"{_LEAST_MEMORY}MB", 0)

    def cancel(self) -> None:
        """Ask the server, from another thread, to end what is running."""
        self._cancelled = True
        if self._connection is not None:
            # A server that cannot be told finds the client gone within seconds.
            with contextlib.suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=2.0)

    def _run(self, statements: Sequence[sql.Composed], memory: str, parallel: int) -> None:
        with psycopg.connect(
            self._settings.maintainer() or "",
            autocommit=True,
            prepare_threshold=None,
            application_name="memoriesdb-vindexing-maintainer",
            connect_timeout=self._settings.connect_timeout_seconds,
        ) as connection:
            self._connection = connection
            pid = connection.execute(_backend.sql).fetchone()
            if pid is None or pid[0] != connection.info.backend_pid:
                raise PooledError("maintainer_dsn leads through a pool: give the server's own port")
            self.pid = pid[0]
            connection.execute(_session.sql, {"memory": memory, "parallel": str(parallel)})
            for statement in statements:
                if not self._cancelled:
                    connection.execute(statement)


def watcher(settings: WorkerSettings) -> Db:
    """Return a second connection of the maintainer, which sees the progress of the first."""
    return Db(
        settings.maintainer() or "",
        application_name="memoriesdb-vindexing-progress",
        connect_timeout=settings.connect_timeout_seconds,
        statement_timeout=5.0,
    )


def _memory(job: VectorIndexJob, settings: WorkerSettings) -> int:
    """Return the megabytes in which the whole graph fits; beyond them building is far slower."""
    node = 2 * (job.dimensions or 0) + _BYTES_A_NODE
    needed = int((job.row_count or 0) * node * 1.1) >> 20
    return max(_LEAST_MEMORY, min(needed, settings.vector_index_memory_mb))
