"""Private clusters in a home of their own, with stand-ins for embedder and workers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.whole_cluster import CHOICES, STAND_IN, fresh
from memoriesdb.cluster import Instance, down, up


@pytest.fixture
def instance() -> Iterator[Instance]:
    # Not tmp_path: the user that the servers run as must be able to enter.
    home = Path(tempfile.mkdtemp(prefix="memoriesdb-home-"))
    home.chmod(0o755)
    made = Instance("trial", home, STAND_IN)
    yield made
    down(fresh(made), purge=True)
    assert not home.exists()


@pytest.fixture(scope="session")
def running() -> Iterator[Instance]:
    home = Path(tempfile.mkdtemp(prefix="memoriesdb-home-"))
    home.chmod(0o755)
    made = Instance("shared", home, STAND_IN)
    try:
        up(made, choices=CHOICES)
        yield made
    finally:
        down(fresh(made), purge=True)
