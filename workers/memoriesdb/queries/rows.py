"""The rows that the workers' queries give, one dataclass a result."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class EmbeddingJob:
    """A text to embed, claimed until ``lease_until`` under ``lease_token``."""

    job_id: int
    lease_token: int
    owner_id: UUID
    memory_id: UUID
    model_id: UUID
    model: str
    provider: str
    endpoint: str
    dimensions: int
    max_tokens: int
    input: str
    text_hash: bytes
    attempt: int
    lease_until: datetime


@dataclass(frozen=True)
class Completion:
    """What became of one completed job: stored, changed, refused or invalid."""

    job_id: int
    outcome: str


@dataclass(frozen=True)
class VindexingJob:
    """One slice of the graph to refresh, for all the requests made until now."""

    job_id: int
    lease_token: int
    slice: int
    requests: int
    attempt: int
    lease_until: datetime


@dataclass(frozen=True)
class VectorIndexJob:
    """A vector index to build or to drop; without a token it is nobody's and only dropped."""

    action: str
    index_name: str
    lease_token: int | None
    owner_id: UUID | None
    model_id: UUID | None
    generation: int | None
    through_doc: int | None
    dimensions: int | None
    row_count: int | None
    vector_schema: str
    attempt: int | None


@dataclass(frozen=True)
class QueueDepth:
    """How much one queue holds, and how long its oldest due job has waited."""

    queue: str
    pending: int
    claimed: int
    dead: int
    oldest_seconds: float | None


@dataclass(frozen=True)
class LedgerStatus:
    """How far sealing is, and which transaction it waits for."""

    blocks: int
    sealed_entries: int
    unsealed_entries: int
    oldest_unsealed_at: datetime | None
    lag_seconds: float
    last_sealed_at: datetime | None
    blocking_pid: int | None
    blocking_database: str | None
    blocking_login: str | None
    blocking_application: str | None
