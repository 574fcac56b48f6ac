"""Rows of any number, read by a server-side cursor: no more than some of them are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from memoriesdb.client.sync import Session
from memoriesdb.errors import translated
from memoriesdb.queries import Query, load

Row = TypeVar("Row")
# Ids at once, and lines at once, of which each may have a long text.
_IDS = 500
_LINES = 100


@dataclass(frozen=True)
class Line:
    """A line of an export."""

    type: str
    line: str


def rows(me: Session, query: Query[Row], size: int, **parameters: object) -> Iterator[Row]:
    """Read the rows of a query, so many at a time, within the session's transaction."""
    with (
        translated(),
        me.connection.cursor(name=query.name, row_factory=query.row_factory) as cursor,
    ):
        cursor.itersize = size
        yield from cursor.execute(query.sql, parameters)


def memories(me: Session, *, with_embeddings: bool) -> Iterator[Line]:
    """Read all of one's memories with their former states, in the order of their arrival."""
    states = load("bulk/export_states", Line)
    for memory_ids in _some(rows(me, load("bulk/export_ids", UUID), _IDS)):
        yield from rows(me, states, _LINES, memory_ids=memory_ids, with_embeddings=with_embeddings)


def edges(me: Session) -> Iterator[Line]:
    """Read all of one's edges."""
    return rows(me, load("bulk/export_edges", Line), _IDS)


def _some(ids: Iterator[UUID]) -> Iterator[list[UUID]]:
    batch = []
    for memory_id in ids:
        batch.append(memory_id)
        if len(batch) == _IDS:
            yield batch
            batch = []
    if batch:
        yield batch
