"""What an endpoint can do wrong, told apart by what the caller should do about it.

No message holds a text that was to be embedded, nor what the endpoint said: it may echo one.
"""

# ruff: noqa: N818 - the names say what happened, as the worker's decisions do


class ProviderError(Exception):
    """No embeddings were had."""

    def __init__(
        self, message: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class Unavailable(ProviderError):
    """The endpoint is away or set up wrongly: no fault of these texts, try again later."""


class TimedOut(Unavailable):
    """The endpoint did not answer within the time that was left for it."""


class RateLimited(ProviderError):
    """Too many requests: try again after retry_after seconds, where the endpoint says so."""


class Rejected(ProviderError):
    """The endpoint refuses these texts or this model."""


class BadAnswer(ProviderError):
    """The answer is not JSON, or has the wrong count, dimension or kind of numbers."""
