"""The canonical encoding of entries and block headers, version 1, and their form in JSON.

Fields are encoded as PostgreSQL's binary COPY encodes them, so that what the server sends is hashed
as it comes: four bytes of length (-1 for null) and the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

from memoriesdb.ledger.errors import FormatError

ENTRY_TAG = b"memoriesdb.entry.v1\x00"
BLOCK_TAG = b"memoriesdb.block.v1\x00"
HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)

# Field and type, in the order in which they are encoded.
ENTRY_FIELDS = (
    ("audit_id", "int8"),
    ("at", "timestamptz"),
    ("xid", "xid8"),
    ("incarnation", "int8"),
    ("user_id", "uuid"),
    ("token_id", "uuid"),
    ("actor_id", "uuid"),
    ("login", "text"),
    ("table_name", "text"),
    ("operation", "text"),
    ("owner_id", "uuid"),
    ("row_id", "uuid"),
    ("row_key", "text"),
    ("commitment", "bytea"),
)
BLOCK_FIELDS = (
    ("block_no", "int8"),
    ("previous_hash", "hash"),
    ("root", "hash"),
    ("entry_count", "int8"),
    ("incarnation", "int8"),
    ("last_xid", "xid8"),
    ("last_audit_id", "int8"),
    ("low_audit_id", "int8"),
    ("high_audit_id", "int8"),
    ("sealed_at", "timestamptz"),
)

_LENGTH = Struct(">i")
_INT8 = Struct(">q")
_XID8 = Struct(">Q")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,19}", re.ASCII)


def encode_fields(values: Iterable[bytes | None]) -> bytes:
    """Put values one after the other, each with its length."""
    parts = []
    for value in values:
        parts.append(_LENGTH.pack(-1 if value is None else len(value)))
        parts.append(value or b"")
    return b"".join(parts)


def split_fields(data: bytes, count: int) -> list[bytes | None]:
    """Take encoded fields apart; there must be so many, and nothing after them."""
    values: list[bytes | None] = []
    position = 0
    while len(values) < count:
        if position + 4 > len(data):
            raise FormatError("the encoding ends within its fields")
        (length,) = _LENGTH.unpack_from(data, position)
        position += 4
        if length == -1:
            values.append(None)
            continue
        if length < 0 or position + length > len(data):
            raise FormatError("a field is longer than its encoding")
        values.append(data[position : position + length])
        position += length
    if position != len(data):
        raise FormatError("bytes follow after the last field")
    return values


class Entry(NamedTuple):
    """One entry as it is hashed, and what orders it within its incarnation."""

    xid: int
    audit_id: int
    encoding: bytes

    @property
    def key(self) -> tuple[int, int]:
        """Its place in the order of its incarnation."""
        return self.xid, self.audit_id


class Header(NamedTuple):
    """The row of ledger_blocks; ``sealed_at`` in microseconds since 2000-01-01 UTC."""

    block_no: int
    previous_hash: bytes
    root: bytes
    entry_count: int
    incarnation: int
    last_xid: int
    last_audit_id: int
    low_audit_id: int
    high_audit_id: int
    sealed_at: int
    hash: bytes

    @property
    def end(self) -> tuple[int, int]:
        """The key of its last entry."""
        return self.last_xid, self.last_audit_id

    def encode(self) -> bytes:
        """Return the encoded fields, without tag and hash."""
        values = zip((kind for _, kind in BLOCK_FIELDS), self[:-1], strict=True)
        return encode_fields(_pack(kind, value) for kind, value in values)

    def as_json(self) -> dict[str, Any]:
        """Return the fields and the hash as proofs and archives hold them."""
        values = split_fields(self.encode(), len(BLOCK_FIELDS))
        content = {
            name: to_json(kind, value)
            for (name, kind), value in zip(BLOCK_FIELDS, values, strict=True)
        }
        return {**content, "hash": self.hash.hex()}

    @classmethod
    def from_json(cls, content: object) -> Header:
        """Read it back; refuses whatever is missing, unknown or not of its type."""
        names = [*(name for name, _ in BLOCK_FIELDS), "hash"]
        given = exactly(content, names, "a block header")
        kinds = [*(kind for _, kind in BLOCK_FIELDS), "hash"]
        encoded = [required(kind, given[name]) for name, kind in zip(names, kinds, strict=True)]
        return cls.from_fields(encoded)

    @classmethod
    def from_fields(cls, values: Iterable[bytes | None]) -> Header:
        """Read the fields and the hash as binary COPY gives them."""
        kinds = [*(kind for _, kind in BLOCK_FIELDS), "hash"]
        return cls(*(_unpack(kind, value) for kind, value in zip(kinds, values, strict=True)))


def entry_as_json(encoding: bytes) -> dict[str, Any]:
    """Return an entry's fields as a proof holds them."""
    values = split_fields(encoding, len(ENTRY_FIELDS))
    return {
        name: to_json(kind, value) for (name, kind), value in zip(ENTRY_FIELDS, values, strict=True)
    }


def entry_from_json(content: object) -> Entry:
    """Encode an entry from a proof; refuses whatever is missing, unknown or not of its type."""
    given = exactly(content, [name for name, _ in ENTRY_FIELDS], "an entry")
    return entry_from_values([given[name] for name, _ in ENTRY_FIELDS])


def entry_from_values(given: object) -> Entry:
    """Encode an entry from the values of its fields, in their order."""
    if not isinstance(given, list) or len(given) != len(ENTRY_FIELDS):
        raise FormatError(f"an entry has {len(ENTRY_FIELDS)} fields")
    kinds = [kind for _, kind in ENTRY_FIELDS]
    values = [from_json(kind, value) for kind, value in zip(kinds, given, strict=True)]
    audit_id, xid = _unpack("int8", values[0]), _unpack("xid8", values[2])
    return Entry(xid, audit_id, encode_fields(values))


def exactly(content: object, names: Iterable[str], what: str) -> Mapping[str, Any]:
    """Return a JSON object that has these keys and no others."""
    wanted = set(names)
    if not isinstance(content, dict):
        raise FormatError(f"{what} is not a JSON object")
    for name in sorted(wanted ^ content.keys()):
        state = "is missing" if name in wanted else "is unknown"
        raise FormatError(f"{name!r} {state} in {what}")
    return content


def parse_json(text: str | bytes, what: str) -> object:
    """Parse JSON in which no name is twice: two readers may not see two things in one file."""
    try:
        parsed: object = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise FormatError(f"{what} is not JSON") from None
    return parsed


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise FormatError("a name is there twice in one object of the JSON")
    return content


def required(kind: str, value: object) -> bytes:
    """Encode a value that may not be null."""
    encoded = from_json(kind, value)
    if encoded is None:
        raise FormatError(f"a value of type {kind} is null")
    return encoded


def from_json(kind: str, value: object) -> bytes | None:
    """Encode one value; only one form of each value is taken, so that none has two encodings."""
    if value is None:
        return None
    if kind in {"int8", "xid8"}:
        return _number(kind, value)
    if not isinstance(value, str):
        raise FormatError(f"a value of type {kind} is not a string")
    if kind == "text":
        return _utf8(value)
    if kind == "timestamptz":
        return _INT8.pack(parse_timestamp(value))
    if kind == "uuid":
        return _uuid(value)
    if not _HEX.fullmatch(value) or (kind == "hash" and len(value) != 2 * HASH_BYTES):
        raise FormatError(f"{value[:80]!r} is no {kind} in lower-case hexadecimal digits")
    return bytes.fromhex(value)


def to_json(kind: str, value: bytes | None) -> Any:
    """Return one value as JSON has it: numbers, ids, texts, times, bytes in hexadecimal."""
    if value is None:
        return None
    if kind == "text":
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise FormatError("a text is not UTF-8") from None
    unpacked = _unpack(kind, value)
    if kind == "timestamptz":
        return format_timestamp(unpacked)
    if isinstance(unpacked, bytes):
        return unpacked.hex()
    return str(unpacked) if kind in {"uuid", "xid8"} else unpacked


def format_timestamp(microseconds: int) -> str:
    """Return microseconds since 2000-01-01 as ISO 8601 in UTC, always with six digits."""
    try:
        at = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise FormatError(f"{microseconds} µs since 2000 is beyond the years 1 to 9999") from None
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def parse_timestamp(text: str) -> int:
    """Return the microseconds since 2000-01-01 of what :func:`format_timestamp` gave."""
    if not _TIMESTAMP.fullmatch(text):
        raise FormatError(f"{text[:80]!r} is not a time such as 2026-01-31T12:00:00.000000Z")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise FormatError(f"{text!r} is no time of the calendar") from None
    return (at - _EPOCH) // _MICROSECOND


def _utf8(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise FormatError("a text is not valid Unicode") from None


def _number(kind: str, value: object) -> bytes:
    # PostgreSQL makes a JSON string of an xid8, and a number of a bigint.
    if kind == "xid8" and isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value)
    elif kind == "xid8" or not isinstance(value, int) or isinstance(value, bool):
        raise FormatError(f"{str(value)[:80]!r} is no {kind}")
    pack = _XID8 if kind == "xid8" else _INT8
    low, high = (0, 2**64) if kind == "xid8" else (-(2**63), 2**63)
    if not low <= value < high:
        raise FormatError(f"{value} is out of the range of {kind}")
    return pack.pack(value)


def _uuid(value: str) -> bytes:
    try:
        parsed = UUID(value)
    except ValueError:
        parsed = None
    if parsed is None or str(parsed) != value:
        raise FormatError(f"{value[:80]!r} is no uuid in its usual form")
    return parsed.bytes


def _pack(kind: str, value: Any) -> bytes:
    if kind == "xid8":
        return _XID8.pack(value)
    return _INT8.pack(value) if isinstance(value, int) else bytes(value)


_SIZES = {"int8": 8, "xid8": 8, "timestamptz": 8, "uuid": 16, "hash": HASH_BYTES}


def _unpack(kind: str, value: bytes | None) -> Any:
    if value is None or len(value) != _SIZES.get(kind, len(value)):
        raise FormatError(f"a value of type {kind} has not the length of one")
    if kind == "xid8":
        return _XID8.unpack(value)[0]
    if kind == "uuid":
        return UUID(bytes=value)
    return value if kind in {"hash", "bytea"} else _INT8.unpack(value)[0]
