"""What goes wrong around the ledger, with what to do next."""

import contextlib
from collections.abc import Iterator
from pathlib import Path


class LedgerError(Exception):
    """The ledger, a digest, a proof or an archive cannot be worked with as it was given."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(LedgerError):
    """What was given cannot be meant: another file, number or key is needed."""


class FormatError(InputError):
    """Bytes or a file that are not what they should be."""

    def __init__(self, message: str, hint: str = "take the file as it was written.") -> None:
        super().__init__(message, hint)


class ContradictionError(LedgerError):
    """Two digests, or a digest and the ledger, cannot both be true: somebody rewrote history."""


def refuse_existing(path: Path, hint: str = "give the name of a new file.") -> None:
    """Raise where a file is there already."""
    if path.exists() or path.is_symlink():
        raise InputError(f"{path} is there already", hint)


@contextlib.contextmanager
def read_from_tables() -> Iterator[None]:
    """What is no block, entry or chain here comes from the database, and from no file."""
    try:
        yield
    except FormatError as error:
        raise ContradictionError(
            f"the ledger is not intact: {error.message}",
            "`memoriesdb ledger verify` says what differs.",
        ) from None
