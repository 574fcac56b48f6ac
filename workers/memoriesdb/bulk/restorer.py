"""Bring an export into an owner: what is there already is left, what is refused is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import psycopg

from memoriesdb.bulk import stream
from memoriesdb.bulk.importer import OF_AN_ITEM, Counts, reason
from memoriesdb.bulk.known import Known, fingerprints
from memoriesdb.bulk.records import Edge, Head, Memory, Model, records
from memoriesdb.bulk.replay import Models, Opened, link, replay
from memoriesdb.bulk.texts import Opener, opener_of
from memoriesdb.client.call import every, one
from memoriesdb.client.sync import Session
from memoriesdb.encryption import Encryption
from memoriesdb.errors import DecryptionError, NoKeyError
from memoriesdb.queries import load

Item = TypeVar("Item", Opened, Edge)
Result = TypeVar("Result")
# No more text than this is in one transaction, unless one memory has it.
_MOST_CHARACTERS = 8_000_000
# Beside what is wrong with an item: links, holds, trust, and what a line says that is no value.
_OF_ITS_OWN = OF_AN_ITEM | {"MD203", "MD204", "MD205", "23502", "23514"}


@dataclass
class Restored(Counts):
    """What became of the memories, and of what belongs to them."""

    edges: int = 0
    """New ones."""
    embeddings: int = 0
    """Put back; all other memories are embedded anew."""


class Restorer:
    """Brings the memories and edges of an export into one owner, batch by batch.

    ``begin`` opens a transaction as the owner; ``refuse`` is told of each that is left out, by the
    line with which it begins. A memory comes with its whole history or not at all, so that an
    import that was interrupted can be run again.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Session]],
        refuse: Callable[[int, str], None],
        head: Head,
        *,
        batch_size: int = 500,
        encryption: Encryption | None = None,
    ) -> None:
        self.counts = Restored()
        self._begin = begin
        self._refuse = refuse
        self._batch_size = batch_size
        self._encryption = encryption
        self._head = head
        self._opener = Opener(encryption, head.owner_id, head.keys)
        self._known = Known()
        self._models = Models({}, None)
        # The ids here, by those in the export.
        self._ids: dict[UUID, UUID] = {}

    def run(self, lines: Iterable[bytes], advance: Callable[[Restored], None]) -> Restored:
        """Bring all of an export that was checked; ``advance`` is told the counts as they grow."""
        with self._begin() as me:
            self._look(me)
        for batch in self._batches(records(lines)):
            self._bring([record for record in batch if isinstance(record, Memory)])
            self._link([record for record in batch if isinstance(record, Edge)])
            advance(self.counts)
        return self.counts

    def _batches(self, everything: Iterator[Memory | Edge]) -> Iterator[list[Memory | Edge]]:
        batch: list[Memory | Edge] = []
        size = 0
        for record in everything:
            batch.append(record)
            size += record.size
            if len(batch) == self._batch_size or size > _MOST_CHARACTERS:
                yield batch
                batch, size = [], 0
        yield batch

    def _look(self, me: Session) -> None:
        """See what the owner has, and which models there are."""
        me.run(one(load("bulk/export_begin", UUID)))
        opener = opener_of(me, self._encryption)
        lines = (line.line.encode() for line in stream.memories(me, with_embeddings=False))
        for memory in records(lines):
            if isinstance(memory, Memory):
                texts = opener.texts_or_ciphertexts(memory)
                self._known.add(memory, fingerprints(memory, texts))
        here = me.run(every(load("bulk/models", Model)))
        names = {}
        active = None
        for model in self._head.models:
            same = [other for other in here if other.makes_the_same(model)]
            same.sort(key=lambda other: other.name != model.name)
            if same:
                names[model.name] = same[0].name
            if any(other.is_active for other in same):
                active = model.name
        self._models = Models(names, active)

    def _bring(self, memories: list[Memory]) -> None:
        new = [opened for memory in memories if (opened := self._opened(memory)) is not None]
        if not new:
            return
        refused: list[tuple[int, str]] = []

        def bring(part: list[Opened]) -> tuple[list[UUID], int]:
            ids = replay(me, part, self._encryption)
            return ids, self._models.put(me, part, ids)

        with self._begin() as me:
            brought = list(self._in_halves(me, new, bring, refused))
        for part, (ids, embeddings) in brought:
            self.counts.kept += len(part)
            self.counts.embeddings += embeddings
            self._ids.update(zip((opened.memory.id for opened in part), ids, strict=True))
        self._leave_out(refused)

    def _opened(self, memory: Memory) -> Opened | None:
        """Return a memory that is to be brought; None where it is there, or cannot be read."""
        try:
            texts = self._opener.texts(memory)
        except (DecryptionError, NoKeyError) as error:
            self._leave_out([(memory.number, reason(error))])
            return None
        there = self._known.take(memory, fingerprints(memory, texts))
        if there is None:
            return Opened(memory, texts)
        self.counts.known += 1
        self._ids[memory.id] = there
        return None

    def _link(self, edges: list[Edge]) -> None:
        whole = []
        for edge in edges:
            if edge.source_id in self._ids and edge.target_id in self._ids:
                whole.append(edge)
            else:
                self._leave_out([(edge.number, "a memory that it links was left out")])
        if not whole:
            return
        refused: list[tuple[int, str]] = []
        with self._begin() as me:
            linked = list(
                self._in_halves(me, whole, lambda part: link(me, part, self._ids), refused)
            )
        self.counts.edges += sum(new for _, new in linked)
        self._leave_out(refused)

    def _in_halves(
        self,
        me: Session,
        items: list[Item],
        do: Callable[[list[Item]], Result],
        refused: list[tuple[int, str]],
    ) -> Iterator[tuple[list[Item], Result]]:
        """Do it with all at once, or with halves where one is refused."""
        try:
            with me.savepoint():
                result = do(items)
        except psycopg.Error as error:
            state = error.sqlstate or ""
            if state not in _OF_ITS_OWN and not state.startswith("22"):
                raise
            if len(items) == 1:
                refused.append((items[0].number, reason(error)))
                return
            half = len(items) // 2
            yield from self._in_halves(me, items[:half], do, refused)
            yield from self._in_halves(me, items[half:], do, refused)
            return
        yield items, result

    def _leave_out(self, refused: Iterable[tuple[int, str]]) -> None:
        for number, problem in refused:
            self.counts.refused += 1
            self._refuse(number, problem)
