"""An owner with an index-worthy lot of vectors, worker processes, and who builds for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from acting import Database
from memoriesdb.config import WorkerSettings
from memoriesdb.workers import logs
from memoriesdb.workers.metrics import Metrics
from memoriesdb.workers.runtime import Runtime
from memoriesdb.workers.vector_indexes import VectorIndexes
from queues.support import Start, worker_processes
from vectors.support import Vector, add_model, clustered, earn_at, fill, maintainer

MIN_ROWS = 300
Work = Callable[[], None]


@dataclass
class Large:
    """An owner who earns an index among others who do not."""

    database: Database
    owner_id: UUID
    model_id: UUID
    vectors: dict[int, Vector]


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    """Starts worker processes that end with the test."""
    with worker_processes(database) as started:
        yield started


@pytest.fixture
def maintainer_dsn(database: Database) -> Iterator[str]:
    """The direct DSN of a login that may build indexes."""
    with maintainer(database) as dsn:
        yield dsn


@pytest.fixture
def model_id(database: Database) -> UUID:
    """The active model."""
    with database.connect("admin", pooled=False) as db:
        return add_model(db)


@pytest.fixture
def large(database: Database, alice: UUID, bob: UUID, model_id: UUID) -> Large:
    """Alice has enough vectors for an index, and bob has not; theirs come by turns."""
    earn_at(database, MIN_ROWS)
    mine = fill(database, alice, model_id, clustered(200, 1))
    fill(database, bob, model_id, clustered(100, 2))
    mine |= fill(database, alice, model_id, clustered(200, 3))
    return Large(database, alice, model_id, mine)


@contextmanager
def working(
    database: Database, maintainer_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Work]:
    """Plan, build and drop until nothing is due, as a worker's loop does, at each call."""
    monkeypatch.setattr(logs, "configure", lambda *_, **__: logging.getLogger(logs.LOGGER))
    settings = WorkerSettings.load(
        "vindexing",
        dsn=database.dsn("worker", pooled=False),
        maintainer_dsn=maintainer_dsn,
        worker_name="tests",
    )
    runtime = Runtime.create("vindexing", settings)

    def do() -> None:
        runtime.metrics = Metrics("vindexing", "0")  # each run its own, as each process has
        indexes = VectorIndexes(runtime)
        while indexes.tick():
            pass
        indexes.close()

    yield do
    runtime.db.close()
    runtime.stop.close()


@pytest.fixture
def work(
    database: Database, maintainer_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Work]:
    """Plan, build and drop until nothing is due, at each call."""
    with working(database, maintainer_dsn, monkeypatch) as do:
        yield do
