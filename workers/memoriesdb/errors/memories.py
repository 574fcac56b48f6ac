"""Memories, their parts and their links: MD1xx and MD2xx."""

from __future__ import annotations

from memoriesdb.errors.base import MemoriesError


class EmptyContentError(MemoriesError):
    """Content or query is empty."""

    code = "MD101"


class TooLongError(MemoriesError):
    """Content, metadata or query exceeds the setting max_content_bytes."""

    code = "MD102"


class InvalidWordError(MemoriesError):
    """A kind or relation is not a lower-case word of at most 63 characters."""

    code = "MD103"


class InvalidMetadataError(MemoriesError):
    """Metadata, or a filter on it, is not a JSON object."""

    code = "MD104"


class OutOfRangeError(MemoriesError, ValueError):
    """Importance, trust or weight is not from 0 to 1."""

    code = "MD105"


class InvalidTimeError(MemoriesError):
    """A time is infinite, missing, or past where it must be to come."""

    code = "MD106"


class InvalidItemError(MemoriesError):
    """An item of remember_many is no object or has an unknown key."""

    code = "MD107"


class InvalidCountError(MemoriesError):
    """A count, depth, size or lease is out of range."""

    code = "MD108"


class WrongDimensionError(MemoriesError):
    """A query vector has another length than the active model's vectors."""

    code = "MD109"


class InvalidArgumentError(MemoriesError, ValueError):
    """Another argument is not as it must be; the hint says how."""

    code = "MD110"


class UnknownRoleError(MemoriesError):
    """A user's role is admin, user, service or viewer."""

    code = "MD111"


class IdempotencyKeyReusedError(MemoriesError):
    """The idempotency key was used for something else."""

    code = "MD112"


class MemoryNotFoundError(MemoriesError):
    """There is no such memory, or it is somebody else's: the answer is the same."""

    code = "MD201"


class ImmutableError(MemoriesError):
    """Owner, id, order, maker and time of making never change."""

    code = "MD202"


class SelfLinkError(MemoriesError):
    """A memory cannot be linked to itself."""

    code = "MD203"


class HeldError(MemoriesError):
    """A legal hold stands against it: an admin releases it first."""

    code = "MD204"


class TrustLimitError(MemoriesError):
    """Trust cannot grow beyond that of what a memory was copied or derived from."""

    code = "MD205"
