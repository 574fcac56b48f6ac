"""What a provider of wrapping keys does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Context:
    """Whose key is wrapped, and which: a wrapped key that is moved elsewhere does not unwrap."""

    owner_id: UUID
    key_id: int

    def __bytes__(self) -> bytes:
        return f"memoriesdb.owner-key.v1:{self.owner_id}:{self.key_id}".encode()


@dataclass(frozen=True)
class Wrapped:
    """A data key as the database keeps it."""

    provider: str
    provider_key: str
    """Name of the wrapping key at the provider."""
    wrapped_key: bytes


class Provider(Protocol):
    """Wraps data keys, by the key that it wraps with now, and unwraps those it wrapped before.

    Called from any thread. Raises KeyProviderError where the provider is away or refuses, and
    WrappingKeyError where the wrapping key is missing or not the one.
    """

    @property
    def name(self) -> str:
        """How the database names it: owner_keys.provider."""

    def wrap(self, key: bytes, context: Context) -> Wrapped:
        """Wrap a data key."""

    def unwrap(self, wrapped: Wrapped, context: Context) -> bytes:
        """Give a data key back."""
