"""Compare the payloads of entries with the commitments that were sealed."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from memoriesdb.ledger.archive import ArchiveFile, Archives
from memoriesdb.ledger.encoding import (
    ENTRY_FIELDS,
    HASH_BYTES,
    Entry,
    encode_fields,
    split_fields,
)
from memoriesdb.ledger.errors import FormatError
from memoriesdb.ledger.report import Problem, Report
from memoriesdb.ledger.tables import (
    PAYLOAD_COUNT,
    PAYLOADS_WITHOUT_ENTRY,
    ArchivedPayload,
    Payload,
    Tables,
)

_TAG = b"memoriesdb.payload.v1\x00"
_NAMES = [name for name, _ in ENTRY_FIELDS]
_SHORT = 16
_IS_ENTRY, _ERASES, _HAS_PAYLOAD = 1, 3, 4
_CHANGED = "the payload of the entry was changed"
_FOREIGN = "the payload has another owner or row"
_NO_ENTRY = "the payload belongs to no entry"
_NO_RECEIPT = "no receipt of an erasure names it"
_RANGE = re.compile(r"\[(-?\d{1,20}),(-?\d{1,20})\)", re.ASCII)


def commitment_of(salt: bytes, parts: Iterable[bytes | None]) -> bytes:
    """Return the commitment to before, after, application_name and reason, in UTF-8."""
    encoded = (
        b"\x00" if part is None else b"\x01" + len(part).to_bytes(8) + part for part in parts
    )
    return sha256(b"".join([_TAG, salt, *encoded])).digest()


class Ranges:
    """Numbers as ranges [from, upto), grown one by one or taken from a multirange's text."""

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int]] = []

    def add(self, number: int) -> None:
        """Add a number greater than all before."""
        if self.ranges and self.ranges[-1][1] == number:
            self.ranges[-1] = (self.ranges[-1][0], number + 1)
        else:
            self.ranges.append((number, number + 1))

    def add_multirange(self, text: str) -> None:
        """Add the ranges of an int8multirange."""
        self.ranges += [(int(low), int(high)) for low, high in _RANGE.findall(text)]

    def without(self, other: Ranges) -> list[int]:
        """Return the numbers that the other has not; the first hundred."""
        taken = other._merged()
        starts = [low for low, _ in taken]
        left: list[int] = []
        for low, high in self.ranges:
            number = low
            while number < high and len(left) < 100:
                place = bisect.bisect_right(starts, number) - 1
                if place >= 0 and number < taken[place][1]:
                    number = taken[place][1]
                else:
                    left.append(number)
                    number += 1
        return left

    def __len__(self) -> int:
        return sum(high - low for low, high in self.ranges)

    def _merged(self) -> list[tuple[int, int]]:
        merged: list[tuple[int, int]] = []
        for low, high in sorted(self.ranges):
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return merged


class Commitments:
    """What the entries of an archive say of their payloads, by audit_id: 49 bytes each."""

    def __init__(self, file: ArchiveFile) -> None:
        self.first, self.last = file.opening.first_audit_id, file.opening.last_audit_id
        size = self.last - self.first + 1
        self._commitments = bytearray(size * HASH_BYTES)
        self._belongs = bytearray(size * _SHORT)
        self._states = bytearray(size)
        for entry in file.again():
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        fields = dict(zip(_NAMES, split_fields(entry.encoding, len(_NAMES)), strict=True))
        place = entry.audit_id - self.first
        target = _target(fields["row_key"] or b"")
        belongs = _belongs((fields["owner_id"], fields["row_id"], target))
        self._commitments[place * HASH_BYTES : (place + 1) * HASH_BYTES] = (
            fields["commitment"] or b""
        )[:HASH_BYTES].ljust(HASH_BYTES, b"\0")
        self._belongs[place * _SHORT : (place + 1) * _SHORT] = belongs
        self._states[place] = _ERASES if fields["operation"] == b"ERASE" else _IS_ENTRY

    def take(self, payload: ArchivedPayload) -> tuple[bool, bool, bool]:
        """Tell whether its entry is there, whether it fits, and whether it belongs to that."""
        place = payload.audit_id - self.first
        is_entry = self._states[place] != 0
        self._states[place] |= _HAS_PAYLOAD
        commitment = self._commitments[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        return (
            is_entry,
            commitment_of(payload.salt, payload.parts) == commitment,
            _belongs(payload.belongs_to) == self._belongs[place * _SHORT : (place + 1) * _SHORT],
        )

    def erases(self, audit_id: int) -> bool:
        """Whether the entry is that of an erasure."""
        return bool(self._states[audit_id - self.first] & _ERASES == _ERASES)

    def without_payload(self) -> Iterator[int]:
        """Give the entries of which no payload was taken."""
        for place, state in enumerate(self._states):
            if state and not state & _HAS_PAYLOAD:
                yield self.first + place


class Payloads:
    """Compares every payload; one that is missing must be named by the receipt of an erasure."""

    def __init__(self, tables: Tables, archives: Archives, report: Report) -> None:
        self._tables = tables
        self._archives = archives
        self._report = report
        self._missing, self._erased = Ranges(), Ranges()
        self._checked = 0

    def check(self) -> None:
        """Compare the payloads of the log, then those of the archives that were given."""
        for payload in self._tables.payloads():
            self._compare(payload)
        for file in self._archives.files:
            try:
                commitments = Commitments(file)
            except FormatError as error:
                self._report.add(Problem(f"cannot be read: {error.message}"))
            else:
                self._compare_archived(commitments)
        self._find_without_entry()
        unexplained = self._missing.without(self._erased)
        for audit_id in unexplained:
            self._problem(audit_id, "the payload of the entry is missing", _NO_RECEIPT)
        self._report.payloads_checked = self._checked
        self._report.payloads_erased = len(self._missing) - len(unexplained)
        self._count_unchecked()

    def _compare(self, payload: Payload) -> None:
        if payload.parts is None or payload.salt is None:
            self._missing.add(payload.audit_id)
            return
        self._checked += 1
        if commitment_of(payload.salt, payload.parts) != payload.commitment:
            self._problem(payload.audit_id, _CHANGED)
        elif payload.is_erasure:
            self._erased.add_multirange(_receipt(payload.parts))
        if not payload.is_of_entry:
            self._problem(payload.audit_id, _FOREIGN)

    def _compare_archived(self, sealed: Commitments) -> None:
        for payload in self._tables.archived_payloads(sealed.first, sealed.last):
            is_entry, fits, belongs = sealed.take(payload)
            if not is_entry:
                self._problem(payload.audit_id, _NO_ENTRY, "nor in the archive")
                continue
            self._checked += 1
            if not fits:
                self._problem(payload.audit_id, _CHANGED)
            elif sealed.erases(payload.audit_id):
                self._erased.add_multirange(_receipt(payload.parts))
            if not belongs:
                self._problem(payload.audit_id, _FOREIGN)
        for audit_id in sealed.without_payload():
            self._missing.add(audit_id)

    def _find_without_entry(self) -> None:
        archived = [
            (f.opening.first_audit_id, f.opening.last_audit_id) for f in self._archives.files
        ]
        archived += [(each.first_audit_id, each.last_audit_id) for each in self._archives.absent]
        ranges = ",".join(f"[{first},{last}]" for first, last in archived)
        found = self._tables.rows(PAYLOADS_WITHOUT_ENTRY, archived=f"{{{ranges}}}")
        for audit_id in found:
            self._problem(audit_id, _NO_ENTRY)

    def _count_unchecked(self) -> None:
        unchecked = sum(
            self._tables.one(PAYLOAD_COUNT, first=each.first_audit_id, last=each.last_audit_id)
            for each in self._archives.absent
        )
        self._report.payloads_unchecked = unchecked
        if unchecked:
            self._report.notes.append(
                f"{unchecked} payloads are of archived entries and were not compared: their "
                "commitments are in the archives, which were not given"
            )

    def _problem(self, audit_id: int, problem: str, detail: str = "") -> None:
        self._report.add(Problem(problem, detail, audit_id=audit_id))


def _belongs(values: Iterable[bytes | None]) -> bytes:
    return sha256(encode_fields(values)).digest()[:_SHORT]


def _target(row_key: bytes) -> bytes | None:
    """Return what an edge leads to, as ``->>`` gives it."""
    if b"target_id" not in row_key:
        return None
    try:
        content = json.loads(row_key)
    except ValueError:
        return None
    value = content.get("target_id") if isinstance(content, dict) else None
    return value.encode() if isinstance(value, str) else None


def _receipt(parts: Sequence[bytes | None]) -> str:
    """Return which payloads an erasure says it removed; its own was compared before."""
    try:
        content = json.loads(parts[1] or b"{}")
    except ValueError:
        return ""
    ids = content.get("audit_ids") if isinstance(content, dict) else None
    return ids if isinstance(ids, str) else ""
