"""Who acts, and what that session may do: MD0xx."""

from __future__ import annotations

import re

from memoriesdb.errors.base import MemoriesError


class NoUserError(MemoriesError):
    """There is no user in this transaction."""

    code = "MD001"


class UnknownUserError(MemoriesError):
    """No active user has this id."""

    code = "MD002"


class NotAllowedError(MemoriesError):
    """The role of the user or the scopes of the token do not let this session do it."""

    code = "MD004"


class AlreadyExistsError(MemoriesError):
    """The name is taken: of a user, a mapped login or a model with other properties."""

    code = "MD005"


class UnknownLoginError(MemoriesError):
    """No role that can log in has this name."""

    code = "MD006"


class UnknownTokenError(MemoriesError):
    """No token like this was issued, or its user is deactivated."""

    code = "MD007"


class TokenExpiredError(MemoriesError):
    """The token has expired."""

    code = "MD008"


class TokenRevokedError(MemoriesError):
    """The token was revoked."""

    code = "MD009"


class NotAssignedError(MemoriesError):
    """The service was not assigned to the user for whom it was to act."""

    code = "MD010"


class RateLimitedError(MemoriesError):
    """The token has written or recalled as much as its limit lets it, for now."""

    code = "MD011"

    @property
    def retry_after(self) -> int | None:
        """Seconds after which the same would be let through."""
        found = re.search(r"Retry after ([0-9]+) seconds", self.detail or "")
        return int(found[1]) if found else None


class UncountedError(MemoriesError):
    """A token with a limit is counted, which cannot be done in a read-only transaction."""

    code = "MD012"


class TooManyAtOnceError(MemoriesError):
    """More at once than the limit of the token: no waiting lets it through, smaller parts do."""

    code = "MD013"
