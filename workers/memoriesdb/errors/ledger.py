"""The ledger, and erasure, which it keeps a receipt of: MD4xx."""

from __future__ import annotations

from memoriesdb.errors.base import MemoriesError


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
