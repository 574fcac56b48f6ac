"""One exception class for each SQLSTATE of MemoriesDB: the contract of its errors.

Each is a psycopg error too, so that ``except psycopg.Error`` still catches it, and carries the
server's DETAIL and HINT in ``diag``. The reference of errors is generated from this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg
from psycopg.errors import Diagnostic


class MemoriesError(psycopg.DatabaseError):
    """Any error that MemoriesDB itself raises."""

    code: ClassVar[str] = "MD000"
    also: ClassVar[tuple[str, ...]] = ()
    advice: ClassVar[str | None] = None
    is_local: ClassVar[bool] = False  # raised on this side of the connection, never by the server
    by_code: ClassVar[dict[str, type[MemoriesError]]] = {}

    def __init__(
        self,
        *args: Any,
        diag: Diagnostic | None = None,
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Take what the server said, or the detail and hint of an error found before asking it."""
        super().__init__(*args)
        self._diagnostic = diag
        self._detail = detail
        self._hint = hint

    def __init_subclass__(cls) -> None:
        """Register the class under its SQLSTATE, and under PostgreSQL's codes for the same."""
        if "code" in vars(cls):
            cls.sqlstate = cls.code
            MemoriesError.by_code.update(dict.fromkeys((cls.code, *cls.also), cls))

    @property
    def diag(self) -> Diagnostic:
        """All that the server said; empty for an error found before asking it."""
        return self._diagnostic or super().diag

    @property
    def hint(self) -> str | None:
        """What to do next."""
        return self._hint or self.diag.message_hint or self.advice

    @property
    def detail(self) -> str | None:
        """What is the matter in the case at hand."""
        return self._detail or self.diag.message_detail


class UsageError(MemoriesError):
    """The client was used in a way that cannot work; the hint says how it does."""


class RolledBackError(MemoriesError):
    """The transaction came to nothing: an error in it was caught, and then it was to be kept."""


class InvalidTextError(MemoriesError):
    """A text holds NUL or half a surrogate pair, which PostgreSQL cannot store."""

    code = "22021"
    also = ("22P05",)
    advice = "Remove NUL: text.replace('\\0', ''); decode bytes with errors='replace'."


class NoUserError(MemoriesError):
    """There is no user in this transaction."""

    code = "MD001"


class UnknownUserError(MemoriesError):
    """No active user has this id."""

    code = "MD002"


class NotAllowedError(MemoriesError):
    """This user may not do it: a viewer only reads."""

    code = "MD004"


class AlreadyExistsError(MemoriesError):
    """The name is taken: of a user, a mapped login or a model with other properties."""

    code = "MD005"


class UnknownLoginError(MemoriesError):
    """No role that can log in has this name."""

    code = "MD006"


class UnknownTokenError(MemoriesError):
    """No token like this was issued, or its user is deactivated."""

    code = "MD007"


class TokenExpiredError(MemoriesError):
    """The token has expired."""

    code = "MD008"


class TokenRevokedError(MemoriesError):
    """The token was revoked."""

    code = "MD009"


class NotAssignedError(MemoriesError):
    """The service was not assigned to the user for whom it was to act."""

    code = "MD010"


class RateLimitedError(MemoriesError):
    """The token has written or recalled as much as its limit lets it, for now."""

    code = "MD011"

    @property
    def retry_after(self) -> int | None:
        """Seconds after which the same would be let through."""
        found = re.search(r"Retry after ([0-9]+) seconds", self.detail or "")
        return int(found[1]) if found else None


class UncountedError(MemoriesError):
    """A token with a limit is counted, which a read-only transaction cannot do."""

    code = "MD012"


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


class OutOfRangeError(MemoriesError):
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


class InvalidArgumentError(MemoriesError):
    """Another argument is not as it must be; the hint says how."""

    code = "MD110"


class UnknownRoleError(MemoriesError):
    """A user's role is admin, user, service or viewer."""

    code = "MD111"


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


class SelfShareError(MemoriesError):
    """A memory cannot be shared with its owner."""

    code = "MD301"


class UnknownPrivilegeError(MemoriesError):
    """A privilege is read or write."""

    code = "MD302"


class OwnerOnlyError(MemoriesError):
    """Only the owner may do this to a shared memory."""

    code = "MD303"


class SelfTransferError(MemoriesError):
    """The memory is this user's already."""

    code = "MD304"


class SelfAcquireError(MemoriesError):
    """The memory to be copied is this user's already."""

    code = "MD305"


class EncryptedMemoryError(MemoriesError):
    """An encrypted memory is not given away or copied: the key is its owner's."""

    code = "MD306"


class EntryNotFoundError(MemoriesError):
    """There is no such audit entry, or it is about somebody else's rows: the answer is the same."""

    code = "MD401"


class NotSealedError(MemoriesError):
    """The audit entry, or a whole partition of them, is not sealed yet."""

    code = "MD402"


class EntryArchivedError(MemoriesError):
    """The audit entry is in a partition that was archived."""

    code = "MD403"


class EntryChangedError(MemoriesError):
    """The audit entry is not what was sealed."""

    code = "MD404"


class NotAnOldPartitionError(MemoriesError):
    """Only the oldest partition of the audit log can be detached, and not the one in use."""

    code = "MD405"


class ArchiveIncompleteError(MemoriesError):
    """The archive of a partition does not hold as many entries as the partition."""

    code = "MD406"


class UnknownReceiptError(MemoriesError):
    """The receipt is not as an erasure wrote it."""

    code = "MD411"


class TextNotErasedError(MemoriesError):
    """The text is none of those that the receipt is for."""

    code = "MD412"


class IsolationLevelError(MemoriesError):
    """Erasing needs the isolation level read committed, to see what others commit meanwhile."""

    code = "MD413"


class SelfErasureError(MemoriesError):
    """An admin does not erase himself: another one does."""

    code = "MD414"


class PlPythonMissingError(MemoriesError):
    """The database was installed without PL/Python, which this needs."""

    code = "MD501"


class EmbedderAwayError(MemoriesError):
    """The embedding endpoint did not answer; recall says so in a NOTICE and goes on with words."""

    code = "MD502"


class AppendOnlyError(MemoriesError):
    """Logs and history are not changed, and no table is truncated."""

    code = "MD503"


class EncodingError(MemoriesError):
    """The database's encoding is not UTF8."""

    code = "MD504"


class UnsafeRoleError(MemoriesError):
    """A role of MemoriesDB has attributes that it must not have."""

    code = "MD505"


class WorkerTooOldError(MemoriesError):
    """A worker is older than the database's last breaking change: it must be upgraded."""

    code = "MD506"


class UnknownSettingError(MemoriesError):
    """There is no setting of this name."""

    code = "MD507"


class FixedSettingError(MemoriesError):
    """This setting cannot change once there are memories that were written with it."""

    code = "MD508"


class CiphertextRefusedError(MemoriesError):
    """A ciphertext names another memory or version, an id that was not reserved, or no key."""

    code = "MD601"


class KeyNotInUseError(MemoriesError):
    """The key of a ciphertext is not in use: it was retired meanwhile, or there is none."""

    code = "MD602"


class KeyConflictError(MemoriesError):
    """Somebody else added a key meanwhile, or the key is of no kind for this."""

    code = "MD603"


class KeyInUseError(MemoriesError):
    """A key that texts still need is not dropped."""

    code = "MD604"


class NotEncryptedError(MemoriesError):
    """A memory is not encrypted where it has to be."""

    code = "MD605"


class DecryptionError(MemoriesError):
    """A text cannot be decrypted: it was changed or moved, or the key is not the one."""

    code = "MD606"
    is_local = True
    advice = "history() and verify_memories() tell who changed it; a backup has the text."


class NoKeyError(MemoriesError):
    """The user has no key to encrypt with, or not the one that a text needs."""

    code = "MD607"
    is_local = True
    advice = "`memoriesdb encryption init` makes a key for a user."


class KeyProviderError(MemoriesError):
    """The provider of wrapping keys is away, or refuses."""

    code = "MD608"
    is_local = True
    advice = "Look at the provider; data keys that are in memory go on working meanwhile."


class WrappingKeyError(MemoriesError):
    """A wrapping key is missing, unreadable or readable by others; or it is not the one."""

    code = "MD609"
    is_local = True
    advice = "Give the wrapping key that wrapped the data key: without it the texts are lost."


def translate(error: psycopg.Error) -> psycopg.Error:
    """Return the error as the class of its SQLSTATE; any other error as it is."""
    found = MemoriesError.by_code.get(error.sqlstate or "")
    if found is None or isinstance(error, MemoriesError):
        return error
    translated = found(*error.args, diag=error.diag)
    translated.sqlstate = error.sqlstate
    return translated


@contextmanager
def translated() -> Iterator[None]:
    """Raise errors of the block as the class of their SQLSTATE."""
    try:
        yield
    except psycopg.Error as error:
        better = translate(error)
        if better is error:
            raise
        # One error and not two, with the trace of where it happened.
        raise better.with_traceback(error.__traceback__) from None
