"""Read the tables of the ledger: bytes as they come, row by row, and no word of a function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from struct import Struct
from typing import Any, NamedTuple, TypeVar

import psycopg

from memoriesdb.ledger.encoding import BLOCK_FIELDS, Entry, Header, split_fields
from memoriesdb.ledger.errors import FormatError, LedgerError
from memoriesdb.queries.loader import Query, load

Connection = psycopg.Connection[Any]
Row = TypeVar("Row")
# Incarnation → key of the last entry of its last block.
Ends = Mapping[int, tuple[int, int]]

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
_HEAD_BYTES = 19
_COUNT = Struct(">h")
_ENTRY = Struct(">hiqiQ")
_ENTRY_COLUMNS = 16
_TRAILER = -1


@dataclass(frozen=True)
class Head:
    """How far the ledger goes, by what its blocks say."""

    block_no: int
    entries: Decimal


@dataclass(frozen=True)
class End:
    """Where the blocks of an incarnation end."""

    incarnation: int
    last_xid: str
    last_audit_id: int


@dataclass(frozen=True)
class Archived:
    """A partition of audit_log whose entries are in a file."""

    partition_no: int
    first_audit_id: int
    last_audit_id: int
    entry_count: int
    boundary_blocks: Any
    file_sha256: bytes
    archived_at: str
    is_attached: bool

    def share(self, header: Header) -> int:
        """How many entries of a block were in it."""
        if header.high_audit_id < self.first_audit_id or self.last_audit_id < header.low_audit_id:
            return 0
        if (
            self.first_audit_id <= header.low_audit_id
            and header.high_audit_id <= self.last_audit_id
        ):
            return header.entry_count
        counts = self.boundary_blocks if isinstance(self.boundary_blocks, dict) else {}
        count = counts.get(str(header.block_no), 0)
        return count if isinstance(count, int) else 0


@dataclass(frozen=True)
class Counts:
    """Entries within the sealed ranges, and after them."""

    sealed: int
    unsealed: int
    oldest_unsealed_at: str | None
    lag_seconds: float


@dataclass(frozen=True)
class Stray:
    """An entry within a block's range and outside of its bounds."""

    audit_id: int
    block_no: int


@dataclass(frozen=True)
class Impossible:
    """An entry that no transaction can have written."""

    audit_id: int
    reason: str


@dataclass(frozen=True)
class Rights:
    """What the login may read, the leaf hashes that the sealer keeps included."""

    has_auditors: bool
    reads_entries: bool
    reads_payloads: bool
    reads_leaves: bool


class Payload(NamedTuple):
    """An entry's commitment and the payload that it is to; ``fields`` is None without one."""

    audit_id: int
    commitment: bytes
    is_erasure: bool
    salt: bytes | None
    parts: tuple[bytes | None, ...] | None
    is_of_entry: bool


class ArchivedPayload(NamedTuple):
    """A payload whose entry is in an archive, and the owner, row and target that it names."""

    audit_id: int
    salt: bytes
    parts: tuple[bytes | None, ...]
    belongs_to: tuple[bytes | None, ...]


ENTRIES: Query[bytes] = load("ledger/entries", bytes)
BLOCKS: Query[bytes] = load("ledger/blocks", bytes)
PAYLOADS: Query[bytes] = load("ledger/payloads", bytes)
ARCHIVED_PAYLOADS: Query[bytes] = load("ledger/archived_payloads", bytes)
PAYLOAD_COUNT: Query[int] = load("ledger/payload_count", int)
PAYLOADS_WITHOUT_ENTRY: Query[int] = load("ledger/payloads_without_entry", int)
HEAD: Query[Head] = load("ledger/head", Head)
ENDS: Query[End] = load("ledger/ends", End)
ARCHIVES: Query[Archived] = load("ledger/archives", Archived)
ARCHIVE_KEYS: Query[str] = load("ledger/archive_keys", str)
COUNTS: Query[Counts] = load("ledger/counts", Counts)
STRAYS: Query[Stray] = load("ledger/strays", Stray)
IMPOSSIBLE: Query[Impossible] = load("ledger/impossible", Impossible)
RIGHTS: Query[Rights] = load("ledger/rights", Rights)
LEAVES: Query[bytes] = load("ledger/leaves", bytes)
CONTAINING_BLOCK: Query[int] = load("ledger/containing_block", int)
FIRST_BLOCK_OF: Query[int | None] = load("ledger/first_block_of", int)
PARTITION_COUNT: Query[int] = load("ledger/partition_count", int)
ENTRIES_BEFORE: Query[Decimal] = load("ledger/entries_before", Decimal)
ENTRY_EXISTS: Query[bool] = load("ledger/entry_exists", bool)


class Tables:
    """The tables of one database. Sealed rows never change, so no snapshot is held over them."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def rows(self, query: Query[Row], **parameters: object) -> list[Row]:
        """Run a small query."""
        with self.db.cursor(row_factory=query.row_factory) as cursor:
            return cursor.execute(query.sql, parameters or None).fetchall()

    def one(self, query: Query[Row], **parameters: object) -> Row:
        """Run a query of one row."""
        (row,) = self.rows(query, **parameters)
        return row

    def check_rights(self) -> Rights:
        """Return what the login may read; raise where it does not see every entry."""
        rights = self.one(RIGHTS)
        if not rights.reads_entries and not rights.has_auditors:
            raise LedgerError(
                "the role memoriesdb_auditor is missing in this cluster",
                "restore the roles (`pg_dumpall --roles-only`) or run `memoriesdb upgrade DSN`; "
                "until then a superuser can verify.",
            )
        if not rights.reads_entries:
            raise LedgerError(
                "this login does not see every entry of the audit log",
                "connect as a member of memoriesdb_auditor: `grant memoriesdb_auditor to …`.",
            )
        return rights

    def headers(self, after: int, upto: int) -> Iterator[Header]:
        """Give the blocks in order of their numbers, some thousand at a time."""
        while True:
            page = [
                Header.from_fields(split_fields(row, len(BLOCK_FIELDS) + 1))
                for row in self._stream(BLOCKS, len(BLOCK_FIELDS) + 1, after=after, upto=upto)
            ]
            if not page:
                return
            yield from page
            after = page[-1].block_no

    def header(self, block_no: int) -> Header | None:
        """Give one block; None where there is none, or more than one, of this number."""
        found = list(self.headers(block_no - 1, block_no))
        return found[0] if len(found) == 1 else None

    def entries(
        self, blocks: Sequence[Header], start: tuple[int, int] | None
    ) -> Iterator[tuple[tuple[int, int], Entry]]:
        """Give the entries of successive blocks of one incarnation, which begin after ``start``."""
        after_xid, after_audit_id = start or (0, -(2**63))
        last_xid, last_audit_id = blocks[-1].end
        rows = self._stream(
            ENTRIES,
            _ENTRY_COLUMNS,
            low=min(block.low_audit_id for block in blocks),
            high=max(block.high_audit_id for block in blocks),
            incarnation=blocks[0].incarnation,
            after_xid=str(after_xid),
            after_audit_id=after_audit_id,
            last_xid=str(last_xid),
            last_audit_id=last_audit_id,
        )
        prefix = _ENTRY.size - _COUNT.size
        unpack = Struct(">iqiQ").unpack_from
        for row in rows:
            _, audit_id, _, xid = unpack(row)
            yield (xid, audit_id), Entry(xid, audit_id, row[prefix:])

    def payloads(self) -> Iterator[Payload]:
        """Give every entry with its payload, in the order of audit_id."""
        after = -(2**63)
        while True:
            audit_id = None
            for row in self._stream(PAYLOADS, 10, after=after):
                fields = split_fields(row, 10)
                audit_id = int.from_bytes(fields[0] or b"", signed=True)
                has_payload = fields[3] is not None
                yield Payload(
                    audit_id,
                    fields[1] or b"",
                    fields[2] == b"ERASE",
                    fields[4],
                    tuple(fields[5:9]) if has_payload else None,
                    fields[9] == b"\x01",
                )
            if audit_id is None:
                return
            after = audit_id

    def archived_payloads(self, first: int, last: int) -> Iterator[ArchivedPayload]:
        """Give the payloads in the range of an archived partition, in the order of audit_id."""
        after, is_over = first - 1, False
        while not is_over:
            is_over = True
            for row in self._stream(ARCHIVED_PAYLOADS, 9, after=after, last=last):
                fields = split_fields(row, 9)
                after, is_over = int.from_bytes(fields[0] or b"", signed=True), False
                yield ArchivedPayload(
                    after, fields[1] or b"", tuple(fields[2:6]), tuple(fields[6:])
                )

    def leaves(self, block_no: int) -> bytes | None:
        """Give the leaf hashes that the sealer kept of a block."""
        found = self.rows(LEAVES, block_no=block_no)
        return found[0] if len(found) == 1 else None

    def ends(self, upto: int) -> dict[int, tuple[int, int]]:
        """Give where the blocks up to this one end, by incarnation."""
        found = self.rows(ENDS, upto=upto)
        return {end.incarnation: (int(end.last_xid), end.last_audit_id) for end in found}

    def counts(self, ends: Ends) -> Counts:
        """Count the entries up to these ends, and after them."""
        return self.one(
            COUNTS,
            incarnations=list(ends),
            xids=[str(xid) for xid, _ in ends.values()],
            audit_ids=[audit_id for _, audit_id in ends.values()],
        )

    def _stream(self, query: Query[bytes], columns: int, **parameters: object) -> Iterator[bytes]:
        """Give the fields of each row of a COPY … (format binary) as they are encoded."""
        with self.db.cursor() as cursor, cursor.copy(query.sql, parameters) as copy:
            is_first = True
            for data in copy:
                row = bytes(data)
                if is_first:
                    is_first = False
                    if not row.startswith(_SIGNATURE):
                        raise FormatError("the server did not answer in the binary format of COPY")
                    row = row[_HEAD_BYTES:]
                    if not row:
                        continue
                (count,) = _COUNT.unpack_from(row)
                if count == _TRAILER:
                    continue
                if count != columns:
                    raise FormatError(f"a row has {count} columns in place of {columns}")
                yield row[2:]
