"""Write the archive of a partition, once every entry of it was compared with the chain."""

from __future__ import annotations

import contextlib
import heapq
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from memoriesdb.ledger.archive import Archives, Opening, partition_range
from memoriesdb.ledger.blocks import Found, trusted_leaves
from memoriesdb.ledger.chain import Chain
from memoriesdb.ledger.encoding import Entry, Header, entry_as_json
from memoriesdb.ledger.errors import (
    ContradictionError,
    InputError,
    LedgerError,
    refuse_existing,
)
from memoriesdb.ledger.keeping import sync_directory
from memoriesdb.ledger.merkle import leaf_hash
from memoriesdb.ledger.report import Report
from memoriesdb.ledger.tables import FIRST_BLOCK_OF, HEAD, PARTITION_COUNT, Tables


@dataclass(frozen=True)
class Written:
    """An archive as it lies on the disk, under a name for the time being."""

    partition_no: int
    entries: int
    blocks: int
    sha256: bytes
    fresh: Path
    path: Path

    def keep(self) -> None:
        """Give it its name."""
        refuse_existing(self.path)
        self.fresh.rename(self.path)
        sync_directory(self.path)


class Archiving:
    """One partition on its way into a file."""

    def __init__(self, tables: Tables, partition_no: int, archives: Archives) -> None:
        self._tables = tables
        self._partition_no = partition_no
        self._first, self._last = partition_range(partition_no)
        self._archives = archives
        self._report = Report()
        self._entries = self._blocks = 0

    @contextlib.contextmanager
    def written(self, path: Path) -> Iterator[Written]:
        """Write the file, safe on the disk, for the caller to have the partition detached.

        It has its name once the caller says so, and else is gone in the end. Nobody but its owner
        reads it.
        """
        self._tables.check_rights()
        self._refuse_archived()
        refuse_existing(path)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:
                hashed = self._write(file)
                file.flush()
                os.fsync(descriptor)
            counts = self._partition_no, self._entries, self._blocks
            yield Written(*counts, hashed, fresh, path)
        finally:
            fresh.unlink(missing_ok=True)

    def _refuse_archived(self) -> None:
        for row in self._archives.records.rows:
            if row.partition_no == self._partition_no and not row.is_attached:
                raise InputError(
                    f"partition {row.partition_no} was archived at {row.archived_at}, in a file "
                    f"with the SHA-256 {row.file_sha256.hex()}",
                    "look for that file, with sha256sum: `memoriesdb ledger verify --archive FILE` "
                    "takes it.",
                )

    def _write(self, file: IO[bytes]) -> bytes:
        hashing = sha256()
        for content in self._lines():
            line = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
            hashing.update(line)
            file.write(line)
        return hashing.digest()

    def _lines(self) -> Iterator[Any]:
        yield Opening(self._partition_no, self._first, self._last).as_json()
        for header in self._headers():
            yield from self._entries_of(header)
        inside = self._tables.one(PARTITION_COUNT, first=self._first, last=self._last)
        if inside != self._entries:
            raise LedgerError(
                f"of {inside} entries of partition {self._partition_no} only {self._entries} are "
                "sealed",
                "wait for the sealing worker; `memoriesdb ledger verify` names what is not.",
            )
        if not inside:
            raise InputError(
                f"there are no entries of partition {self._partition_no}",
                "see which partitions audit_log has: \\d+ memoriesdb.audit_log in psql.",
            )
        yield {"end": {"blocks": self._blocks, "entries": self._entries}}

    def _headers(self) -> Iterator[Header]:
        """Give the blocks that may hold entries of it; all after them must follow in the chain."""
        found = self._tables.rows(FIRST_BLOCK_OF, first=self._first, last=self._last)
        first = found[0] if found and found[0] is not None else 1
        self._ends = self._tables.ends(first - 1)
        chain = Chain(self._report, first=first, ends=dict(self._ends))
        for header in self._tables.headers(first - 1, self._tables.one(HEAD).block_no):
            chain.follow(header)
            if self._report.first is not None:
                raise _tampered(self._report)
            if header.low_audit_id <= self._last and self._first <= header.high_audit_id:
                yield header
            self._ends[header.incarnation] = header.end

    def _entries_of(self, header: Header) -> list[Any]:
        """Return the lines of a block: its header, and its entries that are in the partition."""
        streams = [self._tables.entries([header], self._ends.get(header.incarnation))]
        streams += self._archives.entries([header])
        found, entries = Found(), list[Entry]()
        for _, entry in heapq.merge(*streams):
            found.add(entry)
            entries.append(entry)
        leaves = found.leaves
        if not found.matches(header):
            leaves = self._rest(header, found)
        inside = [e for e in entries if self._first <= e.audit_id <= self._last]
        if not inside:
            return []
        own = {leaf_hash(entry.encoding) for entry in inside}
        elsewhere = [[i, leaf.hex()] for i, leaf in enumerate(leaves) if leaf not in own]
        if len(elsewhere) + len(inside) != header.entry_count:
            raise _differs(header)
        self._entries += len(inside)
        self._blocks += 1
        lines: list[Any] = [{"block": header.as_json(), "elsewhere": elsewhere}]
        return lines + [list(entry_as_json(entry.encoding).values()) for entry in inside]

    def _rest(self, header: Header, found: Found) -> list[bytes]:
        """Return the leaves of a block of which a part was archived before."""
        hints = self._tables.leaves(header.block_no)
        leaves = trusted_leaves(header, hints) if self._archives.share(header) else None
        places = iter(leaves or ())
        if leaves is None or not all(leaf in places for leaf in found.leaves):
            raise _differs(header)
        return leaves


def _differs(header: Header) -> LedgerError:
    return ContradictionError(
        f"block {header.block_no} does not hold what was sealed in it",
        "nothing was archived; `memoriesdb ledger verify` names the entries that differ.",
    )


def _tampered(report: Report) -> LedgerError:
    return ContradictionError(
        str(report.first), "nothing was archived; `memoriesdb ledger verify` says all that differs."
    )
