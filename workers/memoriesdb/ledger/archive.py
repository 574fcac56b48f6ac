"""Archives: the entries of a partition in a file of JSON lines, with what proves them.

The first line says which partition; then come, for each block with entries of it, the block's
header with the leaf hashes of its other entries, and its entries, one a line; the last line counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from memoriesdb.ledger.blocks import Keyed
from memoriesdb.ledger.encoding import Entry, Header, entry_from_values, exactly, parse_json
from memoriesdb.ledger.errors import FormatError, LedgerError
from memoriesdb.ledger.report import Problem, Report
from memoriesdb.ledger.tables import Archived

VERSION = 1
PARTITION_ENTRIES = 1_000_000


def partition_range(partition_no: int) -> tuple[int, int]:
    """Return the first and the last audit_id of a partition."""
    first = partition_no * PARTITION_ENTRIES
    return first, first + PARTITION_ENTRIES - 1


@dataclass(frozen=True)
class Opening:
    """The first line."""

    partition_no: int
    first_audit_id: int
    last_audit_id: int

    def as_json(self) -> dict[str, Any]:
        """Return it as the file holds it."""
        return {"archive": {"version": VERSION, **vars(self)}}


class ArchiveFile:
    """An archive that is read once, from the beginning to the end, as the blocks are verified."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb")
        try:
            self.opening = self._read_opening()
            self._entries = self._read()
            self._ahead = next(self._entries, None)
        except BaseException:
            self._file.close()
            raise

    def sha256(self) -> bytes:
        """Return the hash of the whole file."""
        with self.path.open("rb") as file:
            return file_digest(file, "sha256").digest()

    def take(self, first: int, last: int) -> Iterator[Keyed]:
        """Give its entries of these blocks, and leave out those of blocks before."""
        while self._ahead is not None and self._ahead[0] <= last:
            block_no, entry = self._ahead
            self._ahead = next(self._entries, None)
            if block_no >= first:
                yield entry.key, entry

    def block_of(self, audit_id: int) -> int | None:
        """Return the block of an entry, by reading the whole file once more."""
        with contextlib.closing(ArchiveFile(self.path)) as again:
            ahead = again._ahead
            found = [ahead[0]] if ahead and ahead[1].audit_id == audit_id else []
            found += [no for no, entry in again._entries if entry.audit_id == audit_id]
        return found[0] if found else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read_opening(self) -> Opening:
        content = exactly(
            self._parse(self._file.readline()), ["archive"], "an archive's first line"
        )
        names = ["version", "partition_no", "first_audit_id", "last_audit_id"]
        given = exactly(content["archive"], names, "an archive's first line")
        numbers = [given[name] for name in names]
        if numbers[0] != VERSION or not all(type(number) is int for number in numbers):
            raise FormatError(f"{self.path} is an archive of an unknown version")
        return Opening(*numbers[1:])

    def _read(self) -> Iterator[tuple[int, Entry]]:
        block_no = None
        blocks = entries = 0
        for line in self._file:
            content = self._parse(line)
            if isinstance(content, list):
                if block_no is None:
                    raise FormatError(f"{self.path} has an entry before any block")
                entries += 1
                yield block_no, self._entry(content)
            elif isinstance(content, dict) and "end" in content:
                counted = {"blocks": blocks, "entries": entries}
                if content["end"] != counted or self._file.readline():
                    raise FormatError(f"{self.path} is not whole: it counts {content['end']}")
                return
            else:
                given = exactly(content, ["block", "elsewhere"], "an archive's line of a block")
                header = Header.from_json(given["block"])
                if block_no is not None and header.block_no <= block_no:
                    raise FormatError(f"the blocks of {self.path} are not in their order")
                block_no, blocks = header.block_no, blocks + 1
        raise FormatError(f"{self.path} is not whole: its last line is missing")

    def _entry(self, values: list[Any]) -> Entry:
        entry = entry_from_values(values)
        if not self.opening.first_audit_id <= entry.audit_id <= self.opening.last_audit_id:
            raise FormatError(f"{self.path} holds entry {entry.audit_id} of another partition")
        return entry

    def _parse(self, line: bytes) -> object:
        return parse_json(line, f"a line of {self.path}")


class Archives:
    """What was archived, and the files that were given of it."""

    def __init__(self, recorded: Sequence[Archived], files: Sequence[ArchiveFile]) -> None:
        self._recorded = {each.partition_no: each for each in recorded}
        self.files = list(files)
        given = {file.opening.partition_no for file in files}
        self.absent = [each for each in recorded if each.partition_no not in given]
        # Of partitions that are in no file: how many entries the blocks miss, and archives hold.
        self.missing = 0

    def check_files(self, report: Report) -> None:
        """Compare each file with what was recorded of it when its partition was detached."""
        for file in list(self.files):
            number = file.opening.partition_no
            recorded = self._recorded.get(number)
            if recorded is None:
                raise LedgerError(
                    f"{file.path} is of partition {number}, which is not archived here",
                    "name the database that it was archived from.",
                )
            if file.sha256() != recorded.file_sha256:
                report.add(Problem("the archive is not the one that was recorded", str(file.path)))

    def entries(self, first: int, last: int) -> list[Iterator[Keyed]]:
        """Give the archived entries of these blocks, each file's in order."""
        return [file.take(first, last) for file in self.files]

    def find(self, audit_id: int) -> int | None:
        """Return the block of an entry that is in one of the files."""
        for file in self.files:
            if file.opening.first_audit_id <= audit_id <= file.opening.last_audit_id:
                return file.block_of(audit_id)
        return None

    def may_hold(self, header: Header) -> bool:
        """Whether entries of this block may be in an archive that was not given."""
        return any(
            each.first_audit_id <= header.high_audit_id
            and header.low_audit_id <= each.last_audit_id
            for each in self.absent
        )

    def holds(self, audit_id: int) -> bool:
        """Whether this entry is in an archive that was not given."""
        return any(each.first_audit_id <= audit_id <= each.last_audit_id for each in self.absent)

    def check_counts(self, report: Report) -> None:
        """Compare how many entries are not here with how many were archived."""
        archived = sum(each.entry_count for each in self.absent)
        if self.missing != archived:
            report.add(
                Problem(
                    "the entries that are missing are not those that were archived",
                    f"{self.missing} are not here, {archived} were archived",
                )
            )

    def close(self) -> None:
        """Close the files."""
        for file in self.files:
            file.close()
