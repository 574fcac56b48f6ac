"""Write tests/golden/ledger_vectors.json: the ledger's definitions, computed from their text alone.

Neither the database's functions nor the package's are used here: they are what is tested with it.
"""

from __future__ import annotations

import json
import struct
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

VECTORS = Path(__file__).parents[1] / "golden" / "ledger_vectors.json"

ALICE = "01890a5d-ac96-774b-bcce-b302099a8057"
BOB = "0198f6a2-0000-7000-8000-0000000000b0"
FIRST: dict[str, Any] = {
    "audit_id": 1,
    "at": "2026-01-31T12:00:00.000001Z",
    "xid": "741",
    "incarnation": 7412345678901234567,
    "user_id": ALICE,
    "token_id": None,
    "actor_id": None,
    "login": "app",
    "table_name": "memories",
    "operation": "INSERT",
    "owner_id": ALICE,
    "row_id": BOB,
    "row_key": f'{{"id": "{BOB}", "owner_id": "{ALICE}"}}',
    "commitment": sha256(b"1").hexdigest(),
}
# Each differs from the first in what is easily lost: nulls, letters of several bytes, the ends of
# the ranges, times before 2000.
ENTRIES = [
    FIRST,
    {**FIRST, "audit_id": 2, "user_id": None, "owner_id": None, "row_id": None, "row_key": "{}"},
    {**FIRST, "audit_id": 3, "token_id": BOB, "actor_id": ALICE, "operation": "UPDATE"},
    {**FIRST, "audit_id": 4, "login": "łódź app", "row_key": '{"key": "Zürich \\" 記憶 🧠"}'},
    {**FIRST, "audit_id": 5, "at": "1999-12-31T23:59:59.999999Z"},
    {**FIRST, "audit_id": 6, "xid": "18446744073709551615", "incarnation": -1},
    {**FIRST, "audit_id": 9223372036854775807, "table_name": "users", "operation": "ERASE"},
    {**FIRST, "audit_id": 8, "commitment": sha256(b"8").hexdigest()},
    {**FIRST, "audit_id": 9, "at": "2000-01-01T00:00:00.000000Z", "operation": "ARCHIVE"},
]


def microseconds(text: str) -> int:
    """Microseconds since 2000-01-01."""
    since = datetime.fromisoformat(text) - datetime.fromisoformat("2000-01-01T00:00:00Z")
    return since // timedelta(microseconds=1)


def field(value: bytes | None) -> bytes:
    """A field as binary COPY writes it."""
    return b"\xff\xff\xff\xff" if value is None else struct.pack(">i", len(value)) + value


def uuid(text: str | None) -> bytes | None:
    """The bytes of a uuid."""
    return None if text is None else UUID(text).bytes


def encode_entry(entry: dict[str, Any]) -> bytes:
    """The encoding of an entry, version 1."""
    return b"memoriesdb.entry.v1\0" + b"".join(
        field(value)
        for value in (
            struct.pack(">q", entry["audit_id"]),
            struct.pack(">q", microseconds(entry["at"])),
            struct.pack(">Q", int(entry["xid"])),
            struct.pack(">q", entry["incarnation"]),
            uuid(entry["user_id"]),
            uuid(entry["token_id"]),
            uuid(entry["actor_id"]),
            entry["login"].encode(),
            entry["table_name"].encode(),
            entry["operation"].encode(),
            uuid(entry["owner_id"]),
            uuid(entry["row_id"]),
            entry["row_key"].encode(),
            bytes.fromhex(entry["commitment"]),
        )
    )


def root(leaves: list[bytes]) -> bytes:
    """The tree as RFC 6962, 2.1 defines it."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """The audit path as RFC 6962, 2.1.1 defines it."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path(index, leaves[:split]), root(leaves[split:])]
    return [*path(index - split, leaves[split:]), root(leaves[:split])]


def hash_block(block: dict[str, Any]) -> bytes:
    """The hash of a block, version 1."""
    return sha256(
        b"memoriesdb.block.v1\0"
        + b"".join(
            field(value)
            for value in (
                struct.pack(">q", block["block_no"]),
                bytes.fromhex(block["previous_hash"]),
                bytes.fromhex(block["root"]),
                struct.pack(">q", block["entry_count"]),
                struct.pack(">q", block["incarnation"]),
                struct.pack(">Q", int(block["last_xid"])),
                struct.pack(">q", block["last_audit_id"]),
                struct.pack(">q", block["low_audit_id"]),
                struct.pack(">q", block["high_audit_id"]),
                struct.pack(">q", microseconds(block["sealed_at"])),
            )
        )
    ).digest()


def vectors() -> dict[str, Any]:
    """All of them."""
    leaves = [sha256(b"\0" + encode_entry(entry)).digest() for entry in ENTRIES]
    roots = {str(n): root(leaves[:n]).hex() for n in range(1, len(leaves) + 1)}
    blocks: list[dict[str, Any]] = []
    previous = "00" * 32
    for number, count in ((1, 9), (2, 5)):
        block = {
            "block_no": number,
            "previous_hash": previous,
            "root": roots[str(count)],
            "entry_count": count,
            "incarnation": FIRST["incarnation"],
            "last_xid": ("741", "18446744073709551615")[number - 1],
            "last_audit_id": 5,
            "low_audit_id": 1,
            "high_audit_id": 9223372036854775807,
            "sealed_at": "2026-01-31T12:00:01.500000Z",
        }
        previous = hash_block(block).hex()
        blocks.append({**block, "hash": previous})
    return {
        "version": 1,
        "entries": [
            {"entry": entry, "encoding": encode_entry(entry).hex(), "leaf_hash": leaf.hex()}
            for entry, leaf in zip(ENTRIES, leaves, strict=True)
        ],
        "roots": roots,
        "paths": {
            str(n): [[node.hex() for node in path(i, leaves[:n])] for i in range(n)]
            for n in range(1, len(leaves) + 1)
        },
        "blocks": blocks,
    }


if __name__ == "__main__":
    text = json.dumps(vectors(), indent=2, ensure_ascii=False)
    VECTORS.write_text(f"{text}\n", encoding="utf-8")
