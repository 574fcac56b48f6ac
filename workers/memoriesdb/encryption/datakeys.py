"""How a client encrypts: the providers of wrapping keys, and the data keys in memory."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from memoriesdb.encryption.ciphertext import KEY_BYTES
from memoriesdb.encryption.providers.base import Context, Provider, Wrapped
from memoriesdb.errors import MemoriesError, WrappingKeyError

if TYPE_CHECKING:
    from memoriesdb.encryption.cipher import Cipher

Embed = Callable[[str], Sequence[float]]


class Encryption:
    """What a client needs to encrypt and decrypt; one for all clients and threads of a program.

    ``provider`` wraps data keys; ``former`` are asked for keys that it did not wrap, as while they
    are being rewrapped. Data keys are kept in memory for ``cache_seconds``.

    With ``accepts_plain=False`` a memory of one's own in plain text is an error: nobody who can
    write to the database passes off a text as one that was encrypted here.

    ``embed`` makes encrypted memories findable by meaning: the vector of each text goes to the
    database in the clear, and tells roughly what the text says.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        former: Sequence[Provider] = (),
        accepts_plain: bool = True,
        embed: Embed | None = None,
        cache_seconds: float = 300.0,
    ) -> None:
        self.provider = provider
        self.accepts_plain = accepts_plain
        self.embed = embed
        self._providers = (provider, *former)
        self._cache_seconds = cache_seconds
        self._cache: dict[bytes, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def cipher(self, owner_id: UUID) -> Cipher:
        """Return what encrypts and decrypts for a user, for one transaction."""
        from memoriesdb.encryption.cipher import Cipher  # here: it needs the client, which asks

        return Cipher(self, owner_id)

    def new_key(self, owner_id: UUID, key_id: int) -> Wrapped:
        """Make a data key and return it wrapped."""
        return self.provider.wrap(os.urandom(KEY_BYTES), Context(owner_id, key_id))

    def rewrap(self, wrapped: Wrapped, owner_id: UUID, key_id: int) -> Wrapped:
        """Wrap the same data key by the wrapping key in use now, and see that it comes back."""
        context = Context(owner_id, key_id)
        key = self._ask(wrapped, context)
        renewed = self.provider.wrap(key, context)
        if self.provider.unwrap(renewed, context) != key:
            raise WrappingKeyError(
                "the provider gives another key back than it was given",
                hint="Nothing was stored; look at the provider.",
            )
        return renewed

    def unwrap(self, wrapped: Wrapped, owner_id: UUID, key_id: int) -> bytes:
        """Return a data key, from memory if it is there."""
        context = Context(owner_id, key_id)
        # By all of it: what was changed or moved must not be taken for what it was.
        place = hashlib.sha256(
            f"{wrapped.provider}\0{wrapped.provider_key}\0".encode()
            + bytes(context)
            + b"\0"
            + wrapped.wrapped_key
        ).digest()
        now = time.monotonic()
        with self._lock:
            for old in [name for name, (until, _) in self._cache.items() if until <= now]:
                del self._cache[old]
            if place in self._cache:
                return self._cache[place][1]
        key = self._ask(wrapped, context)
        with self._lock:
            self._cache[place] = (now + self._cache_seconds, key)
        return key

    def forget_keys(self) -> None:
        """Forget the data keys in memory."""
        with self._lock:
            self._cache.clear()

    def _ask(self, wrapped: Wrapped, context: Context) -> bytes:
        problem: MemoriesError | None = None
        for provider in self._providers:
            if provider.name != wrapped.provider:
                continue
            try:
                key = provider.unwrap(wrapped, context)
            except WrappingKeyError as error:
                problem = error
                continue
            if len(key) != KEY_BYTES:
                raise WrappingKeyError(
                    f"the provider gave a key of {len(key)} bytes",
                    hint="What the database keeps of it was not made by this client.",
                )
            return key
        raise problem or WrappingKeyError(
            f"the data key was wrapped by the provider {wrapped.provider}",
            detail=f"By its key {wrapped.provider_key}; this client has "
            f"{', '.join(provider.name for provider in self._providers)}.",
            hint="Give that provider, or name it as a former one.",
        )
