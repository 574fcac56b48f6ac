"""Wrapping keys on this machine: in a file that only its user can read, or in a variable."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from memoriesdb.encryption.ciphertext import KEY_BYTES
from memoriesdb.encryption.providers.base import Context, Wrapped
from memoriesdb.errors import WrappingKeyError

_NONCE_BYTES = 12
_FILE_MODE = 0o600


def fingerprint(key: bytes) -> str:
    """Return the name of a wrapping key: the beginning of a hash, which gives nothing away."""
    return hashlib.sha256(b"memoriesdb.wrapping-key.v1\0" + key).hexdigest()[:16]


class _LocalKeys(ABC):
    """Wraps with the first of its keys by AES-256-GCM, and unwraps with any."""

    name: ClassVar[str]

    @abstractmethod
    def _keys(self) -> list[bytes]:
        """Return the wrapping keys, that in use first."""

    @abstractmethod
    def _where(self) -> str:
        """Name the place of the keys in an error."""

    def wrap(self, key: bytes, context: Context) -> Wrapped:
        """Wrap a data key by the key in use."""
        wrapping = self._keys()[0]
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(wrapping).encrypt(nonce, key, bytes(context))
        return Wrapped(self.name, fingerprint(wrapping), sealed)

    def unwrap(self, wrapped: Wrapped, context: Context) -> bytes:
        """Give a data key back."""
        by_name = {fingerprint(key): key for key in self._keys()}
        if wrapped.provider_key not in by_name:
            raise WrappingKeyError(
                f"wrapping key {wrapped.provider_key} is not in {self._where()}",
                detail=f"It holds {', '.join(by_name)}.",
                hint="Bring the key back that wrapped the data key: without it the texts are lost.",
            )
        sealed = wrapped.wrapped_key
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(by_name[wrapped.provider_key]).decrypt(nonce, body, bytes(context))
        except (InvalidTag, ValueError):
            raise WrappingKeyError(
                "the data key cannot be unwrapped",
                detail=f"Key {context.key_id} of {context.owner_id}: what the database keeps of it "
                "was changed, or belongs to another owner.",
                hint="Restore owner_keys from a backup.",
            ) from None


class Environment(_LocalKeys):
    """Wrapping keys in a variable: 32 bytes in base64, that in use first, separated by commas."""

    name = "environment"

    def __init__(
        self,
        variable: str = "MEMORIESDB_ENCRYPTION_KEYS",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._variable = variable
        self._environment = os.environ if environment is None else environment

    def _where(self) -> str:
        return f"${self._variable}"

    def _keys(self) -> list[bytes]:
        given = self._environment.get(self._variable, "")
        keys = [_decoded(part.strip(), self._where()) for part in given.split(",") if part.strip()]
        if not keys:
            raise WrappingKeyError(
                f"{self._where()} is not set",
                hint="It holds a key of 32 bytes in base64, such as `openssl rand -base64 32` "
                "makes; the one in use first, former ones after commas.",
            )
        return keys


class Keyring(_LocalKeys):
    """Wrapping keys in a file, JSON, which nobody but its user may read (mode 0600)."""

    name = "keyring"

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser()

    @classmethod
    def create(cls, path: str | os.PathLike[str]) -> Keyring:
        """Make a file with one new key. Raises WrappingKeyError where there is one already."""
        keyring = cls(path)
        keyring.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            keyring._write([_new_key()], os.O_EXCL)
        except FileExistsError:
            raise WrappingKeyError(
                f"{keyring.path} is there already",
                hint="It is not overwritten, since the keys in it may be needed; add a key to it.",
            ) from None
        return keyring

    def add(self) -> str:
        """Make a new key the one in use, keep the former ones, and return its name."""
        new = _new_key()
        entries = [new, *self._entries()]
        scratch = Keyring(self.path.with_name(f".{self.path.name}.{os.getpid()}"))
        try:
            scratch._write(entries, os.O_EXCL)
            scratch.path.replace(self.path)
        finally:
            scratch.path.unlink(missing_ok=True)
        return fingerprint(base64.b64decode(new["key"]))

    def names(self) -> list[str]:
        """Return the names of the keys, that in use first."""
        return [fingerprint(key) for key in self._keys()]

    def _where(self) -> str:
        return str(self.path)

    def _keys(self) -> list[bytes]:
        return [_decoded(entry["key"], self._where()) for entry in self._entries()]

    def _entries(self) -> list[dict[str, Any]]:
        try:
            entries = json.loads(self._read())["keys"]
            if not entries or not all(isinstance(entry["key"], str) for entry in entries):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            raise WrappingKeyError(
                f"{self.path} is no keyring",
                hint="`memoriesdb encryption keyring FILE` makes one.",
            ) from None
        found: list[dict[str, Any]] = entries
        return found

    def _read(self) -> bytes:
        try:
            # What is opened is looked at, not what has its name: that may be exchanged meanwhile.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise WrappingKeyError(
                f"{self.path} cannot be read: {error.strerror}",
                hint="`memoriesdb encryption keyring FILE` makes one; a link is not followed.",
            ) from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            mode = stat.S_IMODE(status.st_mode)
            if not stat.S_ISREG(status.st_mode) or mode & 0o077 or status.st_uid != os.geteuid():
                raise WrappingKeyError(
                    f"others may read or change {self.path}",
                    detail=f"Its mode is {mode:04o}, its owner user {status.st_uid}.",
                    hint="Make it a file of the user who runs this, with `chmod 600`; if others "
                    "could read it, add a key and rewrap.",
                )
            return file.read()

    def _write(self, entries: list[dict[str, Any]], flag: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flag
        descriptor = os.open(self.path, flags, _FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"format": "memoriesdb.keyring.v1", "keys": entries}, file, indent=2)
            file.flush()
            os.fsync(descriptor)
        with contextlib.closing(_Directory(self.path.parent)) as directory:
            directory.sync()


class _Directory:
    """A directory, to be sure that a new name in it outlives a crash."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def _new_key() -> dict[str, Any]:
    key = base64.b64encode(os.urandom(KEY_BYTES)).decode()
    return {"key": key, "created_at": datetime.now(UTC).isoformat(timespec="seconds")}


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise WrappingKeyError(
            f"a key in {where} is not 32 bytes in base64",
            hint="`openssl rand -base64 32` makes one.",
        )
    return key
