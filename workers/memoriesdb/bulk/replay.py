"""Write memories with their history anew: each state of an export in the order of its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from memoriesdb.bulk.records import Edge, Embedding, Memory
from memoriesdb.bulk.texts import Sealer, is_changed
from memoriesdb.client.call import every, nothing, one
from memoriesdb.client.parameters import to_array
from memoriesdb.client.sync import Session
from memoriesdb.encryption import Encryption
from memoriesdb.errors import NoKeyError, RolledBackError
from memoriesdb.queries import load


@dataclass(frozen=True)
class Opened:
    """A memory of an export, and the text of each of its states."""

    memory: Memory
    texts: Sequence[str]

    @property
    def number(self) -> int:
        """The line with which it begins."""
        return self.memory.number


def replay(me: Session, memories: list[Opened], encryption: Encryption | None) -> list[UUID]:
    """Insert the first states, update to the next ones, delete what was; return the new ids.

    One statement for the first states of all, one for the second ones, and so on.
    """
    sealer = _sealer(me, memories, encryption)
    states, contents, encrypted = [], [], []
    for opened in memories:
        first = opened.memory.states[0]
        text = opened.texts[0]
        states.append(first.raw)
        contents.append(sealer.first(text) if sealer and first.is_ciphertext else text)
        encrypted.append(first.is_encrypted)
    query = load("bulk/replay_first", UUID)
    ids = me.run(every(query, states=states, contents=contents, encrypted=encrypted))
    present = dict(zip(ids, contents, strict=True))
    for index in count(1):
        group = [
            (memory_id, opened)
            for memory_id, opened in zip(ids, memories, strict=True)
            if index < len(opened.memory.states)
        ]
        if not group:
            break
        for memory_id, opened in group:
            if is_changed(opened.memory.states, index):
                text = opened.texts[index]
                if sealer and opened.memory.states[index].is_ciphertext:
                    text = sealer.next(text, memory_id, index + 1)
                present[memory_id] = text
        _next(me, index, group, present)
    gone = [i for i, opened in zip(ids, memories, strict=True) if opened.memory.is_deleted]
    if gone:
        _all(me.run(one(load("bulk/replay_delete", int), memory_ids=gone)), len(gone))
    return ids


def _sealer(me: Session, memories: list[Opened], encryption: Encryption | None) -> Sealer | None:
    states = [state for opened in memories for state in opened.memory.states]
    if not any(state.is_ciphertext for state in states):
        return None
    if encryption is None:
        raise NoKeyError("there is no provider of wrapping keys")
    return Sealer(me, encryption, sum(m.memory.states[0].is_ciphertext for m in memories))


def _next(
    me: Session, index: int, group: list[tuple[UUID, Opened]], present: Mapping[UUID, str]
) -> None:
    states = [opened.memory.states[index] for _, opened in group]
    call = one(
        load("bulk/replay_next", int),
        memory_ids=[memory_id for memory_id, _ in group],
        states=[state.raw for state in states],
        contents=[present[memory_id] for memory_id, _ in group],
        encrypted=[state.is_encrypted for state in states],
    )
    _all(me.run(call), len(group))


def _all(written: int, expected: int) -> None:
    if written != expected:
        raise RolledBackError(
            f"{expected - written} of {expected} memories were not written",
            hint="Look for a trigger on memoriesdb.memories that is not MemoriesDB's.",
        )


def link(me: Session, edges: list[Edge], ids: Mapping[UUID, UUID]) -> int:
    """Link memories by their new ids; return how many links are new."""
    call = one(
        load("bulk/replay_edges", int),
        source_ids=[ids[edge.source_id] for edge in edges],
        target_ids=[ids[edge.target_id] for edge in edges],
        edges=[edge.raw for edge in edges],
    )
    return me.run(call)


@dataclass(frozen=True)
class Models:
    """By which models of this database embeddings are taken."""

    names: Mapping[str, str]
    """Their names here, by those in the export."""
    active: str | None
    """The name in the export of the one that recall uses here."""

    def put(self, me: Session, memories: list[Opened], ids: Sequence[UUID]) -> int:
        """Give the memories their vectors where the texts are the same; return how many."""
        plain: dict[str, list[tuple[UUID, Embedding]]] = {}
        taken = 0
        for opened, memory_id in zip(memories, ids, strict=True):
            is_encrypted = opened.memory.states[-1].is_encrypted
            for embedding in opened.memory.embeddings:
                if not is_encrypted:
                    plain.setdefault(embedding.model, []).append((memory_id, embedding))
                elif embedding.is_current and embedding.model == self.active:
                    query = load("client/put_embedding", str)
                    literal = embedding.literal
                    me.run(nothing(query, memory_id=memory_id, embedding=literal))
                    taken += 1
        for model, given in plain.items():
            if model not in self.names:
                continue
            call = every(
                load("bulk/put_embeddings", UUID),
                memory_ids=[memory_id for memory_id, _ in given],
                model=self.names[model],
                text_hashes=[embedding.text_hash for _, embedding in given],
                embeddings=to_array(embedding.literal for _, embedding in given),
            )
            taken += len(me.run(call))
        return taken
