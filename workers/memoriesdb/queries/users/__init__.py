"""The rows of the queries about users."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class User:
    """A user as an admin sees him."""

    id: UUID
    username: str
    role: str
    is_active: bool
    db_role: str | None
    created_at: datetime
