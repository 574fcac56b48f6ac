"""Keep what was read, batch by batch; what the database refuses is left out and told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256

import psycopg

from memoriesdb.bulk.lines import Line
from memoriesdb.client.call import every, one
from memoriesdb.client.sync import Session
from memoriesdb.errors import MemoriesError
from memoriesdb.queries import load

# What is wrong with an item (the last one with its characters); anything else is wrong with all.
OF_AN_ITEM = {"MD101", "MD102", "MD103", "MD104", "MD105", "MD106", "MD107", "MD110", "22021"}


@dataclass
class Counts:
    """What became of the lines."""

    kept: int = 0
    known: int = 0
    """The owner had the same text already, or an earlier line did."""
    refused: int = 0

    @property
    def read(self) -> int:
        """Return how many lines were dealt with."""
        return self.kept + self.known + self.refused


class Importer:
    """Keeps lines for one owner, each batch in a transaction of its own.

    ``begin`` opens a transaction as the owner; ``refuse`` is told of each line that is left out.
    An import that was interrupted can be run again: texts that are there already are skipped. With
    ``keeps_duplicates`` they are not, and a batch has an idempotency key that is made of its lines.
    """

    def __init__(
        self,
        begin: Callable[[], AbstractContextManager[Session]],
        refuse: Callable[[int, str], None],
        *,
        batch_size: int = 500,
        keeps_duplicates: bool = False,
    ) -> None:
        self.counts = Counts()
        self._begin = begin
        self._refuse = refuse
        self._batch_size = batch_size
        self._keeps_duplicates = keeps_duplicates
        self._known: set[bytes] = set()

    def run(self, lines: Iterable[Line], advance: Callable[[Counts], None]) -> Counts:
        """Keep all lines; ``advance`` is told the counts after each batch."""
        if not self._keeps_duplicates:
            with self._begin() as me:
                hashes: list[bytes] = me.run(every(load("bulk/content_hashes", bytes)))
            self._known = set(hashes)
        batch: dict[bytes, Line] = {}
        # The same text as a line of the batch: to be skipped if that one is kept.
        again: list[Line] = []
        for line in lines:
            if line.problem:
                self._leave_out(line.number, line.problem)
            else:
                self._take(line, batch, again)
            if len(batch) == self._batch_size:
                batch, again = self._flush(batch, again)
                advance(self.counts)
        while batch:
            batch, again = self._flush(batch, again)
            advance(self.counts)
        return self.counts

    def _take(self, line: Line, batch: dict[bytes, Line], again: list[Line]) -> None:
        name = self._name(line)
        if name in self._known:
            self.counts.known += 1
        elif name in batch:
            again.append(line)
        else:
            batch[name] = line

    def _name(self, line: Line) -> bytes:
        """Return what tells a line from others: its text, or its number too."""
        text = str(line.item["content"]).encode("utf-8", "surrogatepass")
        return sha256(text).digest() + (line.number.to_bytes(8) if self._keeps_duplicates else b"")

    def _flush(
        self, batch: dict[bytes, Line], again: list[Line]
    ) -> tuple[dict[bytes, Line], list[Line]]:
        kept: list[Line] = []
        refused: list[tuple[int, str]] = []
        with self._begin() as me:
            new = self._keep(me, list(batch.values()), kept, refused)
        self.counts.kept += new
        self.counts.known += len(kept) - new
        for number, problem in refused:
            self._leave_out(number, problem)
        if not self._keeps_duplicates:
            self._known.update(map(self._name, kept))
        following: dict[bytes, Line] = {}
        still_again: list[Line] = []
        for line in again:
            self._take(line, following, still_again)
        return following, still_again

    def _keep(
        self, me: Session, batch: list[Line], kept: list[Line], refused: list[tuple[int, str]]
    ) -> int:
        """Keep what can be kept and return how many are new; halves where one is refused."""
        try:
            with me.savepoint():
                items = [line.item for line in batch]
                # What was kept and is gone since is to be kept anew, so texts are asked for first.
                key = _key(batch) if self._keeps_duplicates else None
                ids = me.remember_many(items, idempotency_key=key)
                new = me.run(one(load("bulk/new_of", int), memory_ids=ids))
        except MemoriesError as error:
            if error.sqlstate not in OF_AN_ITEM:
                raise
            if len(batch) == 1:
                refused.append((batch[0].number, reason(error)))
                return 0
            half = len(batch) // 2
            return self._keep(me, batch[:half], kept, refused) + self._keep(
                me, batch[half:], kept, refused
            )
        kept += batch
        return new

    def _leave_out(self, number: int, problem: str) -> None:
        self.counts.refused += 1
        self._refuse(number, problem)


def _key(batch: list[Line]) -> str:
    """Return the idempotency key of some lines of a file."""
    lines = json.dumps([(line.number, line.item) for line in batch], sort_keys=True)
    return f"import {sha256(lines.encode()).hexdigest()}"


def reason(error: psycopg.Error) -> str:
    """Return in one line why something is left out."""
    said = str(error).splitlines()[0]
    # PostgreSQL's own errors have whole rows in it.
    detail = error.detail if isinstance(error, MemoriesError) else None
    return f"{said} [{error.sqlstate}]" + (f": {detail}" if detail else "")
