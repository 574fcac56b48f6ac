"""Compute the whole ledger anew from bytes, and compare it with itself and with kept digests."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence

from memoriesdb.ledger.archive import Archives
from memoriesdb.ledger.blocks import (
    Found,
    Keyed,
    bounds_problem,
    name_differences,
    read_blocks,
    trusted_leaves,
)
from memoriesdb.ledger.chain import FIRST, Chain
from memoriesdb.ledger.digest import Digest, Kept
from memoriesdb.ledger.encoding import Header
from memoriesdb.ledger.errors import (
    ContradictionError,
    FormatError,
    LedgerError,
    read_from_tables,
)
from memoriesdb.ledger.history import History
from memoriesdb.ledger.payloads import Payloads
from memoriesdb.ledger.records import Records
from memoriesdb.ledger.report import Problem, Report
from memoriesdb.ledger.tables import ARCHIVES, ENTRIES_BEFORE, HEAD, IMPOSSIBLE, STRAYS, Tables

# Entries of one query: small blocks are read together, so that a query pays.
_SPAN_ENTRIES = 65_536

# Called with how many entries are done and how many there are.
Progress = Callable[[int, int], None]


class Verifier:
    """One verification. It reads tables only, and holds one block in memory at a time."""

    def __init__(
        self,
        tables: Tables,
        *,
        kept: Sequence[Kept] = (),
        public_key: bytes | None = None,
        archives: Archives | None = None,
        progress: Progress = lambda done, total: None,
    ) -> None:
        self.report = Report()
        self._tables = tables
        self._rights = tables.check_rights()
        self._archives = archives or Archives(Records(tables))
        self._history = History(kept, self.report, public_key)
        self._chain = Chain(self.report)
        self._progress = progress
        self._is_whole_ledger = True
        self._seen = 0
        self._total = 0

    def run(self) -> Report:
        """Verify everything."""
        self._archives.check_files(self.report)
        self._walk(after=-(2**63))
        self._count()
        self._archives.check_counts(self.report)
        if self._rights.reads_payloads:
            Payloads(self._tables, self._archives, self.report).check()
        else:
            self.report.payloads_unchecked = self.report.entries + self.report.unsealed
            self.report.notes.append(
                f"this login may not read payloads: those of {self.report.payloads_unchecked} "
                "entries were not compared"
            )
        report = self._finish()
        if report.is_intact:
            self._archives.check_origin()
        return report

    def run_since(self, digest: Digest) -> Report:
        """Verify from the block of a digest on: that block must be there, and all after it."""
        self._is_whole_ledger = False
        before = digest.block_no - 1
        header = self._tables.header(digest.block_no) if digest.block_no else None
        self._chain = Chain(
            self.report,
            first=digest.block_no or FIRST,
            ends=self._tables.ends(before),
            entries=digest.entries - (header.entry_count if header else 0),
        )
        self._walk(after=before)
        return self._finish()

    def _walk(self, after: int) -> None:
        """Go through the blocks; a row that cannot be read ends it."""
        head = self._tables.one(HEAD)
        self._total = int(head.entries)
        try:
            for span in self._spans(self._tables.headers(after, head.block_no)):
                self._check_span(span)
        except FormatError as error:
            problem = Problem(f"cannot be read: {error.message}", block_no=self._chain.next_no)
            self.report.add(problem)
        last = self._chain.last
        # From a digest on whose block is not there, no block was read.
        ends_at = last.block_no if last else 0 if self._is_whole_ledger else head.block_no
        self._history.ends(ends_at)
        self.report.head = self._head(last)

    def _spans(self, headers: Iterable[Header]) -> Iterator[list[Header]]:
        """Put blocks together whose entries are read by one query."""
        span: list[Header] = []
        count = 0
        for header in headers:
            if span and (
                header.incarnation != span[-1].incarnation
                or count + header.entry_count > _SPAN_ENTRIES
                or header.end <= span[-1].end
            ):
                yield span
                span, count = [], 0
            span.append(header)
            count += header.entry_count
        if span:
            yield span

    def _check_span(self, span: Sequence[Header]) -> None:
        start = self._chain.ends.get(span[0].incarnation)
        streams = [self._from_tables(span, start)]
        streams += self._archives.entries(span)
        differing = []
        for header, found in read_blocks(heapq.merge(*streams), span):
            self._chain.follow(header)
            self._history.passes(header, self._chain.entries)
            if not self._is_whole(header, found):
                differing.append((header, found))
            self.report.blocks += 1
            self._progress(self._chain.entries, self._total)
        # Only now: while entries stream in, the connection takes no other query.
        for header, found in differing:
            self._judge(header, found)

    def _from_tables(
        self, span: Sequence[Header], start: tuple[int, int] | None
    ) -> Iterator[Keyed]:
        for keyed in self._tables.entries(span, start):
            self._seen += 1
            yield keyed

    def _is_whole(self, header: Header, found: Found) -> bool:
        """Compare a block's entries with its root."""
        if not found.matches(header):
            return False
        self._passes(found)
        problem = bounds_problem(header, found)
        if problem is not None:
            self.report.add(problem)
        return True

    def _passes(self, found: Found) -> None:
        """Count entries that are as they were sealed, and believe what they say of archives."""
        self.report.entries += found.tree.count
        self._archives.records.pass_by(found.archivings, self.report)

    def _judge(self, header: Header, found: Found) -> None:
        """Say what is wrong with a block, unless just what was archived of it is missing."""
        share = self._archives.share(header)
        if not share or found.tree.count != header.entry_count - share:
            self._differs(header, found)
            return
        if found.tree.count:
            sealed = trusted_leaves(header, self._hints(header.block_no))
            places = iter(sealed or ())
            ends_are_here = all(
                audit_id in found.audit_ids or self._archives.holds(audit_id)
                for audit_id in (header.low_audit_id, header.high_audit_id)
            )
            # Each must be among what was sealed, in the same order.
            if not ends_are_here or not (sealed is None or all(x in places for x in found.leaves)):
                self._differs(header, found)
                return
            if sealed is not None:
                self._passes(found)
            else:
                self.report.unproven.append(
                    f"block {header.block_no} is partly archived, and its leaf hashes are not "
                    f"here: give the archive; {found.tree.count} entries were not compared"
                )
        self._archives.missing += share
        self.report.archived_unchecked += share

    def _differs(self, header: Header, found: Found) -> None:
        for problem in name_differences(header, found, self._hints(header.block_no)):
            self.report.add(problem)

    def _hints(self, block_no: int) -> bytes | None:
        return self._tables.leaves(block_no) if self._rights.reads_leaves else None

    def _count(self) -> None:
        """Find entries within the sealed ranges that no block holds."""
        counts = self._tables.counts(self._chain.ends)
        self.report.unsealed = counts.unsealed
        self.report.oldest_unsealed_at = counts.oldest_unsealed_at
        self.report.lag_seconds = counts.lag_seconds
        for entry in self._tables.rows(IMPOSSIBLE):
            problem = Problem(
                "the entry can never be sealed: no transaction wrote it",
                entry.reason,
                audit_id=entry.audit_id,
            )
            self.report.add(problem)
        left_out = counts.sealed - self._seen
        if left_out <= 0:
            return
        strays = self._tables.rows(STRAYS)
        for stray in strays:
            self.report.add(
                Problem(
                    "the entry was not sealed: it was inserted",
                    "its transaction lies in the block's range, its number outside of it",
                    stray.block_no,
                    stray.audit_id,
                )
            )
        if not strays:
            problem = Problem(f"{left_out} entries lie in sealed ranges, and in no block")
            self.report.add(problem)

    def _head(self, last: Header | None) -> Digest | None:
        try:
            return Digest.of(last, self._chain.entries)
        except FormatError as error:
            problem = Problem(
                f"the time is none: {error.message}", block_no=self._chain.next_no - 1
            )
            self.report.add(problem)
            return None

    def _finish(self) -> Report:
        if self._is_whole_ledger or self._archives.missing:
            self._archives.records.confirm(self.report, self._archives.absent)
        # What went into an archive while this ran looks as if it had been removed.
        meanwhile = len(self._tables.rows(ARCHIVES)) != len(self._archives.records.rows)
        if meanwhile and not self.report.is_intact:
            raise LedgerError("a partition was archived meanwhile", "verify again.")
        self.report.problems.sort(key=lambda problem: problem.place)
        return self.report


def continue_from(
    tables: Tables, kept: Kept | None, archives: Archives | None = None
) -> tuple[Digest, Report]:
    """Return the head of the ledger and what was compared, once all since a digest is verified.

    Raises ContradictionError where something differs. Without a digest everything is verified. The
    report may be incomplete: what is in archives that were not given was not compared.
    """
    verifier = Verifier(tables, kept=[kept] if kept else [], archives=archives)
    report = verifier.run_since(kept.digest) if kept else verifier.run()
    return _untampered(report), report


def read_head(tables: Tables, kept: Kept | None) -> Digest:
    """Return the head of the ledger, once the blocks since a kept digest follow from it.

    Only headers are read: that takes no time, and says nothing about the entries.
    """
    report = Report()
    first = kept.digest.block_no if kept and kept.digest.block_no else FIRST
    before = tables.one(ENTRIES_BEFORE, block_no=first)
    chain = Chain(report, first=first, ends=tables.ends(first - 1), entries=int(before))
    history = History([kept] if kept else [], report, None)
    head = tables.one(HEAD)
    with read_from_tables():
        for header in tables.headers(first - 1, head.block_no):
            chain.follow(header)
            history.passes(header, chain.entries)
        history.ends(chain.last.block_no if chain.last else head.block_no)
        report.head = Digest.of(chain.last, chain.entries)
    return _untampered(report)


def _untampered(report: Report) -> Digest:
    if report.first is not None or report.head is None:
        raise ContradictionError(
            f"the ledger is not intact: {report.first}",
            "keep the digests safe; `memoriesdb ledger verify --digest FILE` says what differs.",
        )
    return report.head
