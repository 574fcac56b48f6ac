"""Sharing, trading and giving away: MD3xx."""

from memoriesdb.errors.base import MemoriesError


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


class RoleCannotError(MemoriesError):
    """The role of the other user lets him not read, or not write, what he would be given."""

    code = "MD307"
