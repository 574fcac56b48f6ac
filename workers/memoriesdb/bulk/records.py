"""What stands in an export: a head, memories with all their states, edges, and an end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

from memoriesdb.encryption.ciphertext import head_of
from memoriesdb.encryption.providers import Wrapped

FORMAT = "memoriesdb-export"
VERSION = 1
# What the head and the end count, by the type of the lines.
COUNTED = {
    "memories": "memory",
    "versions": "version",
    "edges": "edge",
    "embeddings": "embedding",
}
# By which key each type of lines names its memory.
_NAMES = {
    "header": None,
    "version": "memory_id",
    "memory": "id",
    "embedding": "memory_id",
    "edge": None,
    "end": None,
}


class BadExportError(Exception):
    """A file is no export, or not as it was written."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Model:
    """A model by which there may be embeddings, and what decides about its vectors."""

    name: str
    model: str
    dimensions: int
    max_tokens: int
    passage_prefix: str
    is_active: bool

    def makes_the_same(self, other: Model) -> bool:
        """Tell whether the other one makes the same vectors."""
        return (
            self.model == other.model
            and self.dimensions == other.dimensions
            and self.max_tokens == other.max_tokens
            and self.passage_prefix == other.passage_prefix
        )


@dataclass(frozen=True)
class Head:
    """The first line."""

    owner_id: UUID
    username: str
    exported_at: str
    counts: dict[str, int]
    models: tuple[Model, ...]
    keys: dict[int, Wrapped]
    """Data keys of the owner, wrapped, by their numbers."""


@dataclass(frozen=True)
class State:
    """A state of a memory: its line as it stands, and what it says."""

    raw: str
    fields: dict[str, Any]
    content: str
    is_encrypted: bool

    @property
    def is_ciphertext(self) -> bool:
        """Tell whether the text was encrypted by a client of MemoriesDB."""
        return self.is_encrypted and head_of(self.content) is not None


@dataclass(frozen=True)
class Embedding:
    """The vector of a memory by one model."""

    model: str
    text_hash: bytes
    is_current: bool
    literal: str


@dataclass(frozen=True)
class Memory:
    """A memory with all its states, the last one last."""

    number: int
    """Of the line that it begins with."""
    id: UUID
    states: list[State]
    embeddings: list[Embedding]
    is_deleted: bool

    @property
    def size(self) -> int:
        """How many characters its states have."""
        return sum(len(state.raw) + len(state.content) for state in self.states)


@dataclass(frozen=True)
class Edge:
    """A link between two memories."""

    number: int
    raw: str
    source_id: UUID
    target_id: UUID

    @property
    def size(self) -> int:
        """How many characters it has."""
        return len(self.raw)


def is_export(first: bytes) -> bool:
    """Tell whether a file with this first line says that it is an export."""
    head = _object(first)
    return head is not None and head.get("format") == FORMAT


def check(source: BinaryIO) -> Head:
    """Read a file to its end and return its head. Raises BadExportError where it is not whole."""
    last = source.readline()
    head = _head(last)
    digest, number = sha256(), 1
    for raw in source:
        digest.update(last)
        last = raw
        number += 1
    end = _object(last)
    if number == 1 or end is None or end.get("type") != "end":
        raise BadExportError(
            f"the export is cut off: line {number}, its last one, is not its end",
            "nothing was imported; take a whole copy of it, or export again.",
        )
    if end.get("sha256") != digest.hexdigest() or end.get("counts") != _counted(head):
        raise BadExportError(
            f"the export was changed or damaged: {_damage(source)}",
            "nothing was imported; take an unchanged copy of it, or export again.",
        )
    return head


def _counted(head: Head) -> dict[str, int | None]:
    return {name: head.counts.get(name) for name in COUNTED}


def _damage(source: BinaryIO) -> str:
    source.seek(0)
    for number, raw in enumerate(source, 1):
        if _object(raw) is None:
            return f"line {number} is no JSON object"
    return "its SHA-256 or its counts are not those that its end says"


def _head(raw: bytes) -> Head:
    head = _object(raw)
    if head is None or head.get("format") != FORMAT:
        raise BadExportError(
            "this is no export: its first line is not the head of one",
            "give a file that `memoriesdb export` wrote, or --format jsonl or csv.",
        )
    if head.get("version") != VERSION:
        raise BadExportError(
            f"the export has version {head.get('version')}, and this program reads {VERSION}",
            "import it with the version of MemoriesDB that wrote it, or a newer one.",
        )
    try:
        return Head(
            UUID(head["owner"]["id"]),
            head["owner"]["username"],
            head["exported_at"],
            {name: int(count) for name, count in head["counts"].items()},
            tuple(Model(**model) for model in head["models"]),
            {
                key["key_id"]: Wrapped(
                    key["provider"], key["provider_key"], bytes.fromhex(key["wrapped_key"])
                )
                for key in head["keys"]
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _not_as_written(1, error) from None


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _not_as_written(number: int, error: Exception) -> BadExportError:
    return BadExportError(
        f"line {number} is not as an export has it: {type(error).__name__}: {error}",
        "look at who wrote the file; `memoriesdb export` makes another one.",
    )


@dataclass
class _Begun:
    """A memory of which not all lines were read yet."""

    number: int
    id: UUID
    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    embeddings: list[Embedding] = field(default_factory=list)
    is_deleted: bool = False


def records(lines: Iterable[bytes]) -> Iterator[Memory | Edge]:
    """Put the lines of an export together. Raises BadExportError where one is not as written."""
    begun: _Begun | None = None
    for number, line in enumerate(lines, 1):
        try:
            raw = line.decode()
            # Numbers stay as exact as they are written.
            fields = json.loads(raw, parse_float=Decimal, parse_int=Decimal)
            names = _NAMES[fields["type"]]
            memory_id = None if names is None else UUID(fields[names])
            if begun is not None and memory_id != begun.id:
                yield _finished(begun)
                begun = None
            if memory_id is None:
                if fields["type"] == "edge":
                    yield Edge(number, raw, UUID(fields["source_id"]), UUID(fields["target_id"]))
                continue
            begun = begun or _Begun(number, memory_id)
            if fields["type"] == "embedding":
                begun.embeddings.append(_embedding(fields))
            else:
                begun.lines.append((raw, fields))
                begun.is_deleted = fields.get("operation") == "DELETE"
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise _not_as_written(number, error) from None
    if begun is not None:
        # Of a user's own; a file has its end after it.
        yield _finished(begun)


def _embedding(fields: dict[str, Any]) -> Embedding:
    numbers = ",".join(map(str, fields["embedding"]))
    text_hash = bytes.fromhex(fields["text_hash"])
    return Embedding(fields["model"], text_hash, fields["is_current"], f"[{numbers}]")


def _finished(begun: _Begun) -> Memory:
    """Give each state its text: one without has that of the next."""
    contents: list[str] = []
    following: str | None = None
    for _, fields in reversed(begun.lines):
        following = following if fields["content"] is None else fields["content"]
        if not isinstance(following, str):
            raise TypeError(f"memory {begun.id} has no text")
        contents.append(following)
    contents.reverse()
    present = begun.lines[-1][1]
    if not begun.is_deleted and present["type"] != "memory":
        raise ValueError(f"memory {begun.id} has no last state")
    # History does not tell what was marked as encrypted by something else: as it is now.
    is_foreign = bool(present.get("is_encrypted")) and head_of(contents[-1]) is None
    states = [
        State(raw, fields, content, is_foreign or head_of(content) is not None)
        for (raw, fields), content in zip(begun.lines, contents, strict=True)
    ]
    if states[0].fields["forgotten_at"] is not None:
        # The beginning of its history is gone, and nothing begins forgotten.
        first = states[0]
        fields = {**first.fields, "forgotten_at": None}
        states.insert(0, State(first.raw, fields, first.content, first.is_encrypted))
    return Memory(begun.number, begun.id, states, begun.embeddings, begun.is_deleted)
