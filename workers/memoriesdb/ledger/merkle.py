"""Merkle trees as in RFC 6962, over SHA-256; leaves and nodes have prefixes of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from memoriesdb.ledger.encoding import BLOCK_TAG, ENTRY_TAG, Header
from memoriesdb.ledger.errors import FormatError

_LEAF_PREFIX = b"\x00" + ENTRY_TAG
_NODE_PREFIX = b"\x01"


def leaf_hash(encoding: bytes) -> bytes:
    """Return the hash of an entry."""
    return sha256(_LEAF_PREFIX + encoding).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of what two nodes are below."""
    return sha256(_NODE_PREFIX + left + right).digest()


def block_hash(header: Header) -> bytes:
    """Return the hash of a block's header."""
    return sha256(BLOCK_TAG + header.encode()).digest()


class Tree:
    """The root of a growing list of leaves, in memory that grows with the logarithm of it.

    What is kept are the roots of the full subtrees, one for each bit of the number of leaves.
    """

    def __init__(self) -> None:
        self.count = 0
        self._full: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf at the right end."""
        self.count += 1
        pairs = self.count
        while not pairs & 1:
            leaf = node_hash(self._full.pop(), leaf)
            pairs >>= 1
        self._full.append(leaf)

    def root(self) -> bytes:
        """Return the root over all leaves so far; of no leaves, the hash of nothing."""
        if not self._full:
            return sha256().digest()
        root = self._full[-1]
        for left in reversed(self._full[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over these leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def path_to(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the inclusion proof of one leaf: its siblings' hashes, from the leaf to the root."""
    level, path = list(leaves), []
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        pairs = [node_hash(*level[i : i + 2]) for i in range(0, len(level) - 1, 2)]
        # The last of an odd number has nobody beside it on this level and rises as it is.
        level = pairs + level[len(pairs) * 2 :]
        index //= 2
    return path


def root_by_path(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to; its length must be just right."""
    if not 0 <= index < count:
        raise FormatError(f"there is no leaf {index} among {count}")
    siblings, last = iter(path), count - 1
    try:
        while last:
            if index & 1:
                leaf = node_hash(next(siblings), leaf)
            elif index < last:
                leaf = node_hash(leaf, next(siblings))
            index, last = index >> 1, last >> 1
    except StopIteration:
        raise FormatError("the path is too short for its tree") from None
    if next(siblings, None) is not None:
        raise FormatError("the path is too long for its tree")
    return leaf
