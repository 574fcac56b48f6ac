"""The planner's statistics keep no vector: they would outlive the memory that it is of."""

from __future__ import annotations

from typing import Any

from acting import Database
from vectors.conftest import Large, Work
from vectors.support import indexes

KEPT = "select tablename from pg_stats where schemaname = 'memoriesdb' and tablename = %s"


def analysed(database: Database, index: str) -> list[tuple[Any, ...]]:
    """Give back what ANALYZE has kept of an index."""
    with database.connect("superuser") as db:
        db.execute("analyze memoriesdb.memory_embeddings")
        return db.execute(KEPT, (index,)).fetchall()


def test_no_vector_of_an_index_is_kept(large: Large, work: Work) -> None:
    work()
    (name,) = indexes(large.database)
    assert analysed(large.database, name) == []
    # Shows that it would be.
    with large.database.connect("superuser") as db:
        db.execute(f"alter index memoriesdb.{name} alter column 1 set statistics 100".encode())
    assert analysed(large.database, name) == [(name,)]
