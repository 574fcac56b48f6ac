"""Contents that clients encrypt: MD6xx."""

from memoriesdb.errors.base import MemoriesError


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
