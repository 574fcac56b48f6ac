"""Two models with vectors of different length, each at an endpoint of its own."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from acting import Database
from models.support import Change
from queues import endpoint as endpoints
from queues.endpoint import Endpoint
from queues.support import register


@pytest.fixture
def old() -> Iterator[Endpoint]:
    """The endpoint of the model that recall uses at first."""
    with endpoints.endpoint() as opened:
        yield opened


@pytest.fixture
def new() -> Iterator[Endpoint]:
    """The endpoint of the model that comes after it."""
    with endpoints.endpoint(8) as opened:
        yield opened


@pytest.fixture
def change(
    monkeypatch: pytest.MonkeyPatch, database: Database, alice: UUID, old: Endpoint, new: Endpoint
) -> Change:
    """Alice has memories that are embedded by the old model; the new one is not there yet."""
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("admin"))
    monkeypatch.setenv("MEMORIESDB_APP_DSN", database.dsn("app"))
    register(database, old.url, "old")
    made = Change(database, alice, old, new)
    for text in made.texts:
        database.remember(alice, text)
    made.embed()
    return made
