"""Where embeddings come from: Ollama, or any OpenAI-compatible endpoint."""

from collections.abc import Sequence
from typing import Protocol

from memoriesdb.providers.errors import (
    BadAnswer,
    ProviderError,
    RateLimited,
    Rejected,
    TimedOut,
    Unavailable,
)
from memoriesdb.providers.transport import Transport
from memoriesdb_pl.embedding_protocol import (
    ProtocolError,
    embedding_url,
    read_vectors,
    request_body,
)

__all__ = [
    "BadAnswer",
    "HttpProvider",
    "Provider",
    "ProviderError",
    "RateLimited",
    "Rejected",
    "TimedOut",
    "Unavailable",
    "make_provider",
]


class Provider(Protocol):
    """Turns texts into vectors, in two steps: the second needs the provider no more."""

    def ask(self, texts: Sequence[str]) -> bytes:
        """Give the answer as it came, or raise a ProviderError."""

    def read(self, answer: bytes, count: int) -> list[list[float]]:
        """Give the so many vectors of an answer, or raise BadAnswer."""


class HttpProvider:
    """An endpoint that speaks Ollama's or OpenAI's protocol. For one thread at a time."""

    def __init__(
        self,
        provider: str,
        endpoint: str,
        model: str,
        *,
        dimensions: int | None,
        timeout: float,
        api_key: str | None = None,
    ) -> None:
        self._provider = provider
        self._model = model
        self._dimensions = dimensions
        self._transport = Transport(embedding_url(provider, endpoint), timeout, api_key)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Give one vector for each text, in their order, or raise a ProviderError."""
        return self.read(self.ask(texts), len(texts)) if texts else []

    def ask(self, texts: Sequence[str]) -> bytes:
        """Give the answer as it came, for `read`, or raise a ProviderError."""
        return self._transport.post(request_body(self._provider, self._model, texts))

    def read(self, answer: bytes, count: int) -> list[list[float]]:
        """Give the so many vectors of an answer, or raise BadAnswer."""
        try:
            return read_vectors(self._provider, answer, count=count, dimensions=self._dimensions)
        except ProtocolError as error:
            raise BadAnswer(f"{self._model}: {error}") from None

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


def make_provider(
    provider: str,
    endpoint: str,
    model: str,
    *,
    dimensions: int | None,
    timeout: float,
    api_key: str | None = None,
) -> HttpProvider:
    """Make the provider named 'ollama' or 'openai'; ValueError says what an address lacks."""
    return HttpProvider(
        provider, endpoint, model, dimensions=dimensions, timeout=timeout, api_key=api_key
    )
