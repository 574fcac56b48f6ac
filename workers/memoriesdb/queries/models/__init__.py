"""The rows of the queries about embedding models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Model:
    """An embedding model as it is registered."""

    id: UUID
    name: str
    provider: str
    endpoint: str
    model: str
    dimensions: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str
    max_concurrency: int | None
    is_enabled: bool
    is_active: bool
    created_at: datetime


@dataclass(frozen=True)
class Status:
    """How far a model is."""

    model: str
    is_active: bool
    is_enabled: bool
    memories: int
    ready: int
    stale: int
    missing: int
    queued: int
    dead: int
    unqueued: int
    encrypted_missing: int
    indexes_ready: int
    indexes_missing: int
    next_step: str


@dataclass(frozen=True)
class Queued:
    """Where a backfill has come."""

    owner_id: UUID | None
    memory_id: UUID | None
    seen: int
    queued: int


@dataclass(frozen=True)
class Own:
    """One of one's own memories."""

    memory_id: UUID
    content: str


@dataclass(frozen=True)
class Answer:
    """A memory that was found for one of several queries; best first."""

    query_number: int
    memory_id: UUID
    vector_rank: int | None


Progress = dict[str, Any]
