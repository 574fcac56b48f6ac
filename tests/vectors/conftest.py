"""An owner with an index-worthy lot of vectors, worker processes, and who builds for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from acting import Database
from queues.support import Start, run_once, worker_processes
from vectors.support import Vector, add_model, clustered, earn_at, fill, maintainer

MIN_ROWS = 300


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


@pytest.fixture
def work(start: Start, maintainer_dsn: str) -> Callable[[], str]:
    """Let a worker plan, build and drop until nothing is due; gives its log."""

    def do() -> str:
        code, log = run_once(start, "vindexing", maintainer_dsn=maintainer_dsn)
        assert code == 0, log
        return log

    return do


Work = Callable[[], str]
