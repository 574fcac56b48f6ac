"""Read the entries of a block and compare them with what was sealed."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from memoriesdb.ledger.encoding import HASH_BYTES, Entry, Header, encode_fields
from memoriesdb.ledger.merkle import Tree, leaf_hash, root_of
from memoriesdb.ledger.report import Problem

Keyed = tuple[tuple[int, int], Entry]

# What is kept of a block to name its entries; a sealer makes none of more than 65,536.
_KEPT_ENTRIES = 131_072
_NAMED = 20
# As table_name and operation are encoded: no other fields can hold these bytes.
_IS_ARCHIVE = encode_fields([b"ledger_archives", b"ARCHIVE"])


@dataclass
class Found:
    """What a block's range holds: the tree over it, and its leaves to name an entry by."""

    tree: Tree = field(default_factory=Tree)
    audit_ids: array[int] = field(default_factory=lambda: array("q"))
    xids: array[int] = field(default_factory=lambda: array("Q"))
    kept: bytearray = field(default_factory=bytearray)
    is_ordered: bool = True
    archivings: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Take the next entry."""
        leaf = leaf_hash(entry.encoding)
        self.tree.append(leaf)
        if self.tree.count <= _KEPT_ENTRIES:
            self.audit_ids.append(entry.audit_id)
            self.xids.append(entry.xid)
            self.kept += leaf
        if _IS_ARCHIVE in entry.encoding:
            self.archivings.append(entry)

    @property
    def leaves(self) -> list[bytes]:
        """The leaf hashes, of as many entries as are kept."""
        return split_leaves(self.kept)

    def matches(self, header: Header) -> bool:
        """Whether just these entries were sealed."""
        return (
            self.is_ordered
            and self.tree.count == header.entry_count
            and self.tree.root() == header.root
        )


def split_leaves(leaves: bytes | bytearray) -> list[bytes]:
    """Take leaf hashes apart that lie one after the other."""
    return [bytes(leaves[i : i + HASH_BYTES]) for i in range(0, len(leaves), HASH_BYTES)]


def read_blocks(entries: Iterator[Keyed], span: Sequence[Header]) -> Iterator[tuple[Header, Found]]:
    """Share out the entries of successive blocks, which come in order, by the blocks' ends."""
    ahead = next(entries, None)
    for header in span:
        found, end, last = Found(), header.end, None
        while ahead is not None and ahead[0] <= end:
            key, entry = ahead
            if last is not None and key <= last:
                found.is_ordered = False
            found.add(entry)
            last = key
            ahead = next(entries, None)
        yield header, found


def trusted_leaves(header: Header, hints: bytes | None) -> list[bytes] | None:
    """Return the leaves that were sealed, if the hints are these: they hash to the block's root."""
    if hints is None or len(hints) != header.entry_count * HASH_BYTES:
        return None
    leaves = split_leaves(hints)
    return leaves if root_of(leaves) == header.root else None


def bounds_problem(header: Header, found: Found) -> Problem | None:
    """Say where a block that is whole does not name its least and greatest audit_id."""
    low, high = min(found.audit_ids), max(found.audit_ids)
    if (low, high) == (header.low_audit_id, header.high_audit_id):
        return None
    return Problem(
        "the block's bounds are not those of its entries",
        f"entries {low} to {high}, and it says {header.low_audit_id} to {header.high_audit_id}",
        block_no=header.block_no,
    )


def name_differences(header: Header, found: Found, hints: bytes | None) -> list[Problem]:
    """Name the entries of a block that differ from what was sealed, as far as that can be told."""
    sealed = trusted_leaves(header, hints)
    if sealed is None or found.tree.count > _KEPT_ENTRIES:
        detail = f"entries {header.low_audit_id} to {header.high_audit_id}; "
        if found.tree.count != header.entry_count:
            detail += f"{header.entry_count} were sealed and {found.tree.count} are there"
        else:
            detail += "their number is right; which of them differs cannot be told"
        return [
            Problem("its entries are not those that were sealed", detail, block_no=header.block_no)
        ]
    problems = _compare(header.block_no, sealed, found)
    return problems[:_NAMED] or [
        Problem("its entries are not in their order", block_no=header.block_no)
    ]


def _compare(block_no: int, sealed: Sequence[bytes], found: Found) -> list[Problem]:
    """Walk through what was sealed and what is there, side by side."""
    actual, ids = found.leaves, found.audit_ids
    was_sealed, is_there, seen = set(sealed), set(actual), set[bytes]()
    problems: list[Problem] = []
    i = j = 0

    def note(problem: str, detail: str = "", audit_id: int | None = None) -> None:
        problems.append(Problem(problem, detail, block_no, audit_id))

    while (i < len(sealed) or j < len(actual)) and len(problems) < _NAMED:
        leaf = actual[j] if j < len(actual) else None
        is_gone = i < len(sealed) and sealed[i] not in is_there
        if leaf is not None and i < len(sealed) and leaf == sealed[i]:
            seen.add(leaf)
            i, j = i + 1, j + 1
        elif leaf is not None and leaf not in was_sealed:
            if is_gone:
                note("the entry was changed", f"leaf {i} of the block", ids[j])
                i += 1
            else:
                note("the entry was not sealed here: it was inserted", "", ids[j])
            j += 1
        elif is_gone:
            note("an entry is missing", *_missing(found, i, j))
            i += 1
        elif leaf is not None:
            is_twice = leaf in seen
            note("the entry is there twice" if is_twice else "the entry is out of its place",
                 "", ids[j])  # fmt: skip
            i, j = i + (not is_twice), j + 1
        else:
            i += 1  # named already where it was out of its place
    return problems


def _missing(found: Found, index: int, j: int) -> tuple[str, int | None]:
    """Say where the entry was, and its audit_id where its neighbours leave no other."""
    ids, xids = found.audit_ids, found.xids
    before = ids[j - 1] if j else None
    after = ids[j] if j < len(ids) else None
    audit_id = None
    if before is not None and after is not None and xids[j - 1] == xids[j] and after - before == 2:
        audit_id = before + 1
    where = f"after entry {before}" if before is not None else f"before entry {after}"
    return f"leaf {index} of the block, {where}", audit_id
