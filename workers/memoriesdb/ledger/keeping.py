"""Keep digests in a file that only grows, or hand them to a command."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

from memoriesdb.ledger.digest import Kept
from memoriesdb.ledger.errors import ContradictionError, FormatError, InputError, LedgerError

# More than any line: a digest with its signature has about 500 bytes.
_TAIL = 65536
_COMMAND_SECONDS = 60.0


def last_kept(path: Path) -> Kept | None:
    """Return the last digest of a file; None where there is no file, or nothing in it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb"):
        return _last(descriptor, path)


def append(path: Path, kept: Kept) -> bool:
    """Add a digest to a file, safely on disk when this returns; False where it is the last one.

    Refuses one that contradicts the last. Nothing that is in the file is ever changed: what a
    write leaves behind that fails half-way is taken back.
    """
    with _locked(path) as descriptor:
        last = _last(descriptor, path)
        if last is not None and last.digest == kept.digest:
            return False
        reason = last.digest.contradicts(kept.digest) if last is not None else None
        if reason is not None:
            raise ContradictionError(
                f"the digest contradicts the last one in {path}: {reason}",
                f"`memoriesdb ledger verify --digest {path}` says where the ledger differs.",
            )
        _write(descriptor, f"{kept.as_line()}\n".encode(), path)
    return True


def hand_over(command: str, kept: Kept) -> None:
    """Give a digest to a command's standard input; it runs without a shell."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"the command {command!r} cannot be read: {error}", _HINT) from None
    if not words:
        raise InputError("the command is empty", _HINT)
    try:
        done = subprocess.run(
            words,
            input=f"{kept.as_line()}\n".encode(),
            capture_output=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LedgerError(f"{words[0]} did not end in {_COMMAND_SECONDS:.0f} s", _HINT) from None
    except OSError as error:
        raise LedgerError(f"{words[0]} cannot be run: {error.strerror}", _HINT) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise LedgerError(f"{words[0]} ended with {done.returncode}: {said}", _HINT)


_HINT = "call the command by hand with a digest on its standard input."


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    with open(descriptor, "rb"):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
        if is_new:
            sync_directory(path)


def sync_directory(path: Path) -> None:
    """Make the name of a new file safe, too."""
    directory = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _last(descriptor: int, path: Path) -> Kept | None:
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _TAIL, max(0, size - _TAIL))
    if not tail:
        return None
    if not tail.endswith(b"\n"):
        raise FormatError(f"the last line of {path} is not whole", "remove that line.")
    lines = tail.splitlines()
    try:
        return Kept.from_line(lines[-1], line=None)
    except FormatError as error:
        raise FormatError(f"the last line of {path}: {error.message}", error.hint) from None


def _write(descriptor: int, line: bytes, path: Path) -> None:
    size = os.fstat(descriptor).st_size
    try:
        written = os.write(descriptor, line)
        if written == len(line):
            os.fsync(descriptor)
            return
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    os.ftruncate(descriptor, size)
    raise LedgerError(f"{path} takes no more", "make room on its disk.")
