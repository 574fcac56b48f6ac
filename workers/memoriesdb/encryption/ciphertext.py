"""The format of an encrypted text, and how it is made.

``mdbenc1:<key>:<version>:<memory>:<base64 of nonce, ciphertext and tag>``

The head is readable, so that the database can tell by which key a text is encrypted and refuse
one that was made for another memory or version. It is authenticated with the owner's id.

Each version of each memory has a key of its own, derived by HKDF from the owner's data key. So a
96-bit random nonce meets another one under the same key only when the same version is encrypted
more than once, as after a lost race: no number of memories wears a data key out, and no writer has
to know of another one, which counting nonces would need.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from memoriesdb.errors import DecryptionError

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_FORMAT = "mdbenc1"
# As memoriesdb._ciphertext_header reads it.
_HEAD = re.compile(
    r"mdbenc1:([1-9][0-9]{0,8}):([1-9][0-9]{0,8}):"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):"
)


@dataclass(frozen=True)
class Head:
    """What a ciphertext says of itself: what it was made for, and by which key."""

    key_id: int
    """Number of the owner's data key."""
    version: int
    """Version of the memory that brought the text."""
    memory_id: UUID

    def __str__(self) -> str:
        return f"{_FORMAT}:{self.key_id}:{self.version}:{self.memory_id}:"


def head_of(text: str | None) -> Head | None:
    """Return what a ciphertext says of itself; None for any other text."""
    found = None if text is None else _HEAD.match(text)
    if found is None:
        return None
    return Head(int(found[1]), int(found[2]), UUID(found[3]))


def seal(text: str, key: bytes, owner_id: UUID, head: Head) -> str:
    """Encrypt a text for this version of this owner's memory."""
    nonce = os.urandom(_NONCE_BYTES)
    context = _context(owner_id, head)
    body = nonce + AESGCM(_derive(key, context)).encrypt(nonce, text.encode(), context)
    return _written(head, body)


def unseal(text: str, key: bytes, owner_id: UUID) -> str:
    """Decrypt a text. Raises DecryptionError: wrong key, changed, or of another owner or memory."""
    head = head_of(text)
    if head is None:
        raise DecryptionError("this is no ciphertext", hint="It was not made by this client.")
    context = _context(owner_id, head)
    try:
        body = base64.b64decode(text[len(str(head)) :], validate=True)
        # One way to write it alone: base64 leaves the last bits open.
        if len(body) < _NONCE_BYTES + _TAG_BYTES or _written(head, body) != text:
            raise InvalidTag
        nonce, sealed = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        return AESGCM(_derive(key, context)).decrypt(nonce, sealed, context).decode()
    except (ValueError, InvalidTag):  # no base64, or no UTF-8
        raise undecryptable(head, owner_id) from None


def undecryptable(head: Head, owner_id: UUID) -> DecryptionError:
    """The error of a text that is not what its owner wrote there."""
    return DecryptionError(
        "the text cannot be decrypted",
        detail=f"Memory {head.memory_id} of {owner_id}, key {head.key_id}, version {head.version}: "
        "it was changed, comes from elsewhere, or the key is not the one.",
    )


def _written(head: Head, body: bytes) -> str:
    return f"{head}{base64.b64encode(body).decode()}"


def _context(owner_id: UUID, head: Head) -> bytes:
    # Of fixed length but for the head, which stands last: no two mean the same.
    return b"memoriesdb.content.v1\0" + owner_id.bytes + str(head).encode()


def _derive(key: bytes, context: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=context).derive(key)
