"""The rows of the queries about tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Token:
    """A token as an admin sees it: all but the secret, which nobody sees."""

    id: UUID
    username: str
    scopes: list[str]
    label: str | None
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: str
