"""Inclusion proofs: that an entry was sealed, checked without a database against a kept digest."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from memoriesdb.ledger.archive import Archives
from memoriesdb.ledger.blocks import Found, trusted_leaves
from memoriesdb.ledger.digest import Digest, Kept
from memoriesdb.ledger.encoding import (
    Entry,
    Header,
    entry_as_json,
    entry_from_json,
    exactly,
    from_json,
    parse_json,
    required,
)
from memoriesdb.ledger.errors import (
    ContradictionError,
    FormatError,
    InputError,
    LedgerError,
    read_from_tables,
)
from memoriesdb.ledger.merkle import block_hash, leaf_hash, path_to, root_by_path
from memoriesdb.ledger.records import Records
from memoriesdb.ledger.tables import CONTAINING_BLOCK, ENTRY_EXISTS, HEAD, Tables

VERSION = 1
_NAMES = ("version", "entry", "leaf_hash", "index", "count", "path", "block")
# Longer than the path in a tree of all numbers of entries there can be.
_LONGEST_PATH = 64


@dataclass(frozen=True)
class Proof:
    """An entry, its path to the root of its block, and the headers from there to a digest."""

    entry: Entry
    index: int
    count: int
    path: Sequence[bytes]
    block: Header
    headers: Sequence[Header] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as it is written."""
        content: dict[str, Any] = {
            "version": VERSION,
            "entry": entry_as_json(self.entry.encoding),
            "leaf_hash": leaf_hash(self.entry.encoding).hex(),
            "index": self.index,
            "count": self.count,
            "path": [node.hex() for node in self.path],
            "block": self.block.as_json(),
        }
        if self.headers:
            content["headers"] = [header.as_json() for header in self.headers]
        return content

    @classmethod
    def from_text(cls, text: str | bytes) -> Proof:
        """Read a proof; refuses whatever is missing, unknown or not of its type."""
        content = parse_json(text, "the proof")
        has_headers = isinstance(content, dict) and "headers" in content
        given = exactly(content, (*_NAMES, "headers") if has_headers else _NAMES, "a proof")
        if type(given["version"]) is not int or given["version"] != VERSION:
            raise FormatError("the version of the proof is unknown")
        required("int8", given["index"]), required("int8", given["count"])
        entry = entry_from_json(given["entry"])
        if from_json("hash", given["leaf_hash"]) != leaf_hash(entry.encoding):
            raise FormatError("the leaf is not the hash of the entry")
        path = _list(given["path"], "path")
        if len(path) > _LONGEST_PATH:
            raise FormatError("the path is too long for any tree")
        return cls(
            entry=entry,
            index=given["index"],
            count=given["count"],
            path=[required("hash", node) for node in path],
            block=Header.from_json(given["block"]),
            headers=[Header.from_json(each) for each in _list(given.get("headers", []), "headers")],
        )

    def check_inclusion(self) -> None:
        """Raise unless the entry is in the block at this place, and the block is what it says."""
        block = self.block
        if self.count != block.entry_count:
            raise FormatError("the tree of the proof is not as large as the block's")
        root = root_by_path(leaf_hash(self.entry.encoding), self.index, self.count, self.path)
        if root != block.root:
            raise FormatError("the path does not lead to the root of the block")
        if block_hash(block) != block.hash:
            raise FormatError("the hash of the block is not that of its header")
        is_within = block.low_audit_id <= self.entry.audit_id <= block.high_audit_id
        if not is_within or self.entry.key > block.end:
            raise FormatError("the entry is not within the bounds of the block")

    def check(self, kept: Iterable[Kept]) -> Digest:
        """Raise unless a kept digest vouches for the entry, and none speaks against it.

        Returns that digest, the last where several do.
        """
        self.check_inclusion()
        chain = {header.block_no: header for header in _linked(self.block, self.headers)}
        vouching: Digest | None = None
        for digest in (each.digest for each in kept):
            header = chain.get(digest.block_no)
            if header is None:
                continue
            if header.hash != digest.block_hash:
                raise FormatError(f"the digest of block {digest.block_no} is of another ledger")
            if vouching is None or digest.block_no > vouching.block_no:
                vouching = digest
        if vouching is None:
            raise FormatError(
                f"no digest is of the block of the entry ({self.block.block_no}), or of one that "
                "the proof leads to",
                "make the proof with `memoriesdb ledger proof … --digest FILE`.",
            )
        return vouching


def is_proof(text: bytes) -> bool:
    """Whether it is meant for a proof, sound or not."""
    try:
        content = parse_json(text, "the proof")
    except FormatError:
        return False
    return isinstance(content, dict) and {"entry", "block", "path"} <= content.keys()


def build(
    tables: Tables,
    audit_id: int,
    digests: Sequence[Digest] = (),
    archives: Archives | None = None,
) -> Proof:
    """Make the proof of an entry, leading to the first digest that covers it."""
    tables.check_rights()
    archives = archives or Archives(Records(tables))
    block_no = archives.find(audit_id) or next(
        iter(tables.rows(CONTAINING_BLOCK, audit_id=audit_id)), None
    )
    with read_from_tables():
        header = tables.header(block_no) if block_no is not None else None
    if header is None:
        raise _unprovable(tables, audit_id)
    start = tables.ends(header.block_no - 1).get(header.incarnation)
    streams = [tables.entries([header], start), *archives.entries([header])]
    found, entry = Found(), None
    for _, each in heapq.merge(*streams):
        found.add(each)
        entry = each if each.audit_id == audit_id else entry
    leaves = found.leaves if found.matches(header) else None
    if leaves is None and archives.share(header):
        leaves = trusted_leaves(header, tables.leaves(header.block_no))
    leaf = leaf_hash(entry.encoding) if entry else b""
    if entry is None or leaves is None or leaf not in leaves or block_hash(header) != header.hash:
        raise ContradictionError(
            f"block {header.block_no} does not hold what was sealed in it",
            "`memoriesdb ledger verify` names the entries that differ.",
        )
    index = leaves.index(leaf)
    proof = Proof(
        entry=entry,
        index=index,
        count=len(leaves),
        path=path_to(leaves, index),
        block=header,
        headers=_headers(tables, header, digests),
    )
    with read_from_tables():
        proof.check_inclusion()
    return proof


def _headers(tables: Tables, header: Header, digests: Sequence[Digest]) -> list[Header]:
    """Return the headers up to the first digest that is not before the block."""
    if not digests:
        return []
    covering = [d.block_no for d in digests if d.block_no >= header.block_no]
    if not covering:
        raise InputError(
            f"the entry is in block {header.block_no}, and no digest is of it or of a later one",
            "keep a newer digest with `memoriesdb ledger digest --to FILE`.",
        )
    with read_from_tables():
        headers = list(tables.headers(header.block_no - 1, min(covering)))
        _linked(header, headers)
    return headers


def _linked(block: Header, headers: Sequence[Header]) -> Sequence[Header]:
    """Return the headers, once they begin with the block and each follows the one before."""
    if not headers:
        return [block]
    if headers[0] != block:
        raise FormatError("the headers do not begin with the block of the entry")
    for before, after in itertools.pairwise(headers):
        follows = after.block_no == before.block_no + 1 and after.previous_hash == before.hash
        if not follows or block_hash(after) != after.hash:
            raise FormatError(f"block {after.block_no} does not follow from the one before")
    return headers


def _unprovable(tables: Tables, audit_id: int) -> LedgerError:
    if tables.one(ENTRY_EXISTS, audit_id=audit_id):
        return LedgerError(
            f"entry {audit_id} is not sealed yet", "wait for the sealing worker, and try again."
        )
    head = tables.one(HEAD)
    return InputError(
        f"there is no entry {audit_id} in the audit log",
        f"the ledger has {head.entries} entries; for one that is archived, give the archive.",
    )


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise FormatError(f"{name!r} of the proof is not a list")
    return value
