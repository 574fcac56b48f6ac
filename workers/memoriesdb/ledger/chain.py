"""The chain of block headers: each must follow from the one before."""

from __future__ import annotations

from memoriesdb.ledger.encoding import GENESIS, Header
from memoriesdb.ledger.merkle import block_hash
from memoriesdb.ledger.report import Problem, Report

FIRST = 1


class Chain:
    """Checks headers one after the other, and keeps what the next one must follow.

    It begins at the first block, or (``first``) at one whose hash is compared with a digest.
    """

    def __init__(
        self,
        report: Report,
        *,
        first: int = FIRST,
        ends: dict[int, tuple[int, int]] | None = None,
        entries: int = 0,
    ) -> None:
        self.ends = ends or {}
        self.entries = entries
        self.last: Header | None = None
        self._report = report
        self._first = first

    @property
    def next_no(self) -> int:
        """The number that the next block must have."""
        return self._first if self.last is None else self.last.block_no + 1

    def follow(self, header: Header) -> None:
        """Check a header against the one before, and go on from it whatever it says."""
        for problem, detail in self._problems(header):
            self._report.add(Problem(problem, detail, block_no=header.block_no))
        end = self.ends.get(header.incarnation)
        self.ends[header.incarnation] = header.end if end is None else max(end, header.end)
        self.entries += header.entry_count
        self.last = header

    def _problems(self, header: Header) -> list[tuple[str, str]]:
        last, found = self.last, []
        if header.block_no != self.next_no:
            if header.block_no > self.next_no:
                self._report.add(Problem("the block is missing", block_no=self.next_no))
            else:
                found.append(("the number of the block is there twice", ""))
        actual = block_hash(header)
        if actual != header.hash:
            found.append(
                ("the block was changed", f"its hash is {actual.hex()}, its row says otherwise")
            )
        previous = GENESIS if last is None else last.hash
        if (last is not None or self._first == FIRST) and header.previous_hash != previous:
            found.append(
                (
                    "the block does not follow from the one before",
                    f"it follows {header.previous_hash.hex()}, and that is {previous.hex()}",
                )
            )
        if last is not None and header.sealed_at < last.sealed_at:
            found.append(("the block was sealed before the one before", "by its time"))
        end = self.ends.get(header.incarnation)
        if end is not None and header.end <= end:
            found.append(("the range of the block does not follow the one before", ""))
        return found
