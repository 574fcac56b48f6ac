"""Everything that can be called, once for both connections: users' methods and admins'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from memoriesdb.client import rows
from memoriesdb.client.call import Call, every, maybe, method, nothing, one, written
from memoriesdb.client.identity import TokensApi, UsersApi
from memoriesdb.client.parameters import check_changes, given, to_json, to_vector
from memoriesdb.client.searching import RecallApi
from memoriesdb.errors import InvalidArgumentError
from memoriesdb.queries import load

_ABSENT: Any = object()  # where None is a value of its own


class EverybodysApi(TokensApi):
    """What sessions of users and logins of admins, workers and auditors have in common."""

    @method
    def queue_status(self) -> Call[list[rows.QueueStatus]]:
        """Read what waits in the queues: of one's own memories, or as an operator all of it."""
        return every(load("client/queue_status", rows.QueueStatus))

    @method
    def verify_memories(self) -> Call[list[rows.Problem]]:
        """Return the memories that were changed behind the triggers: none, if all is well.

        Of the user of this session; for a login of memoriesdb_auditor without a user, of all.
        """
        return every(load("client/verify_memories", rows.Problem))

    @method
    def erase(self, memory_id: UUID) -> Call[dict[str, Any]]:
        """Erase one of one's own memories with its history, or as an admin anybody's.

        Returns the receipt: keep it, ``erasure_check`` asks for it.
        """
        return one(load("client/erase", dict), memory_id=memory_id)

    @method
    def erasure_check(
        self, receipt: Mapping[str, Any], text: str | None = None
    ) -> Call[list[rows.Leftover]]:
        """Look into every table for what a receipt says was erased; empty: it is gone.

        Once the erasure is committed. ``text``: one of the erased texts as a whole, to be sought in
        words as well.
        """
        return every(
            load("client/erasure_check", rows.Leftover),
            receipt=to_json("receipt", dict(receipt)),
            text=text,
        )

    @method
    def user_id(self, username: str) -> Call[UUID | None]:
        """Return the id of the active user of exactly this name, or None."""
        return one(load("client/user_id", UUID), username=username)


class UserApi(RecallApi, EverybodysApi):
    """What a user does with memories, in the transaction of a session."""

    @method
    def remember(
        self,
        content: str,
        kind: str = "note",
        *,
        metadata: Mapping[str, Any] | None = None,
        stream: str | None = None,
        importance: float = 0.5,
        occurred_at: datetime | None = None,
        expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Call[UUID]:
        """Keep a memory and return its id.

        ``occurred_at`` is when it was true (now); ``metadata["speaker"]`` says who said it, and
        is found with it. It is found by its words at commit, by its meaning once it is embedded.
        A retry with the same ``idempotency_key`` keeps nothing and returns the same id. Raises
        IdempotencyKeyReusedError where the text is another one.
        """
        return one(
            load("client/remember", UUID),
            content=content,
            kind=kind,
            metadata=to_json("metadata", {} if metadata is None else metadata),
            stream=stream,
            importance=importance,
            occurred_at=occurred_at,
            expires_at=expires_at,
            idempotency_key=idempotency_key,
        )

    @method
    def remember_many(
        self, items: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> Call[list[UUID]]:
        """Keep many memories at once, all or none; each item has the keys of ``remember``.

        Returns the ids in the order of the items. ``idempotency_key`` is for all of them together:
        a retry with it keeps nothing and returns the same ids.
        """
        return every(
            load("client/remember_many", UUID),
            items=to_json("items", list(items)),
            idempotency_key=idempotency_key,
        )

    @method
    def put_embedding(self, memory_id: UUID, embedding: Iterable[float] | None) -> Call[None]:
        """Let one of one's own encrypted memories be found by meaning; None ends that.

        A vector is not encrypted, and tells roughly what the text says.
        """
        return nothing(
            load("client/put_embedding", str),
            memory_id=memory_id,
            embedding=to_vector("embedding", embedding),
        )

    @method
    def get(self, memory_id: UUID) -> Call[rows.Memory | None]:
        """Return a memory of one's own, or one that was shared; None where there is no such."""
        return maybe(load("client/get", rows.Memory), memory_id=memory_id)

    @method
    def update(
        self,
        memory_id: UUID,
        *,
        content: str = _ABSENT,
        kind: str = _ABSENT,
        metadata: Mapping[str, Any] = _ABSENT,
        stream: str | None = _ABSENT,
        importance: float = _ABSENT,
        trust: float = _ABSENT,
        occurred_at: datetime = _ABSENT,
        expires_at: datetime | None = _ABSENT,
    ) -> Call[rows.Memory]:
        """Change what is given of a memory and return its new state; the former one is kept.

        Also of a memory that was shared for writing. Raises MemoryNotFoundError.
        """
        changes = given(
            {
                "content": content,
                "kind": kind,
                "metadata": metadata,
                "stream": stream,
                "importance": importance,
                "trust": trust,
                "occurred_at": occurred_at,
                "expires_at": expires_at,
            },
            _ABSENT,
        )
        if not changes:
            raise InvalidArgumentError("nothing to change", hint="Give content=… or another one.")
        check_changes(changes)
        return written(
            load("client/update", rows.Memory),
            memory_id=memory_id,
            changes=to_json("changes", changes),
        )

    @method
    def delete(self, memory_id: UUID) -> Call[bool]:
        """Delete one of one's own memories; False where there is no such. History is kept."""
        return one(load("client/delete", bool), memory_id=memory_id)

    @method
    def forget(self, memory_id: UUID) -> Call[bool]:
        """Recall one of one's own memories no more; False where there was nothing to forget."""
        return one(load("client/forget", bool), memory_id=memory_id)

    @method
    def restore(self, memory_id: UUID) -> Call[bool]:
        """Undo ``forget``; False where there was nothing to restore."""
        return one(load("client/restore", bool), memory_id=memory_id)

    @method
    def history(self, memory_id: UUID) -> Call[list[rows.Version]]:
        """Return every state of one of one's own memories, oldest first, deleted ones included."""
        return every(load("client/history", rows.Version), memory_id=memory_id)

    @method
    def as_of(self, at: datetime) -> Call[list[rows.Version]]:
        """Return one's own memories as they were at a time, forgotten ones included."""
        return every(load("client/as_of", rows.Version), at=at)

    @method
    def share(
        self,
        memory_id: UUID,
        grantee_id: UUID,
        privilege: str = "read",
        *,
        expires_at: datetime | None = None,
    ) -> Call[None]:
        """Let another user read (or write) a memory, until ``expires_at`` or ``unshare``."""
        return nothing(
            load("client/share", str),
            memory_id=memory_id,
            grantee_id=grantee_id,
            privilege=privilege,
            expires_at=expires_at,
        )

    @method
    def unshare(self, memory_id: UUID, grantee_id: UUID) -> Call[bool]:
        """End a grant; False where there was none."""
        return one(load("client/unshare", bool), memory_id=memory_id, grantee_id=grantee_id)

    @method
    def acquire(self, memory_id: UUID) -> Call[UUID]:
        """Copy a memory that is shared with this user into his own; return the copy's id.

        The copy names its origin, and its trust never grows beyond the origin's.
        """
        return one(load("client/acquire", UUID), memory_id=memory_id)

    @method
    def transfer(
        self, memory_id: UUID, new_owner_id: UUID, reason: str | None = None
    ) -> Call[None]:
        """Give a memory with its history to another user. Grants and edges end."""
        return nothing(
            load("client/transfer", str),
            memory_id=memory_id,
            new_owner_id=new_owner_id,
            reason=reason,
        )

    @method
    def custody(self, memory_id: UUID) -> Call[list[rows.Custody]]:
        """Return who had a memory, oldest first, as far as this user had a hand in it."""
        return every(load("client/custody", rows.Custody), memory_id=memory_id)

    @method
    def link(
        self,
        source_id: UUID,
        target_id: UUID,
        relation: str = "related",
        *,
        weight: float = 1.0,
        metadata: Mapping[str, Any] | None = None,
    ) -> Call[None]:
        """Link two of one's own memories; once more sets weight (0 to 1) and metadata."""
        return nothing(
            load("client/link", str),
            source_id=source_id,
            target_id=target_id,
            relation=relation,
            weight=weight,
            metadata=to_json("metadata", {} if metadata is None else metadata),
        )

    @method
    def unlink(self, source_id: UUID, target_id: UUID, relation: str | None = None) -> Call[int]:
        """Remove the links of this relation, or all (None); return how many there were."""
        return one(
            load("client/unlink", int), source_id=source_id, target_id=target_id, relation=relation
        )

    @method
    def neighbors(
        self,
        memory_id: UUID,
        depth: int = 1,
        *,
        relation: str | None = None,
        max_nodes: int = 100,
    ) -> Call[list[rows.Neighbor]]:
        """Return what is linked to a memory within ``depth`` steps, nearest and strongest first."""
        return every(
            load("client/neighbors", rows.Neighbor),
            memory_id=memory_id,
            depth=depth,
            relation=relation,
            max_nodes=max_nodes,
        )

    @method
    def graph(self) -> Call[list[rows.Edge]]:
        """Return one's own links between memories that are not forgotten.

        As of the last refresh by the vindexing worker; ``neighbors`` is up to date.
        """
        return every(load("client/graph", rows.Edge))


class AdminApi(EverybodysApi, UsersApi):
    """What a login of memoriesdb_admin does, each call in a transaction of its own.

    A user with the role admin does some of it by a token with the scope admin.
    """

    @method
    def erase_user(self, user_id: UUID) -> Call[dict[str, Any]]:
        """Erase a user and all that is his; returns the receipt."""
        return one(load("client/erase_user", dict), user_id=user_id)

    @method
    def hold(self, subject_id: UUID, reason: str) -> Call[UUID]:
        """Place a legal hold on a memory, or on all that a user has; returns the hold's id."""
        return one(load("client/hold", UUID), subject_id=subject_id, reason=reason)

    @method
    def release(self, hold_id: UUID) -> Call[bool]:
        """End a legal hold; False where there is none of this id."""
        return one(load("client/release", bool), hold_id=hold_id)

    @method
    def set_setting(self, key: str, value: object) -> Call[None]:
        """Change a setting; the value has the type of the default."""
        return nothing(load("client/set_setting", str), key=key, value=to_json("value", value))

    @method
    def register_embedding_model(
        self,
        name: str,
        provider: str,
        endpoint: str,
        dimensions: int,
        *,
        model: str | None = None,
        max_tokens: int = 256,
        query_prefix: str = "",
        passage_prefix: str = "",
        activate: bool = True,
    ) -> Call[UUID]:
        """Register a model, or its new endpoint, and return its id.

        ``provider`` is ollama or openai; ``model`` the name at the endpoint, if it is another.
        Memories there are already are queued for it.
        """
        return one(
            load("client/register_embedding_model", UUID),
            name=name,
            provider=provider,
            endpoint=endpoint,
            dimensions=dimensions,
            model=model,
            max_tokens=max_tokens,
            query_prefix=query_prefix,
            passage_prefix=passage_prefix,
            activate=activate,
        )
