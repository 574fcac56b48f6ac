"""What the client gives back: one frozen dataclass a result, with the columns of the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Memory:
    """A memory as it is now."""

    id: UUID
    owner_id: UUID
    seq: int
    """Order of arrival, also within one batch."""
    kind: str
    content: str
    content_hash: bytes
    """SHA-256 of the UTF-8 text."""
    metadata: dict[str, Any]
    stream: str | None
    importance: float
    trust: float
    trust_limit: float
    """Least trust of what it was copied or derived from: trust never exceeds it."""
    occurred_at: datetime
    """When it was true."""
    expires_at: datetime | None
    forgotten_at: datetime | None
    version: int
    """Counts its states from 1."""
    created_by: UUID
    created_at: datetime
    updated_by: UUID | None
    """Who made this version; None when the database did."""
    updated_at: datetime
    origin_id: UUID | None
    """Of a copy made by acquire: the memory it was copied from; None for any other memory."""
    origin_owner_id: UUID | None
    origin_hash: bytes | None
    """Of a copy: the content_hash that the memory had."""
    acquired_at: datetime | None
    is_encrypted: bool
    """Whether the content was encrypted by a client."""


@dataclass(frozen=True)
class Recalled:
    """A memory that was found, and why."""

    memory_id: UUID
    owner_id: UUID
    """Somebody else's where it was shared with this user."""
    kind: str
    content: str
    metadata: dict[str, Any]
    score: float
    """From 0 to 1, to be compared within one answer only."""
    similarity: float | None
    """Cosine between query and memory; None where there was no vector."""
    keyword_rank: int | None
    vector_rank: int | None
    occurred_at: datetime
    embedding_state: str
    """ready, stale (the vector is of a former text), pending, or none (no model)."""
    why: dict[str, Any]
    """Its rank and score in each arm (keyword, vector, fuzzy, rerank), and what boosted it."""


@dataclass(frozen=True)
class BatchRecalled(Recalled):
    """A memory that one query of a batch found."""

    query_number: int
    """Of the query, from 1."""


@dataclass(frozen=True)
class Explained:
    """What one step of recall made of a memory."""

    step: str
    outcome: str
    rank: int | None
    score: float | None
    detail: str | None


@dataclass(frozen=True)
class BuiltContext:
    """Memories packed into one text, such as a prompt takes."""

    context: str
    token_count: int
    """Estimated, and rather too many than too few."""
    memory_count: int
    citations: list[dict[str, Any]]
    """Which memory each part of the text is from."""


@dataclass(frozen=True)
class Version:
    """One state of a memory and the period in which it held."""

    memory_id: UUID
    version: int
    valid_from: datetime
    valid_until: datetime | None
    """Exclusive; None for the present state."""
    operation: str | None
    """What ended it: UPDATE, DELETE or TRANSFER. None for the present state, and in as_of."""
    kind: str
    content: str | None
    """None where it was encrypted with a key that was dropped since."""
    content_hash: bytes
    metadata: dict[str, Any]
    stream: str | None
    importance: float
    trust: float
    occurred_at: datetime
    expires_at: datetime | None
    forgotten_at: datetime | None
    updated_by: UUID | None


@dataclass(frozen=True)
class Custody:
    """One owner in a memory's chain of custody."""

    place: int
    """From 1, oldest first."""
    owner_id: UUID
    held_from: datetime
    held_until: datetime | None
    """None for who has it now."""
    ended_by: UUID | None
    ended_by_login: str | None
    reason: str | None
    edges: list[dict[str, Any]] | None
    """Edges that a transfer removed, for whose graph they were in."""
    origin_id: UUID | None
    """At the first place of a copy: the memory it was copied from."""
    origin_owner_id: UUID | None
    origin_hash: bytes | None
    acquired_at: datetime | None


@dataclass(frozen=True)
class Neighbor:
    """A memory that is linked to another, directly or over others."""

    neighbor_id: UUID
    distance: int
    via_id: UUID
    """The memory before it on the way."""
    relation: str
    """Of the last step."""
    direction: str
    """Of the last step: out or in."""
    weight: float
    """The product along the way."""
    kind: str
    content: str


@dataclass(frozen=True)
class Edge:
    """A link between two memories, as the graph showed it after its last refresh."""

    owner_id: UUID
    source_id: UUID
    target_id: UUID
    relation: str
    weight: float
    metadata: dict[str, Any]
    created_at: datetime
    source_kind: str
    target_kind: str


@dataclass(frozen=True)
class Problem:
    """A memory that was changed behind the triggers, or whose audit was."""

    memory_id: UUID
    owner_id: UUID
    problem: str
    detail: str


@dataclass(frozen=True)
class Leftover:
    """Where something is left of what was erased: in how many rows, and what."""

    table_name: str
    column_name: str
    rows: int
    what: str


@dataclass(frozen=True)
class QueueStatus:
    """What waits in one queue."""

    queue: str
    what: str
    """Name of the model, or slice of the graph."""
    due: int
    waiting: int
    claimed: int
    dead: int
    oldest_at: datetime | None
    last_error: str | None
