"""The rows of the queries about encryption."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class OwnerKey:
    """A data key as the database keeps it: wrapped."""

    key_id: int
    wrapped_key: bytes
    provider: str
    provider_key: str
    retired_at: datetime | None


@dataclass(frozen=True)
class Reserved:
    """An id for a memory, and the data key in use; None where the user has none."""

    memory_id: UUID
    key_id: int | None
    wrapped_key: bytes | None
    provider: str | None
    provider_key: str | None
    retired_at: None


@dataclass(frozen=True)
class KeyUse:
    """A data key, and how much is encrypted with it."""

    key_id: int
    provider: str
    provider_key: str
    created_at: datetime
    rewrapped_at: datetime | None
    retired_at: datetime | None
    memory_count: int
    version_count: int


@dataclass(frozen=True)
class Kept:
    """A memory as it is kept now, with the first of its versions that has this text."""

    memory_id: UUID
    version: int
    content: str
    first_version: int


@dataclass(frozen=True)
class Locked:
    """A memory that is about to change: nobody else changes it until this transaction ends."""

    memory_id: UUID
    owner_id: UUID
    version: int
    is_encrypted: bool
