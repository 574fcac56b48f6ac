"""What all errors of MemoriesDB have in common, and those without a SQLSTATE of its own."""

from __future__ import annotations

from typing import Any, ClassVar

import psycopg
from psycopg.errors import Diagnostic


class MemoriesError(psycopg.DatabaseError):
    """Any error that MemoriesDB itself raises."""

    code: ClassVar[str] = "MD000"
    also: ClassVar[tuple[str, ...]] = ()
    advice: ClassVar[str | None] = None
    is_local: ClassVar[bool] = False  # raised on this side of the connection, never by the server
    by_code: ClassVar[dict[str, type[MemoriesError]]] = {}

    def __init__(
        self,
        *args: Any,
        diag: Diagnostic | None = None,
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Take what the server said, or the detail and hint of an error found before asking it."""
        super().__init__(*args)
        self._diagnostic = diag
        self._detail = detail
        self._hint = hint

    def __init_subclass__(cls) -> None:
        """Register the class under its SQLSTATE, and under PostgreSQL's codes for the same."""
        if "code" in vars(cls):
            cls.sqlstate = cls.code
            MemoriesError.by_code.update(dict.fromkeys((cls.code, *cls.also), cls))

    @property
    def diag(self) -> Diagnostic:
        """All that the server said; empty for an error found before asking it."""
        return self._diagnostic or super().diag

    @property
    def hint(self) -> str | None:
        """What to do next."""
        return self._hint or self.diag.message_hint or self.advice

    @property
    def detail(self) -> str | None:
        """What is the matter in the case at hand."""
        return self._detail or self.diag.message_detail


class UsageError(MemoriesError):
    """The client was used in a way that cannot work; the hint says how it does."""


class WrongTypeError(UsageError, TypeError):
    """An argument has a type that the method does not take; nothing was sent."""


class RolledBackError(MemoriesError):
    """The transaction came to nothing: an error in it was caught, and then it was to be kept."""


class InvalidTextError(MemoriesError):
    """A text holds NUL or half a surrogate pair, which PostgreSQL cannot store."""

    code = "22021"
    also = ("22P05",)
    advice = "Remove NUL: text.replace('\\0', ''); decode bytes with errors='replace'."
