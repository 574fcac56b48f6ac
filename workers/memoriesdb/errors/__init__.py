"""One exception class for each SQLSTATE of MemoriesDB: the contract of its errors.

Each is a psycopg error too, so that ``except psycopg.Error`` still catches it, and carries the
server's DETAIL and HINT in ``diag``. The reference of errors is generated from this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from memoriesdb.errors.base import (
    InvalidTextError,
    MemoriesError,
    RolledBackError,
    UsageError,
    WrongTypeError,
)
from memoriesdb.errors.encryption import (
    CiphertextRefusedError,
    DecryptionError,
    KeyConflictError,
    KeyInUseError,
    KeyNotInUseError,
    KeyProviderError,
    NoKeyError,
    NotEncryptedError,
    WrappingKeyError,
)
from memoriesdb.errors.identity import (
    AlreadyExistsError,
    NotAllowedError,
    NotAssignedError,
    NoUserError,
    RateLimitedError,
    TokenExpiredError,
    TokenRevokedError,
    TooManyAtOnceError,
    UncountedError,
    UnknownLoginError,
    UnknownTokenError,
    UnknownUserError,
)
from memoriesdb.errors.ledger import (
    ArchiveIncompleteError,
    EntryArchivedError,
    EntryChangedError,
    EntryNotFoundError,
    IsolationLevelError,
    NotAnOldPartitionError,
    NotSealedError,
    SelfErasureError,
    TextNotErasedError,
    UnknownReceiptError,
)
from memoriesdb.errors.memories import (
    EmptyContentError,
    HeldError,
    IdempotencyKeyReusedError,
    ImmutableError,
    InvalidArgumentError,
    InvalidCountError,
    InvalidItemError,
    InvalidMetadataError,
    InvalidTimeError,
    InvalidWordError,
    MemoryNotFoundError,
    OutOfRangeError,
    SelfLinkError,
    TooLongError,
    TrustLimitError,
    UnknownRoleError,
    WrongDimensionError,
)
from memoriesdb.errors.operation import (
    AppendOnlyError,
    EmbedderAwayError,
    EncodingError,
    FixedSettingError,
    ModelInUseError,
    ModelNotReadyError,
    PlPythonMissingError,
    RerankerAwayError,
    UnknownModelError,
    UnknownSettingError,
    UnsafeRoleError,
    WorkerTooOldError,
)
from memoriesdb.errors.sharing import (
    EncryptedMemoryError,
    OwnerOnlyError,
    RoleCannotError,
    SelfAcquireError,
    SelfShareError,
    SelfTransferError,
    UnknownPrivilegeError,
)

__all__ = [
    "AlreadyExistsError",
    "AppendOnlyError",
    "ArchiveIncompleteError",
    "CiphertextRefusedError",
    "DecryptionError",
    "EmbedderAwayError",
    "EmptyContentError",
    "EncodingError",
    "EncryptedMemoryError",
    "EntryArchivedError",
    "EntryChangedError",
    "EntryNotFoundError",
    "FixedSettingError",
    "HeldError",
    "IdempotencyKeyReusedError",
    "ImmutableError",
    "InvalidArgumentError",
    "InvalidCountError",
    "InvalidItemError",
    "InvalidMetadataError",
    "InvalidTextError",
    "InvalidTimeError",
    "InvalidWordError",
    "IsolationLevelError",
    "KeyConflictError",
    "KeyInUseError",
    "KeyNotInUseError",
    "KeyProviderError",
    "MemoriesError",
    "MemoryNotFoundError",
    "ModelInUseError",
    "ModelNotReadyError",
    "NoKeyError",
    "NoUserError",
    "NotAllowedError",
    "NotAnOldPartitionError",
    "NotAssignedError",
    "NotEncryptedError",
    "NotSealedError",
    "OutOfRangeError",
    "OwnerOnlyError",
    "PlPythonMissingError",
    "RateLimitedError",
    "RerankerAwayError",
    "RoleCannotError",
    "RolledBackError",
    "SelfAcquireError",
    "SelfErasureError",
    "SelfLinkError",
    "SelfShareError",
    "SelfTransferError",
    "TextNotErasedError",
    "TokenExpiredError",
    "TokenRevokedError",
    "TooLongError",
    "TooManyAtOnceError",
    "TrustLimitError",
    "UncountedError",
    "UnknownLoginError",
    "UnknownModelError",
    "UnknownPrivilegeError",
    "UnknownReceiptError",
    "UnknownRoleError",
    "UnknownSettingError",
    "UnknownTokenError",
    "UnknownUserError",
    "UnsafeRoleError",
    "UsageError",
    "WorkerTooOldError",
    "WrappingKeyError",
    "WrongDimensionError",
    "WrongTypeError",
    "translate",
    "translated",
]


def translate(error: psycopg.Error) -> psycopg.Error:
    """Return the error as the class of its SQLSTATE; any other error as it is."""
    found = MemoriesError.by_code.get(error.sqlstate or "")
    if found is None or isinstance(error, MemoriesError):
        return error
    translated = found(*error.args, diag=error.diag)
    translated.sqlstate = error.sqlstate
    return translated


@contextmanager
def translated(denied: str | None = None) -> Iterator[None]:
    """Raise errors of the block as the class of their SQLSTATE.

    ``denied`` says what a login does instead that may not say who its user is.
    """
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        if denied is None:
            raise
        raise NotAllowedError(
            "this login may not say who its user is", detail=str(error), hint=denied
        ) from None
    except psycopg.Error as error:
        better = translate(error)
        if better is error:
            raise
        # One error and not two, with the trace of where it happened.
        raise better.with_traceback(error.__traceback__) from None
