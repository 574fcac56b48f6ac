"""Compare the payloads of entries with the commitments that were sealed."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterable
from hashlib import sha256

from memoriesdb.ledger.report import Problem, Report
from memoriesdb.ledger.tables import Payload

_TAG = b"memoriesdb.payload.v1\x00"
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


def check_payloads(payloads: Iterable[Payload], report: Report) -> None:
    """Compare every payload; one that is missing must be named by the receipt of an erasure."""
    missing, erased, checked = Ranges(), Ranges(), 0
    for payload in payloads:
        if payload.parts is None or payload.salt is None:
            missing.add(payload.audit_id)
            continue
        checked += 1
        if commitment_of(payload.salt, payload.parts) != payload.commitment:
            problem = Problem("the payload of the entry was changed", audit_id=payload.audit_id)
            report.add(problem)
        elif payload.is_erasure:
            erased.add_multirange(_receipt(payload))
        if not payload.is_of_entry:
            problem = Problem("the payload has another owner or row", audit_id=payload.audit_id)
            report.add(problem)
    unexplained = missing.without(erased)
    for audit_id in unexplained:
        problem = Problem(
            "the payload of the entry is missing", "no receipt of an erasure names it",
            audit_id=audit_id,
        )  # fmt: skip
        report.add(problem)
    report.payloads_checked = checked
    report.payloads_erased = len(missing) - len(unexplained)


def _receipt(payload: Payload) -> str:
    """Return which payloads an erasure says it removed; its own was compared before."""
    after = payload.parts[1] if payload.parts else None
    try:
        content = json.loads(after or b"{}")
    except ValueError:
        return ""
    ids = content.get("audit_ids") if isinstance(content, dict) else None
    return ids if isinstance(ids, str) else ""
