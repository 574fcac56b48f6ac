"""The rows of the queries about queues."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID


@dataclass(frozen=True)
class Status:
    """What waits in one queue."""

    queue: str
    what: str
    due: int
    waiting: int
    claimed: int
    expired: int
    dead: int
    oldest_age: timedelta | None
    per_minute: float | None
    eta: timedelta | None
    last_error: str | None


@dataclass(frozen=True)
class DeadLetter:
    """An embedding job that was given up."""

    job_id: int
    owner_id: UUID
    memory_id: UUID
    model: str
    priority: int
    attempts: int
    enqueued_at: datetime
    dead_at: datetime
    dropped_at: datetime | None
    last_error: str | None
    is_queued: bool
    is_embedded: bool


@dataclass(frozen=True)
class Stranded:
    """How many memories wait for something that no queue knows of."""

    queue: str
    model: str | None
    memories: int
