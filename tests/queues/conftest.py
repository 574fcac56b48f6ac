"""A misbehaving endpoint, and worker processes over the test's database."""

from collections.abc import Iterator

import pytest

from acting import Database
from queues import endpoint as endpoints
from queues.endpoint import Endpoint
from queues.support import Start, worker_processes


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An embedding endpoint of this test's own."""
    with endpoints.endpoint() as opened:
        yield opened


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    """Starts worker processes that end with the test."""
    with worker_processes(database) as started:
        yield started
