"""Worker processes over the test's database."""

from collections.abc import Iterator

import pytest

from acting import Database
from queues.support import Start, worker_processes


@pytest.fixture
def start(database: Database) -> Iterator[Start]:
    """Starts worker processes that end with the test."""
    with worker_processes(database) as started:
        yield started
