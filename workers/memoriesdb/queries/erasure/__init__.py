"""The rows of the queries about erasure and legal holds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Hold:
    """A legal hold as an admin sees it; without a memory, all of the owner's are held."""

    id: UUID
    owner_id: UUID
    owner: str | None
    memory_id: UUID | None
    reason: str
    placed_by: UUID | None
    placed_by_login: str
    placed_at: datetime
