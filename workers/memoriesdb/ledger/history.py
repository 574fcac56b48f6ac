"""Compare the chain with the digests that were kept of it."""

from __future__ import annotations

from collections.abc import Iterable

from memoriesdb.ledger.digest import Kept
from memoriesdb.ledger.encoding import Header, format_timestamp
from memoriesdb.ledger.errors import FormatError
from memoriesdb.ledger.report import Problem, Report


class History:
    """Former digests, each of which the chain must still pass through."""

    def __init__(self, kept: Iterable[Kept], report: Report, public_key: bytes | None) -> None:
        self._report = report
        self._waiting: dict[int, list[Kept]] = {}
        self._agreed_upto = 0
        for each in kept:
            problem = each.signature_problem(public_key)
            if problem is not None:
                report.add(Problem("a kept digest is not to be trusted", self._name(each, problem)))
            elif each.digest.block_no == 0:
                report.digests_agreed += 1
            else:
                self._waiting.setdefault(each.digest.block_no, []).append(each)

    def passes(self, header: Header, entries: int) -> None:
        """Compare a block, and how many entries are sealed with it, with the digests of it."""
        for each in self._waiting.pop(header.block_no, ()):
            different = self._differs(each, header, entries)
            if different is None:
                self._report.digests_agreed += 1
                self._agreed_upto = header.block_no
                continue
            since = f"after block {self._agreed_upto}" if self._agreed_upto else "from the start on"
            self._report.add(
                Problem(
                    "the chain is not the one that a digest was kept of: it was rewritten",
                    self._name(each, f"{different}; the history differs {since}"),
                    block_no=header.block_no,
                )
            )

    def ends(self, last_block_no: int) -> None:
        """Name the digests of blocks that are not there any more."""
        for block_no in sorted(self._waiting):
            for each in self._waiting[block_no]:
                self._report.add(
                    Problem(
                        "blocks are missing of which a digest was kept",
                        self._name(each, f"the ledger ends at block {last_block_no}"),
                        block_no=min(block_no, last_block_no + 1),
                    )
                )

    def _differs(self, kept: Kept, header: Header, entries: int) -> str | None:
        digest = kept.digest
        try:
            sealed_at = format_timestamp(header.sealed_at)
        except FormatError as error:
            sealed_at = error.message
        for what, was, now in (
            ("hash", digest.block_hash.hex(), header.hash.hex()),
            ("former hash", digest.previous_hash.hex(), header.previous_hash.hex()),
            ("number of entries", digest.entries, entries),
            ("incarnation", digest.incarnation, header.incarnation),
            ("time", digest.sealed_at, sealed_at),
        ):
            if was != now:
                return f"the {what} was {was} and is {now}"
        return None

    @staticmethod
    def _name(kept: Kept, what: str) -> str:
        line = f"line {kept.line}" if kept.line is not None else "the last line"
        return f"{line}, of block {kept.digest.block_no}: {what}"
