"""What an owner does with data keys: add, rewrap, drop, and encrypt anew what is older."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from memoriesdb.client.call import every, nothing, one
from memoriesdb.client.steps import Steps, ask, drive
from memoriesdb.client.sync import Session
from memoriesdb.encryption.cipher import Cipher
from memoriesdb.encryption.datakeys import Encryption
from memoriesdb.encryption.providers import Wrapped
from memoriesdb.errors import DecryptionError, KeyConflictError, NoKeyError
from memoriesdb.queries import load
from memoriesdb.queries.encryption import Kept, KeyUse, OwnerKey

_FIRST = UUID(int=0)


_PAUSE_SECONDS = 0.2

# Begins a transaction as the owner: ``lambda: client.as_user(owner_id)``.
Begin = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Batch:
    """What became of some memories that were to be encrypted anew."""

    written: int
    unreadable: tuple[UUID, ...]
    """They cannot be decrypted, and were left as they are."""
    last: UUID
    left: int
    """Others were writing them: they are tried again."""


def uses(me: Session) -> list[KeyUse]:
    """Return the user's keys, and how much is encrypted with each."""
    return me.run(every(load("encryption/uses", KeyUse)))


def plain_count(me: Session) -> int:
    """Return how many of the user's memories are in plain text."""
    return me.run(one(load("encryption/plain_count", int)))


def add_key(me: Session, encryption: Encryption, *, only_first: bool = False) -> int:
    """Make a data key that new texts are encrypted with from now on; return its number.

    The former key stays for reading. With ``only_first`` it is an error where there is one.
    """
    keys = _keys(me)
    if only_first and any(key.retired_at is None for key in keys):
        raise KeyConflictError(
            "the user has a key already",
            hint="`memoriesdb encryption rotate` makes a new one.",
        )
    key_id = max((key.key_id for key in keys), default=0) + 1
    wrapped = encryption.new_key(me.id, key_id)
    me.run(nothing(load("encryption/add_key", str), key_id=key_id, **vars(wrapped)))
    return key_id


def rewrap(me: Session, encryption: Encryption) -> int:
    """Wrap all of the user's data keys by the wrapping key in use now; return how many."""
    keys = _keys(me)
    for key in keys:
        wrapped = encryption.rewrap(_wrapped(key), me.id, key.key_id)
        me.run(one(load("encryption/rewrap_key", bool), key_id=key.key_id, **vars(wrapped)))
    return len(keys)


def drop_key(me: Session, key_id: int, *, shred: bool = False) -> bool:
    """Delete a retired data key. Raises KeyInUseError where a memory needs it.

    With ``shred`` also where former versions need it, which nobody can read from then on.
    """
    return me.run(one(load("encryption/drop_key", bool), key_id=key_id, shred=shred))


def reencrypt(
    begin: Begin, encryption: Encryption, *, with_plain: bool = False, batch: int = 100
) -> Iterator[Batch]:
    """Encrypt with the key in use what is encrypted with former ones, while others write.

    ``with_plain`` also encrypts what is in plain text. Each batch is a transaction, and what is
    done stays done: begin again where it was interrupted. What others changed meanwhile is tried
    again, until nothing is left but what cannot be read.
    """
    while True:
        after, left, written = _FIRST, 0, 0
        while True:
            with begin() as me:
                done = drive(_batch(encryption.cipher(me.id), after, with_plain, batch), me.run)
            if done is None:
                break
            after = done.last
            left += done.left
            written += done.written
            yield done
        if not left:
            return
        if not written:
            time.sleep(_PAUSE_SECONDS)  # somebody holds them


def _batch(cipher: Cipher, after: UUID, with_plain: bool, size: int) -> Steps[Batch | None]:
    key_id = yield from cipher.key_in_use()
    rows = yield from ask(
        every(
            load("encryption/to_encrypt", Kept),
            after=after,
            key_id=key_id,
            with_plain=with_plain,
            batch=size,
        )
    )
    if not rows:
        return None
    readable: list[Kept] = []
    sealed: list[str] = []
    unreadable: list[UUID] = []
    for row in rows:
        try:
            text = yield from cipher.unseal_kept(row)
        except (DecryptionError, NoKeyError):
            # One that was tampered with does not keep the others on a key that is to go.
            unreadable.append(row.memory_id)
            continue
        readable.append(row)
        sealed.append((yield from cipher.seal(text, key_id, row.version + 1, row.memory_id)))
    written = yield from ask(
        every(
            load("encryption/reencrypt", UUID),
            memory_ids=[row.memory_id for row in readable],
            versions=[row.version for row in readable],
            contents=sealed,
        )
    )
    return Batch(len(written), tuple(unreadable), rows[-1].memory_id, len(readable) - len(written))


def _keys(me: Session) -> list[OwnerKey]:
    return me.run(every(load("encryption/keys", OwnerKey)))


def _wrapped(key: OwnerKey) -> Wrapped:
    return Wrapped(key.provider, key.provider_key, bytes(key.wrapped_key))
