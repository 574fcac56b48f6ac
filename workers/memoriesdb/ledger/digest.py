"""Digests: the head of the ledger in a few bytes, kept where the admins of the database are not."""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from memoriesdb.ledger.encoding import (
    GENESIS,
    Header,
    exactly,
    format_timestamp,
    from_json,
    parse_json,
    parse_timestamp,
    required,
)
from memoriesdb.ledger.errors import FormatError, InputError

VERSION = 1
_FIELDS = (
    "version",
    "block_no",
    "block_hash",
    "previous_hash",
    "entries",
    "incarnation",
    "sealed_at",
)


# The points of small order, without their sign: under such a key, signatures that anybody can write
# without a private key fit many messages, or all.
_KEYS_OF_ANYBODY = frozenset(
    bytes.fromhex(key)
    for key in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


@dataclass(frozen=True)
class Digest:
    """The head of the ledger: its last block, and how many entries are sealed."""

    block_no: int
    block_hash: bytes
    previous_hash: bytes
    entries: int
    incarnation: int | None
    sealed_at: str | None

    @classmethod
    def of(cls, header: Header | None, entries: int) -> Digest:
        """Return the digest of a ledger that ends with this block; of an empty one without."""
        if header is None:
            return cls(0, GENESIS, GENESIS, 0, None, None)
        return cls(
            block_no=header.block_no,
            block_hash=header.hash,
            previous_hash=header.previous_hash,
            entries=entries,
            incarnation=header.incarnation,
            sealed_at=format_timestamp(header.sealed_at),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept, signed and printed."""
        return {
            "version": VERSION,
            "block_no": self.block_no,
            "block_hash": self.block_hash.hex(),
            "previous_hash": self.previous_hash.hex(),
            "entries": self.entries,
            "incarnation": self.incarnation,
            "sealed_at": self.sealed_at,
        }

    @classmethod
    def from_json(cls, content: object) -> Digest:
        """Read it back; refuses whatever is missing, unknown or not of its type."""
        given = exactly(content, _FIELDS, "a digest")
        if given["version"] != VERSION or isinstance(given["version"], bool):
            raise FormatError(
                f"version {given['version']!r} of a digest is unknown",
                "use the release of memoriesdb that wrote it, or a newer one.",
            )
        required("int8", given["block_no"]), required("int8", given["entries"])
        from_json("int8", given["incarnation"])
        digest = cls(
            block_no=given["block_no"],
            block_hash=required("hash", given["block_hash"]),
            previous_hash=required("hash", given["previous_hash"]),
            entries=given["entries"],
            incarnation=given["incarnation"],
            sealed_at=given["sealed_at"],
        )
        from_json("timestamptz", digest.sealed_at)
        is_empty = digest == cls.of(None, 0)
        is_head = None not in (digest.incarnation, digest.sealed_at)
        if not is_empty and not (is_head and 0 < digest.block_no <= digest.entries):
            raise FormatError("a digest names a block from 1 on, with entries, and its time")
        return digest

    def canonical(self) -> bytes:
        """Return the bytes that are signed: JSON with sorted keys and no spaces, as UTF-8."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()

    def contradicts(self, later: Digest) -> str | None:
        """Say why a digest taken later cannot continue this one; None where it may."""
        if later.block_no < self.block_no:
            return f"the ledger ends at block {later.block_no}, and reached {self.block_no} before"
        if later.block_no == self.block_no:
            return None if later == self else f"block {self.block_no} was another one before"
        if later.entries - self.entries < later.block_no - self.block_no:
            return f"{later.entries} entries are too few after {self.entries}"
        if self.sealed_at and parse_timestamp(later.sealed_at or "") < parse_timestamp(
            self.sealed_at
        ):
            return f"its block was sealed at {later.sealed_at}, before that of the former one"
        return None


@dataclass(frozen=True)
class Kept:
    """A digest as it was kept, with its signature if it has one."""

    digest: Digest
    signature: bytes | None = None
    public_key: bytes | None = None
    # None for the last line of a file: how many are before it was not counted.
    line: int | None = 1

    @classmethod
    def signed(cls, digest: Digest, key: Ed25519PrivateKey | None) -> Kept:
        """Sign a digest; without a key, keep it as it is."""
        if key is None:
            return cls(digest)
        public_key = key.public_key().public_bytes_raw()
        return cls(digest, key.sign(digest.canonical()), public_key)

    def as_line(self) -> str:
        """Return the line of a file of digests, without its end."""
        content: dict[str, Any] = {"digest": self.digest.as_json()}
        if self.signature is not None and self.public_key is not None:
            content["signature"] = base64.b64encode(self.signature).decode()
            content["public_key"] = base64.b64encode(self.public_key).decode()
        return json.dumps(content, separators=(",", ":"))

    @classmethod
    def from_line(cls, text: str | bytes, line: int | None = 1) -> Kept:
        """Read a line; the bare digest that ``ledger_digest()`` gives is one, too."""
        try:
            content = parse_json(text, "it")
            if isinstance(content, dict) and "block_no" in content:
                return cls(Digest.from_json(content), line=line)
            names = ["digest"]
            if isinstance(content, dict) and content.keys() & {"signature", "public_key"}:
                names += ["signature", "public_key"]
            given = exactly(content, names, "a kept digest")
            digest = Digest.from_json(given["digest"])
            if len(names) == 1:
                return cls(digest, line=line)
            signature = decode_base64(given["signature"], 64, "a signature")
            return cls(digest, signature, decode_base64(given["public_key"], 32, "a key"), line)
        except FormatError as error:
            where = f"line {line}: " if line is not None else ""
            raise FormatError(f"{where}{error.message}", error.hint) from None

    def signature_problem(self, public_key: bytes | None) -> str | None:
        """Say what is wrong with the signature; a given key is the only one that counts."""
        if self.signature is None or self.public_key is None:
            return "it is not signed" if public_key is not None else None
        if public_key is not None and self.public_key != public_key:
            return "it is signed with another key than the one given"
        if self.public_key[:-1] + bytes([self.public_key[-1] & 0x7F]) in _KEYS_OF_ANYBODY:
            return "its key is one under which anybody can sign"
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(
                self.signature, self.digest.canonical()
            )
        except InvalidSignature:
            return "its signature does not fit"
        return None


def read_digests(path: Path) -> list[Kept]:
    """Read a file of digests, one a line."""
    kept = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    kept.append(Kept.from_line(line, number))
    except FormatError as error:
        raise FormatError(f"{path}: {error.message}", error.hint) from None
    if not kept:
        raise FormatError(f"{path} holds no digest", "name the file that they are kept in.")
    return kept


def decode_base64(value: object, size: int, what: str) -> bytes:
    """Decode a text of just this many bytes."""
    try:
        decoded = base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != size or base64.b64encode(decoded).decode() != value:
        raise FormatError(f"{what} is {size} bytes in base64")
    return decoded


def generate_key(path: Path) -> str:
    """Write a new private key to a file that only its owner reads; return the public key."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(descriptor)
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def load_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key as :func:`generate_key` wrote it."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            f"{path} is no Ed25519 key in PEM", "make one with `memoriesdb ledger keygen FILE`."
        )
    return key


def load_public_key(text: str) -> bytes:
    """Take a public key in base64, or the name of a file that holds one."""
    path = Path(text)
    given = path.read_text().strip() if path.is_file() else text.strip()
    return decode_base64(given, 32, "a public key")
