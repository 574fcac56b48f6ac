"""Encrypt what a session writes and decrypt what it reads: the calls that take more than one."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from memoriesdb.client.call import Call, every, maybe, nothing, one
from memoriesdb.client.parameters import to_array, to_json, to_vector
from memoriesdb.client.rows import Version
from memoriesdb.client.steps import Steps, ask, work
from memoriesdb.encryption.ciphertext import Head, head_of, seal, undecryptable, unseal
from memoriesdb.encryption.datakeys import Encryption
from memoriesdb.encryption.providers import Wrapped
from memoriesdb.errors import (
    EmptyContentError,
    InvalidItemError,
    NoKeyError,
    NotEncryptedError,
)
from memoriesdb.queries import load
from memoriesdb.queries.encryption import Kept, Locked, OwnerKey, Reserved

_BATCH = 100


class Cipher:
    """Encrypts and decrypts for the user of one session, with the keys that it has met."""

    def __init__(self, encryption: Encryption, owner_id: UUID) -> None:
        self._encryption = encryption
        self._owner_id = owner_id
        self._wrapped: dict[int, OwnerKey] = {}

    def steps(self, call: Call[Any]) -> Steps[Any] | None:
        """Return what the call becomes; None where it has nothing to do with contents."""
        plan = _PLANS.get(call.query.name)
        return None if plan is None else plan(self, call)

    def seal(self, text: str, key_id: int, version: int, memory_id: UUID) -> Steps[str]:
        """Encrypt a text for this version of one of the user's memories."""
        key = yield from self._key(Head(key_id, version, memory_id))
        return seal(text, key, self._owner_id, Head(key_id, version, memory_id))

    def unseal_kept(self, kept: Kept) -> Steps[str]:
        """Decrypt a memory as it is now, which no text of an earlier version may stand in for."""
        _check_version(kept.content, kept.version, kept.first_version, self._owner_id)
        return (yield from self._unseal(kept.content, kept.memory_id))

    def _unseal(self, text: str, memory_id: UUID) -> Steps[str]:
        head = head_of(text)
        if head is None:
            return text
        if head.memory_id != memory_id:
            raise undecryptable(head, self._owner_id)
        key = yield from self._key(head)
        return unseal(text, key, self._owner_id)

    def key_in_use(self) -> Steps[int]:
        """Return the number of the key that new texts are encrypted with, as of now."""
        yield from self._read_keys()
        in_use = [key.key_id for key in self._wrapped.values() if key.retired_at is None]
        if not in_use:
            raise self._no_key()
        return in_use[0]

    def _reserve(self, count: int) -> Steps[tuple[int, list[UUID]]]:
        rows = yield from ask(every(load("encryption/reserve", Reserved), count=count))
        row = rows[0]
        if row.key_id is None or row.wrapped_key is None:
            raise self._no_key()
        names = row.provider or "", row.provider_key or ""
        key = OwnerKey(row.key_id, row.wrapped_key, *names, None)
        self._wrapped[row.key_id] = key
        return row.key_id, [row.memory_id for row in rows]

    def _no_key(self) -> NoKeyError:
        return NoKeyError(f"user {self._owner_id} has no key to encrypt with")

    def _read_keys(self) -> Steps[None]:
        keys = yield from ask(every(load("encryption/keys", OwnerKey)))
        self._wrapped = {key.key_id: key for key in keys}

    def _key(self, head: Head) -> Steps[bytes]:
        if head.key_id not in self._wrapped:
            yield from self._read_keys()
        kept = self._wrapped.get(head.key_id)
        if kept is None:
            raise NoKeyError(
                f"key {head.key_id} is not there any more",
                detail=f"Memory {head.memory_id} of {self._owner_id} was encrypted with it.",
                hint="Without it the text is lost; a backup of owner_keys may have it.",
            )
        wrapped = Wrapped(kept.provider, kept.provider_key, bytes(kept.wrapped_key))
        return (
            yield from work(lambda: self._encryption.unwrap(wrapped, self._owner_id, head.key_id))
        )

    def _embedded(self, text: str | None) -> Steps[str | None]:
        embed = self._encryption.embed
        if embed is None or text is None:
            return None
        return (yield from work(lambda: to_vector("embedding", embed(text))))

    def remember(self, call: Call[UUID]) -> Steps[UUID]:
        """Encrypt a new memory."""
        text = _text(call.parameters["content"])
        key_id, (memory_id,) = yield from self._reserve(1)
        sealed = yield from self.seal(text, key_id, 1, memory_id)
        embedding = yield from self._embedded(text)
        parameters = {**call.parameters, "content": sealed, "embedding": embedding}
        return (yield from ask(one(load("encryption/remember", UUID), **parameters)))

    def remember_many(self, call: Call[list[UUID]]) -> Steps[list[UUID]]:
        """Encrypt new memories."""
        items = _items(call.parameters["items"])
        written: list[UUID] = []
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            key_id, ids = yield from self._reserve(len(batch))
            sealed = []
            for item, memory_id in zip(batch, ids, strict=True):
                content = yield from self.seal(item["content"], key_id, 1, memory_id)
                sealed.append({**item, "content": content, "is_encrypted": True})
            key = call.parameters["idempotency_key"]
            parameters: dict[str, object] = {
                "items": to_json("items", sealed),
                # Each batch is kept by a statement of its own.
                "idempotency_key": key if key is None or start == 0 else f"{key} from {start}",
            }
            kept = yield from ask(dataclasses.replace(call, parameters=parameters))
            written += kept
            kept_ids = set(kept)
            for item, memory_id in zip(batch, ids, strict=True):
                # A retry has kept none of these.
                if memory_id in kept_ids:
                    yield from self._put_embedding(memory_id, item["content"])
        return written

    def _put_embedding(self, memory_id: UUID, text: str) -> Steps[None]:
        embedding = yield from self._embedded(text)
        if embedding is not None:
            query = load("client/put_embedding", str)
            yield from ask(nothing(query, memory_id=memory_id, embedding=embedding))

    def update(self, call: Call[Any]) -> Steps[Any]:
        """Encrypt the new text of a memory, if it gets one."""
        changes = json.loads(str(call.parameters["changes"]))
        if "content" not in changes:
            return (yield from self.read(call))
        text = _text(changes["content"])
        memory_id = call.parameters["memory_id"]
        kept = yield from ask(maybe(load("encryption/lock", Locked), memory_id=memory_id))
        if kept is None or kept.owner_id != self._owner_id:
            # Another user's, shared for writing: it is that user's to encrypt it. An encrypted one
            # is refused by the database.
            return (yield from self.read(call))
        key_id = yield from self.key_in_use()
        sealed = yield from self.seal(text, key_id, kept.version + 1, kept.memory_id)
        changes |= {"content": sealed, "is_encrypted": True}
        parameters = {**call.parameters, "changes": to_json("changes", changes)}
        row = yield from self.read(dataclasses.replace(call, parameters=parameters))
        yield from self._put_embedding(kept.memory_id, text)
        return row

    def recall(self, call: Call[list[Any]]) -> Steps[list[Any]]:
        """Find, with the query's vector where encrypted memories have one, and decrypt."""
        return (yield from self.find((yield from self._with_vector(call))))

    def recall_batch(self, call: Call[list[Any]]) -> Steps[list[Any]]:
        """Find for many queries, with their vectors as in recall, and decrypt."""
        parameters = dict(call.parameters)
        queries = parameters["queries"]
        if parameters["query_embeddings"] is None and isinstance(queries, list):
            vectors = []
            for query in queries:
                vectors.append((yield from self._embedded(query)))
            if any(vectors):
                parameters["query_embeddings"] = to_array(vectors)
        return (yield from self.find(dataclasses.replace(call, parameters=parameters)))

    def search(self, call: Call[Any]) -> Steps[Any]:
        """Search with the query's vector as in recall, where no contents come back."""
        return (yield from ask((yield from self._with_vector(call))))

    def _with_vector(self, call: Call[Any]) -> Steps[Call[Any]]:
        parameters = dict(call.parameters)
        if parameters["query_embedding"] is None and parameters["query"] is not None:
            embedding = yield from self._embedded(str(parameters["query"]))
            parameters["query_embedding"] = embedding
        return dataclasses.replace(call, parameters=parameters)

    def find(self, call: Call[list[Any]]) -> Steps[list[Any]]:
        """Decrypt what was found, as it is now: the answer does not say which version it is."""
        rows = yield from ask(call)
        ids = [_memory_id(row) for row in rows if self._is_mine(row) and head_of(row.content)]
        kept: dict[UUID, Kept] = {}
        if ids:
            now = yield from ask(every(load("encryption/kept", Kept), memory_ids=ids))
            kept = {row.memory_id: row for row in now}
        opened = []
        for row in rows:
            found = kept.get(_memory_id(row))
            if found is not None:
                _check_version(found.content, found.version, found.first_version, self._owner_id)
                row = dataclasses.replace(row, content=found.content)
            opened.append((yield from self._opened(row)))
        return opened

    def read(self, call: Call[Any]) -> Steps[Any]:
        """Decrypt what was read, a row or several with their versions."""
        result = yield from ask(call)
        rows = result if isinstance(result, list) else [result] if result is not None else []
        yield from self._check_versions(rows)
        opened = []
        for row in rows:
            opened.append((yield from self._opened(row)))
        if isinstance(result, list):
            return opened
        return opened[0] if opened else None

    def _opened(self, row: Any) -> Steps[Any]:
        if not self._is_mine(row) or row.content is None:
            return row
        if head_of(row.content) is None:
            if getattr(row, "is_encrypted", False) or not self._encryption.accepts_plain:
                raise NotEncryptedError(
                    "a memory is in plain text, or encrypted by something else",
                    detail=f"Memory {_memory_id(row)} of {self._owner_id}.",
                    hint="Encrypt it with `memoriesdb encryption reencrypt --plain`, if the text is"
                    " yours; this client was told to take nothing else.",
                )
            return row
        try:
            content: str | None = yield from self._unseal(row.content, _memory_id(row))
        except NoKeyError:
            # A former text whose key was dropped on purpose; a memory always has its key.
            if not isinstance(row, Version):
                raise
            content = None
        return dataclasses.replace(row, content=content)

    def _check_versions(self, rows: Sequence[Any]) -> Steps[None]:
        """See that no text of an earlier version was brought back in place of a later one."""
        unsure = []
        for row in rows:
            head = head_of(row.content) if self._is_mine(row) else None
            if head is not None and head.version != row.version:
                unsure.append(row)
        if not unsure:
            return
        first = yield from ask(
            every(
                load("encryption/first_versions", int),
                memory_ids=[_memory_id(row) for row in unsure],
                versions=[row.version for row in unsure],
                hashes=[hashlib.sha256(row.content.encode()).digest() for row in unsure],
            )
        )
        for row, first_version in zip(unsure, first, strict=True):
            _check_version(row.content, row.version, first_version, self._owner_id)

    def _is_mine(self, row: Any) -> bool:
        owner_id: UUID = getattr(row, "owner_id", self._owner_id)
        return owner_id == self._owner_id


def _memory_id(row: Any) -> UUID:
    for name in ("memory_id", "neighbor_id", "id"):
        if hasattr(row, name):
            found: UUID = getattr(row, name)
            return found
    raise TypeError(f"{type(row).__name__} names no memory")


def _check_version(text: str, version: int, first_version: int, owner_id: UUID) -> None:
    head = head_of(text)
    # Between the two nothing but other columns changed.
    if head is not None and not first_version <= head.version <= version:
        raise undecryptable(head, owner_id)


def _text(content: object) -> str:
    # What the database refuses must be refused here: a ciphertext is never empty.
    if not isinstance(content, str) or not content.strip():
        raise EmptyContentError(
            "content is empty", hint="A memory needs a text with something other than blanks."
        )
    return content


def _items(items: object) -> list[dict[str, Any]]:
    found = json.loads(str(items))
    for index, item in enumerate(found):
        # Before anything is sent: the server's log may quote what it refuses.
        if not isinstance(item, Mapping) or not isinstance(item.get("content"), str):
            raise InvalidItemError(
                "an item has no content, or is no object",
                detail=f"Item {index} (from 0).",
                hint='Give [{"content": "…"}, …].',
            )
        _text(item["content"])
    return [dict(item) for item in found]


_PLANS: dict[str, Callable[[Cipher, Call[Any]], Steps[Any]]] = {
    "client/remember": Cipher.remember,
    "client/remember_many": Cipher.remember_many,
    "client/update": Cipher.update,
    "client/recall": Cipher.recall,
    "client/recall_batch": Cipher.recall_batch,
    "client/explain_recall": Cipher.search,
    "client/build_context": Cipher.search,
    "client/neighbors": Cipher.find,
    "client/get": Cipher.read,
    "client/history": Cipher.read,
    "client/as_of": Cipher.read,
}
