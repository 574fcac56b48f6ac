"""A third user, and what most tests about sharing begin with."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Database


@pytest.fixture
def carol(database: Database) -> UUID:
    """A third user."""
    return database.create_user("carol")


@pytest.fixture
def shared(database: Database, alice: UUID, bob: UUID) -> UUID:
    """A memory of Alice's that Bob may read."""
    memory_id = database.remember(
        alice,
        "the harbour was dredged in March",
        kind="fact",
        metadata='{"speaker": "Ada"}',
        stream="harbour",
        importance=0.75,
        occurred_at="2024-03-01 12:00+00",
    )
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set trust = 0.625 where id = %s", (memory_id,))
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    return memory_id
