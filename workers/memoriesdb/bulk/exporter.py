"""Write all that an owner has as lines that tell whether they are whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from typing import Any, BinaryIO
from uuid import UUID

from memoriesdb.bulk import stream
from memoriesdb.bulk.records import COUNTED, FORMAT, VERSION, Model
from memoriesdb.client.call import every, nothing, one
from memoriesdb.client.sync import Session
from memoriesdb.queries import load

# Lines between two looks at the progress bar.
_TOLD = 1000


@dataclass(frozen=True)
class Owned:
    """Whose export it is, and how much the owner has."""

    owner_id: UUID
    username: str
    exported_at: str
    memories: int
    deleted: int
    versions: int
    edges: int
    embeddings: int
    encrypted: int
    """Texts that the owner's client has encrypted."""

    @property
    def lines(self) -> int:
        """How many lines there are between the first and the last."""
        return self.memories + self.versions + self.edges + self.embeddings


class Exporter:
    """Writes one owner's export; the session is in a transaction with one snapshot."""

    def __init__(self, me: Session, sink: BinaryIO, *, with_embeddings: bool = False) -> None:
        self._me = me
        self._sink = sink
        self._with_embeddings = with_embeddings
        self._digest = sha256()
        self._counts: Counter[str] = Counter()

    def run(self, advance: Callable[[int, int], None]) -> Owned:
        """Write everything; ``advance`` is told how many lines are written, and of how many."""
        # Raises where the session may not read: nobody takes nothing for all there is.
        self._me.run(one(load("bulk/export_begin", UUID)))
        query = load("bulk/export_counts", Owned)
        owned = self._me.run(one(query, with_embeddings=self._with_embeddings))
        self._me.run(nothing(load("bulk/log_export", str), count=owned.memories))
        self._put(json.dumps(self._head(owned), ensure_ascii=False))
        for lines in (
            stream.memories(self._me, with_embeddings=self._with_embeddings),
            stream.edges(self._me),
        ):
            for line in lines:
                self._put(line.line)
                self._counts[line.type] += 1
                if self._counts.total() % _TOLD == 0:
                    advance(self._counts.total(), owned.lines)
        counts = {name: self._counts[kind] for name, kind in COUNTED.items()}
        end = {"type": "end", "counts": counts, "sha256": self._digest.hexdigest()}
        self._put(json.dumps(end))
        self._sink.flush()
        advance(owned.lines, owned.lines)
        return owned

    def _head(self, owned: Owned) -> dict[str, Any]:
        counts = asdict(owned)
        models = self._me.run(every(load("bulk/models", Model))) if self._with_embeddings else []
        return {
            "type": "header",
            "format": FORMAT,
            "version": VERSION,
            "memoriesdb": version("memoriesdb"),
            "exported_at": counts.pop("exported_at"),
            "owner": {"id": str(counts.pop("owner_id")), "username": counts.pop("username")},
            "counts": counts,
            "models": [asdict(model) for model in models],
            "keys": self._me.run(every(load("bulk/export_keys", dict))),
        }

    def _put(self, line: str) -> None:
        data = line.encode() + b"\n"
        self._digest.update(data)
        self._sink.write(data)
