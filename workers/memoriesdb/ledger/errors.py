"""What goes wrong around the ledger, with what to do next."""


class LedgerError(Exception):
    """The ledger, a digest, a proof or an archive cannot be worked with as it was given."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class FormatError(LedgerError):
    """Bytes or a file that are not what they should be."""

    def __init__(self, message: str, hint: str = "take the file as it was written.") -> None:
        super().__init__(message, hint)


class ContradictionError(LedgerError):
    """Two digests, or a digest and the ledger, cannot both be true: somebody rewrote history."""
