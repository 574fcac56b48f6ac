"""Archives: the entries of a partition in a file of JSON lines, with what proves them.

The first line says which partition; then come, for each block with entries of it, the block's
header with the leaf hashes of its other entries, and its entries, one a line; the last line counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from memoriesdb.ledger.blocks import Keyed
from memoriesdb.ledger.encoding import Entry, Header, entry_from_values, exactly, parse_json
from memoriesdb.ledger.errors import FormatError
from memoriesdb.ledger.records import Records
from memoriesdb.ledger.report import Problem, Report

VERSION = 1
PARTITION_ENTRIES = 1_000_000
_BEGINNING = b'{"archive":'


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

    def overlaps(self, header: Header) -> bool:
        """Whether a block may have entries of the partition."""
        return (
            header.low_audit_id <= self.last_audit_id
            and self.first_audit_id <= header.high_audit_id
        )

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
            self._left_out = 0
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
            else:
                self._left_out += 1

    @property
    def is_used_up(self) -> bool:
        """Whether all its entries were taken."""
        return self._ahead is None and self._left_out == 0

    def again(self) -> Iterator[Entry]:
        """Give all its entries, by reading the whole file once more."""
        with contextlib.closing(ArchiveFile(self.path)) as file:
            if file._ahead is not None:
                yield file._ahead[1]
            yield from (entry for _, entry in file._entries)

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
        if tuple(numbers[2:]) != partition_range(numbers[1]):
            raise FormatError(f"{self.path} names no partition: {given}")
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


def archives_in(paths: Iterable[Path], *, may_be_none: bool = False) -> Iterator[Path]:
    """Give the files among these paths, and the archives in those that are directories.

    Raises FormatError where a directory holds none, unless there ``may_be_none`` yet.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = [each for each in sorted(path.iterdir()) if _is_archive(each)]
        if not found and not may_be_none:
            raise FormatError(f"{path} holds no archive", "name the directory that they are in.")
        yield from found


def _is_archive(path: Path) -> bool:
    """Whether a file begins as an archive does; one that is being written has a hidden name."""
    if path.name.startswith(".") or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING


class Archives:
    """What was archived, by the records of it, and the files that were given."""

    def __init__(self, records: Records, files: Sequence[ArchiveFile] = ()) -> None:
        self.records = records
        self._given = list(files)
        by_number = {row.partition_no: row for row in records.rows}
        self._recorded = [(file, by_number.get(file.opening.partition_no)) for file in files]
        # What is in the table is read from there.
        self.files = [
            file for file, row in self._recorded if row is not None and not row.is_attached
        ]
        self.files.sort(key=lambda file: file.opening.partition_no)
        given = {file.opening.partition_no for file in self.files}
        self.absent = [row for row in records.claims if row.partition_no not in given]
        # Of partitions that are in no file: how many entries the blocks miss, and archives hold.
        self.missing = 0

    def check_files(self, report: Report) -> None:
        """Compare each file with what was recorded of it when its partition was detached."""
        for file, row in self._recorded:
            if row is not None and file.sha256() != row.file_sha256:
                report.add(Problem("the archive is not the one that was recorded", str(file.path)))

    def entries(self, blocks: Sequence[Header]) -> list[Iterator[Keyed]]:
        """Give the archived entries of successive blocks, each file's in order.

        A file is not read before a block that may have entries of it.
        """
        first, last = blocks[0].block_no, blocks[-1].block_no
        return [
            file.take(first, last)
            for file in self.files
            if any(file.opening.overlaps(block) for block in blocks)
        ]

    def find(self, audit_id: int) -> int | None:
        """Return the block of an entry that is in one of the files."""
        for file in self.files:
            if file.opening.first_audit_id <= audit_id <= file.opening.last_audit_id:
                return file.block_of(audit_id)
        return None

    def share(self, header: Header) -> int:
        """How many entries of this block are in archives that were not given."""
        return sum(each.share(header) for each in self.absent)

    def holds(self, audit_id: int) -> bool:
        """Whether this entry is in an archive that was not given."""
        return any(each.first_audit_id <= audit_id <= each.last_audit_id for each in self.absent)

    def check_counts(self, report: Report) -> None:
        """Compare what is not here, and what the files hold, with what was archived."""
        archived = sum(each.entry_count for each in self.absent)
        if self.missing != archived:
            report.add(
                Problem(
                    "the entries that are missing are not those that were archived",
                    f"{self.missing} are not here, {archived} were archived",
                )
            )
        for file in self.files:
            if not file.is_used_up:
                problem = "the archive holds entries of blocks that are not in the ledger"
                report.add(Problem(problem, str(file.path)))

    def check_origin(self) -> None:
        """Raise where a file is of a partition that was not archived here."""
        for file, row in self._recorded:
            if row is None:
                raise FormatError(
                    f"{file.path} is of partition {file.opening.partition_no}, which is not "
                    "archived here",
                    "name the database that it was archived from.",
                )

    def close(self) -> None:
        """Close the files."""
        for file in self._given:
            file.close()
