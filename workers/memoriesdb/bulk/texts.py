"""Texts that an owner's client has encrypted: opened by one owner's keys, sealed by another's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from memoriesdb.bulk.records import Memory, State
from memoriesdb.client.call import every
from memoriesdb.client.sync import Session
from memoriesdb.encryption import Encryption, Wrapped
from memoriesdb.encryption.ciphertext import Head, head_of, seal, unseal
from memoriesdb.errors import DecryptionError, NoKeyError
from memoriesdb.queries import load
from memoriesdb.queries.encryption import OwnerKey, Reserved

_AT_ONCE = 1000


class Opener:
    """Decrypts what one owner's client has encrypted."""

    def __init__(
        self, encryption: Encryption | None, owner_id: UUID, keys: Mapping[int, Wrapped]
    ) -> None:
        self._encryption = encryption
        self._owner_id = owner_id
        self._keys = keys

    def texts(self, memory: Memory) -> list[str]:
        """Return the text of each state. Raises DecryptionError or NoKeyError."""
        return [
            self._opened(state.content, memory.id) if state.is_ciphertext else state.content
            for state in memory.states
        ]

    def texts_or_ciphertexts(self, memory: Memory) -> list[str]:
        """Return the text of each state, or its ciphertext where that cannot be decrypted."""
        try:
            return self.texts(memory)
        except (DecryptionError, NoKeyError):
            return [state.content for state in memory.states]

    def _opened(self, content: str, memory_id: UUID) -> str:
        head = head_of(content)
        if head is None or head.memory_id != memory_id:
            raise DecryptionError("a text is not of the memory in which it stands")
        wrapped = self._keys.get(head.key_id)
        if wrapped is None or self._encryption is None:
            raise NoKeyError(
                f"key {head.key_id} is not there",
                detail=f"Memory {memory_id} of {self._owner_id} was encrypted with it.",
            )
        key = self._encryption.unwrap(wrapped, self._owner_id, head.key_id)
        return unseal(content, key, self._owner_id)


class Sealer:
    """Encrypts for the owner of a transaction, with the key in use."""

    def __init__(self, me: Session, encryption: Encryption, count: int) -> None:
        """Reserve ids for so many memories."""
        in_use = next((key for key in keys_of(me) if key.retired_at is None), None)
        if in_use is None:
            raise NoKeyError(
                f"user {me.id} has no key to encrypt with",
                hint="`memoriesdb encryption init` makes one.",
            )
        self._owner_id = me.id
        self._key_id = in_use.key_id
        self._key = encryption.unwrap(_wrapped(in_use), me.id, in_use.key_id)
        self._ids = self._reserved(me, count)

    @staticmethod
    def _reserved(me: Session, count: int) -> Iterator[UUID]:
        for start in range(0, count, _AT_ONCE):
            size = min(_AT_ONCE, count - start)
            for row in me.run(every(load("encryption/reserve", Reserved), count=size)):
                yield row.memory_id

    def first(self, text: str) -> str:
        """Encrypt the first text of a memory, for a reserved id."""
        return self.next(text, next(self._ids), 1)

    def next(self, text: str, memory_id: UUID, version: int) -> str:
        """Encrypt a text for this version of a memory."""
        return seal(text, self._key, self._owner_id, Head(self._key_id, version, memory_id))


def opener_of(me: Session, encryption: Encryption | None) -> Opener:
    """Return what decrypts for the user of a transaction."""
    keys = {key.key_id: _wrapped(key) for key in keys_of(me)}
    return Opener(encryption, me.id, keys)


def keys_of(me: Session) -> list[OwnerKey]:
    """Return the user's data keys, wrapped."""
    return me.run(every(load("encryption/keys", OwnerKey)))


def _wrapped(key: OwnerKey) -> Wrapped:
    return Wrapped(key.provider, key.provider_key, bytes(key.wrapped_key))


def is_changed(states: list[State], index: int) -> bool:
    """Tell whether a state has another text than the one before."""
    return index == 0 or states[index].content != states[index - 1].content
