"""Which memories of an export are there already: those whose history begins with that of the file.

So a second import of a file brings nothing twice, whenever it comes and wherever the first was
stopped, and what was edited since stays as it was edited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from memoriesdb.bulk.records import Memory

# What of a state can be brought to where it is imported; its text comes beside.
_KEPT = (
    "kind",
    "metadata",
    "stream",
    "importance",
    "trust",
    "occurred_at",
    "expires_at",
    "forgotten_at",
)


def fingerprints(memory: Memory, texts: Sequence[str]) -> list[bytes]:
    """Return a digest for each state of a memory, of all its states until then."""
    found = []
    digest = b""
    for state, text in zip(memory.states, texts, strict=True):
        kept = repr([state.is_encrypted, *(state.fields[name] for name in _KEPT)])
        content_hash = sha256(text.encode("utf-8", "surrogatepass")).digest()
        digest = sha256(digest + content_hash + kept.encode()).digest()[:16]
        found.append(digest)
    return found


class Known:
    """The memories that an owner has, each to be found once."""

    def __init__(self) -> None:
        self._whole: dict[tuple[bool, bytes], list[UUID]] = defaultdict(list)
        self._begun: dict[bytes, list[UUID]] = defaultdict(list)
        self._taken: set[UUID] = set()

    def add(self, memory: Memory, digests: Sequence[bytes]) -> None:
        """Take a memory that is there."""
        self._whole[memory.is_deleted, digests[-1]].append(memory.id)
        # What was deleted since is to be brought back.
        if not memory.is_deleted:
            for digest in digests[:-1]:
                self._begun[digest].append(memory.id)

    def take(self, memory: Memory, digests: Sequence[bytes]) -> UUID | None:
        """Return what this memory of an export is there as, if it is there."""
        for there in (
            self._whole.get((memory.is_deleted, digests[-1]), ()),
            () if memory.is_deleted else self._begun.get(digests[-1], ()),
        ):
            for memory_id in there:
                if memory_id not in self._taken:
                    self._taken.add(memory_id)
                    return memory_id
        return None
